#include "render.hpp"

#include <algorithm>
#include <utility>

#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/model/party.hpp"
#include "asterism/pbx.hpp"
#include "reported.hpp"
#include "service.hpp"
#include "stasis_bridges.hpp"

namespace asterism::ari {

void ReportedVariables::add(std::string_view name) {
    if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
}

namespace {

void append_party(Json& json, std::string_view key, const std::string& name, const std::string& number) {
    json.key(key).begin().put("name", name).put("number", number).end();
}

}  // namespace

void append_channel(Json& json, Pbx& pbx, const ChannelSnapshot& channel) {
    json.begin().put("id", channel.uniqueid).put("name", channel.name).put("state", to_string(channel.state));
    json.put("protocol_id", channel.protocol_id);
    append_party(json, "caller", channel.caller_name, channel.caller_number);
    append_party(json, "connected", channel.connected_name, channel.connected_number);
    json.put("accountcode", channel.account_code);
    json.key("dialplan").begin().put("context", channel.context).put("exten", channel.exten);
    json.put("priority", channel.priority).put("app_name", channel.application);
    json.put("app_data", channel.application_data).end();
    json.put("creationtime", channel.created).put("language", channel.language);
    Channel* live = pbx.channels->find(channel.id);
    const ReportedVariables* reported = live != nullptr ? live->find_extra<ReportedVariables>() : nullptr;
    if (reported != nullptr || !channel.ari_variables.empty()) {
        json.key("channelvars").begin();
        for (const auto& [name, value] : channel.ari_variables) json.put(name, value);
        if (reported != nullptr) {
            for (const auto& name : reported->names) {
                if (const auto* value = live->variable(name)) json.put(name, *value);
            }
        }
        json.end();
    }
    if (!channel.tenant_id.empty()) json.put("tenantid", channel.tenant_id);
    json.end();
}

std::string_view bridge_kind(std::string_view technology) {
    return technology == "holding_bridge" ? "holding" : "mixing";
}

void append_bridge(Json& json, Service& service, const BridgeSnapshot& bridge) {
    json.begin().put("id", bridge.uniqueid).put("technology", bridge.technology);
    json.put("bridge_type", bridge_kind(bridge.technology)).put("bridge_class", bridge.type);
    json.put("creator", bridge.creator).put("name", bridge.name).list("channels", bridge.channels);
    json.put("creationtime", bridge.created).put("video_mode", bridge.video_mode);
    if (!bridge.video_source.empty()) json.put("video_source_id", bridge.video_source);
    const StasisBridges::State* state = service.bridges->find(bridge.id);
    Bridge* live = state != nullptr && !state->reported.empty() ? service.pbx.bridges->find(bridge.id) : nullptr;
    if (live != nullptr) {
        json.key("bridgevars").begin();
        for (const auto& name : state->reported) {
            if (const auto* value = live->variables().find(name)) json.put(name, *value);
        }
        json.end();
    }
    json.end();
}

void append_endpoint(Json& json, const Endpoint& endpoint) {
    json.value_by([&endpoint](std::string& out) { append_endpoint(out, endpoint); });
}

void append_endpoint(std::string& out, const Endpoint& endpoint) {
    // Written without Json's help: there are a thousand of them in one answer.
    out += R"({"technology":)";
    append_json_text(out, endpoint.technology);
    out += R"(,"resource":)";
    append_json_text(out, endpoint.resource);
    out += R"(,"state":)";
    append_json_text(out, endpoint.state);
    out += R"(,"channel_ids":[)";
    bool first = true;
    for (const auto& id : endpoint.channels) {
        if (!std::exchange(first, false)) out += ',';
        append_json_text(out, id);
    }
    out += "]}";
}

EventBuilder::EventBuilder(Service& service, std::string_view type, WallTime time) : EventBuilder(service, type) {
    head(time);
}

EventBuilder::EventBuilder(Service& service, std::string_view type) : service_(service), type_(type) { json_.begin(); }

EventBuilder& EventBuilder::head(WallTime time) {
    json_.put("type", type_).put("timestamp", time);
    return *this;
}

EventBuilder& EventBuilder::channel(std::string_view key, const ChannelShot& shot) {
    if (!shot) return *this;
    append_channel(json_.key(key), service_.pbx, *shot);
    if (channel_.empty()) channel_ = shot->uniqueid;
    return *this;
}

EventBuilder& EventBuilder::bridge(std::string_view key, const BridgeShot& shot) {
    if (shot) append_bridge(json_.key(key), service_, *shot);
    return *this;
}

EventText EventBuilder::done() {
    json_.put("asterisk_id", service_.pbx.entity_id);
    std::string before = json_.take();
    before += ',';
    return {type_, std::move(before), "}", std::move(channel_)};
}

namespace {

EventText channel_event(Service& service, std::string_view type, WallTime time, const ChannelShot& shot) {
    return EventBuilder(service, type, time).channel("channel", shot).done();
}

EventText dial_event(Service& service, WallTime time, const ChannelShot& caller, const ChannelShot& peer,
                     std::string_view status, std::string_view forward, std::string_view dial_string) {
    EventBuilder event(service, "Dial", time);
    event.json().put("dialstatus", status).put("forward", forward).put("dialstring", dial_string);
    return event.channel("peer", peer).channel("caller", caller).done();
}

EventText user_event(Service& service, const UserEvent& e) {
    EventBuilder event(service, "ChannelUserevent", e.time);
    event.json().put("eventname", e.name).key("userevent").begin();
    for (const auto& [name, value] : e.headers) event.json().put(name, value);
    event.json().put("eventname", e.name).end();
    return event.channel("channel", e.channel).done();
}

EventText endpoint_event(Service& service, const EndpointStateChanged& e) {
    EventBuilder event(service, "PeerStatusChange", e.time);
    const Endpoint* endpoint =
        service.pbx.endpoints != nullptr ? service.pbx.endpoints->find(e.technology, e.resource) : nullptr;
    if (endpoint == nullptr) return {};
    append_endpoint(event.json().key("endpoint"), *endpoint);
    event.json().key("peer").begin().put("peer_status", e.peer_status).end();
    return event.done();
}

EventText contact_event(Service& service, const ContactStatus& e) {
    const Endpoint* endpoint =
        service.pbx.endpoints != nullptr ? service.pbx.endpoints->find("PJSIP", e.endpoint) : nullptr;
    if (endpoint == nullptr) return {};
    EventBuilder event(service, "ContactStatusChange", e.time);
    append_endpoint(event.json().key("endpoint"), *endpoint);
    event.json().key("contact_info").begin().put("uri", e.uri).put("contact_status", e.status).put("aor", e.aor);
    event.json().put("roundtrip_usec", std::to_string(e.round_trip_us)).end();
    return event.done();
}

EventText hangup_request(Service& service, const ChannelHangupRequest& e) {
    EventBuilder event(service, "ChannelHangupRequest");
    if (const auto cause = e.shown_cause()) event.json().put("cause", *cause);
    if (e.soft != SoftHangup::none) event.json().put("soft", true);
    return event.head(e.time).channel("channel", e.channel).done();
}

EventText device_event(Service& service, const DeviceStateChanged& e) {
    Json before;
    before.begin().put("type", "DeviceStateChanged");
    Json after;
    after.put("timestamp", e.time).key("device_state").begin().put("name", e.device).put("state", e.state).end();
    after.put("asterisk_id", service.pbx.entity_id);
    return {"DeviceStateChanged", before.take() + ",", "," + after.take() + "}"};
}

EventText blind_transfer(Service& service, const BlindTransfer& e) {
    EventBuilder event(service, "BridgeBlindTransfer", e.time);
    event.channel("channel", e.transferer).channel("replace_channel", e.replace).channel("transferee", e.transferee);
    event.json().put("exten", e.exten).put("context", e.context).put("result", e.result);
    event.json().put("is_external", e.external);
    return event.bridge("bridge", e.bridge).done();
}

EventText attended_transfer(Service& service, const AttendedTransfer& e) {
    EventBuilder event(service, "BridgeAttendedTransfer", e.time);
    event.channel("transferer_first_leg", e.first).channel("transferer_second_leg", e.second);
    event.channel("replace_channel", e.replace);
    event.channel("transferee", e.transferee).channel("transfer_target", e.target);
    event.json().put("result", e.result).put("is_external", e.external);
    event.bridge("transferer_first_leg_bridge", e.first_bridge).bridge("transferer_second_leg_bridge", e.second_bridge);
    // "App" for AMI, "application" here.
    std::string destination = e.destination_type == "App" ? "application" : e.destination_type;
    for (char& c : destination) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    event.json().put("destination_type", destination);
    if (e.destination_bridge) event.json().put("destination_bridge", e.destination_bridge->uniqueid);
    if (!e.application.empty()) event.json().put("destination_application", e.application);
    event.channel("destination_link_first_leg", e.link_first).channel("destination_link_second_leg", e.link_second);
    return event.done();
}

EventText transfer_requested(Service& service, const TransferRequested& e) {
    EventBuilder event(service, "ChannelTransfer", e.time);
    Json& json = event.json();
    if (!e.state.empty()) json.put("state", e.state);
    json.key("refer_to").begin().key("requested_destination").begin();
    if (!e.protocol_id.empty()) json.put("protocol_id", e.protocol_id);
    json.put("destination", e.destination);
    if (!e.params.empty()) {
        json.key("additional_protocol_params").begin_list();
        for (const auto& [name, value] : e.params) {
            json.begin().put("parameter_name", name).put("parameter_value", value).end();
        }
        json.end_list();
    }
    json.end();
    event.channel("destination_channel", e.other).channel("connected_channel", e.other_peer);
    event.bridge("bridge", e.other_bridge);
    json.end().key("referred_by").begin();
    event.channel("source_channel", e.source).channel("connected_channel", e.source_peer);
    event.bridge("bridge", e.source_bridge);
    json.end();
    return event.done();
}

}  // namespace

EventText render(Service& service, const Event& event) {
    const auto time = event.time;
    switch (event.kind) {
        case EventKind::channel_created:
            return channel_event(service, "ChannelCreated", time, as<ChannelCreated>(event).channel);
        case EventKind::channel_state:
            return channel_event(service, "ChannelStateChange", time, as<ChannelStateChanged>(event).channel);
        case EventKind::channel_connected_line:
            return channel_event(service, "ChannelConnectedLine", time, as<ChannelConnectedLine>(event).channel);
        case EventKind::channel_unhold:
            return channel_event(service, "ChannelUnhold", time, as<ChannelUnhold>(event).channel);
        case EventKind::channel_talking_started:
            return channel_event(service, "ChannelTalkingStarted", time, as<ChannelTalkingStarted>(event).channel);
        case EventKind::channel_tone:
            return channel_event(service, "ChannelToneDetected", time, as<ChannelToneDetected>(event).channel);
        case EventKind::channel_hold: {
            const auto& e = as<ChannelHold>(event);
            EventBuilder made(service, "ChannelHold", time);
            if (!e.music_class.empty()) made.json().put("musicclass", e.music_class);
            return made.channel("channel", e.channel).done();
        }
        case EventKind::channel_talking_stopped: {
            const auto& e = as<ChannelTalkingStopped>(event);
            EventBuilder made(service, "ChannelTalkingFinished", time);
            made.channel("channel", e.channel).json().put("duration", static_cast<std::int64_t>(e.milliseconds));
            return made.done();
        }
        case EventKind::channel_dialplan: {
            const auto& e = as<ChannelDialplan>(event);
            EventBuilder made(service, "ChannelDialplan", time);
            made.json().put("dialplan_app", e.channel->application);
            made.json().put("dialplan_app_data", e.channel->application_data);
            return made.channel("channel", e.channel).done();
        }
        case EventKind::channel_caller_id: {
            const auto& e = as<ChannelCallerId>(event);
            EventBuilder made(service, "ChannelCallerId", time);
            made.json().put("caller_presentation", e.channel->caller_presentation);
            made.json().put("caller_presentation_txt", Presentation{e.channel->caller_presentation}.description());
            return made.channel("channel", e.channel).done();
        }
        case EventKind::channel_variable: {
            const auto& e = as<ChannelVariable>(event);
            EventBuilder made(service, "ChannelVarset");
            made.json().put("variable", e.name).put("value", e.value);
            return made.head(time).channel("channel", e.channel).done();
        }
        case EventKind::channel_hangup_request: return hangup_request(service, as<ChannelHangupRequest>(event));
        case EventKind::channel_hangup: {
            const auto& e = as<ChannelHangup>(event);
            EventBuilder made(service, "ChannelDestroyed", time);
            made.json().put("cause", static_cast<int>(e.cause)).put("cause_txt", cause_text(e.cause));
            return made.channel("channel", e.channel).done();
        }
        case EventKind::channel_dtmf_end: {
            const auto& e = as<ChannelDtmfEnd>(event);
            if (!e.received) return {};
            EventBuilder made(service, "ChannelDtmfReceived", time);
            made.json().put("digit", std::string_view(&e.digit, 1));
            made.json().put("duration_ms", static_cast<std::int64_t>(e.milliseconds));
            return made.channel("channel", e.channel).done();
        }
        case EventKind::channel_user_event: return user_event(service, as<UserEvent>(event));
        case EventKind::dial_begin: {
            const auto& e = as<DialBegin>(event);
            return dial_event(service, time, e.caller, e.peer, "", "", e.dial_string);
        }
        case EventKind::dial_state: {
            const auto& e = as<DialState>(event);
            return dial_event(service, time, e.caller, e.peer, e.status, "", "");
        }
        case EventKind::dial_end: {
            const auto& e = as<DialEnd>(event);
            return dial_event(service, time, e.caller, e.peer, e.status, e.forward, "");
        }
        case EventKind::bridge_created:
            return EventBuilder(service, "BridgeCreated", time)
                .bridge("bridge", as<BridgeCreated>(event).bridge)
                .done();
        case EventKind::bridge_destroyed:
            return EventBuilder(service, "BridgeDestroyed", time)
                .bridge("bridge", as<BridgeDestroyed>(event).bridge)
                .done();
        case EventKind::bridge_enter: {
            const auto& e = as<BridgeEnter>(event);
            return EventBuilder(service, "ChannelEnteredBridge", time)
                .bridge("bridge", e.bridge)
                .channel("channel", e.channel)
                .done();
        }
        case EventKind::bridge_leave: {
            const auto& e = as<BridgeLeave>(event);
            return EventBuilder(service, "ChannelLeftBridge", time)
                .bridge("bridge", e.bridge)
                .channel("channel", e.channel)
                .done();
        }
        case EventKind::bridge_merged: {
            const auto& e = as<BridgeMerged>(event);
            return EventBuilder(service, "BridgeMerged", time)
                .bridge("bridge", e.to)
                .bridge("bridge_from", e.from)
                .done();
        }
        case EventKind::transfer_blind: return blind_transfer(service, as<BlindTransfer>(event));
        case EventKind::transfer_attended: return attended_transfer(service, as<AttendedTransfer>(event));
        case EventKind::transfer_requested: return transfer_requested(service, as<TransferRequested>(event));
        case EventKind::device_state: return device_event(service, as<DeviceStateChanged>(event));
        case EventKind::endpoint_state: return endpoint_event(service, as<EndpointStateChanged>(event));
        case EventKind::contact_status: return contact_event(service, as<ContactStatus>(event));
        default: return {};
    }
}

}  // namespace asterism::ari
