// What the server itself serves and refuses: /httpstatus, and who may use which path.
#pragma once

#include <functional>
#include <string_view>

#include "asterism/http/router.hpp"
#include "asterism/http/server.hpp"

namespace asterism::http {

[[nodiscard]] Route status_route(const Server& server);
[[nodiscard]] std::function<bool(std::string_view path, std::string_view ip)> make_restriction(
    const ServerConfig& config);

}  // namespace asterism::http
