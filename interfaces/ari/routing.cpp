// Which application hears of what.
#include <algorithm>

#include "asterism/events/events.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/pbx.hpp"
#include "render.hpp"
#include "service.hpp"
#include "stasis.hpp"

namespace asterism::ari {

namespace {

/// What an event is about.
struct Topics {
    std::vector<const ChannelSnapshot*> channels;
    const BridgeSnapshot* bridge = nullptr;
    const BridgeSnapshot* other_bridge = nullptr;
    const ChannelSnapshot* member = nullptr;  // that goes into the bridge or leaves it
    std::string endpoint;                     // "PJSIP/alice"
    std::string_view device;
    bool created = false;  // a channel that nobody can have subscribed to yet
};

void add(Topics& topics, const ChannelShot& shot) {
    if (shot) topics.channels.push_back(shot.get());
}

template <class E>
void add_channel(Topics& topics, const Event& event) {
    add(topics, as<E>(event).channel);
}

Topics topics_of(const Event& event, ChannelId quiet) {
    Topics t;
    switch (event.kind) {
        case EventKind::channel_created:
            add_channel<ChannelCreated>(t, event);
            t.created = true;
            break;
        case EventKind::channel_state: add_channel<ChannelStateChanged>(t, event); break;
        case EventKind::channel_dialplan:
            add_channel<ChannelDialplan>(t, event);
            // Said while originate makes the channel, when nobody has subscribed to it in Asterisk.
            t.created = as<ChannelDialplan>(event).channel->application == "AppDial2" ||
                        (quiet && as<ChannelDialplan>(event).channel->id == quiet);
            break;
        case EventKind::channel_caller_id: add_channel<ChannelCallerId>(t, event); break;
        case EventKind::channel_connected_line: add_channel<ChannelConnectedLine>(t, event); break;
        case EventKind::channel_variable: add_channel<ChannelVariable>(t, event); break;
        case EventKind::channel_hangup_request: add_channel<ChannelHangupRequest>(t, event); break;
        case EventKind::channel_hangup: add_channel<ChannelHangup>(t, event); break;
        case EventKind::channel_dtmf_end: add_channel<ChannelDtmfEnd>(t, event); break;
        case EventKind::channel_hold: add_channel<ChannelHold>(t, event); break;
        case EventKind::channel_unhold: add_channel<ChannelUnhold>(t, event); break;
        case EventKind::channel_talking_started: add_channel<ChannelTalkingStarted>(t, event); break;
        case EventKind::channel_talking_stopped: add_channel<ChannelTalkingStopped>(t, event); break;
        case EventKind::channel_tone: add_channel<ChannelToneDetected>(t, event); break;
        case EventKind::channel_user_event: add_channel<UserEvent>(t, event); break;
        case EventKind::dial_begin:
            add(t, as<DialBegin>(event).caller);
            add(t, as<DialBegin>(event).peer);
            break;
        case EventKind::dial_state:
            add(t, as<DialState>(event).caller);
            add(t, as<DialState>(event).peer);
            break;
        case EventKind::dial_end:
            add(t, as<DialEnd>(event).caller);
            add(t, as<DialEnd>(event).peer);
            break;
        case EventKind::bridge_created: t.bridge = as<BridgeCreated>(event).bridge.get(); break;
        case EventKind::bridge_destroyed: t.bridge = as<BridgeDestroyed>(event).bridge.get(); break;
        // Who only watches the channel is told nothing of the bridge that it goes into.
        case EventKind::bridge_enter:
            t.bridge = as<BridgeEnter>(event).bridge.get();
            t.member = as<BridgeEnter>(event).channel.get();
            break;
        case EventKind::bridge_leave:
            t.bridge = as<BridgeLeave>(event).bridge.get();
            t.member = as<BridgeLeave>(event).channel.get();
            break;
        case EventKind::bridge_merged:
            t.bridge = as<BridgeMerged>(event).to.get();
            t.other_bridge = as<BridgeMerged>(event).from.get();
            break;
        case EventKind::transfer_blind: {
            const auto& e = as<BlindTransfer>(event);
            t.bridge = e.bridge.get();
            add(t, e.transferer);
            break;
        }
        case EventKind::transfer_attended: {
            const auto& e = as<AttendedTransfer>(event);
            t.bridge = e.first_bridge.get();
            t.other_bridge = e.second_bridge.get();
            add(t, e.first);
            add(t, e.second);
            break;
        }
        case EventKind::transfer_requested: {
            const auto& e = as<TransferRequested>(event);
            add(t, e.source);
            add(t, e.other);
            break;
        }
        case EventKind::device_state: t.device = as<DeviceStateChanged>(event).device; break;
        case EventKind::endpoint_state:
            t.endpoint = as<EndpointStateChanged>(event).technology + "/" + as<EndpointStateChanged>(event).resource;
            break;
        case EventKind::contact_status: t.endpoint = "PJSIP/" + as<ContactStatus>(event).endpoint; break;
        default: break;
    }
    return t;
}

/// "PJSIP/alice" of "PJSIP/alice-00000001".
std::string_view endpoint_of(const ChannelSnapshot& channel) {
    const std::string_view name = channel.name;
    return name.substr(0, name.rfind('-'));
}

bool endpoint_wanted(const App& app, std::string_view endpoint) {
    if (app.endpoints.empty() || endpoint.empty()) return false;
    if (app.endpoints.everything()) return true;
    return app.endpoints.has(endpoint) || app.endpoints.has(endpoint.substr(0, endpoint.find('/')));
}

bool concerns(const App& app, const Topics& t) {
    if (app.subscribe_all) return true;
    if (!t.channels.empty() && app.channels.everything()) return true;
    if (t.bridge != nullptr && app.bridges.everything()) return true;
    for (const auto* channel : t.channels) {
        if (!t.created && app.channels.has(channel->uniqueid)) return true;
        if (endpoint_wanted(app, endpoint_of(*channel))) return true;
    }
    if (t.bridge != nullptr && app.bridges.has(t.bridge->uniqueid)) return true;
    if (t.other_bridge != nullptr && app.bridges.has(t.other_bridge->uniqueid)) return true;
    if (!t.endpoint.empty() && endpoint_wanted(app, t.endpoint)) return true;
    return !t.device.empty() && (app.devices.has(t.device) || app.devices.everything());
}

}  // namespace

void Service::on_event(const Event& event) {
    const Topics topics = topics_of(event, quiet);
    // An application hears of the bridge that it put a channel into, for as long as the channel is in it.
    Channel* member = nullptr;
    if (event.kind == EventKind::bridge_enter || event.kind == EventKind::bridge_leave) {
        member = pbx.channels->find(topics.member->id);
    }
    Control* control = member != nullptr ? control_of(*member) : nullptr;
    App* own = control != nullptr ? applications.find(control->app) : nullptr;
    if (own != nullptr && event.kind == EventKind::bridge_enter) own->bridges.add(topics.bridge->uniqueid);

    const bool nothing =
        topics.channels.empty() && topics.bridge == nullptr && topics.endpoint.empty() && topics.device.empty();
    if (!nothing) {
        EventText text;

        applications.each([&](const App& app) {
            if (!app.listening() || !concerns(app, topics)) return;
            if (text.type.empty()) {
                text = render(*this, event);
                if (text.type.empty()) return;
            }
            send(app, text);
        });
    }
    // One that somebody else took out of it, or that hangs up in it, leaves the application subscribed.
    if (own != nullptr && event.kind == EventKind::bridge_leave && !member->interrupted() &&
        !member->hangup_requested()) {
        own->bridges.remove(topics.bridge->uniqueid);
    }
    if (event.kind == EventKind::channel_hangup) {
        applications.each([&](App& app) {
            app.channels.forget(topics.channels.front()->uniqueid);
            app.disown(topics.channels.front()->uniqueid);
        });
    }
    if (event.kind == EventKind::bridge_destroyed) {
        applications.each([&](App& app) { app.bridges.forget(topics.bridge->uniqueid); });
    }
}

bool Service::on_text(const TextMessage& message) {
    const std::string endpoint = message.technology + "/" + message.resource;
    const Endpoint* known = pbx.endpoints->find(message.technology, message.resource);
    EventText text;
    bool taken = false;
    const auto give = [&](const App& app) {
        if (text.type.empty()) {
            EventBuilder event(*this, "TextMessageReceived", now());
            event.json().key("message").begin().put("from", message.from).put("to", message.to);
            event.json().put("body", message.body).key("variables").begin();
            for (const auto& [name, value] : message.variables) event.json().put(name, value);
            event.json().end().end();
            if (known != nullptr) append_endpoint(event.json().key("endpoint"), *known);
            text = event.done();
        }
        send(app, text);
        taken = true;
    };
    // Those that watch the whole technology hear of it first.
    const auto widely = [&](const App& app) {
        return app.subscribe_all || app.endpoints.everything() || app.endpoints.has(message.technology);
    };
    applications.each([&](const App& app) {
        if (app.active() && widely(app)) give(app);
    });
    applications.each([&](const App& app) {
        if (app.active() && !widely(app) && app.endpoints.has(endpoint)) give(app);
    });
    return taken;
}

void Service::send(const App& app, const EventText& event) { app.send(event); }

void Service::send_about(std::string_view target, const EventText& event) {
    const auto colon = target.find(':');
    const auto kind = target.substr(0, colon);
    const auto id = target.substr(colon + 1);
    applications.each([&](const App& app) {
        const Subscriptions& wanted = kind == "channel" ? app.channels : app.bridges;
        if (app.subscribe_all || wanted.has(id) || wanted.everything()) {
            app.send(event, kind == "channel" ? id : std::string_view());
        }
    });
}

}  // namespace asterism::ari
