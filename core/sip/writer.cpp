#include "core/sip/writer.hpp"

namespace asterism::sip {

namespace {

void write_top_via(std::string& out, const Via& via, const Flow& flow, bool force_rport) {
    out += "Via: SIP/2.0/";
    out += via.transport;
    out += ' ';
    if (via.ipv6) out += '[';
    out += via.host;
    if (via.ipv6) out += ']';
    if (via.port != 0) {
        out += ':';
        out += std::to_string(via.port);
    }
    if (via.rport || force_rport) {
        out += ";rport=";
        out += std::to_string(flow.remote.port);
    }
    out += ";received=";
    flow.remote.append_ip(out, false);
    if (!via.branch.empty()) {
        out += ";branch=";
        out += via.branch;
    }
    Params rest = via.params;
    std::string_view name, value;
    while (rest.next(name, value)) {
        if (iequals(name, "rport") || iequals(name, "received") || iequals(name, "branch")) continue;
        out += ';';
        out += name;
        if (!value.empty()) {
            out += '=';
            out += value;
        }
    }
    out += "\r\n";
}

/// Address with its header parameters; From and To as received, but for what their place does not allow.
void write_address(std::string& out, const Address& address, std::string_view add_tag) {
    address.print(out, UriContext::from_to);
    Params rest = address.params;
    std::string_view name, value;
    while (rest.next(name, value)) {
        out += ';';
        out += name;
        if (!value.empty()) {
            out += '=';
            out += value;
        }
    }
    if (!add_tag.empty()) {
        out += ";tag=";
        out += add_tag;
    }
    out += "\r\n";
}

void write_via(std::string& out, const Flow& flow, std::string_view branch, bool ask_rport) {
    out += "Via: SIP/2.0/";
    out += via_name(flow.protocol());
    out += ' ';
    out += flow.transport->advertised(flow.remote);
    out += ask_rport ? ";rport;branch=" : ";branch=";
    out += branch;
    if (flow.protocol() == Protocol::tcp || flow.protocol() == Protocol::tls) out += ";alias";
    out += "\r\n";
}

bool makes_dialog(Method method) {
    return method == Method::invite || method == Method::subscribe || method == Method::refer ||
           method == Method::notify;
}

}  // namespace

void write_response(std::string& out, const Message& request, const Flow& flow, const Response& response,
                    std::string_view to_tag, bool force_rport, const StackSettings& settings) {
    MessageBuilder b(out);
    b.status(response.code, response.reason);
    write_top_via(out, request.top_via(), flow, force_rport);
    bool top = true;
    request.each(HeaderId::via, [&](std::string_view element) {
        if (!top) b.header(HeaderId::via, element);
        top = false;
    });
    if (response.record_route || makes_dialog(request.method()))
        request.each(HeaderId::record_route,
                     [&](std::string_view element) { b.header(HeaderId::record_route, element); });
    b.header(HeaderId::call_id, request.call_id());
    out += "From: ";
    write_address(out, request.from(), {});
    out += "To: ";
    write_address(out, request.to(), response.code == 100 || !request.to_tag().empty() ? std::string_view{} : to_tag);
    b.begin(HeaderId::cseq);
    out += std::to_string(request.cseq());
    out += ' ';
    out += request.method_text();
    b.end_line();
    if (response.server_first) b.header(HeaderId::server, settings.user_agent);
    b.headers(response.headers);
    if (!response.server_first) b.header(HeaderId::server, settings.user_agent);
    b.body(response.content_type, response.body);
}

void write_request(std::string& out, const Request& request, const Flow& flow, std::string_view branch,
                   const StackSettings& settings) {
    MessageBuilder b(out);
    b.request(request.method, request.uri);
    write_via(out, flow, branch, settings.ask_rport);
    out += "From: ";
    out += request.from;
    out += ";tag=";
    out += request.from_tag;
    out += "\r\nTo: ";
    out += request.to;
    b.end_line();
    const auto contact = [&] {
        if (!request.contact.empty())
            b.header(HeaderId::contact, request.contact);
        else if (request.with_contact)
            b.header(HeaderId::contact,
                     contact_for(flow, request.contact_user, request.contact_uri_params) + request.contact_params);
    };
    if (!request.contact_behind) contact();
    b.header(HeaderId::call_id, request.call_id);
    b.begin(HeaderId::cseq);
    out += std::to_string(request.cseq);
    out += ' ';
    out += request.method;
    b.end_line();
    for (const std::string& route : request.routes) b.header(HeaderId::route, route);
    if (request.contact_behind) contact();
    // Authorization goes behind User-Agent; it was put at the end of the list.
    const auto is_authorization = [](const Header& h) {
        return h.name == "Authorization" || h.name == "Proxy-Authorization";
    };
    for (const Header& h : request.headers)
        if (!is_authorization(h)) b.header(h.name, h.value);
    b.header(HeaderId::max_forwards, settings.max_forwards);
    b.header(HeaderId::user_agent, settings.user_agent);
    for (const Header& h : request.headers)
        if (is_authorization(h)) b.header(h.name, h.value);
    b.body(request.content_type, request.body);
}

static void write_related(std::string& out, std::string_view method, const Message& invite, std::string_view to,
                          const Headers& headers, const StackSettings& settings) {
    MessageBuilder b(out);
    b.request(method, invite.request_uri());
    b.header(HeaderId::via, invite.header(HeaderId::via).value_or(std::string_view{}));
    b.header(HeaderId::from, invite.header(HeaderId::from).value_or(std::string_view{}));
    b.header(HeaderId::to, to);
    b.header(HeaderId::call_id, invite.call_id());
    b.begin(HeaderId::cseq);
    out += std::to_string(invite.cseq());
    out += ' ';
    out += method;
    b.end_line();
    invite.each(HeaderId::route, [&](std::string_view element) { b.header(HeaderId::route, element); });
    b.headers(headers);
    b.header(HeaderId::max_forwards, settings.max_forwards);
    b.header(HeaderId::user_agent, settings.user_agent);
    b.body();
}

std::string write_failure_ack(const Message& invite, const Message& response, const StackSettings& settings) {
    std::string out;
    write_related(out, "ACK", invite, response.header(HeaderId::to).value_or(std::string_view{}), {}, settings);
    return out;
}

std::string write_cancel(const Message& invite, const Headers& headers, const StackSettings& settings) {
    std::string out;
    write_related(out, "CANCEL", invite, invite.header(HeaderId::to).value_or(std::string_view{}), headers, settings);
    return out;
}

std::string from_to_address(std::string_view text) {
    const auto address = Address::parse(text);
    if (!address || address->star) return std::string(text);
    std::string out;
    out.reserve(text.size() + 2);
    address->print(out, UriContext::from_to);
    Params params = address->params;
    for (std::string_view name, value; params.next(name, value);) {  // those of extensions (RFC 3261 25.1)
        if (iequals(name, "tag")) continue;
        out += ';';
        out += name;
        if (!value.empty()) out.append("=").append(value);
    }
    return out;
}

std::string contact_for(const Flow& flow, std::string_view user, std::string_view uri_params) {
    std::string out = "<sip:";
    out.reserve(64);
    if (!user.empty()) {
        out += user;
        out += '@';
    }
    out += flow.transport->advertised(flow.remote);
    switch (flow.protocol()) {
        case Protocol::udp: break;
        case Protocol::tcp: out += ";transport=TCP"; break;
        case Protocol::tls: out += ";transport=TLS"; break;
        case Protocol::ws:
        case Protocol::wss: out += ";transport=ws"; break;
    }
    out += uri_params;
    out += '>';
    return out;
}

std::string uri_at_source(const Uri& uri, const Flow& flow, UriContext context) {
    const std::string host = flow.remote.ip_text();
    Uri changed = uri;
    changed.host = host;
    changed.ipv6 = flow.remote.v6;
    changed.port = flow.remote.port;
    std::string out;
    changed.print(out, context);
    return out;
}

SocketAddress response_address(const Message& request, const Flow& flow, bool force_rport) {
    SocketAddress to = flow.remote;
    if (flow.reliable() || force_rport) return to;
    const Via& via = request.top_via();
    if (!via.rport) to.port = via.port != 0 ? via.port : 5060;
    return to;
}

}  // namespace asterism::sip
