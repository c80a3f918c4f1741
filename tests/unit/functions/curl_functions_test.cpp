// CURL against a scripted fetcher, and libcurl's fetcher against a socket of this test's own.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "core/functions/fetcher.hpp"
#include "support/live_loop.hpp"
#include "unit/functions/function_test.hpp"

using namespace asterism;
using functions::FetchRequest;
using functions::FetchResult;

namespace {

struct ScriptedFetcher : functions::Fetcher {
    explicit ScriptedFetcher(Loop& l) : loop(l) {}
    std::unique_ptr<Transfer> fetch(FetchRequest request, std::function<void(FetchResult)> done) override {
        asked = std::move(request);
        struct Nothing : Transfer {};
        if (answers) loop.post([this, done = std::move(done)] { done(answer); });
        return std::make_unique<Nothing>();
    }
    Loop& loop;
    FetchRequest asked;
    FetchResult answer{.body = "hello\n", .status = 200};
    bool answers = true;
};

class CurlFunctions : public FunctionTest {
  protected:
    CurlFunctions() { functions::add_curl_functions(pbx.functions, fetcher); }
    std::string asked(const std::string& option) const {
        for (const auto& [name, value] : fetcher->asked.options)
            if (name == option) return value;
        return "(none)";
    }
    std::shared_ptr<ScriptedFetcher> fetcher = std::make_shared<ScriptedFetcher>(pbx.loop);
};

TEST_F(CurlFunctions, GetAndPost) {
    EXPECT_EQ(read("${CURL(http://x/a)}"), "hello");
    EXPECT_EQ(fetcher->asked.url, "http://x/a");
    EXPECT_FALSE(fetcher->asked.post);
    EXPECT_EQ(read("${CURL(http://x/a,{\"a\":1,\"b\":2}):0:4}"), "hell");
    EXPECT_EQ(fetcher->asked.post, "{\"a\":1,\"b\":2}");
    EXPECT_EQ(read("${CURL(http://x/a,)}"), "hello");
    EXPECT_EQ(fetcher->asked.post, "");
    EXPECT_TRUE(set("CURL(http://x/b)", "/tmp/to"));
    EXPECT_EQ(fetcher->asked.file, "/tmp/to");
    EXPECT_EQ(fetcher->asked.url, "http://x/b");
}

TEST_F(CurlFunctions, Options) {
    EXPECT_TRUE(set("CURLOPT(httptimeout)", "5"));
    EXPECT_TRUE(set("CURLOPT(httpheader)", "A: 1"));
    EXPECT_TRUE(set("CURLOPT(httpheader)", "B: 2"));
    EXPECT_TRUE(set("CURLOPT(httpauth)", "Digest"));
    EXPECT_TRUE(dialplan::set_variable(pbx.pbx, nullptr, "CURLOPT(useragent)", "everybody"));
    EXPECT_TRUE(dialplan::set_variable(pbx.pbx, nullptr, "CURLOPT(httptimeout)", "99"));
    EXPECT_EQ(read("${CURL(http://x)}"), "hello");
    EXPECT_EQ(asked("httptimeout"), "5");
    EXPECT_EQ(asked("useragent"), "everybody");
    EXPECT_EQ(read("${CURLOPT(httpheader)}|${CURLOPT(httpauth)}|${CURLOPT(useragent)}"), "A: 1\nB: 2|digest|everybody");
    EXPECT_FALSE(set("CURLOPT(nonsense)", "1"));
    EXPECT_FALSE(set("CURLOPT(httpauth)", "kerberos"));
    EXPECT_FALSE(set("CURLOPT(httpheader)", "A: 1\r\nB: 2"));
    EXPECT_EQ(read("${CURLOPT(nonsense)}"), "");
}

TEST_F(CurlFunctions, AnswersAsHash) {
    fetcher->answer.body = "one=1&two=a%2Cb+c&three=";
    EXPECT_TRUE(set("CURLOPT(hashcompat)", "legacy"));
    EXPECT_TRUE(set("HASH(h)", read("${CURL(http://x)}")));
    EXPECT_EQ(read("${HASHKEYS(h)}|${HASH(h,one)}|${HASH(h,two)}|${HASH(h,three)}"), "one,two,three|1|a,b c|");
}

TEST_F(CurlFunctions, Failures) {
    EXPECT_EQ(read("${CURL()}|${CURL(http://x/\nEvil: 1)}"), "|");
    fetcher->answer = {.body = "sorry", .status = 404};
    EXPECT_EQ(read("${CURL(http://x)}"), "sorry");
    EXPECT_TRUE(set("CURLOPT(failurecodes)", "404,500"));
    EXPECT_EQ(read("${CURL(http://x)}"), "");
    EXPECT_FALSE(set("CURL(http://x)", "/tmp/x"));
    EXPECT_FALSE(set("CURL(http://x)", ""));
    fetcher->answer = {.body = "part", .status = 200, .error = "broken"};
    EXPECT_EQ(read("${CURL(http://x)}"), "");
}

TEST_F(CurlFunctions, HangupEndsTheWait) {
    fetcher->answers = false;
    const Channel::Hold hold(channel());
    EXPECT_FALSE(begin_read("${CURL(http://x)}", channel()));
    channel().request_hangup(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(result, "");
}

/// Answers one connection with fixed bytes.
class OneAnswer {
  public:
    explicit OneAnswer(std::string answer) {
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
        ::listen(socket_, 1);
        socklen_t size = sizeof here;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&here), &size);
        url = "http://127.0.0.1:" + std::to_string(ntohs(here.sin_port)) + "/";
        thread_ = std::thread([this, answer = std::move(answer)] {
            const int client = ::accept(socket_, nullptr, nullptr);
            char buffer[4096];
            while (request.find("\r\n\r\n") == std::string::npos) {
                const auto size = ::read(client, buffer, sizeof buffer);
                if (size <= 0) break;
                request.append(buffer, static_cast<std::size_t>(size));
            }
            (void)!::write(client, answer.data(), answer.size());
            ::close(client);
        });
    }
    void wait() {
        if (thread_.joinable()) thread_.join();
    }
    ~OneAnswer() {
        wait();
        ::close(socket_);
    }
    OneAnswer(const OneAnswer&) = delete;
    OneAnswer& operator=(const OneAnswer&) = delete;
    std::string url, request;

