// http.conf.
#include "asterism/config/file.hpp"
#include "asterism/config/options.hpp"
#include "asterism/http/server.hpp"

namespace asterism::http {

namespace {

using config::Set;

Set set_redirect(ServerConfig& into, std::string_view value) {
    value = config::trim(value);
    const auto blank = value.find_first_of(" \t");
    const auto to = blank == std::string_view::npos ? std::string_view() : config::trim(value.substr(blank));
    if (to.empty()) return std::unexpected("redirect needs two paths: from to");
    into.redirects.emplace_back(value.substr(0, blank), to);
    return {};
}

Set set_prefix(ServerConfig& into, std::string_view value) {
    value = config::trim(value);
    while (value.ends_with('/')) value.remove_suffix(1);
    into.prefix = value.empty() || value.starts_with('/') ? std::string(value) : "/" + std::string(value);
    return {};
}

const config::Options<ServerConfig>& general() {
    using namespace config;
    using C = ServerConfig;
    static const Options<C> table(
        "http.conf", "general",
        {
            boolean("enabled", "no", "start the server", &C::enabled),
            string("servername", "Asterisk", "what the Server header says; empty: no such header", &C::server_name),
            string("bindaddr", "", "address to listen on; without it there is no plain server", &C::bindaddr),
            integer("bindport", "8088", 1, 65535, "port to listen on", &C::bindport),
            custom("prefix", "string", "", "path before all others", set_prefix),
            integer("sessionlimit", "100", 1, 100000, "connections at once", &C::session_limit),
            milliseconds("session_inactivity", "30000", "how long a request may take to arrive",
                         &C::session_inactivity),
            milliseconds("session_keep_alive", "15000", "how long a connection may wait for its next request; 0: not",
                         &C::session_keep_alive),
            boolean("enable_static", "no", "serve /static from static-http in the data directory", &C::enable_static),
            boolean("enablestatic", "no", "the same", &C::enable_static),
            boolean("enable_status", "no", "serve /httpstatus", &C::enable_status),
            custom("redirect", "string", "", "from to: answers the first path with a redirect to the second",
                   set_redirect),
            boolean("tlsenable", "no", "start the TLS server", &C::tls_enabled),
            string("tlsbindaddr", "", "address or address:port to listen on for TLS", &C::tls_bindaddr),
            string("tlscertfile", "", "certificate chain, PEM", &C::tls_certificate_file),
            string("tlsprivatekey", "", "private key, PEM; by default in tlscertfile", &C::tls_private_key_file),
            string("tlscipher", "", "OpenSSL cipher list", &C::tls_cipher),
            boolean("tlsdisablev1", "yes", "no TLS 1.0", &C::tls_disable_v1),
            boolean("tlsdisablev11", "yes", "no TLS 1.1", &C::tls_disable_v11),
            boolean("tlsdisablev12", "no", "no TLS 1.2", &C::tls_disable_v12),
            boolean("tlsservercipherorder", "no", "our order of ciphers decides", &C::tls_server_cipher_order),
        });
    return table;
}

}  // namespace

ServerConfig read_config(const config::File& file, config::Report& report) {
    ServerConfig made = general().defaults();
    made.redirects.clear();
    for (const auto& section : file.sections()) {
        if (section.name == "general") {
            general().apply(section, made, report);
        } else if (section.name == "post_mappings") {
            if (!section.variables.empty()) report.warning(section.origin, "post_mappings are not supported yet");
        } else if (const auto* type = section.last("type"); type != nullptr && *type == "restriction") {
            std::string path = section.name.starts_with('/') ? section.name : "/" + section.name;
            made.restrictions.emplace_back(std::move(path),
                                           std::make_shared<const config::Acl>(config::Acl::from(section, report)));
        } else {
            report.warning(section.origin, "[" + section.name + "] is not a section that http.conf knows");
        }
    }
    return made;
}

}  // namespace asterism::http
