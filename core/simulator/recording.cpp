// What happens, written down.
#include <algorithm>

#include <fmt/format.h>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/events/events.hpp"
#include "core/simulator/simulation.hpp"

namespace asterism::simulator {

namespace {

using Op = media::FakeEngine::Op;

std::string base_name(const std::string& channel) {
    const auto dash = channel.rfind('-');
    return dash == std::string::npos ? channel : channel.substr(0, dash);
}

bool is_language(std::string_view part) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    if (part.size() != 2 && !(part.size() >= 5 && part[2] == '_')) return false;
    return lower(part[0]) && lower(part[1]);
}

}  // namespace

Story* Simulation::story_of(const std::string& uniqueid) {
    const auto at = std::ranges::find_if(stories_, [&](const auto& s) { return s.second.uniqueid == uniqueid; });
    return at == stories_.end() ? nullptr : &at->second;
}

void Simulation::happened(const Event& event) {
    switch (event.kind) {
        case EventKind::channel_created: {
            const auto& shot = *as<ChannelCreated>(event).channel;
            Story& made = story(shot.id);
            made.name = shot.name;
            made.uniqueid = shot.uniqueid;
            made.linkedid = shot.linkedid;
            made.began = now();
            break;
        }
        case EventKind::channel_dialplan: ran(*as<ChannelDialplan>(event).channel); break;
        case EventKind::channel_hangup_request: {
            const auto& request = as<ChannelHangupRequest>(event);
            if (request.soft == SoftHangup::none) story(request.channel->id).hung_up_by_party = true;
            break;
        }
        case EventKind::channel_hangup: {
            Story& of = story(as<ChannelHangup>(event).channel->id);
            if (!of.ended) of.ended = now();  // one that has no scripted party: half of a Local channel
            of.cause = as<ChannelHangup>(event).cause;
            for (auto* ear : ears_[as<ChannelHangup>(event).channel->id]) ear->send(true);
            break;
        }
        case EventKind::channel_music_start: {
            const auto& music = as<ChannelMusicStart>(event);
            begin_hearing(music.channel->id, "music " + music.music_class);
            break;
        }
        case EventKind::channel_music_stop: {
            auto& heard = story(as<ChannelMusicStop>(event).channel->id).heard;
            for (std::size_t i = heard.size(); i > 0; --i) {
                if (heard[i - 1].end || !heard[i - 1].what.starts_with("music ")) continue;
                end_hearing(as<ChannelMusicStop>(event).channel->id, i - 1, true);
                break;
            }
            break;
        }
        case EventKind::bridge_enter: {
            const auto& entered = as<BridgeEnter>(event);
            note(entered.channel->name, "joins bridge " + entered.bridge->type);
            Story& mine = story(entered.channel->id);
            for (const auto& uniqueid : entered.bridge->channels) {
                Story* other = story_of(uniqueid);
                if (!other || other == &mine) continue;
                mine.talked_to.push_back(base_name(other->name));
                other->talked_to.push_back(base_name(mine.name));
            }
            break;
        }
        case EventKind::bridge_leave: note(as<BridgeLeave>(event).channel->name, "leaves the bridge"); break;
        case EventKind::dial_begin: {
            const auto& dial = as<DialBegin>(event);
            if (!dial.caller || dial.peer->technology != "Local") break;
            if (Story* of = story_of(dial.caller->linkedid)) of->called.push_back("Local/" + dial.dial_string);
            break;
        }
        case EventKind::dial_end: {
            const auto& dial = as<DialEnd>(event);
            if (dial.caller) note(dial.caller->name, "dialling " + base_name(dial.peer->name) + ": " + dial.status);
            break;
        }
        case EventKind::channel_user_event: {
            const auto& user = as<UserEvent>(event);
            note(user.channel ? user.channel->name : std::string(), "user event " + user.name);
            break;
        }
        case EventKind::agi_start:
            note(as<AgiExecStart>(event).channel->name, "AGI < " + as<AgiExecStart>(event).command);
            break;
        default: break;
    }
}

