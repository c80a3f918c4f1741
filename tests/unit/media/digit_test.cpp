// Digits: RFC 4733 events, the in-band detector against spandsp's generator, tones.
#include <gtest/gtest.h>
#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

// After <cmath>: it defines macros of the same names. And in this order, which it needs.
// clang-format off
#include <spandsp/telephony.h>
#include <spandsp/logging.h>
#include <spandsp/tone_generate.h>
#include <spandsp/super_tone_rx.h>
#include <spandsp/dtmf.h>
// clang-format on

#include "media/dtmf_detector.hpp"
#include "media/telephone_event.hpp"
#include "media/tone_generator.hpp"

namespace asterism::media {
namespace {

using Samples = std::vector<std::int16_t>;
const TimePoint start{1000s};

std::string changes(const EventReceiver::Changes& c) {
    std::string s;
    for (std::size_t i = 0; i < c.count; ++i)
        s += (c.list[i].begin ? "+" : "-") + std::string(1, c.list[i].digit) +
             (c.list[i].begin ? "" : std::to_string(c.list[i].duration.count()));
    return s;
}
TelephoneEvent event(int digit, int duration, bool end = false) {
    return {static_cast<std::uint8_t>(digit), end, 10, static_cast<std::uint16_t>(duration)};
}

TEST(EventReceiver, OneBeginAndOneEndForManyPackets) {
    EventReceiver r;
    EXPECT_EQ(changes(r.received(event(5, 160), 1000, 8000, start)), "+5");
    EXPECT_EQ(changes(r.received(event(5, 320), 1000, 8000, start)), "");
    EXPECT_EQ(changes(r.received(event(5, 800, true), 1000, 8000, start)), "-5100");
    EXPECT_EQ(changes(r.received(event(5, 800, true), 1000, 8000, start)), "");
    EXPECT_EQ(changes(r.received(event(5, 160), 2000, 8000, start)), "+5");  // the same key again
}

TEST(EventReceiver, LostPackets) {
    EventReceiver r;
    EXPECT_EQ(changes(r.received(event(1, 800, true), 1000, 8000, start)), "+1-1100");  // only an end arrived
    EXPECT_EQ(changes(r.received(event(2, 160), 2000, 8000, start)), "+2");
    EXPECT_EQ(changes(r.received(event(3, 160), 3000, 8000, start)), "-220+3");  // 2's end never came
    EXPECT_EQ(changes(r.received(event(2, 320), 2000, 8000, start)), "");        // too late
    EXPECT_EQ(changes(r.tick(start + 399ms, std::chrono::milliseconds(400))), "");
    EXPECT_EQ(changes(r.tick(start + 400ms, std::chrono::milliseconds(400))), "-320");
}

TEST(EventReceiver, ADigitOfTenSecondsIsOne) {
    EventReceiver r;
    EXPECT_EQ(changes(r.received(event(9, 0xFFFF), 1000, 8000, start)), "+9");
    EXPECT_EQ(changes(r.received(event(9, 160), 1000 + 0xFFFF, 8000, start)), "");
    EXPECT_EQ(changes(r.received(event(9, 14465, true), 1000 + 0xFFFF, 8000, start)), "-910000");
}

TEST(EventReceiver, IgnoresWhatIsNoDigit) {
    EventReceiver r;
    EXPECT_EQ(changes(r.received(event(16, 160, true), 1000, 8000, start)), "");
    EXPECT_FALSE(parse_telephone_event(std::vector<std::uint8_t>{1, 2, 3}));
    EXPECT_EQ(event_of_digit('d'), 15);
    EXPECT_FALSE(event_of_digit('x'));
}

std::string detect(const Samples& audio, std::size_t step = 160) {
    DtmfDetector d;
    std::string heard;
    for (std::size_t at = 0; at < audio.size(); at += step)
        d.feed(std::span(audio).subspan(at, std::min(step, audio.size() - at)), [&](const DtmfDetector::Change& c) {
            if (c.begin) heard += c.digit;
        });
    return heard;
}

/// Digits as spandsp makes them: `on` and `off` in ms, level in dBm0.
Samples spandsp_digits(const std::string& digits, int on, int off, int level, int twist = 0) {
    dtmf_tx_state_t* tx = dtmf_tx_init(nullptr);
    dtmf_tx_set_level(tx, level, twist);
    dtmf_tx_set_timing(tx, on, off);
    Samples all;
    for (const char digit : digits) {
        dtmf_tx_put(tx, &digit, 1);
        Samples block(static_cast<std::size_t>((on + off) * 8));
        const int n = dtmf_tx(tx, block.data(), static_cast<int>(block.size()));
        std::fill(block.begin() + n, block.end(), std::int16_t{0});
        all.insert(all.end(), block.begin(), block.end());
    }
    dtmf_tx_free(tx);
    return all;
}
const std::string all_digits = "0123456789*#ABCD";

TEST(DtmfDetector, HearsSpandsp) {
    for (const int level : {-3, -10, -20, -30}) {
        EXPECT_EQ(detect(spandsp_digits(all_digits, 100, 100, level)), all_digits) << level << " dBm0";
        EXPECT_EQ(detect(spandsp_digits(all_digits, 50, 50, level)), all_digits) << level << " dBm0";
    }
    EXPECT_EQ(detect(spandsp_digits("1122##", 60, 60, -10)), "1122##");
    EXPECT_EQ(detect(spandsp_digits(all_digits, 80, 80, -10, 3)), all_digits);
    EXPECT_EQ(detect(spandsp_digits(all_digits, 80, 80, -10, -3)), all_digits);
}

TEST(DtmfDetector, BlockSizesDontMatter) {
    const auto audio = spandsp_digits(all_digits, 70, 70, -10);
    for (const std::size_t step : {1u, 37u, 160u, 1000u}) EXPECT_EQ(detect(audio, step), all_digits) << step;
}

TEST(DtmfDetector, HearsThroughNoise) {
    auto audio = spandsp_digits(all_digits, 100, 100, -10);
    std::mt19937 random(7);  // NOLINT: repeatable
    std::normal_distribution<double> noise(0, 400);
    for (auto& s : audio) s = static_cast<std::int16_t>(std::clamp(s + noise(random), -32768.0, 32767.0));
    EXPECT_EQ(detect(audio), all_digits);
}

TEST(DtmfDetector, HearsNothingElse) {
    std::mt19937 random(11);  // NOLINT: repeatable
    std::normal_distribution<double> noise(0, 6000);
    Samples white(8000 * 20);
    for (auto& s : white) s = static_cast<std::int16_t>(std::clamp(noise(random), -32768.0, 32767.0));
    EXPECT_EQ(detect(white), "");
    // Dial tone, ringing, busy, fax, a swept tone: no pair of a row and a column.
    for (const auto [a, b] :
         {std::pair{350, 440}, {440, 480}, {480, 620}, {1100, 0}, {697, 0}, {1209, 0}, {697, 770}}) {
        DualTone tone(static_cast<unsigned>(a), static_cast<unsigned>(b), false, 8000, 8000);
        Samples s(8000);
        tone.generate(s);
        EXPECT_EQ(detect(s), "") << a << "+" << b;
    }
    Samples sweep(8000 * 10);
    double phase = 0;
    for (std::size_t i = 0; i < sweep.size(); ++i) {
        phase +=
            2 * std::numbers::pi * (300.0 + 3000.0 * static_cast<double>(i) / static_cast<double>(sweep.size())) / 8000;
        sweep[i] = static_cast<std::int16_t>(10000 * std::sin(phase));
    }
    EXPECT_EQ(detect(sweep), "");
    EXPECT_EQ(detect(spandsp_digits("5", 18, 200, -10)), "");  // too short to be a key press
}

TEST(DtmfDetector, TellsHowLongAKeyWasDown) {
    DtmfDetector d;
    std::int64_t ms = 0;
    d.feed(spandsp_digits("5", 200, 100, -10), [&](const DtmfDetector::Change& c) {
        if (!c.begin) ms = c.duration.count();
    });
    EXPECT_NEAR(static_cast<double>(ms), 200, 20);
}

TEST(DualTone, SpandspHearsOurDigits) {
    dtmf_rx_state_t* rx = dtmf_rx_init(nullptr, nullptr, nullptr);
    for (const char digit : all_digits) {
        const auto pair = *dtmf_frequencies(digit);
        DualTone tone(pair[0], pair[1], false, 7000, 8000);
        Samples s(800);
        tone.generate(s);
        s.resize(1600, 0);
        dtmf_rx(rx, s.data(), static_cast<int>(s.size()));
    }
    char heard[64] = "";
    dtmf_rx_get(rx, heard, 63);
    dtmf_rx_free(rx);
    EXPECT_EQ(std::string(heard), all_digits);
}

TEST(Tones, ReadsIndications) {
    auto t = parse_tone("!950/330, !1400/330,!1800/330,0");
    ASSERT_TRUE(t) << t.error();
    ASSERT_EQ(t->segments.size(), 4u);
    EXPECT_TRUE(t->segments[1].once);
    EXPECT_EQ(t->segments[2].freq1, 1800);
    EXPECT_EQ(t->segments[2].ms, 330u);
    EXPECT_FALSE(t->segments[3].once);
    EXPECT_EQ(t->segments[3].ms, 0u);
    EXPECT_TRUE(t->repeats());
    t = parse_tone("440+480/2000,0/4000");
    ASSERT_TRUE(t);
    EXPECT_EQ(t->segments[0].freq2, 480);
    EXPECT_EQ(t->pass_ms(), 6000u);
    t = parse_tone("425*25");
    ASSERT_TRUE(t);
    EXPECT_TRUE(t->segments[0].modulated);
    EXPECT_EQ(parse_tone("M69/100")->segments[0].freq1, 440);
    for (const char* bad : {"", "abc", "440/", "440+/100", "99999/100", "440/100x", "!"})
        EXPECT_FALSE(parse_tone(bad)) << bad;
    EXPECT_EQ(parse_tone("440/100,ring/2").error(), "'ring/2' is not a tone like 440+480/2000");
}

TEST(Tones, KeepsTheCadence) {
    ToneGenerator g(*parse_tone("!1000/50,440/100,0/100"), 8000);
    Samples s(8000);
    ASSERT_TRUE(g.generate(s));
    const auto sounds = [&](std::size_t ms) {
        std::int64_t sum = 0;
        for (std::size_t i = ms * 8; i < ms * 8 + 80; ++i) sum += std::abs(s[i]);
        return sum > 80 * 500;
    };
    EXPECT_TRUE(sounds(10));
    EXPECT_TRUE(sounds(100));
    EXPECT_FALSE(sounds(200));
    EXPECT_TRUE(sounds(300));  // 250: round again, without the first
    EXPECT_FALSE(sounds(400));
}

TEST(Tones, EndsWhenAllIsPlayedOnce) {
    ToneGenerator g(*parse_tone("!1000/10,!0/10"), 8000);
    Samples s(159);
    EXPECT_TRUE(g.generate(s));
    s.resize(80);
    EXPECT_FALSE(g.generate(s));
    EXPECT_EQ(s[79], 0);
}

}  // namespace
}  // namespace asterism::media
