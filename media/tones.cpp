#include "asterism/media/tones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace asterism::media {

namespace {

constexpr std::size_t max_segments = 1024;
constexpr unsigned max_frequency = 24000;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// MIDI note numbers 0 to 127 as Hz: 69 is A4, 440 Hz.
unsigned note_frequency(unsigned note) {
    static constexpr unsigned lowest_octave[12] = {8176,  8662,  9177,  9723,  10301, 10913,
                                                   11562, 12250, 12978, 13750, 14568, 15434};
    return (lowest_octave[note % 12] << (note / 12)) / 1000;
}

bool read_number(std::string_view& text, unsigned limit, unsigned& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value > limit) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool read_frequency(std::string_view& text, ToneSegment& segment, std::uint16_t& hz) {
    unsigned value = 0;
    if (!text.empty() && (text.front() == 'M' || text.front() == 'm')) {
        text.remove_prefix(1);
        if (!read_number(text, 127, value)) return false;
        segment.midi = true;
        value = note_frequency(value);
    } else if (!read_number(text, max_frequency, value)) {
        return false;
    }
    hz = static_cast<std::uint16_t>(value);
    return true;
}

bool read_segment(std::string_view text, ToneSegment& segment) {
    if (!text.empty() && text.front() == '!') {
        segment.once = true;
        text.remove_prefix(1);
    }
    if (!read_frequency(text, segment, segment.freq1)) return false;
    if (!text.empty() && (text.front() == '+' || text.front() == '*')) {
        segment.modulated = text.front() == '*';
        text.remove_prefix(1);
        if (!read_frequency(text, segment, segment.freq2)) return false;
    }
    if (!text.empty() && text.front() == '/') {
        text.remove_prefix(1);
        unsigned ms = 0;
        if (!read_number(text, 24u * 3600 * 1000, ms)) return false;
        segment.ms = ms;
    }
    return text.empty();
}

}  // namespace

bool ToneSpec::repeats() const {
    return std::any_of(segments.begin(), segments.end(), [](const auto& s) { return !s.once; });
}

std::uint32_t ToneSpec::pass_ms() const {
    std::uint64_t sum = 0;
    for (const auto& segment : segments) {
        if (segment.ms == 0) return 0;
        sum += segment.ms;
    }
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, UINT32_MAX));
}

std::expected<ToneSpec, std::string> parse_tone(std::string_view text) {
    ToneSpec spec;
    while (true) {
        const auto comma = text.find_first_of(",|");
        const auto part = trim(text.substr(0, comma));
        if (!part.empty()) {
            ToneSegment segment;
            if (!read_segment(part, segment))
                return std::unexpected(fmt::format("'{}' is not a tone like 440+480/2000", part.substr(0, 40)));
            if (spec.segments.size() == max_segments) return std::unexpected(std::string("more than 1024 segments"));
            spec.segments.push_back(segment);
        }
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    if (spec.segments.empty()) return std::unexpected(std::string("no tone given"));
    return spec;
}

}  // namespace asterism::media
