// Typed sections: a table that declares each option of a kind of section, from which come its values, its validation,
// `config show help` and the documentation.
//
//   struct HttpGeneral { bool enabled; config::SocketAddress bind; int limit; std::chrono::milliseconds idle; };
//   const config::Options<HttpGeneral>& http_general() {
//       using namespace config;
//       static const Options<HttpGeneral> table("http.conf", "general", {
//           boolean("enabled", "no", "start the server", &HttpGeneral::enabled),
//           integer("sessionlimit", "100", 1, 10000, "connections at once", &HttpGeneral::limit),
//           milliseconds("session_inactivity", "30000", "", &HttpGeneral::idle),
//           custom("bindaddr", "address", "", "...", [](HttpGeneral& g, std::string_view v) -> Set { ... return {}; }),
//           unused("enable_static"),
//       });
//       return table;
//   }
//   HttpGeneral general = http_general().read(section, report);       // defaults, then the section
//   http_general().apply(other_section, general, report);             // on top of what is there
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "asterism/config/acl.hpp"
#include "asterism/config/address.hpp"
#include "asterism/config/file.hpp"

namespace asterism::config {

/// What a setter gives back: nothing, or what is wrong with the value.
using Set = std::expected<void, std::string>;

/// yes/no, true/false, on/off, 1/0, y/n, t/f, without regard to case.
[[nodiscard]] std::optional<bool> parse_bool(std::string_view text);
/// A whole decimal number without anything after it.
[[nodiscard]] std::optional<std::int64_t> parse_int(std::string_view text);
[[nodiscard]] std::optional<double> parse_number(std::string_view text);
/// Splits at commas (or `separator`) and trims each part; empty parts are left out.
[[nodiscard]] std::vector<std::string> parse_list(std::string_view text, char separator = ',');
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] bool equal_nocase(std::string_view a, std::string_view b);
/// The candidate with the fewest letters different from `name`, or empty if none is near.
[[nodiscard]] std::string_view nearest(std::string_view name, const std::vector<std::string_view>& candidates);

/// One row of a table, without its setter: what help and documentation show.
struct OptionInfo {
    std::string name{};
    std::string type{};           ///< "bool", "int", "s", "ms", "string", "enum", "list", "address", "acl"
    std::string default_value{};  ///< as it would be written; empty: none
    std::string range{};          ///< "1..65535", "ringall|random", empty
    std::string meaning{};
    bool acted_on = true;  ///< false: known to Asterisk, accepted, without effect here
    bool prefix = false;   ///< the name is only how the option's name begins
};

namespace detail {
struct RawOption {
    OptionInfo info;
    std::function<Set(void*, std::string_view name, std::string_view value)> set;
};
/// The part of a table that does not depend on the type.
class RawOptions {
  public:
    RawOptions(std::string file, std::string section, std::vector<RawOption> options);
    void defaults(void* into) const;
    void apply(const Section& section, void* into, Report& report) const;
    [[nodiscard]] Set set(void* into, std::string_view name, std::string_view value) const;
    [[nodiscard]] const RawOption* find(std::string_view name) const;
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const std::string& section() const { return section_; }
    [[nodiscard]] const std::vector<RawOption>& rows() const { return rows_; }

  private:
    std::string file_, section_;
    std::vector<RawOption> rows_;
    std::vector<std::size_t> by_name_;
};
Set set_bool(std::string_view value, bool& into);
Set set_int(std::string_view value, std::int64_t low, std::int64_t high, std::int64_t& into);
Set set_enum(std::string_view value, const std::vector<std::string>& names, std::size_t& into);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
}  // namespace detail

/// One option of a T.
template <class T>
struct Option {
    OptionInfo info;
    std::function<Set(T&, std::string_view name, std::string_view value)> set;
};

/// The table of one kind of section. Made once, lives as long as the program.
template <class T>
class Options {
  public:
    Options(std::string file, std::string section, std::vector<Option<T>> options)
        : raw_(std::move(file), std::move(section), erase(std::move(options))) {}

