// ari.conf.
#include <algorithm>

#include "asterism/ari/ari.hpp"
#include "asterism/config/file.hpp"
#include "asterism/config/options.hpp"
#include "asterism/http/media_sockets.hpp"
#include "operation.hpp"

namespace asterism::ari {

namespace {

const config::Options<Config>& general() {
    using namespace config;
    using C = Config;
    static const Options<C> table(
        "ari.conf", "general",
        {
            boolean("enabled", "yes", "serve /ari", &C::enabled),
            boolean("pretty", "no", "answers with line breaks", &C::pretty),
            list("allowed_origins", "", "origins that browsers may call from, or *", &C::allowed_origins),
            string("auth_realm", "Asterisk REST Interface", "realm of Basic authentication", &C::auth_realm),
            unused("websocket_write_timeout"),
            list("channelvars", "", "variables shown in every channel", &C::channel_variables),
            milliseconds("stasis_grace", "0", "how long a channel waits for an application without a client; 0: not",
                         &C::stasis_grace),
            integer("resume_events", "1000", 0, 100'000,
                    "events kept for a client that comes back with since=", &C::resume_events),
            integer("resume_bytes", "1048576", 0, 64 << 20, "bytes of such events, for each application",
                    &C::resume_bytes),
            seconds("resume_time", "300", "how long they are kept for an application without a client",
                    &C::resume_time),
            integer("queue_bytes", "4194304", 1024, 1 << 30, "events that may wait for one client, in bytes",
                    &C::queue_bytes),
            integer("queue_total_bytes", "67108864", 1024, std::int64_t{4} << 30,
                    "events that may wait for all clients together, in bytes", &C::queue_total_bytes),
        });
    return table;
}

struct UserSection {
    User user;
    config::Acl acl;
    std::string type;
    int format = 0;
    bool read_only = false;
};

bool known_resource(std::string_view name) {
    return std::ranges::any_of(all_resources(), [name](const Resource& one) { return one.name == name; });
}

bool known_verb(std::string_view name) { return name == "GET" || name == "POST" || name == "PUT" || name == "DELETE"; }

/// A list of the user's scope; `known`: which words may stand in it.
auto scope_option(std::string name, std::string meaning, std::vector<std::string> Scope::* member,
                  bool (*known)(std::string_view) = nullptr) {
    return config::custom(std::move(name), "list", "", std::move(meaning) + "; empty: all",
                          [member, known](UserSection& u, std::string_view v) -> config::Set {
                              auto words = config::parse_list(v);
                              for (const auto& word : words) {
                                  if (known != nullptr && !known(word)) {
                                      return std::unexpected("'" + word + "' is not known");
                                  }
                              }
                              u.user.scope.*member = std::move(words);
                              return {};
                          });
}

const config::Options<UserSection>& user_options() {
    using namespace config;
    using U = UserSection;
    static const Options<U> table(
        "ari.conf", "user",
        {
            string("type", "user", "what the section is", &U::type),
            boolean("read_only", "no", "may only look", &U::read_only),
            custom("password", "string", "", "password, or its hash",
                   [](U& u, std::string_view v) -> Set {
                       u.user.password = std::string(v);
                       return {};
                   }),
            one_of("password_format", "plain", {"plain", "crypt"}, "how the password is written", &U::format),
            scope_option("scope_applications", "applications it may serve", &Scope::applications),
            scope_option("scope_contexts", "contexts it may send calls to", &Scope::contexts),
            scope_option("scope_resources", "resources it may use", &Scope::resources, known_resource),
            scope_option("scope_verbs", "of GET, POST, PUT, DELETE, those it may use", &Scope::verbs, known_verb),
            permit("permit", &U::acl),
            deny("deny", &U::acl),
            acl("acl", &U::acl),
        });
    return table;
}

struct OutboundSection {
    OutboundConfig config;
    std::string type;
};

const config::Options<OutboundSection>& outbound_options() {
    using namespace config;
    using O = OutboundSection;
    static const Options<O> table(
        "ari.conf", "outbound_websocket",
        {
            string("type", "user", "what the section is", &O::type),
            custom("websocket_client_id", "string", "", "section of websocket_client.conf",
                   [](O& o, std::string_view v) -> Set {
                       o.config.client_id = std::string(v);
                       return {};
                   }),
            custom("apps", "list", "", "applications that the other side serves",
                   [](O& o, std::string_view v) -> Set {
                       o.config.apps = parse_list(v);
                       return {};
                   }),
            custom("subscribe_all", "bool", "no", "they are sent every event",
                   [](O& o, std::string_view v) -> Set { return detail::set_bool(v, o.config.subscribe_all); }),
            custom("local_ari_user", "string", "", "user whose rights its requests have",
                   [](O& o, std::string_view v) -> Set {
                       o.config.local_user = std::string(v);
                       return {};
                   }),
        });
    return table;
}

void read_outbound(const config::Section& section, const config::File* clients, Config& made, config::Report& report) {
    auto read = outbound_options().read(section, report);
    OutboundConfig& config = read.config;
    config.name = section.name;
    const config::Section* client = clients != nullptr ? clients->find(config.client_id) : nullptr;
    if (client == nullptr) {
        report.error(section.origin,
                     "[" + section.name + "]: websocket_client.conf has no section '" + config.client_id + "'");
        return;
    }
    if (config.apps.empty() || config.local_user.empty()) {
        report.error(section.origin, "[" + section.name + "] needs apps and local_ari_user");
        return;
    }
    auto settings = http::read_client(*client, report);
    if (!settings) return;
    config.target = std::move(settings->target);
    config.per_call = settings->per_call;
    config.reconnect_interval = settings->reconnect_interval;
    config.reconnect_attempts = settings->reconnect_attempts;
    made.outbound.push_back(std::move(config));
}

}  // namespace

Config read_config(const config::File& file, config::Report& report, const config::File* clients) {
    Config made = general().defaults();
    for (const auto& section : file.sections()) {
        if (section.name == "general") {
            general().apply(section, made, report);
            continue;
        }
        const auto* type = section.last("type");
        if (type == nullptr || *type == "user") {
            auto read = user_options().read(section, report);
            read.user.name = section.name;
            read.user.read_only = read.read_only;
            read.user.crypted = read.format == 1;
            if (!read.acl.empty()) read.user.acl = std::make_shared<const config::Acl>(read.acl);
            if (read.user.password.empty()) {
                report.warning(section.origin, "[" + section.name + "] has no password: nobody can use it");
            }
            made.users.push_back(std::move(read.user));
        } else if (*type == "outbound_websocket") {
            read_outbound(section, clients, made, report);
        } else {
            report.error(section.origin, "[" + section.name + "]: '" + *type + "' is not a type of ari.conf");
        }
    }
    return made;
}

}  // namespace asterism::ari
