// Who a client says it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace asterism::ari {

/// Name and password of `Basic ...` (RFC 7617); nothing for anything else.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> parse_basic(std::string_view header);
/// Name and password of `name:password`.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> split_credentials(std::string_view text);
/// Takes the same time wherever the first difference is.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);
/// Whether `password` gives the crypt(3) hash. Slow by design: on the blocking pool only.
[[nodiscard]] bool check_crypt(const std::string& password, const std::string& hash);
/// Its crypt(3) hash by SHA-512, with a salt of its own. Slow by design, as check_crypt. Empty: it can't be made.
[[nodiscard]] std::string make_crypt(const std::string& password);
/// Names a user and password that were checked, without keeping the password.
[[nodiscard]] std::string credential_digest(std::string_view name, std::string_view password, std::string_view hash);

}  // namespace asterism::ari
