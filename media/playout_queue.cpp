#include "media/playout_queue.hpp"

#include <algorithm>
#include <utility>

namespace asterism::media {

namespace {
/// Marks are the program's: so many may wait, more are forgotten at once.
constexpr std::size_t max_marks = 4096;
}  // namespace

PlayoutQueue::PlayoutQueue(std::size_t frame_bytes, std::uint8_t silence, const StreamOptions& options)
    : frame_bytes_(frame_bytes), silence_(silence), options_(options) {}

void PlayoutQueue::append(std::string_view bytes) {
    if (size_ + bytes.size() > ring_.size()) {
        // Grows to what the program really lets wait; it is bounded by `limit` and one message.
        std::vector<std::uint8_t> larger(std::max({ring_.size() * 2, size_ + bytes.size(), frame_bytes_ * 16}));
        for (std::size_t i = 0; i < size_; ++i) larger[i] = ring_[(head_ + i) % ring_.size()];
        ring_ = std::move(larger);
        head_ = 0;
    }
    const std::size_t at = (head_ + size_) % ring_.size();
    const std::size_t first = std::min(bytes.size(), ring_.size() - at);
    std::copy_n(bytes.begin(), first, ring_.begin() + static_cast<std::ptrdiff_t>(at));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(first), bytes.size() - first, ring_.begin());
    size_ += bytes.size();
}

void PlayoutQueue::drop_front(std::size_t bytes) {
    size_ -= bytes;
    head_ = size_ == 0 ? 0 : (head_ + bytes) % ring_.size();
}

void PlayoutQueue::put(std::string_view bytes) {
    if (frames() >= options_.limit) {
        dropped_ += bytes.size() / frame_bytes_;
        return;
    }
    const std::size_t before = frames();
    append(bulk_ ? bytes : bytes.substr(0, bytes.size() / frame_bytes_ * frame_bytes_));
    arrived_ += frames() - before;
    check_levels();
}

void PlayoutQueue::end_bulk(std::string id) {
    if (const std::size_t rest = size_ % frame_bytes_; rest != 0)
        append(std::string(frame_bytes_ - rest, static_cast<char>(silence_)));
    bulk_ = false;
    if (marks_.size() >= max_marks) return;
    marks_.push_back({taken_ + frames(), true, std::move(id)});
    ++bulk_ends_;
}

void PlayoutQueue::mark(std::string id) {
    if (marks_.size() < max_marks)
        marks_.push_back({taken_ + (size_ + frame_bytes_ - 1) / frame_bytes_, false, std::move(id)});
}

void PlayoutQueue::flush() {
    taken_ += frames();
    head_ = size_ = 0;
    marks_.clear();
    bulk_ends_ = 0;
    bulk_ = false;
    excess_ = 0;
    check_levels();
}

void PlayoutQueue::say(StreamEvent::Kind kind, std::string id) {
    StreamEvent event;
    event.kind = kind;
    event.id = std::move(id);
    events_.push_back(std::move(event));
}

void PlayoutQueue::check_levels() {
    if (!full_ && frames() >= options_.xoff) {
        full_ = true;
        say(StreamEvent::Kind::xoff);
    } else if (full_ && frames() < options_.xon) {
        full_ = false;
        say(StreamEvent::Kind::xon);
    }
}

void PlayoutQueue::due_marks() {
    while (!marks_.empty() && marks_.front().at <= taken_) {
        Mark due = std::move(marks_.front());
        marks_.pop_front();
        if (due.bulk) --bulk_ends_;
        say(due.bulk ? StreamEvent::Kind::bulk_done : StreamEvent::Kind::mark_reached, std::move(due.id));
    }
}

void PlayoutQueue::look_for_delay() {
    shallowest_ = std::min(shallowest_, frames());
    if (++ticks_ < window) return;
    const bool real_time = arrived_ + window / 10 >= window && arrived_ <= window + window / 8;
    excess_ = real_time && !in_bulk() && shallowest_ > tolerated ? shallowest_ - wanted : 0;
    ticks_ = 0;
    arrived_ = 0;
    shallowest_ = SIZE_MAX;
}

bool PlayoutQueue::pull(std::span<std::uint8_t> frame) {
    due_marks();
    look_for_delay();
    if (excess_ > 0 && ticks_ % one_in == 0 && !in_bulk() && frames() > wanted) {
        drop_front(frame_bytes_);
        ++taken_;
        ++dropped_;
        --excess_;
        due_marks();
    }
    if (frames() == 0) {
        if (std::exchange(report_drained_, false)) say(StreamEvent::Kind::drained);
        return false;
    }
    const std::size_t first = std::min(frame_bytes_, ring_.size() - head_);
    std::copy_n(ring_.begin() + static_cast<std::ptrdiff_t>(head_), first, frame.begin());
    std::copy_n(ring_.begin(), frame_bytes_ - first, frame.begin() + static_cast<std::ptrdiff_t>(first));
    drop_front(frame_bytes_);
    ++taken_;
    check_levels();
    return true;
}

}  // namespace asterism::media
