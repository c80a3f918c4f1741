// The manager over HTTP, by requests handed to the router.
#include "interfaces/ami/http.hpp"
#include "asterism/http/router.hpp"
#include "harness.hpp"

namespace asterism {
namespace {

struct Port final : http::ReplyPort {
    http::Response answer;
    std::promise<bool> sent;
    http::Response& response() override { return answer; }
    void send(std::uint64_t) override { sent.set_value(true); }
    std::shared_ptr<http::WebSocket> upgrade(std::uint64_t, std::string_view, const http::WebSocketLimits&,
                                             http::WebSocketHandler&) override {
        return nullptr;
    }
};

class AmiHttp : public ManagerTest {
  public:
    AmiHttp() {
        on_loop([&] {
            std::string text = usual_config;
            text.insert(text.find("[admin]"), "webenabled = yes\n");
            manager->serve_http(router);
            return configure(text);
        });
    }
    ~AmiHttp() override {
        on_loop([&] {
            manager.reset();  // its routes stand in our router
            return true;
        });
    }
    struct Answer {
        int status;
        std::string headers, body, cookie;
    };
    std::shared_ptr<Port> begin(const std::string& target, const std::string& cookie) {
        auto port = std::make_shared<Port>();
        on_loop([&] {
            auto request = std::make_unique<http::Request>();
            request->method = http::Method::get;
            request->set_line("GET", target);
            if (!cookie.empty()) request->add_header("Cookie", "mansession_id=\"" + cookie + "\"");
            request->remote = {"127.0.0.1", 1234};
            request->local = {"127.0.0.1", 8088};
            EXPECT_TRUE(request->split_target(""));
            router.dispatch(*request, http::Responder(port, 1));
            return true;
        });
        return port;
    }
    static Answer end(Port& port) {
        port.sent.get_future().wait();
        Answer answer{port.answer.status, port.answer.headers(), port.answer.body, {}};
        auto at = answer.headers.find("mansession_id=\"");
        if (at != std::string::npos) {
            at += 15;
            answer.cookie = answer.headers.substr(at, answer.headers.find('"', at) - at);
        }
        return answer;
    }
    Answer get(const std::string& target, const std::string& cookie = {}) { return end(*begin(target, cookie)); }
    http::Router router;
};

TEST_F(AmiHttp, SessionsAreKeptByACookie) {
    auto denied = get("/rawman?action=ping");
    EXPECT_EQ(denied.status, 200);
    EXPECT_EQ(denied.body, "Response: Error\r\nMessage: Permission denied\r\n\r\n");
    auto login = get("/rawman?action=login&username=admin&secret=pw");
    EXPECT_TRUE(
        login.body.starts_with("Response: Success\r\nMessage: Authentication accepted\r\n\r\nEvent: FullyBooted\r\n"))
        << login.body;
    EXPECT_TRUE(login.headers.starts_with("Content-type: text/plain\r\nSet-Cookie: mansession_id=\"")) << login.headers;
    EXPECT_NE(login.headers.find("\"; Version=1; Max-Age=60\r\nPragma: SuppressEvents\r\n"), std::string::npos);
    auto ping = get("/rawman?action=ping&actionid=7", login.cookie);
    EXPECT_TRUE(ping.body.starts_with("Response: Success\r\nActionID: 7\r\nPing: Pong\r\n")) << ping.body;
    EXPECT_EQ(ping.cookie, login.cookie);
    EXPECT_EQ(get("/rawman?action=logoff", login.cookie).body,
              "Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n");
    EXPECT_EQ(get("/rawman?action=ping", login.cookie).body, "Response: Error\r\nMessage: Permission denied\r\n\r\n");
    EXPECT_EQ(get("/rawman?action=login&username=admin&secret=no").body,
              "Response: Error\r\nMessage: Authentication failed\r\n\r\n");
}

TEST_F(AmiHttp, XmlAndHtml) {
    auto cookie = get("/rawman?action=login&username=admin&secret=pw&events=off").cookie;
    EXPECT_EQ(
        get("/mxml?action=bogus%3C", cookie).body,
        "<ajax-response>\n<response type='object' id='unknown'><generic response='Error' message='Invalid/unknown "
        "command: bogus&lt;. Use Action: ListCommands to show available commands.' /></response>\n"
        "</ajax-response>\n");
    auto page = get("/manager?action=ping&actionid=%3Cb%3E", cookie).body;
    EXPECT_NE(page.find("<tr><td>Response</td><td>Success</td></tr>\n<tr><td>ActionID</td><td>&lt;b&gt;</td></tr>\n"),
              std::string::npos)
        << page;
}

TEST_F(AmiHttp, EventsAreKeptForWaitEvent) {
    auto cookie = get("/rawman?action=login&username=admin&secret=pw&events=user").cookie;
    publish_user_event("Kept");
    EXPECT_EQ(get("/rawman?action=waitevent&timeout=5", cookie).body,
              "Response: Success\r\nMessage: Waiting for Event completed.\r\n\r\n"
              "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Kept\r\n\r\nEvent: WaitEventComplete\r\n\r\n");
    auto waiting = begin("/rawman?action=waitevent&timeout=50", cookie);
    publish_user_event("Late");
    EXPECT_NE(end(*waiting).body.find("UserEvent: Late\r\n"), std::string::npos);
}

TEST_F(AmiHttp, AnotherRequestEndsAWaitEvent) {
    auto cookie = get("/rawman?action=login&username=admin&secret=pw&events=off").cookie;
    auto waiting = begin("/rawman?action=waitevent&timeout=50", cookie);
    EXPECT_TRUE(get("/rawman?action=ping", cookie).body.starts_with("Response: Success\r\nPing: Pong\r\n"));
    EXPECT_TRUE(end(*waiting).body.ends_with("Event: WaitEventComplete\r\n\r\n"));
}

TEST_F(AmiHttp, NotServedUnlessEnabled) {
    on_loop([&] { return configure(usual_config); });
    EXPECT_EQ(get("/rawman?action=ping").status, 404);
}

TEST(AmiHttpText, RepeatedNamesAreNumbered) {
    EXPECT_EQ(ami::as_xml("Output: a\r\nOutput: b\r\nCause-txt: c\r\n\r\n", "x"),
              "<ajax-response>\n<response type='object' id='x'><generic output='a' output-2='b' cause_txt='c' />"
              "</response>\n</ajax-response>\n");
}

}  // namespace
}  // namespace asterism
