#include "events.hpp"

#include <ctime>

#include "asterism/model/party.hpp"

namespace asterism::ami {

namespace {

std::string_view or_unknown(const std::string& text) {
    return text.empty() ? std::string_view("<unknown>") : std::string_view(text);
}

std::string_view yes_no(bool value) { return value ? "Yes" : "No"; }

void more_headers(Block& block, const Headers& headers) {
    for (const auto& [name, value] : headers) block.header(name, value);
}

void maybe_channel(Block& block, const ChannelShot& channel, std::string_view prefix = {}) {
    if (channel) channel_headers(block, *channel, prefix);
}

void maybe_bridge(Block& block, const BridgeShot& bridge, std::string_view prefix = {}) {
    if (bridge) bridge_headers(block, *bridge, prefix);
}

void variable_headers(Block& block, const ChannelVariable& e) {
    if (e.channel) {
        channel_headers(block, *e.channel);
    } else {
        block.header("Channel", "none").header("Uniqueid", "none");
    }
    std::string kept;
    block.header("Variable", e.name).header("Value", escape_c(e.value, kept));
}

void originate_headers(Block& block, const OriginateResponse& e) {
    if (!e.action_id.empty()) block.header("ActionID", e.action_id);
    block.header("Response", e.success ? "Success" : "Failure").header("Channel", e.channel);
    if (e.application.empty()) {
        block.header("Context", e.context).header("Exten", e.exten);
    } else {
        block.header("Application", e.application).header("Data", e.data);
    }
    block.header("Reason", e.reason)
        .header("Uniqueid", or_unknown(e.uniqueid))
        .header("CallerIDNum", or_unknown(e.caller_number))
        .header("CallerIDName", or_unknown(e.caller_name));
}

void attended_headers(Block& block, const AttendedTransfer& e) {
    block.header("Result", e.result);
    maybe_channel(block, e.first, "OrigTransferer");
    maybe_bridge(block, e.first_bridge, "Orig");
    maybe_channel(block, e.second, "SecondTransferer");
    maybe_bridge(block, e.second_bridge, "Second");
    maybe_channel(block, e.transferee, "Transferee");
    maybe_channel(block, e.target, "TransferTarget");
    block.header("IsExternal", yes_no(e.external)).header("DestType", e.destination_type);
    if (e.destination_bridge) block.header("DestBridgeUniqueid", e.destination_bridge->uniqueid);
    if (!e.application.empty()) block.header("DestApp", e.application);
    maybe_channel(block, e.link_first, "LocalOne");
    maybe_channel(block, e.link_second, "LocalTwo");
}

void endpoint_headers(Block& block, const EndpointStateChanged& e) {
    block.header("ChannelType", e.technology).format("Peer", "{}/{}", e.technology, e.resource);
    block.header("PeerStatus", e.peer_status);
    if (!e.cause.empty()) block.header("Cause", e.cause);
    if (!e.address.empty()) block.header("Address", e.address);
}

void test_headers(Block& block, const TestEvent& e) {
    block.header("Type", "StateChange").header("State", e.state).header("AppFile", e.app_file);
    block.header("AppFunction", e.app_function).header("AppLine", e.app_line);
    more_headers(block, e.headers);
}

void channel_event(Block& block, const Event& event) {
    switch (event.kind) {
        case EventKind::channel_created: channel_headers(block, *as<ChannelCreated>(event).channel); break;
        case EventKind::channel_state: channel_headers(block, *as<ChannelStateChanged>(event).channel); break;
        case EventKind::channel_renamed: {
            const auto& e = as<ChannelRenamed>(event);
            block.header("Channel", e.old_name).header("Newname", e.channel->name);
            block.header("Uniqueid", e.channel->uniqueid);
            break;
        }
        case EventKind::channel_dialplan: {
            const auto& c = *as<ChannelDialplan>(event).channel;
            channel_headers(block, c);
            block.header("Extension", c.exten).header("Application", c.application);
            block.header("AppData", c.application_data);
            break;
        }
        case EventKind::channel_caller_id: {
            const auto& c = *as<ChannelCallerId>(event).channel;
            channel_headers(block, c);
            block.format("CID-CallingPres", "{} ({})", c.caller_presentation,
                         Presentation{c.caller_presentation}.description());
            break;
        }
        case EventKind::channel_connected_line: channel_headers(block, *as<ChannelConnectedLine>(event).channel); break;
        case EventKind::channel_account_code: {
            const auto& e = as<ChannelAccountCode>(event);
            channel_headers(block, *e.channel);
            block.header("OldAccountCode", e.old_code);
            break;
        }
        case EventKind::channel_variable: variable_headers(block, as<ChannelVariable>(event)); break;
        case EventKind::channel_hangup_request: {
            const auto& e = as<ChannelHangupRequest>(event);
            channel_headers(block, *e.channel);
            if (const auto cause = e.shown_cause()) block.header("Cause", *cause);
            break;
        }
        case EventKind::channel_hangup: {
            const auto& e = as<ChannelHangup>(event);
            channel_headers(block, *e.channel);
            block.header("Cause", static_cast<int>(e.cause)).header("Cause-txt", cause_text(e.cause));
            break;
        }
        case EventKind::channel_dtmf_begin: {
            const auto& e = as<ChannelDtmfBegin>(event);
            channel_headers(block, *e.channel);
            block.header("Digit", std::string_view(&e.digit, 1));
            block.header("Direction", e.received ? "Received" : "Sent");
            break;
        }
        case EventKind::channel_dtmf_end: {
            const auto& e = as<ChannelDtmfEnd>(event);
            channel_headers(block, *e.channel);
            block.header("Digit", std::string_view(&e.digit, 1)).header("DurationMs", e.milliseconds);
            block.header("Direction", e.received ? "Received" : "Sent");
            break;
        }
        case EventKind::channel_hold: {
            const auto& e = as<ChannelHold>(event);
            channel_headers(block, *e.channel);
            if (!e.music_class.empty()) block.header("MusicClass", e.music_class);
            break;
        }
        case EventKind::channel_unhold: channel_headers(block, *as<ChannelUnhold>(event).channel); break;
        case EventKind::channel_music_start: {
            const auto& e = as<ChannelMusicStart>(event);
            channel_headers(block, *e.channel);
            block.header("Class", e.music_class);
            break;
        }
        case EventKind::channel_music_stop: channel_headers(block, *as<ChannelMusicStop>(event).channel); break;
        case EventKind::channel_talking_started:
            channel_headers(block, *as<ChannelTalkingStarted>(event).channel);
            break;
        case EventKind::channel_talking_stopped: {
            const auto& e = as<ChannelTalkingStopped>(event);
            channel_headers(block, *e.channel);
            block.header("Duration", e.milliseconds);
            break;
        }
        case EventKind::channel_user_event: {
            const auto& e = as<UserEvent>(event);
            maybe_channel(block, e.channel);
            block.header("UserEvent", e.name);
            more_headers(block, e.headers);
            break;
        }
        default: break;
    }
}

void call_event(Block& block, const Event& event) {
    switch (event.kind) {
        case EventKind::dial_begin: {
            const auto& e = as<DialBegin>(event);
            maybe_channel(block, e.caller);
            maybe_channel(block, e.peer, "Dest");
            block.header("DialString", e.dial_string);
            break;
        }
        case EventKind::dial_state: {
            const auto& e = as<DialState>(event);
            maybe_channel(block, e.caller);
            maybe_channel(block, e.peer, "Dest");
            block.header("DialStatus", e.status);
            break;
        }
        case EventKind::dial_end: {
            const auto& e = as<DialEnd>(event);
            maybe_channel(block, e.caller);
            maybe_channel(block, e.peer, "Dest");
            block.header("DialStatus", e.status);
            if (!e.forward.empty()) block.header("Forward", e.forward);
            break;
        }
        case EventKind::local_bridge: {
            const auto& e = as<LocalBridge>(event);
            maybe_channel(block, e.one, "LocalOne");
            maybe_channel(block, e.two, "LocalTwo");
            block.header("Context", e.context).header("Exten", e.exten);
            block.header("LocalOptimization", yes_no(e.optimizes));
            break;
        }
        case EventKind::local_optimization_begin: {
            const auto& e = as<LocalOptimizationBegin>(event);
            maybe_channel(block, e.one, "LocalOne");
            maybe_channel(block, e.two, "LocalTwo");
            maybe_channel(block, e.source, "Source");
            block.header("DestUniqueId", e.dest_uniqueid).header("Id", e.id);
            break;
        }
        case EventKind::local_optimization_end: {
            const auto& e = as<LocalOptimizationEnd>(event);
            maybe_channel(block, e.one, "LocalOne");
            maybe_channel(block, e.two, "LocalTwo");
            block.header("Success", yes_no(e.success)).header("Id", e.id);
            break;
        }
        case EventKind::originate_response: originate_headers(block, as<OriginateResponse>(event)); break;
        case EventKind::bridge_created: maybe_bridge(block, as<BridgeCreated>(event).bridge); break;
        case EventKind::bridge_destroyed: maybe_bridge(block, as<BridgeDestroyed>(event).bridge); break;
        case EventKind::bridge_enter: {
            const auto& e = as<BridgeEnter>(event);
            maybe_bridge(block, e.bridge);
            maybe_channel(block, e.channel);
            if (!e.swap_uniqueid.empty()) block.header("SwapUniqueid", e.swap_uniqueid);
            break;
        }
        case EventKind::bridge_leave: {
            const auto& e = as<BridgeLeave>(event);
            maybe_bridge(block, e.bridge);
            maybe_channel(block, e.channel);
            break;
        }
        case EventKind::bridge_merged: {
            const auto& e = as<BridgeMerged>(event);
            maybe_bridge(block, e.to, "To");
            maybe_bridge(block, e.from, "From");
            break;
        }
        case EventKind::transfer_blind: {
            const auto& e = as<BlindTransfer>(event);
            block.header("Result", e.result);
            maybe_channel(block, e.transferer, "Transferer");
            maybe_channel(block, e.transferee, "Transferee");
            maybe_bridge(block, e.bridge);
            block.header("IsExternal", yes_no(e.external)).header("Context", e.context).header("Extension", e.exten);
            break;
        }
        case EventKind::transfer_attended: attended_headers(block, as<AttendedTransfer>(event)); break;
        default: break;
    }
}

void state_event(Block& block, const Event& event) {
    switch (event.kind) {
        case EventKind::device_state: {
            const auto& e = as<DeviceStateChanged>(event);
            block.header("Device", e.device).header("State", e.state);
            break;
        }
        case EventKind::extension_state: {
            const auto& e = as<ExtensionStateChanged>(event);
            block.header("Exten", e.exten).header("Context", e.context).header("Hint", e.hint);
            block.header("Status", e.status).header("StatusText", e.status_text);
            break;
        }
        case EventKind::presence_state: {
            const auto& e = as<PresenceStateChanged>(event);
            std::string subtype, message;
            block.header("Presentity", e.provider).header("Status", e.state);
            block.header("Subtype", escape_c(e.subtype, subtype)).header("Message", escape_c(e.message, message));
            break;
        }
        case EventKind::endpoint_state: endpoint_headers(block, as<EndpointStateChanged>(event)); break;
        case EventKind::contact_status: {
            const auto& e = as<ContactStatus>(event);
            block.header("URI", e.uri).header("ContactStatus", e.status).header("AOR", e.aor);
            block.header("EndpointName", e.endpoint).header("RoundtripUsec", e.round_trip_us);
            break;
        }
        case EventKind::agi_start: {
            const auto& e = as<AgiExecStart>(event);
            maybe_channel(block, e.channel);
            block.header("CommandId", e.command_id).header("Command", e.command);
            break;
        }
        case EventKind::agi_end: {
            const auto& e = as<AgiExecEnd>(event);
            maybe_channel(block, e.channel);
            block.header("CommandId", e.command_id).header("Command", e.command);
            block.header("ResultCode", e.result_code).header("Result", e.result);
            break;
        }
        case EventKind::security: more_headers(block, as<SecurityEvent>(event).headers); break;
        case EventKind::test: test_headers(block, as<TestEvent>(event)); break;
        case EventKind::system: more_headers(block, as<SystemEvent>(event).headers); break;
        case EventKind::generic: {
            const auto& e = as<GenericEvent>(event);
            more_headers(block, e.first);
            maybe_bridge(block, e.bridge);
            for (const auto& [prefix, channel] : e.channels) maybe_channel(block, channel, prefix);
            more_headers(block, e.headers);
            break;
        }
        default: break;
    }
}

}  // namespace

std::string seconds_text(WallTime time) {
    auto us = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
    return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

std::string iso_text(WallTime time) {
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    std::time_t seconds = ms / 1000;
    std::tm t{};
    gmtime_r(&seconds, &t);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+0000", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                       t.tm_hour, t.tm_min, t.tm_sec, ms % 1000);
}

void channel_headers(Block& block, const ChannelSnapshot& c, std::string_view prefix) {
    block.header(prefix, "Channel", c.name)
        .header(prefix, "ChannelState", static_cast<int>(c.state))
        .header(prefix, "ChannelStateDesc", to_string(c.state))
        .header(prefix, "CallerIDNum", or_unknown(c.caller_number))
        .header(prefix, "CallerIDName", or_unknown(c.caller_name))
        .header(prefix, "ConnectedLineNum", or_unknown(c.connected_number))
        .header(prefix, "ConnectedLineName", or_unknown(c.connected_name))
        .header(prefix, "Language", c.language)
        .header(prefix, "AccountCode", c.account_code)
        .header(prefix, "Context", c.context)
        .header(prefix, "Exten", c.exten)
        .header(prefix, "Priority", c.priority)
        .header(prefix, "Uniqueid", c.uniqueid)
        .header(prefix, "Linkedid", c.linkedid);
    if (!c.tenant_id.empty()) block.header(prefix, "Tenantid", c.tenant_id);
    for (const auto& [name, value] : c.ami_variables) {
        block.out().append(prefix);
        block.format("ChanVariable", "{}={}", name, value);
    }
}

void bridge_headers(Block& block, const BridgeSnapshot& b, std::string_view prefix) {
    block.header(prefix, "BridgeUniqueid", b.uniqueid)
        .header(prefix, "BridgeType", b.type)
        .header(prefix, "BridgeTechnology", b.technology)
        .header(prefix, "BridgeCreator", or_unknown(b.creator))
        .header(prefix, "BridgeName", or_unknown(b.name))
        .header(prefix, "BridgeNumChannels", b.channels.size())
        .header(prefix, "BridgeVideoSourceMode", b.video_mode);
    if (!b.video_source.empty()) block.header(prefix, "BridgeVideoSource", b.video_source);
}

EventHead head_of(const Event& event) {
    switch (event.kind) {
        case EventKind::channel_created: return {"Newchannel", cls::call};
        case EventKind::channel_state: return {"Newstate", cls::call};
        case EventKind::channel_renamed: return {"Rename", cls::call};
        case EventKind::channel_dialplan: return {"Newexten", cls::dialplan};
        case EventKind::channel_caller_id: return {"NewCallerid", cls::call};
        case EventKind::channel_connected_line: return {"NewConnectedLine", cls::call};
        case EventKind::channel_account_code: return {"NewAccountCode", cls::call};
        case EventKind::channel_variable: return {"VarSet", cls::dialplan};
        case EventKind::channel_hangup_request:
            return {as<ChannelHangupRequest>(event).soft != SoftHangup::none ? "SoftHangupRequest" : "HangupRequest",
                    cls::call};
        case EventKind::channel_hangup: return {"Hangup", cls::call};
        case EventKind::channel_dtmf_begin: return {"DTMFBegin", cls::dtmf};
        case EventKind::channel_dtmf_end: return {"DTMFEnd", cls::dtmf};
        case EventKind::channel_hold: return {"Hold", cls::call};
        case EventKind::channel_unhold: return {"Unhold", cls::call};
        case EventKind::channel_music_start: return {"MusicOnHoldStart", cls::call};
        case EventKind::channel_music_stop: return {"MusicOnHoldStop", cls::call};
        case EventKind::channel_talking_started: return {"ChannelTalkingStart", cls::call};
        case EventKind::channel_talking_stopped: return {"ChannelTalkingStop", cls::call};
        case EventKind::channel_user_event: return {"UserEvent", cls::user};
        case EventKind::channel_answered:
        case EventKind::channel_tone: return {};  // ARI's
        case EventKind::dial_begin: return {"DialBegin", cls::call};
        case EventKind::dial_state: return {"DialState", cls::call};
        case EventKind::dial_end: return {"DialEnd", cls::call};
        case EventKind::local_bridge: return {"LocalBridge", cls::call};
        case EventKind::local_optimization_begin: return {"LocalOptimizationBegin", cls::call};
        case EventKind::local_optimization_end: return {"LocalOptimizationEnd", cls::call};
        case EventKind::bridge_created: return {"BridgeCreate", cls::call};
        case EventKind::bridge_destroyed: return {"BridgeDestroy", cls::call};
        case EventKind::bridge_enter: return {"BridgeEnter", cls::call};
        case EventKind::bridge_leave: return {"BridgeLeave", cls::call};
        case EventKind::bridge_merged: return {"BridgeMerge", cls::call};
        case EventKind::transfer_blind: return {"BlindTransfer", cls::call};
        case EventKind::transfer_requested: return {};  // ARI only
        case EventKind::transfer_attended: return {"AttendedTransfer", cls::call};
        case EventKind::originate_response: return {"OriginateResponse", cls::call};
        case EventKind::device_state: return {"DeviceStateChange", cls::call};
        case EventKind::extension_state: return {"ExtensionStatus", cls::call};
        case EventKind::presence_state: return {"PresenceStateChange", cls::call};
        case EventKind::endpoint_state:
            if (as<EndpointStateChanged>(event).peer_status.empty()) return {};
            return {"PeerStatus", cls::system};
        case EventKind::contact_status: return {"ContactStatus", cls::system};
        case EventKind::agi_start: return {"AGIExecStart", cls::agi};
        case EventKind::agi_end: return {"AGIExecEnd", cls::agi};
        case EventKind::security: return {as<SecurityEvent>(event).name, cls::security};
        case EventKind::test: return {"TestEvent", cls::test};
        case EventKind::system: return {as<SystemEvent>(event).name, cls::system};
        case EventKind::generic: {
            const auto& e = as<GenericEvent>(event);
            return {e.name, parse_classes(e.event_class)};
        }
        // For the records only.
        case EventKind::channel_application:
        case EventKind::channel_stream_begin:
        case EventKind::channel_stream_end:
        case EventKind::count_: return {};
    }
    return {};
}

void begin_event(std::string& out, const EventHead& head, WallTime time, bool timestamps) {
    Block block(out);
    block.header("Event", head.name);
    switch (head.classes) {
        case cls::call: out.append("Privilege: call,all\r\n"); break;
        case cls::dialplan: out.append("Privilege: dialplan,all\r\n"); break;
        default: block.header("Privilege", privilege_text(head.classes));
    }
    if (timestamps) block.header("Timestamp", seconds_text(time));
}

void fully_booted_event(std::string& out, const Pbx& pbx, WallTime now, bool timestamps) {
    begin_event(out, {"FullyBooted", cls::system}, now, timestamps);
    auto seconds = [&](WallTime since) {
        return std::chrono::duration_cast<std::chrono::seconds>(now - since).count();
    };
    Block block(out);
    block.header("Uptime", seconds(pbx.started)).header("LastReload", seconds(pbx.reloaded));
    block.header("Status", "Fully Booted").end();
}

void format_event(std::string& out, const EventHead& head, const Event& event, bool timestamps) {
    begin_event(out, head, event.time, timestamps);
    Block block(out);
    channel_event(block, event);
    call_event(block, event);
    state_event(block, event);
    block.end();
}

}  // namespace asterism::ami
