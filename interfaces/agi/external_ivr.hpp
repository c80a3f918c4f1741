// The argument of ExternalIVR().
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interfaces/agi/url.hpp"

namespace asterism::agi {

inline constexpr std::uint16_t default_ivr_port = 2949;

struct IvrCall {
    std::string command;  ///< as written, without arguments
    std::vector<std::string> arguments;
    std::string words;             ///< command and arguments, joined by commas: what the command P tells
    std::optional<Target> server;  ///< of ivr://
    std::string options;
};

/// Reads `command[(arg1[,...])][,options]`. The error is a text for the log.
std::expected<IvrCall, std::string> parse_ivr(std::string_view data);

}  // namespace asterism::agi
