// A whole PBX in virtual time, without sockets, threads or disk: the loop, bus, model and dialplan over a fake media
// engine. What stands on it (applications, functions, technologies) its user adds: a test what it needs, the simulator
// all that the daemon has.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "asterism/config/report.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/events/events.hpp"
#include "asterism/media/fake_engine.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/model/driver.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/model/music.hpp"
#include "asterism/model/variables.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/runtime/virtual_loop.hpp"
#include "asterism/store/astdb.hpp"
#include "asterism/world/scripted_phone.hpp"

namespace asterism {

class World {
  public:
    /// `sounds`: where prompts lie.
    explicit World(media::SoundDirs sounds = {.dirs = {"/nonexistent"}, .cwd = "."});
    virtual ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Loads the text of an extensions.conf. What was found; nothing changes if there are errors.
    config::Report extensions(const std::string& text);
    /// A technology that lives as long as the channels.
    Technology& own(std::unique_ptr<Technology> technology);

    /// What happened, one line an event, with the channel: for checks of the order. Begins when it is called.
    void watch_events();
    std::vector<std::string> events;
    [[nodiscard]] bool happened(const std::string& what) const;
    /// Position of an event; after everything if it did not happen.
    [[nodiscard]] std::size_t when(const std::string& what) const;

    VirtualLoop loop;
    FixedRandom random;
    Bus bus{loop.clock()};
    config::Settings settings = config::Settings::defaults();
    store::AstDb db{loop, ""};
    media::FakeEngine media{loop};
    Variables globals;
    Pbx pbx = basis(*this);
    Technologies technologies;
    Endpoints endpoints{pbx};
    MusicClasses music;
    Indications indications;
    media::PromptFinder prompts;
    dialplan::Applications applications;
    dialplan::Functions functions;
    dialplan::Dialplan dialplan;
    ScriptedTechnology phones{pbx};  ///< "Test"; not among `technologies` until somebody adds it

  private:
    static Pbx basis(World& world);
    std::vector<std::unique_ptr<Technology>> owned_;
    Bus::Subscription watch_;

  public:
    BridgeRegistry bridges{pbx};
    DeviceStates device_states{pbx};
    ChannelRegistry channels{pbx};  // last: channels end before what they use
};

}  // namespace asterism
