// Every part of the PBX in the order in which they are made; they end in the opposite order. Main wires, nobody else
// knows everything.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asterism/ami/manager.hpp"
#include "asterism/applications/follow_me.hpp"
#include "asterism/ari/ari.hpp"
#include "asterism/channels/local.hpp"
#include "asterism/channels/media_channels.hpp"
#include "asterism/channels/pjsip.hpp"
#include "asterism/cli/control_server.hpp"
#include "asterism/cli/registry.hpp"
#include "asterism/config/acl.hpp"
#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/dialplan/realtime_extensions.hpp"
#include "asterism/events/bus.hpp"
#include "asterism/features/call_files.hpp"
#include "asterism/features/extension_states.hpp"
#include "asterism/features/mailboxes.hpp"
#include "asterism/functions/odbc.hpp"
#include "asterism/http/media_sockets.hpp"
#include "asterism/http/router.hpp"
#include "asterism/http/server.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/model/driver.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/model/music.hpp"
#include "asterism/pbx.hpp"
#include "asterism/records/records.hpp"
#include "asterism/runtime/asio_loop.hpp"
#include "asterism/runtime/folder_watch.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/runtime/tcp.hpp"
#include "asterism/store/astdb.hpp"
#include "asterism/store/realtime.hpp"
#include "asterism/store/sql.hpp"
#include "interfaces/agi/link.hpp"

namespace asterism {

class Process;

/// Owned by the Daemon. Making it opens the database and starts the media workers; it listens nowhere until the
/// configuration is loaded.
struct Parts {
    Parts(AsioLoop& loop, const config::Settings& settings, Process& process);
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts();
    /// Begins with the call files of the spool; once everything is loaded.
    void watch_spool();

    AsioLoop& loop;
    const config::Settings& settings;
    Pbx pbx;

    SystemRandom random;
    Bus bus;
    store::AstDb db;
    store::Realtime realtime;
    store::OdbcDatabases odbc;
    std::unique_ptr<media::Engine> media;
    Variables globals;
    Technologies technologies;
    DeviceStates device_states;
    Endpoints endpoints;
    MusicClasses music;
    media::PromptFinder prompts;
    Indications indications;
    config::NamedAcls acls;
    config::File websocket_clients;
    dialplan::Applications applications;
    dialplan::Functions functions;
    dialplan::Dialplan dialplan;
    dialplan::RealtimeExtensions realtime_extensions;
    functions::OdbcFunctions odbc_functions;
    std::optional<applications::FollowMe> follow_me;
    std::unique_ptr<features::ExtensionStates> extension_states;
    std::unique_ptr<cli::Registry> cli;
    std::unique_ptr<pjsip::Service> pjsip;
    std::unique_ptr<Technology> local;
    std::unique_ptr<agi::Linker> agi;
    std::unique_ptr<TcpDialer> tcp;
    http::Router router;
    http::Server http;
    http::MediaSockets media_sockets;
    std::unique_ptr<media_channels::WebSocketTechnology> websocket;
    std::unique_ptr<Technology> audiosocket;
    ChannelRegistry channels;
    BridgeRegistry bridges;
    features::CallFiles call_files;
    FolderWatch spool;
    std::unique_ptr<records::Records> records;
    std::unique_ptr<ami::Manager> manager;
    std::unique_ptr<ari::Interface> ari;
};

}  // namespace asterism
