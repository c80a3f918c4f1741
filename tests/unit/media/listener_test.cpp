// What is listened for in audio, and what is done to it: watchers and effects, without a worker.
#include "media/listener.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "asterism/media/mf.hpp"
#include "media/effects.hpp"
#include "media/recorder.hpp"
#include "media/tone_generator.hpp"

namespace asterism::media {
namespace {

using Samples = std::vector<std::int16_t>;

/// Tones one after another: "440+480/2000,0/4000".
Samples tones(const std::string& text, int level = 7219) {
    auto spec = parse_tone(text);
    EXPECT_TRUE(spec) << text;
    spec->level = level;
    ToneGenerator generator(*spec, 8000);
    Samples all(spec->pass_ms() * 8);
    generator.generate(all);
    return all;
}

/// Something like speech: a rough sound of many frequencies.
Samples voice(unsigned ms, double level = 3000) {
    Samples all(ms * 8);
    double phase = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        phase += 2 * std::numbers::pi * (150 + 40 * std::sin(static_cast<double>(i) / 900)) / 8000;
        double sample = 0;
        for (int k = 1; k <= 8; ++k) sample += std::sin(k * phase) / k;
        all[i] = static_cast<std::int16_t>(sample * level);
    }
    return all;
}
Samples silence(unsigned ms) { return Samples(ms * 8, 0); }
Samples operator+(Samples a, const Samples& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::vector<Heard> hear(const ListenSpec& spec, const Samples& audio, std::size_t step = 160) {
    std::vector<Heard> all;
    Watcher::Tell tell = [&all](Heard heard) { all.push_back(std::move(heard)); };
    const auto watcher = make_watcher(spec);
    for (std::size_t at = 0; at < audio.size(); at += step)
        watcher->hear(std::span(audio).subspan(at, std::min(step, audio.size() - at)), tell);
    return all;
}
std::string digits(const std::vector<Heard>& all) {
    std::string text;
    for (const auto& heard : all)
        if (heard.kind == Heard::Kind::digit) text += heard.digit;
    return text;
}
std::string progress(const std::vector<Heard>& all) {
    std::string text;
    for (const auto& heard : all) text += (text.empty() ? "" : " ") + heard.text;
    return text;
}

TEST(LevelWatcher, TellsSilenceEachTimeItHasLasted) {
    const auto all = hear({.what = LevelWatch{.silence_after = Millis(500)}},
                          silence(1040) + voice(300) + silence(200) + voice(100) + silence(600));
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].duration, Millis(500));
    EXPECT_EQ(all[0].sounded, Millis(0));
    EXPECT_EQ(all[1].sounded, Millis(0));
    // The pause within the sound belongs to it, the silence behind it does not.
    EXPECT_NEAR(static_cast<double>(all[2].sounded.count()), 600, 40);
}

TEST(LevelWatcher, TellsSound) {
    const auto all = hear({.what = LevelWatch{.sound_after = Millis(200)}}, silence(500) + voice(450) + silence(100));
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].kind, Heard::Kind::sound);
}

TEST(ToneWatcher, HearsItsFrequencyOnly) {
    const auto count = [](unsigned frequency, const Samples& audio) {
        const auto all = hear({.what = ToneWatch{.frequency = frequency}}, audio);
        return std::ranges::count(all, Heard::Kind::tone_begin, &Heard::kind);
    };
    const auto tone = tones("!440/1500");
    EXPECT_EQ(count(440, tone), 1);
    EXPECT_EQ(count(480, tone), 0);
    EXPECT_EQ(count(440, tones("!440+480/1500")), 0);  // it does not stand alone
    EXPECT_EQ(count(440, tones("!440/300")), 0);
    EXPECT_EQ(count(440, tones("!440/700,!0/100,!440/700")), 2);
    EXPECT_EQ(count(440, voice(3000)), 0);
    EXPECT_EQ(count(2600, tones("!2600/800", 1000)), 1);
}

TEST(ToneWatcher, TellsTheEnd) {
    const auto all = hear({.what = ToneWatch{.frequency = 1000}}, tones("!1000/1000,!0/200"));
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[1].kind, Heard::Kind::tone_end);
    EXPECT_NEAR(static_cast<double>(all[1].duration.count()), 1000, 40);
}

