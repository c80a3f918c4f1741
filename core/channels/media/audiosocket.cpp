#include "core/channels/media/audiosocket.hpp"

#include <algorithm>

namespace asterism::media_channels {

namespace {

using enum media::CodecId;
constexpr std::array audio_kinds{slin, slin12, slin16, slin24, slin32, slin44, slin48, slin96, slin192};
constexpr auto first_audio = static_cast<std::uint8_t>(AudioSocketKind::audio);
constexpr std::size_t header_bytes = 3;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<std::uint8_t> audiosocket_kind(media::CodecId codec) {
    const auto found = std::ranges::find(audio_kinds, codec);
    if (found == audio_kinds.end()) return std::nullopt;
    return static_cast<std::uint8_t>(first_audio + (found - audio_kinds.begin()));
}

media::CodecId audiosocket_codec(std::uint8_t kind) {
    return kind >= first_audio && kind - first_audio < static_cast<int>(audio_kinds.size())
               ? audio_kinds[static_cast<std::size_t>(kind - first_audio)]
               : none;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    Uuid uuid{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i++] != '-') return std::nullopt;
            continue;
        }
        const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        uuid[at++] = static_cast<std::uint8_t>(high << 4 | low);
        i += 2;
    }
    return uuid;
}

void append_audiosocket(std::string& to, std::uint8_t kind, std::string_view payload) {
    payload = payload.substr(0, 0xFFFF);
    to += static_cast<char>(kind);
    to += static_cast<char>(payload.size() >> 8);
    to += static_cast<char>(payload.size() & 0xFF);
    to += payload;
}

void AudioSocketReader::feed(std::string_view bytes) {
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_ += bytes;
}

std::optional<AudioSocketReader::Message> AudioSocketReader::next() {
    const auto rest = std::string_view(buffer_).substr(at_);
    if (rest.size() < header_bytes) return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(rest[i]); };
    const std::size_t length = static_cast<std::size_t>(byte(1) << 8 | byte(2));
    if (rest.size() < header_bytes + length) return std::nullopt;
    at_ += header_bytes + length;
    return Message{byte(0), rest.substr(header_bytes, length)};
}

}  // namespace asterism::media_channels