    /// T{} with every default applied.
    [[nodiscard]] T defaults() const {
        T made{};
        raw_.defaults(&made);
        return made;
    }
    [[nodiscard]] T read(const Section& section, Report& report) const {
        T made = defaults();
        apply(section, made, report);
        return made;
    }
    /// Applies the section's variables in their order (the last one wins, unless its setter collects). Bad values are
    /// errors; unknown names warn with the nearest known one; names without effect warn once for a section.
    void apply(const Section& section, T& into, Report& report) const { raw_.apply(section, &into, report); }
    /// Sets one option from text, as realtime and push configuration do.
    [[nodiscard]] Set set(T& into, std::string_view name, std::string_view value) const {
        return raw_.set(&into, name, value);
    }
    [[nodiscard]] const detail::RawOptions& table() const { return raw_; }

  private:
    static std::vector<detail::RawOption> erase(std::vector<Option<T>> options) {
        std::vector<detail::RawOption> rows;
        rows.reserve(options.size());
        for (auto& option : options) {
            detail::RawOption row{std::move(option.info), {}};
            if (option.set) {
                row.set = [set = std::move(option.set)](void* into, std::string_view name, std::string_view value) {
                    return set(*static_cast<T*>(into), name, value);
                };
            }
            rows.push_back(std::move(row));
        }
        return rows;
    }
    detail::RawOptions raw_;
};

/// Known to Asterisk, accepted, without effect here. Converts to a row of any table.
struct Unused {
    std::string name;
    template <class T>
    operator Option<T>() const {  // NOLINT: implicit on purpose
        return {{.name = name, .type = "", .meaning = "", .acted_on = false}, {}};
    }
};
[[nodiscard]] inline Unused unused(std::string name) { return {std::move(name)}; }

template <class T, class F>
    requires std::is_invocable_r_v<Set, F, T&, std::string_view>
Option<T> row(OptionInfo info, F set) {
    return {std::move(info), [set](T& into, std::string_view, std::string_view value) { return set(into, value); }};
}

template <class T>
Option<T> boolean(std::string name, std::string by_default, std::string meaning, bool T::* member) {
    return row<T>({.name = std::move(name),
                   .type = "bool",
                   .default_value = std::move(by_default),
                   .range = "yes|no",
                   .meaning = std::move(meaning)},
                  [member](T& into, std::string_view v) { return detail::set_bool(v, into.*member); });
}

/// A whole number in [low, high].
template <class T, class N>
Option<T> integer(std::string name, std::string by_default, std::int64_t low, std::int64_t high, std::string meaning,
                  N T::* member) {
    return row<T>({.name = std::move(name),
                   .type = "int",
                   .default_value = std::move(by_default),
                   .range = std::to_string(low) + ".." + std::to_string(high),
                   .meaning = std::move(meaning)},
                  [member, low, high](T& into, std::string_view v) -> Set {
                      std::int64_t n = 0;
                      if (auto ok = detail::set_int(v, low, high, n); !ok) return ok;
                      into.*member = static_cast<N>(n);
                      return {};
                  });
}

