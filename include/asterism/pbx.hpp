// What everything that runs in the PBX is given: the parts it may use. Wired by main (or by a test), never global.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "asterism/runtime/time.hpp"

namespace asterism {

class Loop;
class Random;
class Bus;
class Variables;
class ChannelRegistry;
class BridgeRegistry;
class Technologies;
class DeviceStates;
class Endpoints;
class MusicClasses;
class Indications;
class Process;
namespace config {
struct Settings;
class Store;
}  // namespace config
namespace store {
class AstDb;
}
namespace media {
class Engine;
class PromptFinder;
}  // namespace media
namespace dialplan {
class Applications;
class Functions;
class Dialplan;
}  // namespace dialplan
namespace features {
class ExtensionStates;
}
namespace cli {
class Registry;
}
namespace records {
class Records;
}

/// References that live as long as the daemon, in the order in which main makes them. A part that is not there in a
/// small test is a null pointer; the daemon sets all of them before the first channel.
struct Pbx {
    Loop* loop = nullptr;
    Random* random = nullptr;
    Bus* bus = nullptr;
    const config::Settings* settings = nullptr;
    store::AstDb* db = nullptr;
    media::Engine* media = nullptr;
    Variables* globals = nullptr;
    ChannelRegistry* channels = nullptr;
    BridgeRegistry* bridges = nullptr;
    Technologies* technologies = nullptr;
    DeviceStates* device_states = nullptr;
    Endpoints* endpoints = nullptr;
    MusicClasses* music = nullptr;
    media::PromptFinder* prompts = nullptr;
    Indications* indications = nullptr;
    dialplan::Applications* applications = nullptr;
    dialplan::Functions* functions = nullptr;
    dialplan::Dialplan* dialplan = nullptr;
    features::ExtensionStates* extension_states = nullptr;
    cli::Registry* cli = nullptr;
    Process* process = nullptr;
    records::Records* records = nullptr;

    /// Starts the dialplan on a channel that has none, at its location. Set by the dialplan (the model knows none).
    void (*start_dialplan)(class Channel&) = nullptr;
    WallTime started{}, reloaded{};
    /// manager.conf and ari.conf channelvars: names (or FUNCTION(args)) whose values go into every channel snapshot.
    std::vector<std::string> ami_channel_variables, ari_channel_variables;
    /// How such a name is read; set by the dialplan.
    std::string (*read_variable)(class Channel&, const std::string&) = nullptr;
    bool fully_booted = false;
    std::string system_name;
    std::string entity_id;  ///< asterisk_id of ARI, EID: "02:fc:00:00:00:01"
};

}  // namespace asterism
