// YAML as a tree of plain values with their lines, bounded before anybody looks at it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asterism::simulator {

struct Yaml {
    enum class Kind : unsigned char { null, scalar, list, map };
    Kind kind = Kind::null;
    int line = 0;  ///< 1 for the first; 0: nowhere
    std::string text{};
    std::vector<Yaml> items{};
    std::vector<std::pair<std::string, Yaml>> entries{};  ///< in the order in which they are written

    [[nodiscard]] bool null() const { return kind == Kind::null; }
    [[nodiscard]] bool scalar() const { return kind == Kind::scalar; }
    [[nodiscard]] bool list() const { return kind == Kind::list; }
    [[nodiscard]] bool map() const { return kind == Kind::map; }
    /// The entry of a map; null if there is none.
    [[nodiscard]] const Yaml* find(std::string_view name) const;
};

struct YamlLimits {
    std::size_t bytes = 1u << 20;
    std::size_t nodes = 100'000;  ///< with everything that aliases repeat
    std::size_t scalar_bytes = 256u << 10;
    int depth = 24;
};

struct YamlError {
    int line = 0;
    std::string what;
};

/// The first document. Errors: what cannot be read, a key that is written twice or is no text, a limit.
[[nodiscard]] std::expected<Yaml, YamlError> parse_yaml(const std::string& text, const YamlLimits& limits = {});

}  // namespace asterism::simulator
