#include "media/jitter_buffer.hpp"

#include <algorithm>
#include <functional>

namespace asterism::media {
namespace {

/// Two seconds of 10 ms packets: a flood of packets "from the future" costs no more.
constexpr std::size_t most_held = 200;
/// Packets after which an adaptive buffer may hold less again: five seconds of 20 ms.
constexpr unsigned look_after = 250;
constexpr std::int64_t micros_per_second = 1'000'000;

std::int64_t micros(Duration time) { return std::chrono::duration_cast<std::chrono::microseconds>(time).count(); }

}  // namespace

void JitterBuffer::begin(const RtpHeader& header, TimePoint now) {
    begun_ = true;
    base_timestamp_ = latest_timestamp_ = header.timestamp;
    base_time_ = now;
    extended_ = 0;
    given_.reset();
    worst_ = 0;
    looked_at_ = 0;
    delay_ = spec_.kind == JitterSpec::Kind::fixed ? Duration(spec_.max) : std::min<Duration>(spec_.extra, spec_.max);
}

/// `late`: how much later than the earliest ones a packet came.
void JitterBuffer::adapt(Micros late) {
    const auto wanted = [&](Micros worst) {
        const Duration time = std::chrono::microseconds(worst) + Duration(spec_.extra);
        return std::min<Duration>(time, spec_.max);
    };
    worst_ = std::max(worst_, late);
    // More at once, less only when it has long been too much.
    delay_ = std::max(delay_, wanted(late));
    if (++looked_at_ < look_after) return;
    delay_ = wanted(worst_);
    worst_ = 0;
    looked_at_ = 0;
}

void JitterBuffer::put(const RtpHeader& header, unsigned clock, std::uint8_t what, std::uint64_t stream,
                       std::span<const std::uint8_t> bytes, TimePoint now) {
    if (!begun_ || stream != stream_) {
        begin(header, now);
        stream_ = stream;
    }
    const auto place = [&] {
        const auto step = static_cast<std::int32_t>(header.timestamp - latest_timestamp_);
        return extended_ + static_cast<Micros>(step) * micros_per_second / static_cast<Micros>(clock);
    };
    Micros at = place();
    Micros late = micros(now - base_time_) - at;
    const Micros resync = micros(Duration(spec_.resync));
    if (resync > 0 && (late > resync || late < -resync)) {
        // What is held was of the old clock: it goes first.
        begin(header, now);
        for (auto& packet : held_) packet.at = -1;
        at = late = 0;
    } else if (late < 0) {
        // It was quicker than any before: their time is the measure.
        base_time_ += std::chrono::microseconds(late);
        late = 0;
    }
    if (spec_.kind == JitterSpec::Kind::adaptive) adapt(late);
    if (at > extended_) {
        extended_ = at;
        latest_timestamp_ = header.timestamp;
    }
    if (given_ && at <= *given_) return;
    const auto where = std::ranges::lower_bound(held_, at, std::greater<>(), &Packet::at);
    if (where != held_.end() && where->at == at && at >= 0) return;
    if (held_.size() >= most_held) return;
    Packet packet{.header = header, .clock = clock, .what = what, .stream = stream, .bytes = {}, .at = at};
    if (!spare_.empty()) {
        packet.bytes = std::move(spare_.back());
        spare_.pop_back();
    }
    packet.bytes.assign(bytes.begin(), bytes.end());
    held_.insert(where, std::move(packet));
}

const JitterBuffer::Packet* JitterBuffer::pop() {
    spare_.push_back(std::move(out_.bytes));
    out_ = std::move(held_.back());
    held_.pop_back();
    if (out_.at >= 0) given_ = out_.at;
    return &out_;
}

const JitterBuffer::Packet* JitterBuffer::take(TimePoint now) {
    if (held_.empty()) return nullptr;
    const Micros at = held_.back().at;
    if (at >= 0 && base_time_ + std::chrono::microseconds(at) + delay_ > now) return nullptr;
    return pop();
}

const JitterBuffer::Packet* JitterBuffer::take_any() { return held_.empty() ? nullptr : pop(); }

}  // namespace asterism::media
