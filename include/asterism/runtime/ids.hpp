// Ids of the objects that the registries own. Each kind is a type of its own, so that one cannot be taken for another.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace asterism {

/// A number that names one object of kind Tag for the life of the process; 0 names none and numbers are never reused.
template <class Tag>
struct Id {
    std::uint64_t value = 0;

    constexpr explicit operator bool() const { return value != 0; }
    constexpr auto operator<=>(const Id&) const = default;
};

using ChannelId = Id<struct ChannelTag>;
using BridgeId = Id<struct BridgeTag>;
/// The call that log lines show as [C-00000001].
using CallId = Id<struct CallTag>;

}  // namespace asterism

template <class Tag>
struct std::hash<asterism::Id<Tag>> {
    std::size_t operator()(asterism::Id<Tag> id) const noexcept { return std::hash<std::uint64_t>{}(id.value); }
};
