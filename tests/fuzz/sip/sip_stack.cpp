// A stack with sessions, fed with datagrams that the input makes: nothing may crash, leak or be left behind.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../../support/test_loop.hpp"
#include "asterism/sip/session.hpp"

using namespace asterism;
using namespace asterism::sip;

namespace {

class Wire final : public Transport {
  public:
    [[nodiscard]] Protocol protocol() const override { return Protocol::udp; }
    [[nodiscard]] const SocketAddress& local() const override { return local_; }
    [[nodiscard]] std::string_view advertised(const SocketAddress&) override { return "127.0.0.1:5060"; }
    bool send(const SocketAddress&, std::string_view bytes) override {
        last = bytes;
        return true;
    }
    [[nodiscard]] std::string_view name() const override { return "wire"; }
    std::string last;

  private:
    SocketAddress local_ = *SocketAddress::parse("127.0.0.1", 5060);
};

struct Ways final : Router {
    explicit Ways(std::shared_ptr<Wire> w) : wire(std::move(w)) {}
    void route(std::string_view, const RouteHint&, Done done) override {
        done(Flow{wire, *SocketAddress::parse("127.0.0.2", 5060)});
    }
    std::shared_ptr<Wire> wire;
};

struct Driver final : StackHandler, SessionEvents {
    explicit Driver(Stack& s) : stack(s) {}
    void on_request(ServerTransactionPtr t) override {
        if (t->method() != Method::invite) {
            t->respond(200);
            return;
        }
        if (auto made = InviteSession::accept(stack, t, nullptr, *this)) sessions.push_back(*made);
    }
    void on_request(InviteSession&, ServerTransactionPtr t) override { t->respond(200); }
    void on_remote_offer(InviteSession& s, std::string_view, const MessagePtr&) override { s.accept_offer("v=0\r\n"); }
    void on_remote_answer(InviteSession&, std::string_view, const MessagePtr&) override {}
    void on_ended(InviteSession&, const SessionEnd&) override {}
    Stack& stack;
    std::vector<InviteSessionPtr> sessions;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    TestLoop loop;
    FixedRandom random;
    const auto wire = std::make_shared<Wire>();
    Ways ways(wire);
    const Flow peer{wire, *SocketAddress::parse("127.0.0.2", 5060)};
    {
        Stack stack(loop, random, ways);
        Driver driver(stack);
        stack.set_handler(&driver);
        std::string_view rest(reinterpret_cast<const char*>(data), size);
        // Pieces end with a line that holds only a command letter: what the driver does next.
        while (!rest.empty() && driver.sessions.size() < 16) {
            const std::size_t end = rest.find("\n%");
            std::string piece(rest.substr(0, end));
            char command = 0;
            if (end == std::string_view::npos) {
                rest = {};
            } else {
                rest.remove_prefix(end + 2);
                if (!rest.empty()) {
                    command = rest.front();
                    rest.remove_prefix(1);
                }
            }
            // "@TAG@" is our tag in the newest session, "@BRANCH@" the branch of what was sent last.
            const auto put = [&](std::string_view mark, std::string_view value) {
                for (std::size_t at; (at = piece.find(mark)) != std::string::npos && piece.size() < 100000;)
                    piece.replace(at, mark.size(), value);
            };
            if (!driver.sessions.empty()) put("@TAG@", driver.sessions.back()->dialog().local_tag());
            if (const std::size_t at = wire->last.find("branch="); at != std::string::npos)
                put("@BRANCH@", std::string_view(wire->last).substr(at + 7, 45));
            (void)stack.receive(peer, piece);
            loop.run();
            const InviteSessionPtr session = driver.sessions.empty() ? nullptr : driver.sessions.back();
            switch (command) {
                case 'a':
                    if (session) session->answer("v=0\r\n");
                    break;
                case 'p':
                    if (session) session->progress(183, "v=0\r\n");
                    break;
                case 'e':
                    if (session) session->end();
                    break;
                case 'o':
                    if (session) session->offer("v=0\r\n");
                    break;
                case 'u':
                    if (session) session->offer("v=0\r\n", true);
                    break;
                case 'i':
                    if (session) session->request("INFO");
                    break;
                case 'c': {
                    Call call;
                    call.uri = "sip:b@127.0.0.2";
                    call.from = "<sip:a@127.0.0.1>";
                    call.offer = "v=0\r\n";
                    driver.sessions.push_back(InviteSession::call(stack, call, driver));
                    break;
                }
                case 't': loop.advance(std::chrono::seconds(1)); break;
                case 'T': loop.advance(std::chrono::seconds(40)); break;
                default: break;
            }
            loop.run();
        }
        for (const auto& s : driver.sessions) {
            s->end();
            s->detach();
        }
        loop.advance(std::chrono::seconds(200));
        driver.sessions.clear();
        loop.advance(std::chrono::seconds(100));
        if (stack.dialogs() + stack.client_transactions() + stack.server_transactions() != 0) __builtin_trap();
    }
    return 0;
}
