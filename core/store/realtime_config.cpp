// Where the databases of realtime are: res_config_sqlite3.conf, res_pgsql.conf, res_odbc.conf.
#include "asterism/config/options.hpp"
#include "asterism/store/realtime.hpp"
#include "asterism/store/sql.hpp"

namespace asterism::store {
namespace {

using namespace config;

struct SqliteSection {
    std::string file;
    std::chrono::milliseconds busy{};
};
const Options<SqliteSection>& sqlite_options() {
    static const Options<SqliteSection> table(
        "res_config_sqlite3.conf", "database",
        {string<SqliteSection>("dbfile", "", "path of the database", &SqliteSection::file),
         milliseconds<SqliteSection>("busy_timeout", "1000", "how long to wait for another program's lock",
                                     &SqliteSection::busy),
         unused("debug"), unused("requirements"), unused("batch")});
    return table;
}

struct PostgresSection {
    std::string host, name, user, password, socket, application;
    int port = 5432;
};
const Options<PostgresSection>& postgres_options() {
    static const Options<PostgresSection> table(
        "res_pgsql.conf", "general",
        {string<PostgresSection>("dbhost", "", "the server's name or address", &PostgresSection::host),
         integer<PostgresSection>("dbport", "5432", 1, 65535, "its port", &PostgresSection::port),
         string<PostgresSection>("dbname", "asterisk", "name of the database", &PostgresSection::name),
         string<PostgresSection>("dbuser", "", "who connects", &PostgresSection::user),
         string<PostgresSection>("dbpass", "", "the password", &PostgresSection::password),
         string<PostgresSection>("dbsock", "", "folder of the local socket, where there is no dbhost",
                                 &PostgresSection::socket),
         string<PostgresSection>("dbappname", "asterisk", "as what it shows itself to the server",
                                 &PostgresSection::application),
         unused("requirements"), unused("order_multi_row_results_by_initial_column")});
    return table;
}

/// A value of libpq's connection text.
std::string pair(std::string_view name, std::string_view value) {
    if (value.empty()) return {};
    std::string text = " " + std::string(name) + "='";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

struct OdbcSection {
    bool enabled = true, pre_connect = true;
    std::string dsn, user, password, sanity;
    std::chrono::seconds timeout{10};
    int connections = 1;
};
const Options<OdbcSection>& odbc_options() {
    static const Options<OdbcSection> table(
        "res_odbc.conf", "database",
        {boolean<OdbcSection>("enabled", "yes", "whether it is used at all", &OdbcSection::enabled),
         string<OdbcSection>("dsn", "", "name of the source in odbc.ini", &OdbcSection::dsn),
         string<OdbcSection>("username", "", "who connects", &OdbcSection::user),
         string<OdbcSection>("password", "", "the password", &OdbcSection::password),
         integer<OdbcSection>("max_connections", "1", 1, 1000, "connections at once", &OdbcSection::connections),
         string<OdbcSection>("sanitysql", "", "a statement that shows whether a connection still lives",
                             &OdbcSection::sanity),
         seconds<OdbcSection>("connect_timeout", "10", "how long connecting may take", &OdbcSection::timeout),
         boolean<OdbcSection>("pre-connect", "yes", "connections are made when they are first needed",
                              &OdbcSection::pre_connect),
         unused("share_connections"),
         unused("limit"),
         unused("pooling"),
         unused("idlecheck"),
         unused("forcecommit"),
         unused("isolation"),
         unused("backslash_is_escape"),
         unused("negative_connection_cache"),
         unused("logging"),
         unused("slow_query_limit"),
         unused("cache_type"),
         unused("cache_size")});
    return table;
}

}  // namespace

Realtime::Drivers sqlite_drivers(const File* file, Report& report) {
    Realtime::Drivers drivers;
    for (const auto& section : file ? file->sections() : std::vector<Section>{}) {
        const auto options = sqlite_options().read(section, report);
        if (options.file.empty()) {
            report.error(section.origin, "section " + section.name + " needs dbfile");
            continue;
        }
        drivers[section.name] =
            make_sql_driver(std::make_shared<SqlDatabase>(sqlite_connector(options.file, options.busy), 2));
    }
    return drivers;
}

Realtime::Drivers postgres_drivers(const File* file, Report& report) {
    Realtime::Drivers drivers;
    for (const auto& section : file ? file->sections() : std::vector<Section>{}) {
        const auto options = postgres_options().read(section, report);
        const auto& host = options.host.empty() ? options.socket : options.host;
        const auto info = pair("host", host) + pair("port", std::to_string(options.port)) +
                          pair("dbname", options.name) + pair("user", options.user) +
                          pair("password", options.password) + pair("application_name", options.application) +
                          " connect_timeout=10";
        const auto driver = make_sql_driver(std::make_shared<SqlDatabase>(postgres_connector(info), 4));
        drivers[section.name] = driver;
        // extconfig.conf names the database, not the section.
        drivers.try_emplace(options.name, driver);
    }
    return drivers;
}

OdbcDatabases odbc_databases(const File* file, Report& report) {
    OdbcDatabases databases;
    for (const auto& section : file ? file->sections() : std::vector<Section>{}) {
        if (equal_nocase(section.name, "ENV")) {
            for (const auto& line : section.variables) ::setenv(line.name.c_str(), line.value.c_str(), 1);
            continue;
        }
        const auto options = odbc_options().read(section, report);
        if (!options.enabled) continue;
        databases[section.name] =
            std::make_shared<SqlDatabase>(odbc_connector({.dsn = options.dsn.empty() ? section.name : options.dsn,
                                                          .user = options.user,
                                                          .password = options.password,
                                                          .connect_timeout = options.timeout,
                                                          .sanity_sql = options.sanity}),
                                          static_cast<std::size_t>(options.connections));
    }
    return databases;
}

Realtime::Drivers odbc_drivers(const OdbcDatabases& databases) {
    Realtime::Drivers drivers;
    for (const auto& [name, database] : databases) drivers[name] = make_sql_driver(database);
    return drivers;
}

}  // namespace asterism::store
