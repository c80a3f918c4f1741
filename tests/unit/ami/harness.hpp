// A manager on a real loop and real sockets: the loop runs on a thread of its own, the test is its clients.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "asterism/ami/manager.hpp"
#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/events/events.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/model/variables.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/asio_loop.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/store/astdb.hpp"

namespace asterism {

struct TextSource final : config::FileSource {
    std::map<std::string, std::string> files;
    std::expected<std::string, std::string> load(const std::string& path, std::size_t) override {
        auto found = files.find(path);
        if (found == files.end()) return std::unexpected("No such file or directory");
        return found->second;
    }
    std::vector<std::string> glob(const std::string&) override { return {}; }
    std::expected<std::string, std::string> run(const std::string&, std::size_t) override {
        return std::unexpected("no");
    }
};

/// `text` read as manager.conf.
inline std::optional<config::File> read_text(const std::string& text, config::Report& report) {
    TextSource source;
    source.files["manager.conf"] = text;
    return config::read(source, "manager.conf", {}, report);
}

/// A driver that does nothing.
struct QuietDriver final : ChannelDriver {
    [[nodiscard]] std::string_view technology() const override { return "Quiet"; }
    void call() override {}
    void answer() override {}
    bool indicate(Indication) override { return true; }
    void hangup() override {}
    [[nodiscard]] media::LegId leg() const override { return {}; }
};

/// A client with blocking reads that give up after 10 s.
class Client {
  public:
    explicit Client(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_buffer) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        timeval limit{10, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    }
    Client(Client&& other) noexcept
        : connected(other.connected), fd_(std::exchange(other.fd_, -1)), got_(std::move(other.got_)) {}
    ~Client() {
        if (fd_ >= 0) ::close(fd_);
    }
    void send(std::string_view text) {
        while (!text.empty()) {
            auto size = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (size <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(size));
        }
    }
    /// Everything up to and with `mark`; what came when the connection ended or time was up before it.
    std::string until(std::string_view mark) {
        for (;;) {
            auto at = got_.find(mark);
            if (at != std::string::npos) {
                auto text = got_.substr(0, at + mark.size());
                got_.erase(0, text.size());
                return text;
            }
            if (!more()) return std::exchange(got_, {});
        }
    }
    /// One block with its empty line.
    std::string block() { return until("\r\n\r\n"); }
    std::string line() { return until("\r\n"); }
    /// Whether the server closes; what it still sent is dropped.
    bool closed() {
        while (more()) {
        }
        return end_;
    }
    std::string ask(std::string_view request) {
        send(request);
        return block();
    }
    void login(std::string_view user, std::string_view more_headers = "Events: off\r\n") {
        line();
        auto reply = ask("Action: Login\r\nUsername: " + std::string(user) + "\r\nSecret: pw\r\n" +
                         std::string(more_headers) + "\r\n");
        EXPECT_EQ(reply, "Response: Success\r\nMessage: Authentication accepted\r\n\r\n");
    }
    bool connected = false;

  private:
    bool more() {
        char buffer[65536];
        auto size = ::recv(fd_, buffer, sizeof buffer, 0);
        if (size == 0) end_ = true;
        if (size < 0 && errno == ECONNRESET) end_ = true;
        if (size <= 0) return false;
        got_.append(buffer, static_cast<std::size_t>(size));
        return true;
    }
    int fd_;
    std::string got_;
    bool end_ = false;
};

inline constexpr const char* usual_config = R"([general]
enabled = yes
port = 5038
bindaddr = 127.0.0.1
[admin]
secret = pw
read = all
write = all
[limited]
secret = pw
read = call
write = call
[denied]
secret = pw
deny = 0.0.0.0/0.0.0.0
read = all
write = all
[single]
secret = pw
allowmultiplelogin = no
read = system
write = system
[filtered]
secret = pw
read = all
write = all
eventfilter = Event: UserEvent
eventfilter = !K1: drop
)";

class ManagerTest : public ::testing::Test {
  public:
    explicit ManagerTest(ami::Manager::Limits limits = fast(), pjsip::Directory* pjsip = nullptr) {
        settings = config::Settings::defaults();
        pbx.loop = &loop;
        pbx.random = &random;
        pbx.bus = &bus;
        pbx.settings = &settings;
        pbx.globals = &globals;
        pbx.channels = &channels;
        pbx.bridges = &bridges;
        pbx.technologies = &technologies;
        pbx.db = &db;
        pbx.dialplan = &dialplan;
        pbx.applications = &applications;
        pbx.functions = &functions;
        pbx.fully_booted = true;
        pbx.started = pbx.reloaded = loop.clock().wall();
        device_states.emplace(pbx);
        pbx.device_states = &*device_states;
        manager.emplace(pbx, loop.context(), ami::Manager::Hooks{.pjsip = pjsip}, limits);
        configure(usual_config);
        thread = std::thread([this] { loop.run(); });
    }
    ~ManagerTest() override {
        on_loop([&] {
            manager.reset();
            loop.stop();
            return true;
        });
        thread.join();
    }
    static ami::Manager::Limits fast() {
        ami::Manager::Limits limits;
        limits.login_delay = std::chrono::milliseconds(1);
        return limits;
    }
    /// Port 0 is put in place of the configured one, so that tests run side by side.
    bool configure(std::string text) {
        auto at = text.find("port = 5038");
        if (at != std::string::npos) text.replace(at, 11, "port = 0");
        config::Report report;
        auto file = read_text(text, report);
        bool good = file && manager->configure(*file, report);
        problems = report.text();
        return good;
    }
    /// Runs `action` on the loop and gives its result.
    template <class F>
    std::invoke_result_t<F> on_loop(F action) {
        std::promise<decltype(action())> promise;
        auto future = promise.get_future();
        loop.post([&] { promise.set_value(action()); });
        return future.get();
    }
    Client client() {
        return Client(on_loop([&] { return manager->port(); }));
    }
    void publish_user_event(std::string name, Headers headers = {}) {
        on_loop([&] {
            UserEvent event;
            event.name = std::move(name);
            event.headers = std::move(headers);
            bus.publish(std::move(event));
            return true;
        });
    }
    /// A channel without dialplan or media.
    void add_channel(std::string name, std::string uniqueid) {
        on_loop([&] {
            ChannelSetup setup;
            setup.name = std::move(name);
            setup.exact_name = true;
            setup.uniqueid = std::move(uniqueid);
            setup.location = {"office", "42", 1};
            channels.create(std::move(setup), std::make_unique<QuietDriver>());
            return true;
        });
    }

    AsioLoop loop;
    SystemRandom random;
    Bus bus{loop.clock()};
    config::Settings settings;
    Variables globals;
    Pbx pbx;
    ChannelRegistry channels{pbx};
    BridgeRegistry bridges{pbx};
    Technologies technologies;
    store::AstDb db{loop, ""};
    dialplan::Dialplan dialplan;
    dialplan::Applications applications;
    dialplan::Functions functions;
    std::optional<DeviceStates> device_states;
    std::optional<ami::Manager> manager;
    std::string problems;
    std::thread thread;
};

}  // namespace asterism
