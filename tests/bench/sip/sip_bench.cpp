// What SIP costs: a message read and written, a whole called leg, a whole calling leg, a registration.
#include <benchmark/benchmark.h>

#include <malloc.h>

#include <string>

#include "../../support/test_loop.hpp"
#include "asterism/sip/digest.hpp"
#include "asterism/sip/offer_answer.hpp"
#include "asterism/sip/session.hpp"

namespace asterism::sip {
namespace {

std::string crlf(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

const std::string sdp = crlf(
    "v=0\no=load 53655765 2353687637 IN IP4 127.0.0.2\ns=-\nc=IN IP4 127.0.0.2\nt=0 0\nm=audio 6000 RTP/AVP 0\n"
    "a=rtpmap:0 PCMU/8000\na=ptime:20\n");

std::string request(std::string_view method, const std::string& branch, const std::string& call, const std::string& tag,
                    int cseq, const std::string& body = {}) {
    std::string out =
        std::string(method) + " sip:100@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5061;branch=z9hG4bK-" +
        branch + "\r\nFrom: \"load\" <sip:load@127.0.0.2:5061>;tag=1t" + call + "\r\nTo: <sip:100@127.0.0.1:5060>" +
        (tag.empty() ? "" : ";tag=" + tag) + "\r\nCall-ID: " + call + "@127.0.0.2\r\nCSeq: " + std::to_string(cseq) +
        " " + std::string(method) + "\r\nContact: <sip:load@127.0.0.2:5061>\r\nMax-Forwards: 70\r\n";
    if (!body.empty()) out += "Content-Type: application/sdp\r\n";
    return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class NullTransport final : public Transport {
  public:
    [[nodiscard]] Protocol protocol() const override { return Protocol::udp; }
    [[nodiscard]] const SocketAddress& local() const override { return local_; }
    [[nodiscard]] std::string_view advertised(const SocketAddress&) override { return "127.0.0.1:5060"; }
    bool send(const SocketAddress&, std::string_view bytes) override {
        last.assign(bytes);
        return true;
    }
    [[nodiscard]] std::string_view name() const override { return "null"; }
    std::string last;

  private:
    SocketAddress local_ = *SocketAddress::parse("127.0.0.1", 5060);
};

struct Ways final : Router {
    void route(std::string_view uri, const RouteHint& hint, Done done) override {
        if (hint.flow) {
            done(hint.flow);
            return;
        }
        const auto parsed = Uri::parse(uri);
        done(Flow{transport, *SocketAddress::parse(parsed->host, parsed->port_or_default())});
    }
    std::shared_ptr<Transport> transport;
};

struct Fixture : StackHandler, SessionEvents {
    Fixture() {
        ways.transport = transport;
        stack.set_handler(this);
    }
    ~Fixture() override { loop.advance(std::chrono::minutes(5)); }
    void on_request(ServerTransactionPtr t) override { session = *InviteSession::accept(stack, t, settings, *this); }
    void on_request(InviteSession&, ServerTransactionPtr t) override { t->respond(200); }
    void on_remote_offer(InviteSession&, std::string_view, const MessagePtr&) override {}
    void on_remote_answer(InviteSession&, std::string_view, const MessagePtr&) override {}
    void on_ended(InviteSession&, const SessionEnd&) override { ++ended; }

    TestLoop loop;
    FixedRandom random;
    Ways ways;
    std::shared_ptr<NullTransport> transport = std::make_shared<NullTransport>();
    Stack stack{loop, random, ways};
    Flow peer{transport, *SocketAddress::parse("127.0.0.2", 5061)};
    SessionSettingsPtr settings = std::make_shared<const SessionSettings>();
    InviteSessionPtr session;
    int ended = 0;
};

void parse_invite(benchmark::State& state) {
    const std::string text = request("INVITE", "1", "1", "", 1, sdp);
    for (auto _ : state) benchmark::DoNotOptimize(Message::parse(text));
}
BENCHMARK(parse_invite);

void negotiate_sdp(benchmark::State& state) {
    LocalMedia media;
    media.address = {false, "127.0.0.1"};
    media.port = 4000;
    media.codecs = codecs_named({"ulaw"});
    for (auto _ : state) {
        OfferAnswer oa;
        Negotiated result;
        const auto remote = SessionDescription::parse(sdp);
        benchmark::DoNotOptimize(oa.answer(*remote, media, result)->text());
    }
}
BENCHMARK(negotiate_sdp);

void digest_check(benchmark::State& state) {
    TestLoop loop;
    FixedRandom random;
    DigestServer server(loop.clock(), random);
    const CredentialList secrets{{.realm = "*", .username = "u", .password = "p"}};
    const auto challenge = server.challenge("asterisk");
    const auto value = answer_challenge(*DigestHeader::parse(challenge), secrets, "INVITE", "sip:h", "c");
    std::string text = request("INVITE", "1", "1", "", 1);
    text.insert(text.find("Max-Forwards"), "Authorization: " + *value + "\r\n");
    const auto message = *Message::parse(text);
    for (auto _ : state) {
        benchmark::DoNotOptimize(server.challenge("asterisk"));
        if (server.check(*message, secrets[0], "asterisk") != DigestServer::Result::ok) state.SkipWithError("wrong");
    }
}
BENCHMARK(digest_check);

/// INVITE, 100, 200, ACK, BYE, 200 of one called leg; time passes at 500 calls a second.
void called_leg(benchmark::State& state) {
    Fixture f;
    const std::string answer = sdp;
    int n = 0;
    for (auto _ : state) {
        const std::string call = std::to_string(++n);
        (void)f.stack.receive(f.peer, request("INVITE", call + "i", call, "", 1, sdp));
        f.session->trying();
        f.session->answer(answer);
        const std::string tag = f.session->dialog().local_tag();
        (void)f.stack.receive(f.peer, request("ACK", call + "a", call, tag, 1));
        (void)f.stack.receive(f.peer, request("BYE", call + "b", call, tag, 2));
        f.session.reset();
        f.loop.advance(std::chrono::milliseconds(2));
    }
    if (f.ended != n) state.SkipWithError("calls did not end");
}
BENCHMARK(called_leg)->Unit(benchmark::kMicrosecond)->MinTime(2);

std::string response(const std::string& sent, int code, const std::string& body = {}) {
    const auto m = *Message::parse(sent);
    std::string out =
        "SIP/2.0 " + std::to_string(code) + " x\r\nVia: " + std::string(*m->header(HeaderId::via)) +
        "\r\nFrom: " + std::string(*m->header(HeaderId::from)) + "\r\nTo: " + std::string(*m->header(HeaderId::to)) +
        (m->to_tag().empty() ? ";tag=x" : "") + "\r\nCall-ID: " + std::string(m->call_id()) +
        "\r\nCSeq: " + std::string(*m->header(HeaderId::cseq)) + "\r\nContact: <sip:callee@127.0.0.2:5061>\r\n";
    if (!body.empty()) out += "Content-Type: application/sdp\r\n";
    return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// INVITE, 180, 200, ACK, BYE, 200 of one calling leg (the peer's side is in the figure).
void calling_leg(benchmark::State& state) {
    Fixture f;
    for (auto _ : state) {
        Call call;
        call.uri = "sip:callee@127.0.0.2:5061";
        call.from = "<sip:a@127.0.0.1>";
        call.offer = sdp;
        call.settings = f.settings;
        auto session = InviteSession::call(f.stack, std::move(call), f);
        f.loop.run();
        const std::string invite = f.transport->last;
        (void)f.stack.receive(f.peer, response(invite, 180));
        (void)f.stack.receive(f.peer, response(invite, 200, sdp));
        session->end(0, {{"Reason", "Q.850;cause=16"}});
        (void)f.stack.receive(f.peer, response(f.transport->last, 200));
        session.reset();
        f.loop.advance(std::chrono::milliseconds(2));
    }
}
BENCHMARK(calling_leg)->Unit(benchmark::kMicrosecond)->MinTime(2);

/// Bytes on the heap that one established called leg holds, after its transactions have gone.
void held_call_memory(benchmark::State& state) {
    for (auto _ : state) {
        Fixture f;
        std::vector<InviteSessionPtr> held;
        const auto establish = [&](int from, int to) {
            for (int n = from; n < to; ++n) {
                const std::string call = std::to_string(n);
                (void)f.stack.receive(f.peer, request("INVITE", call + "i", call, "", 1, sdp));
                f.session->trying();
                f.session->answer(sdp);
                (void)f.stack.receive(f.peer, request("ACK", call + "a", call, f.session->dialog().local_tag(), 1));
                held.push_back(std::move(f.session));
            }
            f.loop.advance(std::chrono::seconds(40));
        };
        establish(0, 2000);
        const auto before = mallinfo2().uordblks;
        establish(2000, 4000);
        state.counters["bytes_per_leg"] = static_cast<double>(mallinfo2().uordblks - before) / 2000;
        for (auto& s : held) s->detach();
    }
}
BENCHMARK(held_call_memory)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace asterism::sip
