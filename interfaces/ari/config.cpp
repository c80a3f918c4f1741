// ari.conf.
#include "asterism/ari/ari.hpp"
#include "asterism/config/file.hpp"
#include "asterism/config/options.hpp"

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
            permit("permit", &U::acl),
            deny("deny", &U::acl),
            acl("acl", &U::acl),
        });
    return table;
}

}  // namespace

Config read_config(const config::File& file, config::Report& report) {
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
            report.warning(section.origin, "outbound_websocket is not supported yet");
        } else {
            report.error(section.origin, "[" + section.name + "]: '" + *type + "' is not a type of ari.conf");
        }
    }
    return made;
}

}  // namespace asterism::ari
