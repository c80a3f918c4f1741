// Requests that the PBX sends out of any call: texts and REFER, to endpoints and to URIs.
#include <algorithm>
#include <charconv>
#include <set>

#include "asterism/config/options.hpp"
#include "asterism/events/events.hpp"
#include "asterism/runtime/log.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

/// A header that a message may carry: a token as name, one line as value, and none of those that the stack writes.
bool may_carry(std::string_view name, std::string_view value) {
    static constexpr std::string_view ours[] = {
        "via",          "from",  "to",           "contact",      "call-id",        "cseq",
        "max-forwards", "route", "record-route", "content-type", "content-length", "authorization"};
    if (name.empty() || name.size() > 128 || value.size() > 1024) return false;
    for (const auto own : ours)
        if (sip::iequals(own, name)) return false;
    const bool token = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
    return token && value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

/// A From out of what somebody wrote there: an address, a URI, or only a name.
std::string Pjsip::sender_of(std::string_view from) const {
    from = config::trim(from);
    if (from.find('<') != std::string_view::npos) {
        if (const auto address = sip::Address::parse(from); address && address->uri.is_sip()) return std::string(from);
    }
    if (const auto uri = sip::Uri::parse(from); uri && uri->is_sip()) return "<" + std::string(from) + ">";
    const std::string user = from.empty() || from.find('<') != std::string_view::npos
                                 ? config_->global->default_from_user
                                 : std::string(from);
    return "<sip:" + sip::escape_user(user) + "@localhost>";
}

std::expected<Pjsip::Receiver, std::string> Pjsip::receiver_at(EndpointPtr endpoint, std::string_view uri) const {
    const bool bare = uri.find('<') == std::string_view::npos && !uri.starts_with("sip:") && !uri.starts_with("sips:");
    Receiver receiver{.endpoint = std::move(endpoint), .uri = (bare ? "sip:" : "") + std::string(uri), .target = {}};
    const auto address = sip::Address::parse(receiver.uri);
    if (!address || !address->uri.is_sip()) return std::unexpected("'" + std::string(uri) + "' is no SIP URI");
    receiver.target.uri = address->uri.text;
    if (!receiver.endpoint) return receiver;
    // Perhaps it is a contact of the endpoint: then the way to it is known.
    auto found = find_target(receiver.endpoint->name + "/" + receiver.target.uri);
    if (!found) return std::unexpected(std::move(found).error());
    receiver.target = std::move(found->second);
    return receiver;
}

/// "alice", "alice@any.domain", "alice/AOR", "alice/sip:bob@host", "alice/bob@host", "PJSIP/user@alice"; what names no
/// endpoint is a URI, with or without `sip:`, and default_outbound_endpoint says how it is sent.
std::expected<Pjsip::Receiver, std::string> Pjsip::receiver_of(std::string_view to) const {
    const auto contact_of = [this](const std::string& data) -> std::expected<Receiver, std::string> {
        auto found = find_target(data);
        if (!found) return std::unexpected(std::move(found).error());
        return Receiver{.endpoint = std::move(found->first), .uri = {}, .target = std::move(found->second)};
    };
    const auto usual = config_->endpoint(config_->global->default_outbound_endpoint);
    if (to.starts_with("sip:") || to.starts_with("sips:") || to.starts_with('<') || to.starts_with('"'))
        return receiver_at(usual, to);
    if (const auto slash = to.find('/'); slash != std::string_view::npos) {
        const auto name = to.substr(0, slash), rest = to.substr(slash + 1);
        if (config::equal_nocase(name, "PJSIP")) {  // a dial string
            const auto at = rest.rfind('@');
            if (at == std::string_view::npos || at == 0 || !config_->endpoint(rest.substr(at + 1)))
                return std::unexpected("'" + std::string(to) + "' is not PJSIP/user@endpoint");
            return contact_of(std::string(rest));
        }
        const auto endpoint = config_->endpoint(name);
        if (!endpoint) return std::unexpected("endpoint '" + std::string(name) + "' was not found");
        if (rest.empty()) return contact_of(endpoint->name);
        return config_->aor(rest) ? contact_of(endpoint->name + "/" + std::string(rest)) : receiver_at(endpoint, rest);
    }
    if (config_->endpoint(to)) return contact_of(std::string(to));
    std::string name(to.substr(0, to.rfind('@')));
    if (config_->global->ignore_uri_user_options) name = without_options(std::move(name));
    if (config_->endpoint(name)) return contact_of(name);
    if (!usual)
        return std::unexpected("endpoint '" + name + "' was not found, and there is no default_outbound_endpoint");
    return receiver_at(usual, to);
}

void Pjsip::aim(sip::Request& request, const Receiver& receiver) {
    request.uri = receiver.target.uri;
    request.hint.flow = receiver.target.flow;
    request.routes = receiver.target.routes;
    if (receiver.endpoint) {
        request.hint.transport = receiver.endpoint->transport;
        request.credentials = receiver.endpoint->credentials;
        if (request.routes.empty()) request.routes = receiver.endpoint->session->routes;
    }
    request.to = "<" + request.uri + ">";
}

namespace {

/// A MESSAGE that goes where redirections send it (RFC 3261 8.1.3.4): to the contacts of a 3xx, the most wanted first,
/// until one takes it. Nobody is asked twice, and a new redirection replaces what was left of the last.
struct Redirected {
    /// Attempts, the first among them.
    static constexpr std::size_t most = 10;

    sip::Request request;
    std::vector<std::string> routes;  ///< of the endpoint: the Path of its contact leads to nobody else
    std::vector<std::string> left;
    std::set<std::string, std::less<>> asked;

    void take(const sip::Message& response) {
        std::vector<std::pair<double, std::string>> found;
        response.each(sip::HeaderId::contact, [&](std::string_view element) {
            const auto address = sip::Address::parse(element);
            if (!address || address->star || !address->uri.is_sip() || found.size() >= most) return;
            double q = 1;
            if (const auto value = address->params.get("q"))
                std::from_chars(value->data(), value->data() + value->size(), q);
            std::string uri;
            address->uri.print(uri, sip::UriContext::request);
            // Equal ones in the order in which they were written.
            const auto place = std::ranges::find_if(found, [q](const auto& other) { return other.first < q; });
            found.insert(place, {q, std::move(uri)});
        });
        left.clear();
        for (auto& [q, uri] : found) left.push_back(std::move(uri));
    }
    /// The next attempt; false: nobody is left.
    bool next(const sip::RequestResult& result) {
        while (!left.empty()) {
            std::string uri = std::move(left.front());
            left.erase(left.begin());
            if (asked.size() >= most) return false;
            if (!asked.insert(uri).second) continue;
            request.uri = std::move(uri);
            request.routes = routes;
            request.hint.flow = {};
            request.cseq = std::max(request.cseq, result.message ? result.message->cseq() : 0) + 1;
            return true;
        }
        return false;
    }
};

void send_redirected(sip::Stack& stack, std::shared_ptr<Redirected> state) {
    sip::Request request = state->request;
    stack.send(std::move(request), [&stack, state = std::move(state)](const sip::RequestResult& result) {
        if (result.code < 300) return;
        log::notice("A MESSAGE to '{}' was answered with {}", state->request.uri, result.code);
        if (result.code >= 600) return;
        if (result.code < 400 && result.message) state->take(*result.message);
        if (state->next(result)) send_redirected(stack, state);
    });
}

}  // namespace

bool Pjsip::send_message(std::string_view to, std::string_view from, std::string_view body, const Named& variables,
                         std::string_view receiver_name) {
    if (to.starts_with("pjsip:")) to.remove_prefix(6);
    sip::Request request{.method = "MESSAGE"};
    const auto receiver = receiver_of(to);
    if (pbx_.bus->wanted(EventKind::test)) {
        TestEvent event;
        event.state = receiver ? "MSG_FROMTO_URI" : "MSG_ENDPOINT_URI_FAIL";
        event.headers = {{"MdataDestination", std::string(to)},
                         {"MdataFrom", std::string(from)},
                         {"MsgTo", std::string(receiver_name)}};
        if (receiver) {
            event.headers.emplace_back("Endpoint", receiver->endpoint ? receiver->endpoint->name : "");
            event.headers.emplace_back("RequestURI", receiver->uri.empty() ? receiver->target.uri : receiver->uri);
        }
        pbx_.bus->publish(std::move(event));
    }
    if (!receiver) {
        log::warning("Cannot send a MESSAGE: {}", receiver.error());
        return false;
    }
    aim(request, *receiver);
    if (receiver_name.starts_with("pjsip:")) receiver_name.remove_prefix(6);
    if (const auto named = sip::Address::parse(receiver_name); named && !named->star && named->uri.is_sip())
        request.to = sip::make_address(named->display_text(), named->uri.text);
    request.from = sender_of(from);
    request.content_type = "text/plain";
    request.body = body;
    for (const auto& [name, value] : variables) {
        if (may_carry(name, value)) {
            request.headers.push_back({name, value});
        } else {
            log::warning("'{}' cannot be a header of a MESSAGE", name);
        }
    }
    if (receiver->endpoint && receiver->endpoint->message_follows_redirects) {
        request.call_id = stack_.random().uuid();
        request.cseq = stack_.make_cseq();
        auto state = std::make_shared<Redirected>();
        state->asked.insert(request.uri);
        state->routes = receiver->endpoint->session->routes;
        state->request = std::move(request);
        send_redirected(stack_, std::move(state));
        return true;
    }
    stack_.send(std::move(request), [](const sip::RequestResult& result) {
        if (result.code >= 300) log::notice("A MESSAGE was answered with {}", result.code);
    });
    return true;
}

bool Pjsip::refer(std::string_view to, std::string_view from, std::string_view refer_to, bool to_self,
                  const Named& variables) {
    if (to.starts_with("pjsip:")) to.remove_prefix(6);
    sip::Request request{.method = "REFER"};
    const auto receiver = receiver_of(to);
    if (!receiver) {
        log::warning("Cannot send a REFER: {}", receiver.error());
        return false;
    }
    aim(request, *receiver);
    std::string destination(refer_to);
    if (destination.starts_with("pjsip:")) destination.erase(0, 6);
    if (!destination.starts_with("sip:") && !destination.starts_with("sips:") &&
        destination.find('<') == std::string::npos) {
        // An endpoint's contact, else an extension here.
        const auto found = find_target(destination);
        destination = found ? found->second.uri : "sip:" + sip::escape_user(destination) + "@localhost";
    }
    if (destination.find('<') == std::string::npos) destination = "<" + destination + ">";
    if (const auto address = sip::Address::parse(destination); !address || !address->uri.is_sip()) return false;
    request.from = to_self ? request.to : sender_of(from);
    request.with_contact = true;
    request.headers.push_back({"Refer-To", destination});
    request.headers.push_back({"Referred-By", sender_of(from)});
    for (const auto& [name, value] : variables) {
        if (may_carry(name, value)) request.headers.push_back({name, value});
    }
    stack_.send(std::move(request), [](const sip::RequestResult& result) {
        if (result.code >= 300) log::notice("A REFER was answered with {}", result.code);
    });
    return true;
}

}  // namespace asterism::pjsip
