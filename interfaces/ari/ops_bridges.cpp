// /bridges
#include <algorithm>

#include "asterism/events/events.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/music.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/random.hpp"
#include "control_ops.hpp"
#include "render.hpp"
#include "scope.hpp"
#include "stasis_bridges.hpp"

namespace asterism::ari {

using http::Method;

void introduce(Pbx& pbx, Bridge& bridge, bool connected_lines) {
    if (!bridge.setup().mixing) return;
    const std::vector<ChannelId> members = bridge.members();
    for (const ChannelId id : members) {
        Channel* channel = pbx.channels->find(id);
        if (channel == nullptr) continue;
        std::string peers;
        for (const ChannelId other : members) {
            const Channel* peer = other == id ? nullptr : pbx.channels->find(other);
            if (peer != nullptr) peers += (peers.empty() ? "" : ",") + peer->name();
        }
        const auto* before = channel->variable("BRIDGEPEER");
        if (!peers.empty() && (before == nullptr || *before != peers)) channel->set_variable("BRIDGEPEER", peers);
    }
    if (members.size() != 2 || !connected_lines) return;
    for (const ChannelId id : members) {
        Channel* channel = pbx.channels->find(id);
        const Channel* peer = channel != nullptr ? bridge.peer_of(*channel) : nullptr;
        if (peer == nullptr || channel->connected().id == peer->caller().id) continue;
        ConnectedParty connected = channel->connected();
        connected.id = peer->caller().id;
        connected.ani = peer->caller().ani;
        channel->set_connected(std::move(connected), true);
    }
}

StasisBridges::StasisBridges(Service& service) : service_(service) {
    subscription_ = service.pbx.bus->subscribe([this](const Event& event) {
        if (event.kind == EventKind::bridge_leave) return left(as<BridgeLeave>(event));
        if (event.kind == EventKind::channel_dtmf_end) return pressed(as<ChannelDtmfEnd>(event));
        const auto found = states_.find(as<BridgeDestroyed>(event).bridge->id);
        if (found == states_.end()) return;
        // Its music and prompts end with the mixer; not inside the event, as others still hear of it.
        if (found->second.plays) found->second.plays->stop_all();
        service_.pbx.loop->reap(std::make_unique<State>(std::move(found->second)));
        states_.erase(found);
    });
    subscription_.want_all(false);
    subscription_.want(EventKind::bridge_destroyed, true);
    subscription_.want(EventKind::bridge_leave, true);
    subscription_.want(EventKind::channel_dtmf_end, true);
}

StasisBridges::~StasisBridges() = default;

void StasisBridges::add(const Bridge& bridge) {
    states_[bridge.id()].plays = std::make_unique<PlayQueue>(service_, bridge.id());
}

void StasisBridges::restrain(Bridge& bridge, Channel& channel, bool muted, bool digits) {
    State* state = find(bridge.id());
    if (state == nullptr || !channel.leg() || (!muted && !digits)) return;
    if (muted) bridge.set_mute(channel, true, true);
    if (digits) service_.pbx.media->pass_digits(channel.leg(), false);
    state->restrained.push_back({channel.id(), muted, digits});
}

void StasisBridges::left(const BridgeLeave& event) {
    State* state = find(event.bridge->id);
    if (state == nullptr) return;
    std::erase_if(state->restrained, [&](const State::Restrained& one) {
        if (one.channel != event.channel->id) return false;
        const Channel* channel = service_.pbx.channels->find(one.channel);
        if (channel != nullptr && channel->leg()) {
            if (one.muted) service_.pbx.media->mute(channel->leg(), media::Side::in, false);
            if (one.digits) service_.pbx.media->pass_digits(channel->leg(), true);
        }
        return true;
    });
}

void StasisBridges::pressed(const ChannelDtmfEnd& event) {
    if (!event.received || states_.empty()) return;
    const Channel* channel = service_.pbx.channels->find(event.channel->id);
    State* state = channel != nullptr ? find(channel->bridge()) : nullptr;
    if (state == nullptr || state->ended_by.empty()) return;
    if (std::ranges::any_of(state->restrained,
                            [&](const auto& one) { return one.channel == channel->id() && one.digits; }))
        return;
    for (const auto& one : std::exchange(state->ended_by, {})) {
        const auto recording = service_.recordings->find(one.recording);
        if (!recording) continue;
        if (one.digits.contains(event.digit))
            service_.recordings->stop(*recording, false);
        else
            state->ended_by.push_back(one);
    }
}

StasisBridges::State* StasisBridges::find(BridgeId bridge) {
    const auto found = states_.find(bridge);
    return found == states_.end() ? nullptr : &found->second;
}

namespace {

void show(Service& service, Bridge& bridge, Reply& reply) {
    Json json;
    append_bridge(json, service, *bridge.snapshot());
    reply.json(json.take());
}

void set_one(Service& service, Bridge& bridge, const Call::Named& variable) {
    bridge.variables().set(variable.name, variable.value);
    StasisBridges::State* state = service.bridges->find(bridge.id());
    if (state == nullptr || !variable.report) return;
    if (std::ranges::find(state->reported, variable.name) == state->reported.end()) {
        state->reported.push_back(variable.name);
    }
}

/// `phrase`: GET says "Not Found", everything else "Not found".
Bridge* find_bridge(Call& call, Reply& reply, std::string_view phrase) {
    Bridge* bridge = call.service.pbx.bridges->find(std::string_view(call.text("bridgeId")));
    if (bridge == nullptr) reply.error(404, "Bridge not found", phrase);
    return bridge;
}

/// A bridge that applications may act on.
Bridge* require_bridge(Call& call, Reply& reply) {
    Bridge* bridge = find_bridge(call, reply, "Not found");
    if (bridge == nullptr) return nullptr;
    if (call.service.bridges->find(bridge->id()) == nullptr) {
        reply.error(409, "Bridge not in Stasis application");
        return nullptr;
    }
    return bridge;
}

void list(Call& call, Reply& reply) {
    Pbx& pbx = call.service.pbx;
    Json json;
    json.begin_list();
    for (const BridgeId id : pbx.bridges->ids()) {
        Bridge* bridge = pbx.bridges->find(id);
        if (bridge != nullptr && sees(call, *bridge)) append_bridge(json, call.service, *bridge->snapshot());
    }
    reply.json(json.end_list().take());
}

void get(Call& call, Reply& reply) {
    if (Bridge* bridge = find_bridge(call, reply, {})) show(call.service, *bridge, reply);
}

void create_bridge(Call& call, Reply& reply) {
    Service& service = call.service;
    const std::string& id = call.text("bridgeId");
    BridgeSetup setup;
    setup.uniqueid = id;
    setup.type = "stasis";
    setup.creator = "Stasis";
    setup.name = call.text("name");
    std::string video = "talker";
    bool known = true;
    std::string_view rest = call.text("type").empty() ? std::string_view("mixing") : call.text("type");
    bool mixing = false;
    bool holding = false;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const auto type = rest.substr(0, comma);
        if (type == "holding") {
            holding = true;
        } else if (type == "video_sfu") {
            video = "sfu";
        } else if (type == "video_single") {
            video = "single";
        } else if (type == "mixing") {
            mixing = true;
        } else if (type != "dtmf_events" && type != "proxy_media" && type != "sdp_label") {
            known = false;
        }
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    setup.mixing = !holding;
    const std::string shown = id.empty() ? "(null)" : id;
    if (!known || (mixing && holding)) {
        reply.error(500, "Unable to create bridge. Possible duplicate bridge id '" + shown + "'", "Internal Error");
        return;
    }
    if (!id.empty() && service.pbx.bridges->find(std::string_view(id)) != nullptr) {
        reply.error(409, "Bridge with id '" + id + "' already exists");
        return;
    }
    const auto variables = call.named("variables");
    if (!variables) {
        reply.error(400, "Only string values in the 'variables' object allowed");
        return;
    }
    Bridge& bridge = service.pbx.bridges->create(std::move(setup));
    bridge.set_video(video, {});
    service.bridges->add(bridge);
    for (const auto& variable : *variables) set_one(service, bridge, variable);
    show(service, bridge, reply);
}

void destroy(Call& call, Reply& reply) {
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    bridge->destroy();
    reply.no_content();
}

/// The channels that a request names; nothing after an error was answered.
std::optional<std::vector<Channel*>> named_channels(Call& call, Reply& reply) {
    std::vector<Channel*> all;
    for (const auto& id : call.list("channel")) {
        Channel* channel = call.service.pbx.channels->find(std::string_view(id));
        if (channel == nullptr) {
            reply.error(400, "Channel not found");
            return std::nullopt;
        }
        all.push_back(channel);
    }
    for (Channel* channel : all) {
        if (control_of(*channel) == nullptr) {
            reply.error(422, "Channel not in Stasis application");
            return std::nullopt;
        }
    }
    return all;
}

/// Takes a channel out; it has no peer any more.
void take_out(Bridge& bridge, Channel& channel) {
    if (channel.variable("BRIDGEPEER") != nullptr) channel.set_variable("BRIDGEPEER", "");
    bridge.remove(channel, false);
}

void add_channel(Call& call, Reply& reply) {
    Bridge* bridge = find_bridge(call, reply, "Not found");
    if (bridge == nullptr) return;
    const auto channels = named_channels(call, reply);
    if (!channels) return;
    Service& service = call.service;
    if (service.bridges->find(bridge->id()) == nullptr) {
        reply.error(409, "Bridge not in Stasis application");
        return;
    }
    for (Channel* channel : *channels) {
        Control* control = control_of(*channel);
        if (!control->recording.empty() && service.recordings->find(control->recording)) {
            reply.error(409, "Channel " + channel->uniqueid() + " currently recording");
            return;
        }
    }
    const auto role = call.text("role") == "announcer" ? BridgeRole::announcer : BridgeRole::participant;
    const BridgeId id = bridge->id();
    for (Channel* channel : *channels) {
        Control* control = control_of(*channel);
        if (control == nullptr) continue;
        // What played to the channel alone ends; a channel that is in the bridge already comes in again.
        if (control->silence != 0) service.pbx.media->stop(media::OpId{std::exchange(control->silence, 0)});
        if (Bridge* before = service.pbx.bridges->find(channel->bridge())) take_out(*before, *channel);
        bridge = service.pbx.bridges->find(id);
        if (bridge == nullptr) break;
        control->bridge = id;
        bridge->add(*channel, role);
        service.bridges->restrain(*bridge, *channel, call.boolean("mute"), call.boolean("absorbDTMF"));
        introduce(service.pbx, *bridge, !call.boolean("inhibitConnectedLineUpdates"));
    }
    reply.no_content();
}

void remove_channel(Call& call, Reply& reply) {
    Bridge* bridge = find_bridge(call, reply, "Not found");
    if (bridge == nullptr) return;
    const auto channels = named_channels(call, reply);
    if (!channels) return;
    for (const Channel* channel : *channels) {
        if (channel->bridge() != bridge->id()) {
            reply.error(422, "Channel not in this bridge");
            return;
        }
    }
    const BridgeId id = bridge->id();
    for (Channel* channel : *channels) {
        if (Bridge* live = call.service.pbx.bridges->find(id)) take_out(*live, *channel);
        if (Control* control = control_of(*channel)) control->bridge = {};
    }
    reply.no_content();
}

void set_video_source(Call& call, Reply& reply) {
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    const auto controlled = require_any_control(call, reply);
    if (!controlled) return;
    if (controlled.channel->bridge() != bridge->id()) {
        reply.error(422, "Channel not in this bridge");
        return;
    }
    bridge->set_video("single", controlled.channel->uniqueid());
    EventBuilder event(call.service, "BridgeVideoSourceChanged", call.service.now());
    call.service.send_about("bridge:" + bridge->uniqueid(), event.bridge("bridge", bridge->snapshot()).done());
    reply.no_content();
}

void clear_video_source(Call& call, Reply& reply) {
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    const std::string before = bridge->snapshot()->video_source;
    bridge->set_video("talker", {});
    if (!before.empty()) {
        EventBuilder event(call.service, "BridgeVideoSourceChanged", call.service.now());
        event.bridge("bridge", bridge->snapshot()).json().put("old_video_source_id", before);
        call.service.send_about("bridge:" + bridge->uniqueid(), event.done());
    }
    reply.no_content();
}

void start_bridge_music(Call& call, Reply& reply) {
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    Pbx& pbx = call.service.pbx;
    auto& state = *call.service.bridges->find(bridge->id());
    const MusicClass* music = pbx.music != nullptr ? pbx.music->find(call.text("mohClass")) : nullptr;
    if (music != nullptr && !music->files.empty()) {
        if (state.music) pbx.media->stop(state.music);
        media::MusicSpec spec;
        spec.files = music->files;
        spec.shuffle = music->sort == "random";
        state.music = pbx.media->music(bridge->mixer(), std::move(spec), [](const media::OpEnd&) {});
    }
    reply.no_content();
}

void stop_bridge_music(Call& call, Reply& reply) {
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    auto& state = *call.service.bridges->find(bridge->id());
    if (state.music) call.service.pbx.media->stop(std::exchange(state.music, {}));
    reply.no_content();
}

void play(Call& call, Reply& reply) {
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    auto& state = *call.service.bridges->find(bridge->id());
    start_playback(call, reply, *state.plays, "bridge:" + bridge->uniqueid(), "en");
}

void record(Call& call, Reply& reply) {
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    start_recording(call, reply, "bridge:" + bridge->uniqueid(), {}, bridge->id());
}

// ---- variables ----

void get_variable(Call& call, Reply& reply) {
    if (call.text("variable").empty()) {
        reply.error(400, "Variable name is required");
        return;
    }
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    const auto* value = bridge->variables().find(call.text("variable"));
    if (value == nullptr) {
        reply.error(404, "Provided variable was not found", "Variable Not Found");
        return;
    }
    Json json;
    reply.json(json.begin().put("value", *value).end().take());
}

void set_variable(Call& call, Reply& reply) {
    if (call.text("variable").empty()) {
        reply.error(400, "Variable name is required");
        return;
    }
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    set_one(call.service, *bridge, {call.text("variable"), call.text("value"), call.boolean("report_events")});
    reply.no_content();
}

void get_variables(Call& call, Reply& reply) {
    const auto names = call.list("variables");
    if (names.empty() || names.front().empty()) {
        reply.error(400, "Variable names are required");
        return;
    }
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    Json json;
    json.begin().key("variables").begin();
    for (const auto& name : names) {
        const auto* value = bridge->variables().find(name);
        if (value == nullptr) {
            reply.error(404, "Provided variable was not found", "Variable Not Found");
            return;
        }
        json.put(name, *value);
    }
    reply.json(json.end().end().take());
}

void set_variables(Call& call, Reply& reply) {
    const auto variables = call.named("variables");
    if (!variables || variables->empty()) {
        reply.error(400, "Variables are required");
        return;
    }
    Bridge* bridge = require_bridge(call, reply);
    if (bridge == nullptr) return;
    for (const auto& variable : *variables) set_one(call.service, *bridge, variable);
    reply.no_content();
}

std::vector<Parameter> play_parameters(bool id_in_path) {
    std::vector<Parameter> all{path("bridgeId")};
    if (id_in_path) all.push_back(path("playbackId"));
    for (const auto& p : {query("media").should().many(), query("announcer_format"), query("lang"),
                          number("offsetms").or_else("0"), number("skipms").or_else("3000")}) {
        all.push_back(p);
    }
    if (!id_in_path) all.push_back(query("playbackId"));
    return all;
}

}  // namespace

Resource bridge_operations() {
    return {
        "bridges",
        "Bridge resources",
        {
            {Method::get, "/bridges", "list", "Lists the bridges", "List[Bridge]", {}, {}, list},
            {Method::post,
             "/bridges",
             "create",
             "Creates a bridge",
             "Bridge",
             {query("type"), query("bridgeId"), query("name"), body("variables")},
             {409},
             create_bridge},
            {Method::post,
             "/bridges/{bridgeId}",
             "createWithId",
             "Creates a bridge under a given id",
             "Bridge",
             {query("type"), path("bridgeId"), query("name"), body("variables")},
             {409},
             create_bridge},
            {Method::get, "/bridges/{bridgeId}", "get", "Shows one bridge", "Bridge", {path("bridgeId")}, {404}, get},
            {Method::del,
             "/bridges/{bridgeId}",
             "destroy",
             "Destroys a bridge; its channels leave it",
             "void",
             {path("bridgeId")},
             {404},
             destroy},
            {Method::get,
             "/bridges/{bridgeId}/variable",
             "getBridgeVar",
             "Reads a variable of a bridge",
             "Variable",
             {path("bridgeId"), query("variable").should()},
             {400, 404, 409},
             get_variable},
            {Method::post,
             "/bridges/{bridgeId}/variable",
             "setBridgeVar",
             "Sets a variable of a bridge",
             "void",
             {path("bridgeId"), query("variable").should(), query("value"), flag("report_events").or_else("false")},
             {400, 404, 409},
             set_variable},
            {Method::get,
             "/bridges/{bridgeId}/variables",
             "getBridgeVars",
             "Reads several variables of a bridge",
             "Variables",
             {path("bridgeId"), query("variables").should().many()},
             {400, 404, 409},
             get_variables},
            {Method::post,
             "/bridges/{bridgeId}/variables",
             "setBridgeVars",
             "Sets several variables of a bridge",
             "void",
             {path("bridgeId"), body("variables").should()},
             {400, 404, 409},
             set_variables},
            {Method::post,
             "/bridges/{bridgeId}/addChannel",
             "addChannel",
             "Puts channels into a bridge",
             "void",
             {path("bridgeId"), query("channel").must().many(), query("role"), flag("absorbDTMF").or_else("false"),
              flag("mute").or_else("false"), flag("inhibitConnectedLineUpdates").or_else("false")},
             {400, 404, 409, 422},
             add_channel},
            {Method::post,
             "/bridges/{bridgeId}/removeChannel",
             "removeChannel",
             "Takes channels out of a bridge",
             "void",
             {path("bridgeId"), query("channel").must().many()},
             {400, 404, 409, 422},
             remove_channel},
            {Method::post,
             "/bridges/{bridgeId}/videoSource/{channelId}",
             "setVideoSource",
             "Makes a channel the video source of a bridge",
             "void",
             {path("bridgeId"), path("channelId")},
             {404, 409, 422},
             set_video_source},
            {Method::del,
             "/bridges/{bridgeId}/videoSource",
             "clearVideoSource",
             "Ends what setVideoSource began",
             "void",
             {path("bridgeId")},
             {404},
             clear_video_source},
            {Method::post,
             "/bridges/{bridgeId}/moh",
             "startMoh",
             "Plays music on hold to a bridge",
             "void",
             {path("bridgeId"), query("mohClass")},
             {404, 409},
             start_bridge_music},
            {Method::del,
             "/bridges/{bridgeId}/moh",
             "stopMoh",
             "Stops music on hold of a bridge",
             "void",
             {path("bridgeId")},
             {404, 409},
             stop_bridge_music},
            {Method::post,
             "/bridges/{bridgeId}/play",
             "play",
             "Plays media to a bridge",
             "Playback",
             play_parameters(false),
             {404, 409, 422},
             play},
            {Method::post,
             "/bridges/{bridgeId}/play/{playbackId}",
             "playWithId",
             "Plays media to a bridge under a given playback id",
             "Playback",
             play_parameters(true),
             {404, 409, 422},
             play},
            {Method::post,
             "/bridges/{bridgeId}/record",
             "record",
             "Records a bridge",
             "LiveRecording",
             {path("bridgeId"), query("name").should(), query("format").should(), query("recorder_format"),
              number("maxDurationSeconds").or_else("0"), number("maxSilenceSeconds").or_else("0"),
              query("ifExists").or_else("fail").among("fail|overwrite|append"), flag("beep").or_else("false"),
              query("terminateOn").or_else("none").among("none|any|*|#")},
             {400, 404, 409, 422},
             record},
        }};
}

}  // namespace asterism::ari
