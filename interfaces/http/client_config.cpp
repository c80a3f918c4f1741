// websocket_client.conf.
#include "asterism/config/file.hpp"
#include "asterism/config/options.hpp"
#include "asterism/http/media_sockets.hpp"

namespace asterism::http {

namespace {

struct ClientSection {
    WebSocketTarget target;
    std::string type;
    int connection_type = 0;
    std::chrono::milliseconds interval{500};
    unsigned attempts = 4;
};

template <class M>
auto text_option(std::string name, std::string meaning, M WebSocketTarget::* member) {
    return config::custom(std::move(name), "string", "", std::move(meaning),
                          [member](ClientSection& c, std::string_view v) -> config::Set {
                              c.target.*member = M(v);
                              return {};
                          });
}

const config::Options<ClientSection>& client_options() {
    using namespace config;
    using C = ClientSection;
    using T = WebSocketTarget;
    static const auto flag = [](std::string name, std::string by_default, std::string meaning, bool T::* member) {
        return custom(std::move(name), "bool", std::move(by_default), std::move(meaning),
                      [member](C& c, std::string_view v) -> Set { return detail::set_bool(v, c.target.*member); });
    };
    static const Options<C> table(
        "websocket_client.conf", "websocket_client",
        {
            string("type", "websocket_client", "what the section is", &C::type),
            one_of("connection_type", "persistent", {"persistent", "per_call_config", "per_call", "client"},
                   "kept up, or opened for each call", &C::connection_type),
            text_option("uri", "where to: ws://host:port/path, wss://...", &T::uri),
            custom("protocols", "list", "", "sub-protocols offered",
                   [](C& c, std::string_view v) -> Set {
                       c.target.protocols = parse_list(v);
                       return {};
                   }),
            text_option("username", "for Basic authentication", &T::username),
            text_option("password", "for Basic authentication", &T::password),
            custom("connection_timeout", "ms", "500", "for one attempt",
                   [](C& c, std::string_view v) -> Set {
                       std::int64_t ms = 0;
                       if (auto ok = detail::set_int(v, 1, 3'600'000, ms); !ok) return ok;
                       c.target.timeout = std::chrono::milliseconds(ms);
                       return {};
                   }),
            milliseconds("reconnect_interval", "500", "between attempts", &C::interval),
            integer("reconnect_attempts", "4", 0, 1'000'000, "in a row before it is given up; 0: none", &C::attempts),
            flag("tls_enabled", "no", "TLS, whatever the URI says", &T::tls),
            text_option("ca_list_file", "certificates that are believed", &T::ca_file),
            text_option("ca_list_path", "folder of such", &T::ca_path),
            text_option("cert_file", "our certificate", &T::certificate),
            text_option("priv_key_file", "its key", &T::key),
            flag("verify_server_cert", "yes", "the server's certificate must be believed", &T::verify),
            flag("verify_server_hostname", "yes", "and name the host", &T::verify_host),
            unused("proxy_host"),
            unused("proxy_username"),
            unused("proxy_password"),
            unused("enable_tcp_keepalives"),
            unused("tcp_keepalive_time"),
            unused("tcp_keepalive_interval"),
            unused("tcp_keepalive_probes"),
            unused("enable_pingpongs"),
            unused("pingpong_interval"),
            unused("pingpong_probes"),
        });
    return table;
}

}  // namespace

std::optional<ClientConfig> read_client(const config::Section& section, config::Report& report) {
    auto read = client_options().read(section, report);
    if (read.target.uri.empty()) {
        report.error(section.origin, "[" + section.name + "] has no uri");
        return std::nullopt;
    }
    return ClientConfig{std::move(read.target), read.connection_type != 0, read.interval, read.attempts};
}

std::map<std::string, ClientConfig, std::less<>> read_clients(const config::File& file, config::Report& report) {
    std::map<std::string, ClientConfig, std::less<>> clients;
    for (const auto& section : file.sections()) {
        if (auto read = read_client(section, report)) clients.insert_or_assign(section.name, std::move(*read));
    }
    return clients;
}

}  // namespace asterism::http
