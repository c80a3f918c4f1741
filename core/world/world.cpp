#include "asterism/world/world.hpp"

#include <algorithm>

#include "asterism/config/map_source.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/executor.hpp"

namespace asterism {

namespace {

/// One line for an event; empty for those that checks of the order do without.
std::string line_of(const Event& event) {
    switch (event.kind) {
        case EventKind::channel_created: return "Newchannel " + as<ChannelCreated>(event).channel->name;
        case EventKind::channel_hangup: return "Hangup " + as<ChannelHangup>(event).channel->name;
        case EventKind::channel_dialplan: {
            const auto& shot = *as<ChannelDialplan>(event).channel;
            return "Newexten " + shot.name + " " + shot.application + "(" + shot.application_data + ")";
        }
        case EventKind::dial_begin: return "DialBegin " + as<DialBegin>(event).peer->name;
        case EventKind::dial_end: return "DialEnd " + as<DialEnd>(event).peer->name + " " + as<DialEnd>(event).status;
        case EventKind::bridge_enter: return "BridgeEnter " + as<BridgeEnter>(event).channel->name;
        case EventKind::bridge_leave: return "BridgeLeave " + as<BridgeLeave>(event).channel->name;
        case EventKind::channel_variable:
            return "VarSet " + as<ChannelVariable>(event).name + "=" + as<ChannelVariable>(event).value;
        default: return {};
    }
}

}  // namespace

/// What other members need while they are made.
Pbx World::basis(World& world) {
    Pbx made;
    made.loop = &world.loop;
    made.random = &world.random;
    made.bus = &world.bus;
    return made;
}

World::World(media::SoundDirs sounds) : prompts(loop, std::move(sounds)) {
    pbx.settings = &settings;
    pbx.db = &db;
    pbx.media = &media;
    pbx.globals = &globals;
    pbx.technologies = &technologies;
    pbx.endpoints = &endpoints;
    pbx.channels = &channels;
    pbx.bridges = &bridges;
    pbx.device_states = &device_states;
    pbx.music = &music;
    pbx.prompts = &prompts;
    pbx.indications = &indications;
    pbx.applications = &applications;
    pbx.functions = &functions;
    pbx.dialplan = &dialplan;
    pbx.start_dialplan = &dialplan::start;
    pbx.read_variable = [](Channel& channel, const std::string& name) {
        return dialplan::get_variable(channel.pbx(), &channel, name).value_or("");
    };
    pbx.started = pbx.reloaded = loop.clock().wall();
}

World::~World() = default;

config::Report World::extensions(const std::string& text) {
    config::Report report;
    config::MapSource source;
    source.files["/extensions.conf"] = text;
    const auto file = config::read(source, "extensions.conf", {.directory = "/"}, report);
    if (file) dialplan::load(pbx, *file, report);
    return report;
}

Technology& World::own(std::unique_ptr<Technology> technology) {
    owned_.push_back(std::move(technology));
    technologies.add(*owned_.back());
    return *owned_.back();
}

void World::watch_events() {
    watch_ = bus.subscribe([this](const Event& event) {
        if (auto line = line_of(event); !line.empty()) events.push_back(std::move(line));
    });
}

bool World::happened(const std::string& what) const { return std::ranges::find(events, what) != events.end(); }

std::size_t World::when(const std::string& what) const {
    return static_cast<std::size_t>(std::ranges::find(events, what) - events.begin());
}

}  // namespace asterism
