#include "replay.hpp"

#include <chrono>

namespace asterism::ari {

Replay::Replay(WallTime now, std::size_t max_events, std::size_t max_bytes)
    : max_events_(max_events),
      max_bytes_(max_bytes),
      last_(static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count())),
      lost_(last_) {}

void Replay::keep(std::uint64_t sequence, std::shared_ptr<const std::string> text, std::string_view started) {
    bytes_ += text->size();
    items_.push_back({sequence, std::move(text), std::string(started)});
    while (!items_.empty() && (items_.size() > max_events_ || bytes_ > max_bytes_)) {
        lost_ = items_.front().sequence;
        bytes_ -= items_.front().text->size();
        items_.pop_front();
    }
}

}  // namespace asterism::ari
