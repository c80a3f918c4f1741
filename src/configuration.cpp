#include "src/configuration.hpp"

#include "asterism/config/options.hpp"
#include "asterism/functions/say_rules.hpp"
#include "asterism/runtime/log.hpp"
#include "src/logger_conf.hpp"
#include "src/parts.hpp"

namespace asterism {

namespace {

void load_extensions(Parts& parts, const config::File* file, config::Report& report) {
    static const config::File none;
    (void)dialplan::load(parts.pbx, file ? *file : none, report);
}

void load_acls(Parts& parts, const config::File* file, config::Report& report) {
    static const config::File none;
    auto lists = config::NamedAcls::from(file ? *file : none, report);
    if (report.ok()) parts.acls = std::move(lists);
}

void load_indications(Parts& parts, const config::File* file, config::Report& report) {
    Indications made = file ? Indications(*file) : Indications();
    for (const auto& problem : made.problems()) report.warning({}, "indications.conf: " + problem);
    parts.indications = std::move(made);
}

void load_say(Parts&, const config::File* file, config::Report& report) {
    functions::SayConfig made;
    if (file) {
        const std::string* mode = file->value("general", "mode");
        made.new_mode = mode && config::equal_nocase(*mode, "new");
        made.rules = std::make_shared<const functions::SayRules>(functions::SayRules::from(*file, report));
    }
    functions::say_config() = std::move(made);
}

void load_music(Parts& parts, const config::File* file, config::Report&) {
    parts.music = file ? MusicClasses(*file, parts.settings.data_dir) : MusicClasses();
}

void load_http(Parts& parts, const config::File* file, config::Report& report) {
    auto config = file ? http::read_config(*file, report) : http::ServerConfig{};
    config.static_folder = parts.settings.data_dir + "/static-http";
    if (!report.ok()) return;
    if (auto applied = parts.http.apply(config); !applied) report.error({}, "http.conf: " + applied.error());
}

void load_manager(Parts& parts, const config::File* file, config::Report& report) {
    static const config::File none;
    parts.manager->configure(file ? *file : none, report);
}

/// Kept for ari.conf, which names its sections and is read after it.
void load_websocket_clients(Parts& parts, const config::File* file, config::Report& report) {
    parts.websocket_clients = file ? *file : config::File();
    auto clients = http::read_clients(parts.websocket_clients, report);
    if (report.ok()) parts.media_sockets.set_clients(std::move(clients));
}

void load_media_websockets(Parts& parts, const config::File* file, config::Report& report) {
    const bool json = file && media_channels::read_json(*file, report);
    if (report.ok()) parts.websocket->set_json(json);
}

void load_ari(Parts& parts, const config::File* file, config::Report& report) {
    ari::Config config;
    config.enabled = file != nullptr;
    if (file) {
        config = ari::read_config(*file, report, &parts.websocket_clients);
    }
    if (report.ok()) parts.ari->apply(std::move(config));
}

void load_sqlite(Parts& parts, const config::File* file, config::Report& report) {
    auto drivers = store::sqlite_drivers(file, report);
    if (report.ok()) parts.realtime.set_drivers("sqlite3", std::move(drivers));
}

void load_postgres(Parts& parts, const config::File* file, config::Report& report) {
    auto drivers = store::postgres_drivers(file, report);
    if (report.ok()) parts.realtime.set_drivers("pgsql", std::move(drivers));
}

void load_odbc(Parts& parts, const config::File* file, config::Report& report) {
    auto databases = store::odbc_databases(file, report);
    if (!report.ok()) return;
    parts.odbc = std::move(databases);
    parts.realtime.set_drivers("odbc", store::odbc_drivers(parts.odbc));
}

void load_realtime(Parts& parts, const config::File* file, config::Report& report) {
    parts.realtime.configure(file, report);
}

void load_odbc_functions(Parts& parts, const config::File* file, config::Report& report) {
    parts.odbc_functions.configure(file, parts.odbc, report);
}

}  // namespace

std::vector<ConfigPart> config_parts(log::Logger& logger, const std::string& banner) {
    std::vector<ConfigPart> parts = {
        {"logger.conf",
         {"logger"},
         [&logger, banner](Parts& parts, const config::File* file, config::Report& report) {
             auto config = logger_config(file, parts.settings, report);
             if (!report.ok()) return;
             config.banner = banner;
             for (const auto& problem : logger.configure(std::move(config))) report.warning({}, problem);
         }},
        {"acl.conf", {"acl"}, load_acls},
        {"indications.conf", {"indications"}, load_indications},
        {"say.conf", {"app_playback"}, load_say},
        {"musiconhold.conf", {"res_musiconhold"}, load_music},
        {"res_config_sqlite3.conf", {"res_config_sqlite3"}, load_sqlite},
        {"res_pgsql.conf", {"res_config_pgsql"}, load_postgres},
        {"res_odbc.conf", {"res_odbc"}, load_odbc},
        {"func_odbc.conf", {"func_odbc"}, load_odbc_functions},
        {"followme.conf",
         {"app_followme"},
         [](Parts& parts, const config::File* file, config::Report& report) {
             parts.follow_me->configure(file, report);
         }},
        {"extconfig.conf", {"extconfig"}, load_realtime},
        {"extensions.conf", {"pbx_config", "dialplan"}, load_extensions},
        {"http.conf", {"http"}, load_http},
        {"websocket_client.conf", {"res_websocket_client"}, load_websocket_clients},
        {"chan_websocket.conf", {"chan_websocket"}, load_media_websockets},
        {"ari.conf", {"res_ari", "ari"}, load_ari},
        {"manager.conf", {"manager", "res_manager"}, load_manager},
    };
    for (const auto& records : records::Records::files()) {
        parts.push_back({records.name,
                         {records.module},
                         [apply = records.apply](Parts& all, const config::File* file, config::Report& report) {
                             (all.records.get()->*apply)(file, report);
                         }});
    }
    return parts;
}

}  // namespace asterism
