// What the SIP tests share: messages written as text, a network in memory, a stack with its scripted peer.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "asterism/runtime/random.hpp"
#include "asterism/sip/session.hpp"
#include "asterism/sip/stack.hpp"
#include "support/test_loop.hpp"

namespace asterism::sip::test {

/// Lines with \n become lines with CRLF.
inline std::string crlf(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

inline SocketAddress address(std::string_view host, std::uint16_t port) { return *SocketAddress::parse(host, port); }

/// Keeps what is sent, or hands it to `deliver`.
class FakeTransport final : public Transport {
  public:
    FakeTransport(Protocol protocol, SocketAddress local)
        : protocol_(protocol), local_(local), advertised_(local.text()) {}
    [[nodiscard]] Protocol protocol() const override { return protocol_; }
    [[nodiscard]] const SocketAddress& local() const override { return local_; }
    [[nodiscard]] std::string_view advertised(const SocketAddress&) override { return advertised_; }
    bool send(const SocketAddress& remote, std::string_view bytes) override {
        if (dead) return false;
        sent.emplace_back(remote, std::string(bytes));
        if (deliver) deliver(remote, std::string(bytes));
        return true;
    }
    [[nodiscard]] std::string_view name() const override { return "test"; }

    bool dead = false;
    std::vector<std::pair<SocketAddress, std::string>> sent;
    std::function<void(const SocketAddress&, std::string)> deliver;

  private:
    Protocol protocol_;
    SocketAddress local_;
    std::string advertised_;
};

/// Every URI leads over one transport to the address in it.
class FakeRouter final : public Router {
  public:
    void route(std::string_view uri, const RouteHint&, Done done) override {
        hops.emplace_back(uri);
        const auto parsed = Uri::parse(uri);
        if (!transport || !parsed) {
            done(std::unexpected(std::string("no route")));
            return;
        }
        const auto to = SocketAddress::parse(parsed->host, parsed->port_or_default());
        if (!to) {
            done(std::unexpected(std::string("unknown host")));
            return;
        }
        done(Flow{transport, *to});
    }
    std::shared_ptr<Transport> transport;
    std::vector<std::string> hops;
};

/// One stack at 127.0.0.1:5060 whose peer, at 127.0.0.2:5080, is the test.
class Bench : public StackHandler {
  public:
    explicit Bench(Protocol protocol = Protocol::udp, StackSettings settings = make_settings())
        : transport(std::make_shared<FakeTransport>(protocol, address("127.0.0.1", 5060))),
          stack(loop, random, router, std::move(settings)) {
        router.transport = transport;
        stack.set_handler(this);
        peer = Flow{transport, address("127.0.0.2", 5080)};
    }
    ~Bench() override { router.transport.reset(); }

    static StackSettings make_settings() {
        StackSettings settings;
        settings.user_agent = "Asterisk PBX 22.11.0-rc1";
        return settings;
    }

    void on_request(ServerTransactionPtr transaction) override {
        requests.push_back(transaction);
        if (handle) handle(transaction);
    }

    /// The peer sends; lines end with \n.
    void receive(std::string_view text) {
        const auto result = stack.receive(peer, crlf(text));
        EXPECT_TRUE(result.has_value()) << (result ? std::string() : std::string(result.error().what));
        loop.run();
    }
    /// What was sent since the last call, oldest first.
    std::vector<std::string> take() {
        loop.run();
        std::vector<std::string> out;
        for (auto& [to, bytes] : transport->sent) out.push_back(std::move(bytes));
        transport->sent.clear();
        return out;
    }
    /// The only message sent since the last take.
    std::string take_one() {
        auto all = take();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? std::string() : all.front();
    }
    /// What was sent since the last take: "100 INVITE, BYE".
    std::string sent() {
        std::string out;
        for (const std::string& text : take()) {
            const auto m = Message::parse(text);
            EXPECT_TRUE(m.has_value()) << text;
            if (!m) continue;
            if (!out.empty()) out += ", ";
            out += (*m)->is_request() ? std::string((*m)->method_text())
                                      : std::to_string((*m)->status()) + " " + std::string((*m)->method_text());
        }
        return out;
    }
    MessagePtr take_message() {
        const std::string text = take_one();
        auto parsed = Message::parse(text);
        EXPECT_TRUE(parsed.has_value()) << text;
        return parsed ? *parsed : nullptr;
    }

    TestLoop loop;
    FixedRandom random{7};
    FakeRouter router;
    std::shared_ptr<FakeTransport> transport;
    Stack stack;
    Flow peer;
    std::vector<ServerTransactionPtr> requests;
    std::function<void(ServerTransactionPtr)> handle;
};

inline MessagePtr parse(std::string_view text) {
    auto parsed = Message::parse(text);
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().what) << "\n" << text;
    return parsed ? *parsed : nullptr;
}

/// A response of the peer to a request that the stack sent: mandatory headers copied, `extra` lines added.
inline std::string respond_to(const Message& request, int code, std::string_view tag, std::string_view extra = {},
                              std::string_view body = {}) {
    std::string out = "SIP/2.0 " + std::to_string(code) + " " + std::string(reason_phrase(code)) + "\n";
    request.each(HeaderId::via, [&](std::string_view v) { out += "Via: " + std::string(v) + "\n"; });
    out += "From: " + std::string(*request.header(HeaderId::from)) + "\n";
    out += "To: " + std::string(*request.header(HeaderId::to));
    if (!tag.empty() && request.to_tag().empty()) out += ";tag=" + std::string(tag);
    out += "\nCall-ID: " + std::string(request.call_id()) + "\n";
    out += "CSeq: " + std::string(*request.header(HeaderId::cseq)) + "\n";
    out += extra;
    if (!body.empty()) out += "Content-Type: application/sdp\n";
    // The body has \n that crlf() doubles.
    std::size_t length = body.size();
    for (char c : body) length += c == '\n';
    out += "Content-Length: " + std::to_string(length) + "\n\n";
    out += body;
    return out;
}

inline constexpr std::string_view some_sdp =
    "v=0\n"
    "o=- 1 1 IN IP4 127.0.0.2\n"
    "s=-\n"
    "c=IN IP4 127.0.0.2\n"
    "t=0 0\n"
    "m=audio 27500 RTP/AVP 0 8 101\n"
    "a=rtpmap:0 PCMU/8000\n"
    "a=rtpmap:8 PCMA/8000\n"
    "a=rtpmap:101 telephone-event/8000\n"
    "a=fmtp:101 0-16\n"
    "a=ptime:20\n"
    "a=sendrecv\n";

/// A request of the peer.
inline std::string request_text(std::string_view method, std::string_view uri, std::string_view branch,
                                std::string_view to_tag, std::uint32_t cseq, std::string_view extra = {},
                                std::string_view body = {}) {
    std::string out = std::string(method) + " " + std::string(uri) + " SIP/2.0\n";
    out += "Via: SIP/2.0/UDP 127.0.0.2:5080;rport;branch=" + std::string(branch) + "\n";
    out += "Max-Forwards: 70\nFrom: \"Cat\" <sip:alice@127.0.0.1>;tag=f1\nTo: <sip:200@127.0.0.1:5060>";
    if (!to_tag.empty()) out += ";tag=" + std::string(to_tag);
    out += "\nCall-ID: cat1\nCSeq: " + std::to_string(cseq) + " " + std::string(method) + "\n";
    out += "Contact: <sip:alice@127.0.0.2:5080>\n";
    out += extra;
    if (!body.empty()) out += "Content-Type: application/sdp\n";
    std::size_t length = body.size();
    for (char c : body) length += c == '\n';
    out += "Content-Length: " + std::to_string(length) + "\n\n";
    out += body;
    return out;
}

/// Writes down what a session tells.
class Listener : public SessionEvents {
  public:
    void on_sent(InviteSession&) override { add("sent"); }
    void on_progress(InviteSession&, int code, const MessagePtr&) override { add("progress " + std::to_string(code)); }
    void on_answered(InviteSession&, const MessagePtr&) override { add("answered"); }
    void on_confirmed(InviteSession&) override { add("confirmed"); }
    void on_remote_offer(InviteSession& session, std::string_view sdp, const MessagePtr&) override {
        add(sdp.empty() ? "offer wanted" : "offer");
        if (!auto_answer.empty()) session.accept_offer(auto_answer);
    }
    void on_remote_answer(InviteSession&, std::string_view, const MessagePtr&) override { add("answer"); }
    void on_offer_refused(InviteSession&, int code, const MessagePtr&) override {
        add("refused " + std::to_string(code));
    }
    void on_request(InviteSession&, ServerTransactionPtr transaction) override {
        add("request " + std::string(transaction->request()->method_text()));
        transaction->respond(200);
    }
    void on_ended(InviteSession&, const SessionEnd& end) override {
        static constexpr const char* names[] = {"remote", "local", "timeout", "transport"};
        add("ended " + std::string(names[static_cast<int>(end.by)]) + " " + std::to_string(end.code));
    }
    std::string take() { return std::exchange(log, {}); }

    std::string log;
    std::string auto_answer;

  private:
    void add(const std::string& what) {
        if (!log.empty()) log += ", ";
        log += what;
    }
};

/// Who we are, whoever asks; the password is "p".
inline std::shared_ptr<const CredentialList> user(const std::string& name) {
    auto list = std::make_shared<CredentialList>();
    list->push_back({.realm = "*", .username = name, .password = "p"});
    return list;
}

}  // namespace asterism::sip::test
