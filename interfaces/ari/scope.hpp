// What a user of ari.conf may do, where its section names less than everything (scope_applications and others). Every
// way in asks here: requests over HTTP and over a WebSocket, and the WebSocket itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/ari/ari.hpp"

namespace asterism {
class Bridge;
class Channel;
}  // namespace asterism

namespace asterism::ari {

class Call;
struct Operation;

/// Each says why it is refused (403), or nothing.

/// An operation as such: its resource and its verb.
[[nodiscard]] std::optional<std::string> outside(const Scope& scope, const Operation& operation);
/// An operation on what its parameters name: applications, channels, bridges, contexts.
[[nodiscard]] std::optional<std::string> outside(const Call& call);
/// A WebSocket for these applications; `everything`: subscribed to all that happens.
[[nodiscard]] std::optional<std::string> outside(const Scope& scope, const std::vector<std::string>& applications,
                                                 bool everything);

/// For lists: what is outside is left out.
[[nodiscard]] bool sees(const Scope& scope, std::string_view application);
[[nodiscard]] bool sees(const Call& call, Channel& channel);
[[nodiscard]] bool sees(const Call& call, Bridge& bridge);

}  // namespace asterism::ari
