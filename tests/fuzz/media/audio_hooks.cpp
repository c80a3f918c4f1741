// Whatever audio a party sends: the watchers must tell sensible things of it, the effects must leave its length alone.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "media/effects.hpp"
#include "media/listener.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::media;
    if (size < 4) return 0;
    std::vector<std::int16_t> audio((size - 2) / 2);
    std::memcpy(audio.data(), data + 2, audio.size() * 2);
    const std::size_t step = std::max<std::size_t>(data[0], 1);
    std::size_t told = 0;
    Watcher::Tell tell = [&told](const Heard& heard) {
        ++told;
        if (heard.kind == Heard::Kind::digit && heard.digit == 0) __builtin_trap();
    };
    const ListenSpec specs[] = {
        {.what = LevelWatch{.silence_after = Millis(40), .sound_after = Millis(40)}},
        {.what = ToneWatch{.frequency = data[1] * 15U + 1U, .duration = Millis(20), .margin_db = 6}},
        {.what = MfWatch{}},
        {.what = SfWatch{}},
        {.what = ProgressWatch{.fax = true, .voice = true}},
        {.what = MachineWatch{}},
    };
    for (const auto& spec : specs) {
        const auto watcher = make_watcher(spec);
        for (std::size_t at = 0; at < audio.size(); at += step)
            watcher->hear(std::span(audio).subspan(at, std::min(step, audio.size() - at)), tell);
    }
    if (told > audio.size() + std::size(specs)) __builtin_trap();
    Effects effects;
    effects.set({.kind = EffectSpec::Kind::gain_control, .value = 8000});
    effects.set({.kind = EffectSpec::Kind::denoise});
    effects.set({.kind = EffectSpec::Kind::pitch, .value = data[1] / 64.0 + 0.1});
    effects.set({.kind = EffectSpec::Kind::scramble});
    for (std::size_t at = 0; at < audio.size(); at += 160) {
        Frame frame;
        const auto part = std::span(audio).subspan(at, std::min<std::size_t>(160, audio.size() - at));
        std::ranges::copy(part, frame.sample_room().begin());
        frame.set_samples(part.size(), 8000);
        if (!effects.apply(frame) || frame.samples().size() != part.size()) __builtin_trap();
    }
    return 0;
}
