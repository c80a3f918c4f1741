// A whole PBX in virtual time, without sockets: the loop, bus, model, dialplan, applications and functions, Local
// channels and test phones, over a fake media engine.
#pragma once

#include <string>
#include <vector>

#include "asterism/channels/local.hpp"
#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/events/events.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/model/music.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/store/astdb.hpp"
#include "support/fake_media.hpp"
#include "support/test_loop.hpp"
#include "support/test_phone.hpp"
#include "unit/config/map_source.hpp"

namespace asterism {

class TestPbx {
  public:
    TestPbx() {
        settings.data_dir = "/usr/share/asterisk";
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
        pbx.start_dialplan = &asterism::dialplan::start;
        technologies.add(phones);
        technologies.add(*local);
    }

    /// Loads extensions.conf's text.
    void extensions(const std::string& text) {
        config::Report report;
        config::MapSource source;
        source.files["/extensions.conf"] = text;
        const auto file = config::read(source, "extensions.conf", {.directory = "/"}, report);
        if (file) dialplan.set(asterism::dialplan::Plan::from(*file, report));
    }
    /// What happened, one word an event, with the channel: for `EXPECT`s on order.
    void watch_events() {
        subscription_ = bus.subscribe([this](const Event& event) {
            switch (event.kind) {
                case EventKind::channel_created:
                    events.push_back("Newchannel " + as<ChannelCreated>(event).channel->name);
                    break;
                case EventKind::channel_hangup:
                    events.push_back("Hangup " + as<ChannelHangup>(event).channel->name);
                    break;
                case EventKind::channel_dialplan: {
                    const auto& shot = *as<ChannelDialplan>(event).channel;
                    events.push_back("Newexten " + shot.name + " " + shot.application + "(" + shot.application_data +
                                     ")");
                    break;
                }
                case EventKind::dial_begin: events.push_back("DialBegin " + as<DialBegin>(event).peer->name); break;
                case EventKind::dial_end:
                    events.push_back("DialEnd " + as<DialEnd>(event).peer->name + " " + as<DialEnd>(event).status);
                    break;
                case EventKind::bridge_enter:
                    events.push_back("BridgeEnter " + as<BridgeEnter>(event).channel->name);
                    break;
                case EventKind::bridge_leave:
                    events.push_back("BridgeLeave " + as<BridgeLeave>(event).channel->name);
                    break;
                case EventKind::channel_variable:
                    events.push_back("VarSet " + as<ChannelVariable>(event).name + "=" +
                                     as<ChannelVariable>(event).value);
                    break;
                default: break;
            }
        });
    }
    [[nodiscard]] bool happened(const std::string& what) const {
        return std::ranges::find(events, what) != events.end();
    }
    /// Position of an event; after everything if it did not happen.
    [[nodiscard]] std::size_t when(const std::string& what) const {
        return static_cast<std::size_t>(std::ranges::find(events, what) - events.begin());
    }

    TestLoop loop;
    FixedRandom random;
    Bus bus{loop.clock()};
    config::Settings settings = config::Settings::defaults();
    store::AstDb db{loop, ""};
    media::FakeEngine media{loop};
    Variables globals;
    Pbx pbx = made_of(loop, random, bus);
    Technologies technologies;
    Endpoints endpoints{pbx};
    MusicClasses music;
    Indications indications;
    media::PromptFinder prompts{loop, {.dirs = {"/usr/share/asterisk/sounds/en_US_f_Allison"}, .cwd = "."}};
    asterism::dialplan::Applications applications;
    asterism::dialplan::Functions functions;
    asterism::dialplan::Dialplan dialplan;
    TestTechnology phones{pbx};
    std::unique_ptr<Technology> local = local::make_technology(pbx);
    BridgeRegistry bridges{pbx};
    DeviceStates device_states{pbx};
    ChannelRegistry channels{pbx};  // last: channels end before what they use
    std::vector<std::string> events;

  private:
    /// What other members need while they are made.
    static Pbx made_of(Loop& loop, Random& random, Bus& bus) {
        Pbx made;
        made.loop = &loop;
        made.random = &random;
        made.bus = &bus;
        return made;
    }
    Bus::Subscription subscription_;
};

}  // namespace asterism
