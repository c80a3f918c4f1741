#include "interfaces/cli/frame.hpp"

#include <array>
#include <cstdint>

namespace asterism::cli {

std::string encode(Frame::Kind kind, std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size() + 1);
    std::string frame;
    frame.reserve(frame_header + text.size());
    for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>((length >> shift) & 0xff);
    frame += static_cast<char>(kind);
    frame += text;
    return frame;
}

std::optional<Frame> decode(std::string& buffer, bool& bad, std::size_t limit) {
    bad = false;
    if (buffer.size() < frame_header) return std::nullopt;
    std::uint32_t length = 0;
    for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(buffer[static_cast<std::size_t>(i)]);
    if (length == 0 || length > limit) {
        bad = true;
        return std::nullopt;
    }
    if (buffer.size() < 4u + length) return std::nullopt;
    Frame frame{static_cast<Frame::Kind>(buffer[4]), buffer.substr(frame_header, length - 1)};
    buffer.erase(0, 4u + length);
    return frame;
}

}  // namespace asterism::cli
