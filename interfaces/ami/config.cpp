#include "config.hpp"

namespace asterism::ami {

namespace {

config::Set add_filter(User& user, std::string_view name, std::string_view value) {
    std::string_view criteria;
    auto open = name.find('(');
    if (open != std::string_view::npos) {
        if (name.back() != ')') return std::unexpected("the criteria of the filter do not end in ')'");
        criteria = name.substr(open + 1, name.size() - open - 2);
    } else if (!same_name(name, "eventfilter")) {
        return std::unexpected("unknown option");
    }
    auto filter = Filter::parse(criteria, value);
    if (!filter) {
        if (filter.error() == FilterError::expression) {
            return std::unexpected("'" + std::string(value) + "' is not a regular expression");
        }
        return std::unexpected("the filter is not written correctly");
    }
    user.filters.push_back(std::make_shared<const Filter>(std::move(*filter)));
    return {};
}

config::Set add_variable(User& user, std::string_view value) {
    auto equals = value.find('=');
    if (equals == std::string_view::npos) return std::unexpected("setvar is written NAME=value");
    user.variables.emplace_back(config::trim(value.substr(0, equals)), config::trim(value.substr(equals + 1)));
    return {};
}

}  // namespace

const config::Options<General>& general_options() {
    using namespace config;
    static const Options<General> table(
        "manager.conf", "general",
        {
            boolean("enabled", "no", "serve the manager", &General::enabled),
            boolean("webenabled", "no", "serve it over HTTP too", &General::web_enabled),
            integer("port", "5038", 0, 65535, "TCP port; 0: any that is free", &General::port),
            address("bindaddr", "0.0.0.0", "address to listen on", &General::bind),
            boolean("tlsenable", "no", "serve it over TLS", &General::tls_enabled),
            address("tlsbindaddr", "0.0.0.0:5039", "address for TLS", &General::tls_bind),
            string("tlscertfile", "", "certificate (PEM)", &General::tls_certificate),
            string("tlsprivatekey", "", "private key (PEM)", &General::tls_private_key),
            string("tlscipher", "", "ciphers, as OpenSSL names them", &General::tls_cipher),
            boolean("allowmultiplelogin", "yes", "a user may have several sessions", &General::allow_multiple_login),
            boolean("displayconnects", "yes", "log logins and logoffs", &General::display_connects),
            boolean("timestampevents", "no", "Timestamp header in every event", &General::timestamp_events),
            boolean("brokeneventsaction", "no", "no answer to Action: Events", &General::broken_events_action),
            list("channelvars", "", "variables shown with every channel", &General::channel_variables),
            list("disabledevents", "", "events that are never sent", &General::disabled_events),
            seconds("authtimeout", "30", "time to log in", &General::auth_timeout),
            integer("authlimit", "50", 1, 100000, "sessions that have not logged in", &General::auth_limit),
            seconds("httptimeout", "60", "life of an HTTP session between requests", &General::http_timeout),
            unused("debug"),
            unused("tlsdisablev1"),
            unused("tlsdisablev11"),
            unused("tlsdisablev12"),
            unused("tlscafile"),
            unused("tlscapath"),
            unused("tlscadir"),
            unused("tlsdontverifyserver"),
            unused("tlsclientmethod"),
            unused("block-sockets"),
        });
    return table;
}

const config::Options<User>& user_options() {
    using namespace config;
    static const Options<User> table(
        "manager.conf", "user",
        {
            string("secret", "", "password", &User::secret),
            permit("permit", &User::acl),
            deny("deny", &User::acl),
            acl("acl", &User::acl),
            row<User>({.name = "read", .type = "classes", .meaning = "events that the user may see"},
                      [](User& user, std::string_view value) -> Set {
                          user.read = parse_classes(value);
                          return {};
                      }),
            row<User>({.name = "write", .type = "classes", .meaning = "actions that the user may use"},
                      [](User& user, std::string_view value) -> Set {
                          user.write = parse_classes(value);
                          return {};
                      }),
            boolean("allowmultiplelogin", "", "several sessions at once", &User::allow_multiple_login),
            boolean("displayconnects", "", "log logins and logoffs", &User::display_connects),
            milliseconds("writetimeout", "", "end a session whose write makes no progress for so long",
                         &User::write_timeout),
            custom("setvar", "NAME=value", "", "variable of channels that the user originates",
                   [](User& user, std::string_view value) { return add_variable(user, value); }),
            prefixed("eventfilter", "filter", "events that the user's sessions get", add_filter),
            unused("authtimeout"),
            unused("fullname"),
            unused("hasmanager"),
        });
    return table;
}

ManagerConfig ManagerConfig::from(const config::File& file, config::Report& report) {
    ManagerConfig made;
    made.general = general_options().defaults();
    for (const auto& section : file.sections()) {
        if (same_name(section.name, "general")) general_options().apply(section, made.general, report);
    }
    if (made.general.bind.port == 0) made.general.bind.port = made.general.port;
    if (made.general.tls_bind.port == 0) made.general.tls_bind.port = 5039;
    for (const auto& section : file.sections()) {
        if (same_name(section.name, "general")) continue;
        auto user = std::make_shared<User>();
        if (auto before = made.find(section.name)) {
            *user = *before;
        } else {
            *user = user_options().defaults();
            user->allow_multiple_login = made.general.allow_multiple_login;
            user->display_connects = made.general.display_connects;
        }
        user->name = section.name;
        user_options().apply(section, *user, report);
        if (user->secret.empty()) {
            report.warning(section.origin, "user '" + user->name + "' has no secret and cannot log in");
        }
        made.users[user->name] = std::move(user);
    }
    return made;
}

std::shared_ptr<const User> ManagerConfig::find(std::string_view name) const {
    auto found = users.find(name);
    return found == users.end() ? nullptr : found->second;
}

}  // namespace asterism::ami
