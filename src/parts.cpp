#include "src/parts.hpp"

#include "asterism/cli/commands.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/http/commands.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "interfaces/agi/agi.hpp"
#include "interfaces/agi/asio_linker.hpp"
#include "src/process_setup.hpp"
#include "src/tables.hpp"

namespace asterism {

namespace {

media::SoundDirs sound_dirs(const config::Settings& settings) {
    media::SoundDirs where;
    if (settings.sounds_search_custom_dir) where.dirs.push_back(settings.sounds_dir() + "/custom");
    where.dirs.push_back(settings.sounds_dir());
    where.fallback_language = settings.default_language;
    where.cwd = ".";  // Asterisk finds a relative name under its working directory too
    return where;
}

media::EngineOptions media_options(const config::Settings& settings) {
    media::EngineOptions options;
    if (!settings.cache_media_frames) options.prompt_cache_bytes = 0;
    return options;
}

/// What the parts made first ask for while they are made; the constructor's body sets the rest.
Pbx& with(Pbx& pbx, Loop& loop, Bus& bus) {
    pbx.loop = &loop;
    pbx.bus = &bus;
    return pbx;
}

}  // namespace

Parts::Parts(AsioLoop& the_loop, const config::Settings& the_settings, Process& process)
    : loop(the_loop),
      settings(the_settings),
      bus(the_loop.clock()),
      db(the_loop, the_settings.db_file()),
      realtime(the_loop),
      media(media::make_engine(the_loop, media_options(the_settings))),
      device_states(with(pbx, the_loop, bus)),
      endpoints(pbx),
      prompts(the_loop, sound_dirs(the_settings)),
      realtime_extensions(the_loop, realtime),
      odbc_functions(pbx),
      cli(cli::make_registry()),
      tcp(make_tcp_dialer(the_loop)),
      http(the_loop, the_loop.context(), router),
      media_sockets(the_loop, router, http),
      channels(pbx),
      bridges(pbx),
      call_files(pbx, the_settings.outgoing_dir()) {
    pbx.random = &random;
    pbx.settings = &settings;
    pbx.db = &db;
    pbx.media = media.get();
    pbx.globals = &globals;
    pbx.channels = &channels;
    pbx.bridges = &bridges;
    pbx.technologies = &technologies;
    pbx.device_states = &device_states;
    pbx.endpoints = &endpoints;
    pbx.music = &music;
    pbx.prompts = &prompts;
    pbx.indications = &indications;
    pbx.applications = &applications;
    pbx.functions = &functions;
    dialplan.set_outside(&realtime_extensions);
    pbx.dialplan = &dialplan;
    pbx.cli = cli.get();
    pbx.process = &process;
    pbx.start_dialplan = dialplan::start;
    pbx.read_variable = [](Channel& channel, const std::string& name) {
        return dialplan::get_variable(channel.pbx(), &channel, name).value_or("");
    };
    pbx.started = pbx.reloaded = loop.clock().wall();
    pbx.system_name = settings.system_name;
    pbx.entity_id = entity_id(settings.entity_id);
    if (!db.get("pbx", "UUID")) db.put("pbx", "UUID", random.uuid());

    extension_states = std::make_unique<features::ExtensionStates>(pbx);
    pbx.extension_states = extension_states.get();
    features::restore_mailbox_lamps(pbx);
    records = std::make_unique<records::Records>(pbx);
    pbx.records = records.get();
    functions::add_functions(pbx);
    records::add_functions(pbx);
    functions::add_realtime_functions(functions, realtime);
    applications::add_applications(pbx);
    applications::add_dial(applications);
    follow_me.emplace(pbx);
    records::add_applications(pbx);
    agi = agi::make_asio_linker(loop);
    agi::add_applications(pbx, *agi);
    pjsip = pjsip::make_service(pbx, loop);
    local = local::make_technology(pbx);
    technologies.add(*local);
    websocket = media_channels::make_websocket(pbx, media_sockets);
    technologies.add(*websocket);
    media_sockets.serve(*websocket);
    audiosocket = media_channels::make_audiosocket(pbx, *tcp);
    technologies.add(*audiosocket);
    media_channels::add_applications(pbx, *tcp);
    manager = std::make_unique<ami::Manager>(
        pbx, loop.context(),
        ami::Manager::Hooks{.async_agi = agi::queue_async_command, .acls = &acls, .pjsip = pjsip.get()});
    manager->serve_http(router);
    ari = ari::make_interface(pbx, router, pjsip.get(), &http);
    cli::register_core_commands(pbx);
    records::register_commands(pbx);
    pjsip->register_commands();
    ari->register_commands();
    http::add_commands(*cli, http, router);
    add_tables_command(*this);
}

void Parts::watch_spool() {
    const auto changed = [this](const std::string& name) {
        if (name.empty())
            call_files.scan();
        else
            call_files.touched(name);
    };
    const auto watched = spool.start(loop.context(), settings.outgoing_dir(), changed);
    if (!watched) log::warning("Call files are not looked for: {}: {}", settings.outgoing_dir(), watched.error());
    call_files.scan();
}

Parts::~Parts() {
    http.stop();
    pjsip->stop();
}

}  // namespace asterism
