// Named values of a channel, a bridge or the whole PBX, in the order in which they were first set.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism {

/// Names are case sensitive. `_NAME` is inherited by one generation of channels, `__NAME` by all (then kept with its
/// marks); both are read as NAME.
class Variables {
  public:
    struct Entry {
        std::string name;  ///< without inheritance marks
        std::string value;
        int inheritance = 0;  ///< number of "_" it was set with: 0, 1 or 2
    };

    /// Replaces or adds; a leading _ or __ of `name` sets the inheritance.
    void set(std::string_view name, std::string_view value);
    /// Removes; returns whether it was there.
    bool unset(std::string_view name);
    [[nodiscard]] const std::string* find(std::string_view name) const;
    [[nodiscard]] const std::vector<Entry>& all() const { return entries_; }
    void clear() { entries_.clear(); }
    /// What a channel made by this one starts with.
    [[nodiscard]] Variables inherited() const;

    /// `name` without its inheritance marks.
    [[nodiscard]] static std::string_view bare(std::string_view name);

  private:
    std::vector<Entry> entries_;
};

}  // namespace asterism
