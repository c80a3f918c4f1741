// What pjsip.conf's objects may say: every option that Asterisk knows, how it is printed, and which of them act here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/channels/pjsip.hpp"
#include "asterism/config/options.hpp"

namespace asterism::pjsip {

/// How `pjsip show` prints a value.
enum class Show : std::uint8_t { text, truth, yes_no, capital, number, decimal, hidden };

/// One option that Asterisk knows. Tables are sorted by name, as lists are printed.
struct Known {
    std::string_view name;
    Show show = Show::text;
    std::string_view by_default;  ///< as printed
    bool quiet = false;           ///< without effect here, and nobody misses it: no warning
};

enum class Kind : std::uint8_t {
    endpoint,
    aor,
    auth,
    transport,
    identify,
    registration,
    global,
    system,
    acl,
    contact,
    domain_alias,
};
[[nodiscard]] std::span<const Known> known_options(Kind kind);
/// "endpoint"; as `type=` says it.
[[nodiscard]] std::string_view name(Kind kind);

/// The values that a section gave, as printed: what it did not give has its default. A few bytes for each object.
class Shown {
  public:
    /// `value` in the option's printed form; lists that add up (match, contact, set_var) are joined by commas.
    void set(Kind kind, std::string_view option, std::string_view value, bool add = false);
    [[nodiscard]] std::string_view get(Kind kind, std::string_view option) const;
    [[nodiscard]] Fields all(Kind kind) const;

  private:
    std::vector<std::pair<std::uint16_t, std::string>> set_;
};

/// Adds to `acted` a row without effect for every known option that it lacks, and gives all rows their defaults.
template <class T>
[[nodiscard]] std::vector<config::Option<T>> with_unused(Kind kind, std::vector<config::Option<T>> acted) {
    for (const Known& known : known_options(kind)) {
        bool there = false;
        for (const auto& row : acted) there = there || row.info.name == known.name;
        if (there) continue;
        acted.push_back({{.name = std::string(known.name),
                          .type = "string",
                          .default_value = std::string(known.by_default),
                          .meaning = "",
                          .acted_on = false},
                         {}});
    }
    return acted;
}

}  // namespace asterism::pjsip