  private:
    int socket_ = -1;
    std::thread thread_;
};

FetchResult fetch(FetchRequest request) {
    LiveLoop loop;
    const auto fetcher = functions::make_curl_fetcher(loop);
    std::optional<FetchResult> result;
    const auto transfer = fetcher->fetch(std::move(request), [&](FetchResult got) { result = std::move(got); });
    EXPECT_TRUE(loop.run_until([&] { return result.has_value(); }));
    return result.value_or(FetchResult{});
}

TEST(CurlFetcher, FetchesOverHttp) {
    OneAnswer server("HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nbody");
    const auto result = fetch({.url = server.url, .post = {}, .options = {{"httpheader", "X-Test: yes"}}});
    EXPECT_EQ(result.body, "body");
    EXPECT_EQ(result.status, 201);
    EXPECT_EQ(result.error, "");
    server.wait();
    EXPECT_NE(server.request.find("X-Test: yes"), std::string::npos);
    EXPECT_NE(server.request.find("asterisk-libcurl-agent"), std::string::npos);
}

TEST(CurlFetcher, PostsAndSaysWhatFailed) {
    OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort");
    const auto result = fetch({.url = server.url, .post = "a=1", .options = {}});
    EXPECT_NE(result.error, "");
    server.wait();
    EXPECT_TRUE(server.request.starts_with("POST / ")) << server.request;
    EXPECT_NE(fetch({.url = "file:///etc/passwd", .post = {}, .options = {}}).error, "");
    EXPECT_NE(fetch({.url = "http://127.0.0.1:1/", .post = {}, .file = "/nowhere/x", .options = {}}).error, "");
}

TEST(CurlFetcher, AnAbandonedTransferEndsQuietly) {
    LiveLoop loop;
    auto fetcher = functions::make_curl_fetcher(loop);
    bool called = false;
    auto transfer =
        fetcher->fetch({.url = "http://127.0.0.1:1/", .post = {}, .options = {}}, [&](FetchResult) { called = true; });
    transfer.reset();
    fetcher.reset();
    loop.run_until([] { return true; });
    EXPECT_FALSE(called);
}

}  // namespace
