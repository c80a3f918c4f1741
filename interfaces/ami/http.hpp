// The manager over HTTP: /rawman, /mxml and /manager, with sessions kept by a cookie.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asterism/http/router.hpp"
#include "core.hpp"
#include "session.hpp"

namespace asterism::ami {

/// How a reply is dressed.
enum class HttpFormat { raw, xml, html };

/// Blocks of "Name: value" lines as an XML document; `id`: what the client calls it (ajaxdest).
[[nodiscard]] std::string as_xml(std::string_view blocks, std::string_view id);
/// The same as a page with a form for the next action.
[[nodiscard]] std::string as_html(std::string_view blocks);

class HttpFront;

/// One session, found by its cookie. Owned by HttpFront; ends by Logoff, a failed login, or httptimeout without a
/// request.
class HttpSession final : public SessionLink {
  public:
    HttpSession(HttpFront& front, std::string cookie, SessionAddresses addresses);

    void ask(Request request, HttpFormat format, http::Responder responder);
    [[nodiscard]] Session& session() { return session_; }
    [[nodiscard]] const std::string& cookie() const { return cookie_; }

    void reply_ready() override;
    void events_ready() override {}
    void session_over(bool drop) override;

  private:
    struct Asked {
        Request request;
        HttpFormat format;
        http::Responder responder;
    };
    void next();
    void respond(std::string_view blocks, Asked& asked);
    void linger();

    static constexpr std::size_t max_waiting = 16;  // requests at once on one session
    HttpFront& front_;
    std::string cookie_;
    Timer timer_;
    std::deque<Asked> asked_;  // the first one runs
    std::string xml_id_;
    bool over_ = false, running_ = false;
    Session session_;
};

/// Owned by the Manager. Its routes stand in the router while it lives.
class HttpFront {
  public:
    HttpFront(Core& core, http::Router& router);
    ~HttpFront();
    HttpFront(const HttpFront&) = delete;
    HttpFront& operator=(const HttpFront&) = delete;

    [[nodiscard]] Core& core() const { return core_; }
    /// Takes the session out; freed at the end of the turn.
    void forget(HttpSession& session);

  private:
    void handle(const http::Request& request, HttpFormat format, http::Responder responder);

    Core& core_;
    http::Router& router_;
    std::map<std::string, std::unique_ptr<HttpSession>, std::less<>> sessions_;
    std::vector<std::unique_ptr<HttpSession>> closing_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::ami
