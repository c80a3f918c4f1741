// The last events of an application, numbered, for a client that comes back (GET /events?app=x&since=N).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "asterism/runtime/time.hpp"

namespace asterism::ari {

/// A ring with two bounds: events and bytes. Owned by its App; made when a client asks for numbers, dropped when the
/// application has been without one for ari.conf's resume_time.
class Replay {
  public:
    struct Item {
        std::uint64_t sequence;
        std::shared_ptr<const std::string> text;
        std::string started;  ///< StasisStart: the channel's id
    };

    /// Numbers begin with the microseconds since 1970, so that those of a ring that was dropped never come again; they
    /// stay exact in a JavaScript number.
    Replay(WallTime now, std::size_t max_events, std::size_t max_bytes);

    [[nodiscard]] std::uint64_t next() { return ++last_; }
    /// `started`: see Item.
    void keep(std::uint64_t sequence, std::shared_ptr<const std::string> text, std::string_view started);
    [[nodiscard]] std::uint64_t last() const { return last_; }
    /// Whether everything behind `sequence` is here.
    [[nodiscard]] bool reaches_back_to(std::uint64_t sequence) const { return sequence >= lost_ && sequence <= last_; }
    [[nodiscard]] const std::deque<Item>& items() const { return items_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    /// When it is dropped if no client comes; nothing while there is one.
    TimePoint until{};
    bool waits = false;

  private:
    std::size_t max_events_, max_bytes_;
    std::uint64_t last_, lost_;  // the last given; the last that is not here any more
    std::size_t bytes_ = 0;
    std::deque<Item> items_;
};

}  // namespace asterism::ari
