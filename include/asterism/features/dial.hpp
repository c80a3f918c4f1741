// Calling: one or several destinations at once, until one answers. Behind Dial(), AMI's and the console's Originate,
// ARI's originate and dial, call files.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "asterism/model/channel.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::features {

/// Why an outgoing call came to nothing, as DIALSTATUS and DialEnd say it.
enum class DialStatus : std::uint8_t {
    none,
    answer,
    busy,
    no_answer,
    cancel,
    congestion,
    chan_unavail,
    dont_call,
    torture,
    invalid_args
};
[[nodiscard]] std::string_view to_string(DialStatus status);

/// Splits "PJSIP/alice" at the first slash; nothing without one.
struct Destination {
    std::string technology, data;
};
[[nodiscard]] std::optional<Destination> parse_destination(std::string_view text);

/// An outgoing channel for which nobody waits in a dialplan: originate. The new channel is called, and when it answers
/// (or at once, see below) an application or a place in the dialplan runs on it.
struct OriginateRequest {
    std::string destination{};  ///< "PJSIP/alice", "Local/100@default/n"
    std::vector<std::string> formats{};
    std::string uniqueid, other_uniqueid;
    std::string account_code{};
    std::optional<PartyId> caller_id{};
    std::vector<std::pair<std::string, std::string>>
        variables;  ///< in order; also set on a Local channel's second half
    Duration timeout = std::chrono::seconds(30);
    std::string before_call{};  ///< a Gosub target that runs on the channel before it is called
    bool early_media = false;   ///< runs the dialplan on early media, not only when answered
    ChannelId originator;       ///< whose call it is for (ARI originator): linkedid and language
    /// One of: an application, or a location.
    std::string application, data;
    std::optional<Location> location{};
    /// Calls this instead of either when answered (ARI's Stasis start); the channel is the callback's to continue.
    std::function<Task<void>(Channel&)> run;
    /// Where it fails, the extension `failed` of the location's context runs, with REASON (as `reason` below).
    bool failed_extension = false;
};
struct OriginateResult {
    bool answered = false;
    int reason =
        0;  ///< as OriginateResponse: 0 failure, 1 no such exten..., 3 no answer, 4 answered, 5 busy, 8 congestion
    std::string channel, uniqueid;  ///< of the channel, or the dial string if there was none
    std::string caller_number, caller_name;
    Cause cause = Cause::not_defined;
};

/// Makes the channel and starts calling it. Error: the cause why there is no channel (unknown technology or endpoint).
/// The returned channel is under its own controller; `done` is called once when it is answered or has failed.
std::expected<Channel*, Cause> originate(Pbx& pbx, OriginateRequest request,
                                         std::function<void(const OriginateResult&)> done = {});

/// Dials a channel that exists (ARI create + dial): DialBegin, the call, DialState, DialEnd; signals go to its
/// observers. `caller`: may be none. Ends the attempt after `timeout` (none: never). Completes when answered or failed.
Task<DialStatus> dial_existing(Pbx& pbx, ChannelId channel, ChannelId caller, std::optional<Duration> timeout);

/// Publishes DialBegin, DialState or DialEnd; `caller` may be null.
void publish_dial_begin(Channel* caller, Channel& peer, std::string_view dial_string);
void publish_dial_state(Channel* caller, Channel& peer, std::string_view status);
void publish_dial_end(Channel* caller, Channel& peer, std::string_view status, std::string_view forward = {});

/// DIALSTATUS / DialEnd text of a failed call's cause.
[[nodiscard]] DialStatus status_of(Cause cause);
/// OriginateResponse's Reason.
[[nodiscard]] int originate_reason(DialStatus status);

}  // namespace asterism::features
