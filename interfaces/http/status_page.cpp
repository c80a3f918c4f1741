#include "status_page.hpp"

#include <fmt/format.h>

#include <iterator>

#include "asterism/config/acl.hpp"
#include "asterism/config/address.hpp"

namespace asterism::http {

namespace {

std::string bind_text(const Address& address) {
    return address.ip.find(':') == std::string::npos ? fmt::format("{}:{}", address.ip, address.port)
                                                     : fmt::format("[{}]:{}", address.ip, address.port);
}

void row(std::string& out, std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), "<tr><td><i>{}</i></td><td><b>{}</b></td></tr>\r\n", name,
                   escape_html(value));
}

}  // namespace

Route status_route(const Server& server) {
    Route route;
    route.path = "/httpstatus";
    route.description = "Asterisk HTTP General Status";
    route.handler = [&server](const Request& request, Responder responder) {
        if (request.method != Method::get && request.method != Method::head) {
            responder.error(501, "Not Implemented", "Attempt to use unimplemented / unsupported method");
            return;
        }
        const auto& config = server.config();
        std::string& out = responder.response().body;
        out =
            "<html><title>Asterisk HTTP Status</title>\r\n<body bgcolor=\"#ffffff\">\r\n"
            "<table bgcolor=\"#f1f1f1\" align=\"center\"><tr><td bgcolor=\"#e0e0ff\" colspan=\"2\" width=\"500\">\r\n"
            "<h2>&nbsp;&nbsp;Asterisk&trade; HTTP Status</h2></td></tr>\r\n";
        row(out, "Server", config.server_name);
        row(out, "Prefix", config.prefix);
        if (server.address().port != 0) row(out, "Bind Address", bind_text(server.address()));
        if (server.tls_address().port != 0) row(out, "SSL Bind Address", bind_text(server.tls_address()));
        out += "<tr><td colspan=\"2\"><hr></td></tr>\r\n";
        for (const auto& [name, value] : request.query()) {
            fmt::format_to(std::back_inserter(out), "<tr><td><i>Variable '{}'</i></td><td>{}</td></tr>\r\n",
                           escape_html(name), escape_html(value));
        }
        out +=
            "<tr><td colspan=\"2\"><hr></td></tr>\r\n"
            "</table><center><font size=\"-1\"><i>Asterisk and Digium are registered trademarks of Digium, Inc.</i>"
            "</font></center></body></html>\r\n";
        responder.send();
    };
    return route;
}

std::function<bool(std::string_view, std::string_view)> make_restriction(const ServerConfig& config) {
    if (config.restrictions.empty()) return {};
    return [rules = config.restrictions, named = config.named_acls](std::string_view path, std::string_view ip) {
        const config::Acl* found = nullptr;
        std::size_t longest = 0;
        for (const auto& [prefix, acl] : rules) {
            if (!path.starts_with(prefix) || prefix.size() < longest) continue;
            if (path.size() > prefix.size() && path[prefix.size()] != '/' && !prefix.ends_with('/')) continue;
            found = acl.get();
            longest = prefix.size();
        }
        if (found == nullptr) return true;
        const auto address = config::IpAddress::parse(ip);
        return address && found->allows(*address, named.get());
    };
}

}  // namespace asterism::http
