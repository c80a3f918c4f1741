// The first thing a script reads: what it runs on.
#pragma once

#include <span>
#include <string>

#include "asterism/model/channel.hpp"
#include "interfaces/agi/url.hpp"

namespace asterism::agi {

/// Lines "agi_name: value" in Asterisk's order, then an empty line. Line ends within values become blanks, so that
/// nothing a caller sends can add a line.
std::string environment(const Channel& channel, const Target& target, std::span<const std::string> arguments,
                        std::string_view version, bool enhanced = false);

}  // namespace asterism::agi