void Simulation::ran(const ChannelSnapshot& shot) {
    ++priorities_;
    const Channel* channel = world_->channels.find(shot.id);
    if (!channel || !channel->has_dialplan()) return;  // Dial's marks on those whom it calls
    Ran made{.place = {shot.context, shot.exten, shot.priority},
             .label = {},
             .application = shot.application,
             .arguments = shot.application_data};
    made.afterwards = channel->in_afterlife();
    const auto found = world_->dialplan.plan()->find({.context = shot.context,
                                                      .exten = shot.exten,
                                                      .caller = shot.caller_number,
                                                      .now = world_->loop.clock().wall()},
                                                     shot.priority);
    if (found) made.label = found.priority->label;
    line(shot.name,
         fmt::format("{},{},{}{}", shot.context, shot.exten, shot.priority,
                     made.label.empty() ? std::string() : "(" + made.label + ")"),
         made.text());
    if (story(shot.id).ran.size() < 50'000) story(shot.id).ran.push_back(std::move(made));
}

/// The end of a channel with a scripted party, while it can still be asked.
void Simulation::finish(Channel& channel) {
    Story& of = story(channel.id());
    of.cause = channel.cause();
    const auto at = std::ranges::find(callers_, channel.id());
    if (at != callers_.end()) {
        const Call& call = scenario_.calls[static_cast<std::size_t>(at - callers_.begin())];
        for (const auto& wanted : call.expect.variables) {
            if (auto value = dialplan::get_variable(world_->pbx, &channel, wanted.name))
                of.variables[wanted.name] = std::move(*value);
        }
    }
    if (!channel.ended()) return;
    of.ended = now();
    line(channel.name(), {},
         fmt::format("is over: {} ({})", cause_text(channel.cause()), static_cast<int>(channel.cause())));
}

std::vector<ChannelId> Simulation::listeners(media::Target target, int depth) {
    std::vector<ChannelId> out;
    const auto add = [&](media::Target one) {
        for (const ChannelId id : listeners(one, depth + 1)) out.push_back(id);
    };
    if (depth > 8) return out;
    if (const auto* mixer = std::get_if<media::MixerId>(&target)) {
        const auto found = world_->media.mixers.find(*mixer);
        if (found == world_->media.mixers.end()) return out;
        for (const media::LegId leg : found->second.members) add(leg);
        return out;
    }
    const auto found = world_->media.legs.find(std::get<media::LegId>(target));
    if (found == world_->media.legs.end() || found->second.closed) return out;
    if (found->second.kind == "pair") {
        // What half of a Local channel is played goes to whoever is connected with the other half.
        const auto other = world_->media.legs.find(found->second.other);
        if (other == world_->media.legs.end()) return out;
        if (other->second.peer) add(other->second.peer);
        if (other->second.mixer) add(other->second.mixer);
        return out;
    }
    for (const ChannelId id : world_->channels.ids()) {
        const Channel* channel = world_->channels.find(id);
        if (channel && channel->leg() == found->first) out.push_back(id);
    }
    return out;
}

void Simulation::media_began(const Op& op) {
    const auto who = listeners(op.target);
    const Channel* first = who.empty() ? nullptr : world_->channels.find(who.front());
    if (op.kind == "record") {
        if (first) note(first->name(), "is recorded to " + op.record.path);
        return;
    }
    if (op.kind == "dtmf") {
        if (first) note(first->name(), "hears the digits " + op.digits);
        return;
    }
    if (op.kind == "tone" && first) note(first->name(), "hears a tone");
    if (op.kind != "play") return;  // of music its event says which
    Playing playing;
    for (const auto& file : op.play.files) playing.files.push_back(prompt_name(file));
    if (playing.files.empty()) return;
    playing_[op.id] = std::move(playing);
    hear(op.id, 0);
    Millis at{0};
    for (std::size_t i = 1; i < op.play.files.size(); ++i) {
        at += world_->media.length_of(op.play.files[i - 1]).value_or(world_->media.default_duration);
        world_->loop.timers().schedule(world_->loop.now() + at, [this, id = op.id, i] { hear(id, i); });
    }
}

void Simulation::hear(media::OpId id, std::size_t file) {
    const auto at = playing_.find(id);
    if (at == playing_.end()) return;
    for (const auto& [channel, which] : std::exchange(at->second.now, {})) end_hearing(channel, which, false);
    for (const ChannelId channel : listeners(world_->media.op(id).target)) {
        at->second.now.emplace_back(channel, story(channel).heard.size());
        begin_hearing(channel, at->second.files[file]);
    }
}

void Simulation::media_ended(const Op& op) {
    if (op.kind == "record") {
        const auto who = listeners(op.target);
        const Channel* first = who.empty() ? nullptr : world_->channels.find(who.front());
        if (first) note(first->name(), "recorded " + span_text(op.end.position));
        return;
    }
    const auto at = playing_.find(op.id);
    if (at == playing_.end()) return;
    const Playing ended = std::move(at->second);
    playing_.erase(at);
    for (const auto& [channel, which] : ended.now)
        end_hearing(channel, which, op.end.why != media::OpEnd::Why::finished);
}

void Simulation::begin_hearing(ChannelId id, const std::string& what) {
    Story& of = story(id);
    if (of.heard.size() < 50'000) of.heard.push_back({.what = what, .begin = now(), .end = {}});
    note(of.name, "hears " + what);
    for (auto* ear : ears_[id]) ear->send(true);
}

void Simulation::end_hearing(ChannelId id, std::size_t which, bool cut) {
    Story& of = story(id);
    if (which >= of.heard.size() || of.heard[which].end) return;
    of.heard[which].end = now();
    if (cut) note(of.name, "no longer hears " + of.heard[which].what);
    for (auto* ear : ears_[id]) ear->send(true);
}

std::string Simulation::prompt_name(const std::string& path) const {
    std::string_view name = path;
    for (const std::string& dir : sound_dirs_) {
        if (name.starts_with(dir + "/")) {
            name.remove_prefix(dir.size() + 1);
            break;
        }
    }
    if (name.starts_with("/assumed-prompts/")) name.remove_prefix(std::string_view("/assumed-prompts/").size());
    const auto slash = name.find('/');
    if (slash != std::string_view::npos && slash > 0 && is_language(name.substr(0, slash)))
        name.remove_prefix(slash + 1);
    const auto dot = name.rfind('.');
    if (dot != std::string_view::npos && name.find('/', dot) == std::string_view::npos) name = name.substr(0, dot);
    return std::string(name);
}

}  // namespace asterism::simulator
