// The real engine with its thread, over real loopback sockets; the test is the phones.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asterism/media/engine.hpp"
#include "phone.hpp"
#include "support/live_loop.hpp"

namespace asterism::media {

class EngineTest : public testing::Test {
  protected:
    using Kind = LegEvent::Kind;
    struct Call {
        LegId leg;
        Address local;
        Phone phone;
        std::vector<LegEvent> events;
        [[nodiscard]] int count(Kind kind) const {
            return static_cast<int>(
                std::count_if(events.begin(), events.end(), [&](auto& e) { return e.kind == kind; }));
        }
        [[nodiscard]] std::string digits() const {
            std::string d;
            for (auto& e : events)
                if (e.kind == Kind::dtmf_end) d += e.digit;
            return d;
        }
    };

    EngineTest() {
        char name[] = "/tmp/asterism-media-XXXXXX";
        dir = mkdtemp(name);
        // A range of our own for each process, so that tests run side by side.
        const auto first = static_cast<std::uint16_t>(20000 + getpid() % 200 * 200);
        engine = make_engine(loop, {.ports = {first, static_cast<std::uint16_t>(first + 199)}});
    }
    ~EngineTest() override {
        engine.reset();
        std::filesystem::remove_all(dir);
    }

    static RtpConfig config(const Phone& phone, CodecId codec = CodecId::ulaw) {
        RtpConfig c;
        c.remote = phone.address();
        c.receive = {{0, CodecId::ulaw}, {8, CodecId::alaw}, {9, CodecId::g722}, {3, CodecId::gsm}};
        c.send = {static_cast<std::uint8_t>(codec_info(codec).payload_type), codec};
        c.send_event = EventPayload{101, 8000};
        return c;
    }
    std::unique_ptr<Call> call(CodecId codec = CodecId::ulaw) {
        auto made = std::make_unique<Call>();
        auto port = engine->open_rtp({.bind_ip = "127.0.0.1"},
                                     [c = made.get()](LegId, const LegEvent& e) { c->events.push_back(e); });
        EXPECT_TRUE(port) << port.error();
        made->leg = port->leg;
        made->local = port->rtp;
        made->phone.to(port->rtp);
        engine->configure_rtp(made->leg, config(made->phone, codec));
        settle(made->leg);
        return made;
    }
    /// Commands are in order: when an answer is here, all that was asked before is done.
    void settle(LegId) {
        bool answered = false;
        // Of a leg that is not there: one that never had a packet is answered for without asking the worker.
        engine->stats(LegId{~0ULL}, [&](const RtpStats&) { answered = true; });
        EXPECT_TRUE(loop.run_until([&] { return answered; }));
    }
    RtpStats stats(LegId leg) {
        settle(leg);
        std::optional<RtpStats> answer;
        engine->stats(leg, [&](const RtpStats& s) { answer = s; });
        EXPECT_TRUE(loop.run_until([&] { return answer.has_value(); }));
        return answer.value_or(RtpStats{});
    }
    std::string write_ulaw(const std::string& name, std::size_t bytes, char value) {
        const std::string path = dir + "/" + name;
        std::ofstream(path, std::ios::binary) << std::string(bytes, value);
        return path;
    }

    LiveLoop loop;
    std::unique_ptr<Engine> engine;
    std::string dir;
};

}  // namespace asterism::media
