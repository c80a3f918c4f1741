// The classes of AMI: what an event belongs to, what an action needs, what a user may read and write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace asterism::ami {

/// A set of classes, one bit each in the order in which Asterisk prints them.
using Classes = std::uint32_t;

namespace cls {
inline constexpr Classes none = 0, system = 1u << 0, call = 1u << 1, log = 1u << 2, verbose = 1u << 3,
                         command = 1u << 4, agent = 1u << 5, user = 1u << 6, config = 1u << 7, dtmf = 1u << 8,
                         reporting = 1u << 9, cdr = 1u << 10, dialplan = 1u << 11, originate = 1u << 12, agi = 1u << 13,
                         cc = 1u << 14, aoc = 1u << 15, test = 1u << 16, security = 1u << 17, message = 1u << 18,
                         all = ~0u;
}  // namespace cls

/// "system,call,all" as the Privilege header and ListCommands have it; "<none>" for no class.
[[nodiscard]] std::string privilege_text(Classes classes);
/// A list such as "system,call" or "all"; unknown words count for nothing. For `read` and `write` of manager.conf.
[[nodiscard]] Classes parse_classes(std::string_view list);
/// An event mask: a list, a number, yes ("all") or no ("none"). Nothing if it is empty.
[[nodiscard]] std::optional<Classes> parse_mask(std::string_view mask);

}  // namespace asterism::ami
