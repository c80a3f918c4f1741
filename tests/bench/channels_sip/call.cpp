// What the SIP side of a call costs: INVITE, answer, ACK, BYE through stack and driver, without sockets and media.
#include <benchmark/benchmark.h>

#include "asterism/model/operations.hpp"
#include "unit/channels_sip/sip_world.hpp"

namespace asterism::pjsip {
namespace {

void one_leg_call(benchmark::State& state) {
    SipWorld w;
    int n = 0;
    for (auto _ : state) {
        const std::string id = "c" + std::to_string(++n);
        w.receive(Ask{.call_id = id, .branch = "z9hG4bK" + id, .body = std::string(usual_sdp)}.text());
        answer(w.channel());
        w.loop.run();
        std::string to;
        while (const auto message = w.next())
            if (message->status() == 200) to = *message->header(sip::HeaderId::to);
        w.receive(Ask{.method = "ACK", .to = to, .call_id = id, .branch = "z9hG4bKa" + id}.text());
        w.receive(Ask{.method = "BYE", .to = to, .call_id = id, .branch = "z9hG4bKb" + id, .cseq = 2}.text());
        w.net->sent.clear();
        w.events.clear();
        w.started.clear();
        w.media.calls.clear();
        w.media.legs.clear();
        if (n % 64 == 0) w.loop.advance(std::chrono::seconds(1));
    }
}
BENCHMARK(one_leg_call);

void register_refresh(benchmark::State& state) {
    SipWorld w(R"(
[udp]
type=transport
bind=127.0.0.1
[a]
type=endpoint
aors=a
[a]
type=aor
max_contacts=1
)");
    int n = 0;
    for (auto _ : state) {
        ++n;
        w.receive(Ask{.method = "REGISTER",
                      .uri = "sip:127.0.0.1",
                      .from = "<sip:a@127.0.0.1>;tag=1",
                      .to = "<sip:a@127.0.0.1>",
                      .call_id = "r",
                      .branch = "z9hG4bK" + std::to_string(n),
                      .cseq = n,
                      .headers = {"Expires: 600"}}
                      .text());
        w.net->sent.clear();
        w.events.clear();
        if (n % 64 == 0) w.loop.advance(std::chrono::seconds(1));
    }
}
BENCHMARK(register_refresh);

void load_thousand_endpoints(benchmark::State& state) {
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        const auto n = std::to_string(i);
        text += "[u" + n + "]\ntype=endpoint\ncontext=in\ndisallow=all\nallow=ulaw,alaw\nauth=u" + n + "\naors=u" + n +
                "\n[u" + n + "]\ntype=auth\nusername=u" + n + "\npassword=p\n[u" + n + "]\ntype=aor\nmax_contacts=1\n";
    }
    config::MapSource source;
    source.files["/etc/pjsip.conf"] = text;
    for (auto _ : state) {
        config::Report report;
        benchmark::DoNotOptimize(load_configuration(source, {.directory = "/etc"}, nullptr, "x", report));
    }
}
BENCHMARK(load_thousand_endpoints)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace asterism::pjsip
