// What calls cost the media worker: its own CPU time, while a generator in another thread sends 50 packets a second on
// every leg. The figures to look at are cpu_pct_per_call, and late_us: how long packets took on their way.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "asterism/media/engine.hpp"
#include "media/rtp_packet.hpp"
#include "media/socket_address.hpp"
#include "tests/support/live_loop.hpp"

namespace asterism::media {
namespace {

struct Socket {
    int fd = -1;
    std::uint8_t type = 0;
};

std::uint64_t now_us() {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count());
}

/// Nanoseconds on a CPU of the thread named "media".
std::uint64_t worker_cpu() {
    std::uint64_t ns = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        std::ifstream(task.path() / "comm") >> name;
        if (name != "media") continue;
        std::ifstream(task.path() / "schedstat") >> ns;
    }
    return ns;
}

/// Sends on all sockets, evenly spread over the 20 ms, and takes what comes back.
struct Generator {
    std::vector<Socket> sockets;
    std::atomic<bool> stop{false};
    std::uint64_t sent = 0, got = 0;
    std::vector<std::uint32_t> late;

    void run() {
        const int ep = epoll_create1(0);
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            epoll_event e{.events = EPOLLIN, .data = {.u64 = i}};
            epoll_ctl(ep, EPOLL_CTL_ADD, sockets[i].fd, &e);
        }
        std::uint64_t tick = now_us();
        std::size_t next = 0;
        std::uint16_t sequence = 1;
        std::uint8_t packet[172], in[2048];
        while (!stop) {
            const std::uint64_t t = now_us();
            while (tick + next * 20000 / sockets.size() <= t) {
                std::memset(packet, 0x55, sizeof packet);
                write_rtp_header(
                    packet, {sockets[next].type, false, sequence, sequence * 160u, static_cast<std::uint32_t>(next)});
                const std::uint64_t stamp = now_us();
                std::memcpy(packet + 12, "RTPB", 4);
                std::memcpy(packet + 16, &stamp, 8);
                if (::send(sockets[next].fd, packet, sizeof packet, 0) > 0) ++sent;
                if (++next == sockets.size()) {
                    next = 0;
                    tick += 20000;
                    ++sequence;
                }
            }
            epoll_event events[256];
            const int n = epoll_wait(ep, events, 256, 1);
            for (int i = 0; i < n; ++i) {
                const ssize_t bytes = recv(sockets[events[i].data.u64].fd, in, sizeof in, MSG_DONTWAIT);
                if (bytes < 12 || looks_like_rtcp({in, static_cast<std::size_t>(bytes)})) continue;
                ++got;
                std::uint64_t stamp;
                std::memcpy(&stamp, in + 16, 8);
                if (bytes >= 24 && std::memcmp(in + 12, "RTPB", 4) == 0)
                    late.push_back(static_cast<std::uint32_t>(now_us() - stamp));
            }
        }
        close(ep);
    }
};

enum class Work { relay, transcode, echo, playback, conference };

void calls(benchmark::State& state, Work work) {
    const auto count = static_cast<std::size_t>(state.range(0));
    LiveLoop loop;
    const auto engine = make_engine(loop, {.ports = {20000, 39998}});
    Generator generator;
    std::vector<LegId> legs;
    const auto leg = [&](CodecId codec) {
        SocketAddress address = *SocketAddress::parse({"127.0.0.1", 0});
        const int fd = socket(AF_INET, SOCK_DGRAM, 0);
        socklen_t length = SocketAddress::capacity;
        bind(fd, address.raw(), address.size());
        getsockname(fd, address.raw(), &length);
        const auto port = engine->open_rtp({.bind_ip = "127.0.0.1"}, {});
        SocketAddress there = *SocketAddress::parse(port->rtp);
        connect(fd, there.raw(), there.size());
        RtpConfig config;
        config.remote = address.text();
        config.send = {static_cast<std::uint8_t>(codec_info(codec).payload_type), codec};
        config.receive = {config.send};
        config.send_event = EventPayload{101, 8000};
        engine->configure_rtp(port->leg, config);
        generator.sockets.push_back({fd, config.send.number});
        legs.push_back(port->leg);
        return port->leg;
    };
    MixerId mixer;
    if (work == Work::conference) mixer = engine->open_mixer({});
    for (std::size_t i = 0; i < count; ++i) {
        const LegId a = leg(CodecId::ulaw);
        if (work == Work::relay) engine->connect(a, leg(CodecId::ulaw));
        if (work == Work::transcode) engine->connect(a, leg(CodecId::alaw));
        if (work == Work::echo) engine->echo(a, true);
        if (work == Work::conference) engine->mixer_add(mixer, a, MixRole::normal);
        if (work == Work::playback)
            engine->play(a, {.files = {"/usr/share/asterisk/sounds/en/demo-congrats.wav"}, .repeat = 0}, {});
    }
    for (auto _ : state) {
        generator.stop = false;
        generator.sent = generator.got = 0;
        generator.late.clear();
        std::thread thread([&] { generator.run(); });
        loop.run_until([] { return false; }, 500ms);
        const auto cpu = worker_cpu();
        const auto begin = now_us();
        loop.run_until([] { return false; }, 4s);
        const auto used = static_cast<double>(worker_cpu() - cpu) / 1000;
        const auto took = static_cast<double>(now_us() - begin);
        generator.stop = true;
        thread.join();
        state.SetIterationTime(took / 1e6);
        state.counters["cpu_pct_per_call"] = 100 * used / took / static_cast<double>(count);
        state.counters["lost_pct"] =
            work == Work::playback || work == Work::conference
                ? 0
                : 100.0 * (static_cast<double>(generator.sent) - static_cast<double>(generator.got)) /
                      static_cast<double>(generator.sent);
        auto& late = generator.late;
        std::sort(late.begin(), late.end());
        if (!late.empty()) {
            state.counters["late_p50_us"] = late[late.size() / 2];
            state.counters["late_p99_us"] = late[late.size() * 99 / 100];
        }
    }
    for (const LegId id : legs) engine->close(id);
    for (const auto& socket : generator.sockets) close(socket.fd);
}

/// A leg's life without packets: both threads' CPU.
void setup(benchmark::State& state) {
    LiveLoop loop;
    const auto engine = make_engine(loop, {.ports = {20000, 39998}});
    RtpConfig config;
    config.remote = {"127.0.0.1", 9};
    config.send = {0, CodecId::ulaw};
    config.receive = {config.send};
    for (auto _ : state) {
        const auto port = engine->open_rtp({.bind_ip = "127.0.0.1"}, {});
        engine->configure_rtp(port->leg, config);
        engine->close(port->leg);
        bool done = false;
        engine->stats(port->leg, [&](const RtpStats&) { done = true; });
        loop.run_until([&] { return done; });
    }
}
BENCHMARK(setup)->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);

BENCHMARK_CAPTURE(calls, relay, Work::relay)->Arg(100)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(calls, transcode, Work::transcode)
    ->Arg(100)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(calls, echo, Work::echo)->Arg(100)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(calls, playback, Work::playback)->Arg(100)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(calls, conference, Work::conference)
    ->Arg(40)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace asterism::media