/// A whole number of seconds or milliseconds, zero or more.
template <class T, class D>
Option<T> seconds(std::string name, std::string by_default, std::string meaning, D T::* member) {
    return row<T>(
        {.name = std::move(name), .type = "s", .default_value = std::move(by_default), .meaning = std::move(meaning)},
        [member](T& into, std::string_view v) -> Set {
            std::int64_t n = 0;
            if (auto ok = detail::set_int(v, 0, 1'000'000'000, n); !ok) return ok;
            into.*member = std::chrono::duration_cast<D>(std::chrono::seconds(n));
            return {};
        });
}
template <class T, class D>
Option<T> milliseconds(std::string name, std::string by_default, std::string meaning, D T::* member) {
    return row<T>(
        {.name = std::move(name), .type = "ms", .default_value = std::move(by_default), .meaning = std::move(meaning)},
        [member](T& into, std::string_view v) -> Set {
            std::int64_t n = 0;
            if (auto ok = detail::set_int(v, 0, 1'000'000'000, n); !ok) return ok;
            into.*member = std::chrono::duration_cast<D>(std::chrono::milliseconds(n));
            return {};
        });
}

template <class T>
Option<T> string(std::string name, std::string by_default, std::string meaning, std::string T::* member) {
    return row<T>({.name = std::move(name),
                   .type = "string",
                   .default_value = std::move(by_default),
                   .meaning = std::move(meaning)},
                  [member](T& into, std::string_view v) -> Set {
                      into.*member = std::string(v);
                      return {};
                  });
}

/// One of `names`; the member (an enum or an int) gets the index.
template <class T, class E>
Option<T> one_of(std::string name, std::string by_default, std::vector<std::string> names, std::string meaning,
                 E T::* member) {
    std::string range = detail::join(names, "|");
    return row<T>({.name = std::move(name),
                   .type = "enum",
                   .default_value = std::move(by_default),
                   .range = std::move(range),
                   .meaning = std::move(meaning)},
                  [member, names = std::move(names)](T& into, std::string_view v) -> Set {
                      std::size_t n = 0;
                      if (auto ok = detail::set_enum(v, names, n); !ok) return ok;
                      into.*member = static_cast<E>(n);
                      return {};
                  });
}

/// A comma separated list; a second line replaces the first, or adds to it if `collect`.
template <class T>
Option<T> list(std::string name, std::string by_default, std::string meaning, std::vector<std::string> T::* member,
               bool collect = false) {
    return row<T>({.name = std::move(name),
                   .type = "list",
                   .default_value = std::move(by_default),
                   .meaning = std::move(meaning)},
                  [member, collect](T& into, std::string_view v) -> Set {
                      auto parts = parse_list(v);
                      if (!collect) (into.*member).clear();
                      for (auto& part : parts) (into.*member).push_back(std::move(part));
                      return {};
                  });
}

/// ADDRESS or ADDRESS:PORT.
template <class T>
Option<T> address(std::string name, std::string by_default, std::string meaning, SocketAddress T::* member) {
    return row<T>({.name = std::move(name),
                   .type = "address",
                   .default_value = std::move(by_default),
                   .meaning = std::move(meaning)},
                  [member](T& into, std::string_view v) -> Set {
                      auto parsed = SocketAddress::parse(trim(v));
                      if (!parsed) return std::unexpected("'" + std::string(v) + "' is not an address");
                      into.*member = *parsed;
                      return {};
                  });
}

/// `permit` or `deny` lines (by name) and `acl` lines that build one Acl. Three rows: permit(...), deny(...), acl(...).
template <class T>
Option<T> permit(std::string name, Acl T::* member) {
    return row<T>({.name = std::move(name), .type = "acl", .default_value = "", .meaning = "networks that are allowed"},
                  [member](T& into, std::string_view v) { return (into.*member).add(Acl::Sense::permit, v); });
}
template <class T>
Option<T> deny(std::string name, Acl T::* member) {
    return row<T>({.name = std::move(name), .type = "acl", .default_value = "", .meaning = "networks that are refused"},
                  [member](T& into, std::string_view v) { return (into.*member).add(Acl::Sense::deny, v); });
}
template <class T>
Option<T> acl(std::string name, Acl T::* member) {
    return row<T>({.name = std::move(name), .type = "list", .default_value = "", .meaning = "named lists of acl.conf"},
                  [member](T& into, std::string_view v) -> Set {
                      (into.*member).add_named(v);
                      return {};
                  });
}

/// Anything else: set(T&, value) -> Set.
template <class F, class T = void>
struct CustomOption {
    OptionInfo info;
    F set;
    template <class U>
        requires std::is_invocable_r_v<Set, F, U&, std::string_view>
    operator Option<U>() const {  // NOLINT: implicit on purpose
        return {info, [set = set](U& into, std::string_view, std::string_view value) { return Set(set(into, value)); }};
    }
    template <class U>
        requires std::is_invocable_r_v<Set, F, U&, std::string_view, std::string_view>
    operator Option<U>() const {  // NOLINT: implicit on purpose
        return {info, [set = set](U& into, std::string_view name, std::string_view value) {
                    return Set(set(into, name, value));
                }};
    }
};
template <class F>
[[nodiscard]] CustomOption<F> custom(std::string name, std::string type, std::string by_default, std::string meaning,
                                     F set) {
    return {{.name = std::move(name),
             .type = std::move(type),
             .default_value = std::move(by_default),
             .meaning = std::move(meaning)},
            std::move(set)};
}
/// Any name that begins with `prefix`: set(T&, name, value) -> Set.
template <class F>
[[nodiscard]] CustomOption<F> prefixed(std::string prefix, std::string type, std::string meaning, F set) {
    return {{.name = std::move(prefix),
             .type = std::move(type),
             .default_value = "",
             .meaning = std::move(meaning),
             .prefix = true},
            std::move(set)};
}

}  // namespace asterism::config
