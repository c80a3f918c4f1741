// What the SIP library accepts at most. Beyond a limit the message is refused with a reason; nothing is cut short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace asterism::sip {

namespace limits {
inline constexpr std::size_t message_bytes = 65535;
inline constexpr std::size_t headers = 128;  ///< header lines
inline constexpr std::size_t vias = 32;
inline constexpr std::size_t routes = 32;
inline constexpr std::size_t contacts = 64;
inline constexpr std::size_t servers = 8;  ///< of one name that are tried for one request
inline constexpr std::size_t uri_bytes = 4096;
inline constexpr std::size_t sdp_bytes = 32768;
inline constexpr std::size_t sdp_media = 32;
inline constexpr std::size_t sdp_attributes = 512;  ///< in the whole description
}  // namespace limits

/// Why bytes could not be read. `what` is a literal, fit for a log line and for a reason phrase.
struct ParseError {
    std::string_view what;
    std::uint32_t offset = 0;  ///< bytes from the start of what was given, where known
};

}  // namespace asterism::sip
