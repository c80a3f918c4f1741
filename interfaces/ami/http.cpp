#include "http.hpp"

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/random.hpp"

namespace asterism::ami {

namespace {

constexpr std::pair<std::string_view, HttpFormat> pages[] = {
    {"/rawman", HttpFormat::raw}, {"/mxml", HttpFormat::xml}, {"/manager", HttpFormat::html}};

std::string_view content_type(HttpFormat format) {
    switch (format) {
        case HttpFormat::raw: return "text/plain";
        case HttpFormat::xml: return "text/xml";
        case HttpFormat::html: return "text/html";
    }
    return {};
}

/// The value of mansession_id in a Cookie header; empty without one.
std::string_view cookie_of(const http::Request& request) {
    constexpr std::string_view name = "mansession_id=";
    auto cookies = request.header("Cookie");
    auto at = cookies.find(name);
    if (at == std::string_view::npos) return {};
    auto value = cookies.substr(at + name.size());
    if (value.starts_with('"')) value.remove_prefix(1);
    return value.substr(0, value.find_first_of("\"; "));
}

std::string describe(const http::Address& address) {
    return fmt::format("IPV{}/TCP/{}/{}", address.ip.find(':') == std::string::npos ? 4 : 6, address.ip, address.port);
}

}  // namespace

HttpSession::HttpSession(HttpFront& front, std::string cookie, SessionAddresses addresses)
    : front_(front),
      cookie_(std::move(cookie)),
      timer_(front.core().loop()),
      session_(front.core(), *this, Session::Kind::http, std::move(addresses)) {}

void HttpSession::ask(Request request, HttpFormat format, http::Responder responder) {
    if (asked_.size() == max_waiting) return responder.error(503, "Service Unavailable", "Too many requests");
    asked_.push_back({std::move(request), format, std::move(responder)});
    timer_.cancel();
    // A WaitEvent that still runs makes way.
    if (asked_.size() > 1) return session_.end_wait();
    next();
}

void HttpSession::next() {
    while (!asked_.empty() && !session_.busy() && !over_ && !running_) {
        running_ = true;
        session_.execute(asked_.front().request);
        running_ = false;
        if (!session_.busy()) reply_ready();
    }
}

void HttpSession::reply_ready() {
    if (running_ || asked_.empty()) return;
    std::string blocks;
    session_.take_output(blocks);
    session_.written(blocks.size());
    auto asked = std::move(asked_.front());
    asked_.pop_front();
    respond(blocks, asked);
    if (session_.over()) return session_over(false);
    if (asked_.empty()) return linger();
    next();
}

void HttpSession::respond(std::string_view blocks, Asked& asked) {
    auto& response = asked.responder.response();
    response.add_header("Content-type", content_type(asked.format));
    response.add_header("Set-Cookie", fmt::format("mansession_id=\"{}\"; Version=1; Max-Age={}", cookie_,
                                                  front_.core().config().general.http_timeout.count()));
    response.add_header("Pragma", "SuppressEvents");
    switch (asked.format) {
        case HttpFormat::raw: response.body = blocks; break;
        case HttpFormat::xml: {
            auto id = asked.request.get("ajaxdest");
            response.body = as_xml(blocks, id.empty() ? "unknown" : id);
            break;
        }
        case HttpFormat::html: response.body = as_html(blocks); break;
    }
    asked.responder.send();
}

void HttpSession::linger() {
    // One that never logged in is of no use to anybody but a client about to answer a challenge.
    auto time = session_.authenticated() ? front_.core().config().general.http_timeout
                                         : std::min(front_.core().config().general.http_timeout,
                                                    front_.core().config().general.auth_timeout);
    timer_.start(time, [this] { session_.finish(); });
}

void HttpSession::session_over(bool) {
    if (over_ || running_ || session_.busy()) return;  // the reply comes first
    over_ = true;
    timer_.cancel();
    front_.forget(*this);
}

HttpFront::HttpFront(Core& core, http::Router& router) : core_(core), router_(router) {
    for (auto [path, format] : pages) {
        router_.add({.path = std::string(path),
                     .subtree = false,
                     .description = "manager",
                     .handler = [this, format](const http::Request& request, http::Responder responder) {
                         handle(request, format, std::move(responder));
                     }});
    }
}

HttpFront::~HttpFront() {
    *alive_ = false;
    for (auto [path, format] : pages) router_.remove(path);
}

void HttpFront::forget(HttpSession& session) {
    auto found = sessions_.find(session.cookie());
    if (found == sessions_.end()) return;
    closing_.push_back(std::move(found->second));
    sessions_.erase(found);
    core_.loop().defer([this, alive = alive_] {
        if (*alive) closing_.clear();
    });
}

void HttpFront::handle(const http::Request& request, HttpFormat format, http::Responder responder) {
    Request action;
    http::Params params = request.query();
    if (request.method == http::Method::post) {
        if (request.content_type() == "application/x-www-form-urlencoded") http::parse_params(request.body, params);
    } else if (request.method != http::Method::get && request.method != http::Method::head) {
        return responder.error(501, "Not Implemented", "Attempt to use unimplemented / unsupported method");
    }
    for (const auto& [name, value] : params) {
        if (action.size() < RequestParser::max_headers) action.add(name, value);
    }
    auto found = sessions_.find(cookie_of(request));
    if (found == sessions_.end()) {
        auto waiting = std::count_if(sessions_.begin(), sessions_.end(),
                                     [](const auto& one) { return !one.second->session().authenticated(); });
        if (static_cast<std::size_t>(waiting) >= core_.config().general.auth_limit) {
            ++core_.stats().refused_sessions;
            log::warning("AMI request over HTTP refused: {} sessions have not logged in (authlimit)", waiting);
            return responder.error(503, "Service Unavailable", "Too many sessions have not logged in");
        }
        SessionAddresses addresses{describe(request.local), describe(request.remote),
                                   config::IpAddress::parse(request.remote.ip).value_or(config::IpAddress())};
        auto cookie = core_.pbx().random->hex(32);
        found = sessions_.emplace(cookie, std::make_unique<HttpSession>(*this, cookie, std::move(addresses))).first;
    }
    found->second->ask(std::move(action), format, std::move(responder));
}

}  // namespace asterism::ami