Samples mf(const std::string& text) {
    Samples all;
    for (const char c : text) {
        const auto [low, high] = mf_frequencies(c);
        const unsigned ms = c == '*' ? 120 : 55;
        all = all + tones("!" + std::to_string(low) + "+" + std::to_string(high) + "/" + std::to_string(ms)) +
              silence(50);
    }
    return all;
}

TEST(MfWatcher, HearsAllDigits) {
    const std::string all = "*1234567890ABC#";
    for (const std::size_t step : {160u, 97u, 1000u}) EXPECT_EQ(digits(hear({.what = MfWatch{}}, mf(all), step)), all);
    EXPECT_EQ(digits(hear({.what = MfWatch{}}, mf("*1122##"))), "*1122##");
    EXPECT_EQ(digits(hear({.what = MfWatch{}}, voice(10'000))), "");
    EXPECT_EQ(digits(hear({.what = MfWatch{}}, tones("!697+1209/100,!0/50,!770+1336/100,!0/50"))), "");  // DTMF
}

TEST(SfWatcher, CountsPulses) {
    const auto dial = [](int pulses) {
        Samples all;
        for (int i = 0; i < pulses; ++i) all = all + tones("!2600/60,!0/40");
        return all + silence(600);
    };
    EXPECT_EQ(digits(hear({.what = SfWatch{}}, dial(1) + dial(9) + dial(10) + dial(4))), "1904");
    EXPECT_EQ(digits(hear({.what = SfWatch{.frequency = 2400}}, dial(3))), "");
    EXPECT_EQ(digits(hear({.what = SfWatch{}}, voice(5000))), "");
}

TEST(ProgressWatcher, NamesWhatTheNetworkPlays) {
    const auto named = [](const std::string& text, ProgressWatch watch = {}) {
        return progress(hear({.what = watch}, tones(text)));
    };
    EXPECT_EQ(named("!440+480/2000,!0/4000,!440+480/2000,!0/1000"), "RINGING RINGING");
    EXPECT_EQ(named("!425/1000,!0/4000"), "RINGING");
    EXPECT_EQ(named("!480+620/500,!0/500,!480+620/500,!0/500,!480+620/500,!0/500"), "BUSY");
    EXPECT_EQ(named("!480+620/250,!0/250,!480+620/250,!0/250,!480+620/250,!0/250"), "BUSY");
    EXPECT_EQ(named("!350+440/4000"), "DIALTONE");
    EXPECT_EQ(named("!950/330,!1400/330,!1800/330,!0/1000"), "SIT");
    EXPECT_EQ(named("!1100/500,!0/3000"), "");
    EXPECT_EQ(named("!1100/500,!0/3000", {.fax = true}), "FAX");
    EXPECT_EQ(named("!2100/3000"), "MODEM");
    EXPECT_EQ(progress(hear({.what = ProgressWatch{}}, voice(3000))), "");
    EXPECT_NE(progress(hear({.what = ProgressWatch{.voice = true}}, voice(3000))), "");
}

std::string judge(const Samples& audio, const MachineWatch& watch = {}) {
    const auto all = hear({.what = watch}, audio);
    return all.size() == 1 ? all[0].text + " " + all[0].cause : std::to_string(all.size()) + " verdicts";
}

TEST(MachineWatcher, TellsWhoAnswered) {
    EXPECT_EQ(judge(silence(6000)), "MACHINE INITIALSILENCE-2500-2500");
    EXPECT_EQ(judge(silence(300) + voice(600) + silence(4000)), "HUMAN HUMAN-800-800");
    EXPECT_EQ(judge(silence(300) + voice(6000)), "MACHINE LONGGREETING-1500-1500");
    const Samples words = voice(200) + silence(200) + voice(200) + silence(200) + voice(300) + silence(900);
    EXPECT_TRUE(judge(words, {.max_words = 2}).starts_with("MACHINE MAXWORDS-3-2"));
    EXPECT_EQ(judge(words, {.max_words = 3}), "HUMAN HUMAN-800-800");  // as many are still a person's
    EXPECT_TRUE(judge(silence(2000) + voice(200) + silence(700),
                      {.after_greeting_silence = Millis(5000), .total_time = Millis(2800)})
                    .starts_with("NOTSURE TOOLONG-"));
    EXPECT_TRUE(judge(voice(5200), {.greeting = Millis(20'000), .total_time = Millis(20'000)})
                    .starts_with("MACHINE MAXWORDLENGTH-5000"));
    // A click is no word.
    EXPECT_EQ(judge(silence(100) + voice(40) + silence(4000)), "MACHINE INITIALSILENCE-2500-2500");
}

// ---- effects ----

/// Runs an effect over audio in 20 ms frames.
Samples through(Effects& effects, const Samples& audio) {
    Samples all;
    for (std::size_t at = 0; at + 160 <= audio.size(); at += 160) {
        Frame frame;
        std::copy_n(audio.begin() + static_cast<std::ptrdiff_t>(at), 160, frame.sample_room().begin());
        frame.set_samples(160, 8000);
        if (!effects.apply(frame)) continue;
        const auto samples = frame.samples();
        all.insert(all.end(), samples.begin(), samples.end());
    }
    return all;
}

/// How often a wave crosses zero upwards in the second half of a second.
int frequency_of(const Samples& audio) {
    int crossings = 0;
    for (std::size_t i = audio.size() - 4000; i < audio.size(); ++i)
        if (audio[i - 1] < 0 && audio[i] >= 0) ++crossings;
    return crossings * 2;
}

TEST(Effects, ScrambleTwiceIsAsBefore) {
    const auto audio = tones("!600/1000");
    Effects once, again;
    once.set({.kind = EffectSpec::Kind::scramble});
    again.set({.kind = EffectSpec::Kind::scramble});
    const auto scrambled = through(once, audio);
    EXPECT_NEAR(frequency_of(scrambled), 3400, 20);
    EXPECT_EQ(through(again, scrambled), audio);
}

TEST(Effects, PitchShiftsAndKeepsTime) {
    const auto audio = tones("!500/2000");
    Effects effects;
    effects.set({.kind = EffectSpec::Kind::pitch, .value = 1.5});
    const auto shifted = through(effects, audio);
    ASSERT_EQ(shifted.size(), audio.size());
    EXPECT_NEAR(frequency_of(shifted), 750, 40);
    effects.set({.kind = EffectSpec::Kind::pitch, .on = false});
    EXPECT_TRUE(effects.none());
}

TEST(Effects, GainControlRaisesWhatIsQuiet) {
    const auto quiet = voice(8000, 100);
    Effects effects;
    effects.set({.kind = EffectSpec::Kind::gain_control, .value = 8000});
    const auto louder = through(effects, quiet);
    const auto end = [](const Samples& audio) { return std::span(audio).last(8000); };
    EXPECT_GT(mean_magnitude(end(louder)), 3 * mean_magnitude(end(quiet)));
}

TEST(Effects, DenoiseLowersNoise) {
    Samples noise(8000 * 6);
    unsigned seed = 1;
    for (auto& sample : noise) {
        seed = seed * 1103515245 + 12345;
        sample = static_cast<std::int16_t>(static_cast<int>(seed >> 16 & 0x7FF) - 1024);
    }
    Effects effects;
    effects.set({.kind = EffectSpec::Kind::denoise});
    const auto cleaner = through(effects, noise);
    EXPECT_LT(mean_magnitude(std::span(cleaner).last(8000)) * 2, mean_magnitude(std::span(noise).last(8000)));
}

TEST(Effects, DropsAndSaysWhenThereIsNone) {
    Effects effects;
    EXPECT_TRUE(effects.none());
    effects.set({.kind = EffectSpec::Kind::drop});
    effects.set({.kind = EffectSpec::Kind::drop_digits});
    EXPECT_FALSE(effects.none());
    EXPECT_TRUE(effects.drops_digits());
    EXPECT_TRUE(through(effects, voice(100)).empty());
    effects.set({.kind = EffectSpec::Kind::drop, .on = false});
    effects.set({.kind = EffectSpec::Kind::drop_digits, .on = false});
    EXPECT_TRUE(effects.none());
}

}  // namespace
}  // namespace asterism::media
