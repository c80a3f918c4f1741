// Everything that can happen, as values. A subscriber switches on Event::kind and takes as<ChannelHangup>(event).
// Snapshots show the objects as they are after the change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "asterism/events/bus.hpp"
#include "asterism/model/snapshot.hpp"

namespace asterism {

template <EventKind K>
struct EventOf : Event {
    static constexpr EventKind kind_of = K;
    EventOf() : Event{K, {}} {}
};

using Headers = std::vector<std::pair<std::string, std::string>>;

// ---- channels ----
struct ChannelCreated : EventOf<EventKind::channel_created> {
    ChannelShot channel;
};
struct ChannelStateChanged : EventOf<EventKind::channel_state> {
    ChannelShot channel;
};
struct ChannelRenamed : EventOf<EventKind::channel_renamed> {
    ChannelShot channel;
    std::string old_name;
};
/// The dialplan runs a priority, or something like it ("AppDial2", "(Outgoing Line)"): application in the snapshot.
struct ChannelDialplan : EventOf<EventKind::channel_dialplan> {
    ChannelShot channel;
};
/// An application runs that is no priority of the dialplan (Originate's): for the records, not for clients.
struct ChannelApplication : EventOf<EventKind::channel_application> {
    ChannelShot channel;
};
struct ChannelCallerId : EventOf<EventKind::channel_caller_id> {
    ChannelShot channel;
};
struct ChannelConnectedLine : EventOf<EventKind::channel_connected_line> {
    ChannelShot channel;
};
struct ChannelAccountCode : EventOf<EventKind::channel_account_code> {
    ChannelShot channel;
    std::string old_code;
};
/// Without a channel: a global variable.
struct ChannelVariable : EventOf<EventKind::channel_variable> {
    ChannelShot channel;
    std::string name, value;
};
/// Why PBX itself wants a channel to end; the numbers stand where others have a cause, as clients know them.
enum class SoftHangup : int { none = 0, dialplan_end = 16, explicit_request = 32 };
/// Somebody wants the channel to end: its own party (with a cause, if it said one) or (`soft`) the end of its dialplan,
/// another channel, AMI, ARI, the console.
struct ChannelHangupRequest : EventOf<EventKind::channel_hangup_request> {
    ChannelShot channel;
    std::optional<Cause> cause{};  ///< nothing: the party did not say why
    SoftHangup soft = SoftHangup::none;
    /// What clients are shown as the cause.
    [[nodiscard]] std::optional<int> shown_cause() const {
        if (soft != SoftHangup::none) return static_cast<int>(soft);
        return cause ? std::optional(static_cast<int>(*cause)) : std::nullopt;
    }
};
/// The last event of a channel.
struct ChannelHangup : EventOf<EventKind::channel_hangup> {
    ChannelShot channel;
    Cause cause{};
};
struct ChannelDtmfBegin : EventOf<EventKind::channel_dtmf_begin> {
    ChannelShot channel;
    char digit{};
    bool received = true;
};
struct ChannelDtmfEnd : EventOf<EventKind::channel_dtmf_end> {
    ChannelShot channel;
    char digit{};
    bool received = true;
    long milliseconds = 0;
};
struct ChannelHold : EventOf<EventKind::channel_hold> {
    ChannelShot channel;
    std::string music_class;
};
struct ChannelUnhold : EventOf<EventKind::channel_unhold> {
    ChannelShot channel;
};
struct ChannelMusicStart : EventOf<EventKind::channel_music_start> {
    ChannelShot channel;
    std::string music_class;
};
struct ChannelMusicStop : EventOf<EventKind::channel_music_stop> {
    ChannelShot channel;
};
/// A prompt begins or ends on the channel; for the records.
struct ChannelStreamBegin : EventOf<EventKind::channel_stream_begin> {
    ChannelShot channel;
    std::string sound, format, language;
};
struct ChannelStreamEnd : EventOf<EventKind::channel_stream_end> {
    ChannelShot channel;
};
struct ChannelTalkingStarted : EventOf<EventKind::channel_talking_started> {
    ChannelShot channel;
};
struct ChannelTalkingStopped : EventOf<EventKind::channel_talking_stopped> {
    ChannelShot channel;
    long milliseconds = 0;
};
/// TONE_DETECT heard its tone.
struct ChannelToneDetected : EventOf<EventKind::channel_tone> {
    ChannelShot channel;
};
/// UserEvent of the dialplan, AMI (no channel) or ARI.
struct UserEvent : EventOf<EventKind::channel_user_event> {
    ChannelShot channel;
    std::string name;
    Headers headers;
};
struct ChannelAnswered : EventOf<EventKind::channel_answered> {
    ChannelShot channel;
};

// ---- dialling; `caller` is null where nobody waits (Originate) ----
struct DialBegin : EventOf<EventKind::dial_begin> {
    ChannelShot caller, peer;
    std::string dial_string;
};
/// status: RINGING, PROGRESS, PROCEEDING.
struct DialState : EventOf<EventKind::dial_state> {
    ChannelShot caller, peer;
    std::string status;
};
/// status: ANSWER, BUSY, CANCEL, CHANUNAVAIL, CONGESTION, NOANSWER, ABORT, CONTINUE...
struct DialEnd : EventOf<EventKind::dial_end> {
    ChannelShot caller, peer;
    std::string status, forward;
};
struct LocalBridge : EventOf<EventKind::local_bridge> {
    ChannelShot one, two;
    std::string context, exten;
    bool optimizes = true;
};
struct LocalOptimizationBegin : EventOf<EventKind::local_optimization_begin> {
    ChannelShot one, two, source;
    std::string dest_uniqueid;
    std::uint32_t id = 0;
};
struct LocalOptimizationEnd : EventOf<EventKind::local_optimization_end> {
    ChannelShot one, two;
    bool success = true;
    std::uint32_t id = 0;
};
/// Of an asynchronous Originate. `reason`: 0 failure, 3 no answer, 4 answered, 5 busy, 8 congestion.
struct OriginateResponse : EventOf<EventKind::originate_response> {
    std::string action_id, channel, context, exten, application, data, uniqueid, caller_number, caller_name;
    bool success = false;
    int reason = 0;
};

// ---- bridges ----
struct BridgeCreated : EventOf<EventKind::bridge_created> {
    BridgeShot bridge;
};
struct BridgeDestroyed : EventOf<EventKind::bridge_destroyed> {
    BridgeShot bridge;
};
struct BridgeEnter : EventOf<EventKind::bridge_enter> {
    BridgeShot bridge;
    ChannelShot channel;
    std::string swap_uniqueid;
};
struct BridgeLeave : EventOf<EventKind::bridge_leave> {
    BridgeShot bridge;
    ChannelShot channel;
};
struct BridgeMerged : EventOf<EventKind::bridge_merged> {
    BridgeShot to, from;
};
struct BlindTransfer : EventOf<EventKind::transfer_blind> {
    ChannelShot transferer, transferee;
    ChannelShot replace;  ///< takes the transferer's place in its bridge; null: the transferee itself moves
    BridgeShot bridge;
    std::string context, exten, result;  ///< result: "Success", "Fail", "Invalid", "Not Permitted"
    bool external = true;
};
struct AttendedTransfer : EventOf<EventKind::transfer_attended> {
    ChannelShot first, second, transferee, target;
    ChannelShot replace;                  ///< takes the first leg's place
    ChannelShot link_first, link_second;  ///< halves of the Local channel that links both sides (type "Link")
    BridgeShot first_bridge, second_bridge, destination_bridge;
    std::string result, destination_type, application;
    bool external = true;
};

/// A party asks for a transfer that an application carries out itself (PJSIP_TRANSFER_HANDLING=ari-only), and later
/// what the application said about it (state).
struct TransferRequested : EventOf<EventKind::transfer_requested> {
    ChannelShot source, source_peer;
    BridgeShot source_bridge;
    std::string destination, protocol_id;                     ///< extension; with Replaces: the other call's Call-ID
    std::vector<std::pair<std::string, std::string>> params;  ///< "from", "to": the tags of Replaces
    ChannelShot other, other_peer;                            ///< the channel that is to be replaced
    BridgeShot other_bridge;
    std::string state;
};

// ---- states ----
/// state: "UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD".
struct DeviceStateChanged : EventOf<EventKind::device_state> {
    std::string device, state;
};
struct ExtensionStateChanged : EventOf<EventKind::extension_state> {
    std::string exten, context, hint, status_text;
    int status = -1;
};
struct PresenceStateChanged : EventOf<EventKind::presence_state> {
    std::string provider, state, subtype, message;
};
/// An endpoint of a technology came or went ("online", "offline", "unknown"), for ARI and AMI's PeerStatus.
struct EndpointStateChanged : EventOf<EventKind::endpoint_state> {
    std::string technology, resource, state;
    std::string peer_status;  ///< "Reachable", "Unreachable", "Registered", "Unregistered"...
    std::string address, cause;
};
/// status: "Created", "Removed", "Updated", "Reachable", "Unreachable", "Unqualified", "NonQualified".
struct ContactStatus : EventOf<EventKind::contact_status> {
    std::string uri, status, aor, endpoint, user_agent, via_address, call_id, registration_expiry,
        authentication_method;
    std::int64_t round_trip_us = 0;
    std::int64_t expiration = 0;  ///< Unix seconds
};

// ---- the rest ----
struct AgiExecStart : EventOf<EventKind::agi_start> {
    ChannelShot channel;
    std::string command, command_id;
};
struct AgiExecEnd : EventOf<EventKind::agi_end> {
    ChannelShot channel;
    std::string command, command_id, result;
    int result_code = 0;
};
/// Security events (SuccessfulAuth, InvalidPassword...): the headers after Privilege, in order.
struct SecurityEvent : EventOf<EventKind::security> {
    std::string name;
    Headers headers;
};
/// For test suites only (AMI class test): a state that an engine reached.
struct TestEvent : EventOf<EventKind::test> {
    std::string state;
    std::string app_file, app_function;
    int app_line = 0;
    Headers headers;
};
/// What happened to the daemon itself: "FullyBooted", "Reload" (module, status), "Shutdown" (Shutdown, Restart), ...
struct SystemEvent : EventOf<EventKind::system> {
    std::string name;
    Headers headers;
};
/// An event that only AMI shows, with the class that may see it: engines add their own without touching the seam.
struct GenericEvent : EventOf<EventKind::generic> {
    std::string name, event_class;                              ///< "QueueMemberStatus", "agent"
    std::vector<std::pair<std::string, ChannelShot>> channels;  ///< prefix and snapshot, shown after the bridge
    BridgeShot bridge;                                          ///< shown before the channels, if any
    Headers headers;                                            ///< shown last
    Headers first;  ///< shown before the bridge and the channels (Conference of the Confbridge events)
};

}  // namespace asterism
