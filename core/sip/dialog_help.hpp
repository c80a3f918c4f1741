// Small helpers that the request sender, dialogs and sessions share.
#pragma once

#include <string_view>

#include "asterism/sip/dialog.hpp"

namespace asterism::sip {

/// URI of the first Route, or the request URI.
[[nodiscard]] std::string_view next_hop(const Request& request);
/// Whether a router, asked for another server, gave one that was tried.
[[nodiscard]] bool was_tried(const RouteHint& hint, const Flow& flow);
void log_unroutable(std::string_view method, std::string_view uri, std::string_view why);

}  // namespace asterism::sip
