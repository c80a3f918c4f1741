#include <algorithm>

#include "media/leg.hpp"
#include "media/worker.hpp"

namespace asterism::media {

namespace {

std::span<const std::int16_t> convert(std::unique_ptr<Resampler>& resampler, std::span<const std::int16_t> in,
                                      unsigned from, unsigned to, std::vector<std::int16_t>& room) {
    if (from == to) return in;
    if (!resampler || resampler->from() != from || resampler->to() != to)
        resampler = std::make_unique<Resampler>(from, to);
    room.resize(in.size() * to / from + 64);
    return std::span(room).first(resampler->process(in, room));
}

}  // namespace

TapLeg::TapLeg(Worker& worker, LegId id, const TapOptions& options)
    : Leg(worker, id), options_(options), stream_(worker.new_stream()) {}

void TapLeg::attach(Leg* target) {
    target_ = target;
    target->add_tap(this);
    worker().wants_ticks(*this);
}

void TapLeg::close() {
    if (target_) target_->remove_tap(this);
    target_ = nullptr;
    Leg::close();
}

void TapLeg::passes(bool in, Frame& frame) {
    auto samples = frame.samples();
    if (samples.empty()) return;
    if (in ? options_.spy_in : options_.spy_out) {
        const auto copy = convert(in ? resample_in_ : resample_out_, samples, frame.rate(), rate, scratch_);
        (in ? in_ : out_).push(copy);
    }
    if (!(in ? options_.whisper_in : options_.whisper_out)) return;
    (in ? quiet_in_ : quiet_out_) = 0;
    auto& fifo = in ? whisper_in_ : whisper_out_;
    scratch_.resize(samples.size() * rate / frame.rate());
    if (!fifo.pull(scratch_)) return;
    const auto added = convert(in ? back_in_ : back_out_, scratch_, rate, frame.rate(), scratch2_);
    for (std::size_t i = 0; i < std::min(samples.size(), added.size()); ++i)
        samples[i] = static_cast<std::int16_t>(std::clamp(samples[i] + added[i], -32768, 32767));
    frame.samples_changed();
}

/// What is written to a tap is whispered.
void TapLeg::deliver(Frame& frame) {
    if (!target_ || frame.event) return;
    const auto samples = frame.samples();
    if (samples.empty()) return;
    const auto at_rate = convert(resample_whisper_, samples, frame.rate(), rate, scratch_);
    if (options_.whisper_in) whisper_in_.push(at_rate);
    if (options_.whisper_out) whisper_out_.push(at_rate);
}

void TapLeg::tick_more() {
    if (!target_) return;
    const std::size_t n = rate * tick_ms / 1000;
    if (options_.spy_in || options_.spy_out) {
        Frame frame;
        const auto room = frame.sample_room().first(n);
        in_.pull(room);
        scratch_.resize(n);
        if (out_.pull(scratch_))
            for (std::size_t i = 0; i < n; ++i)
                room[i] = static_cast<std::int16_t>(std::clamp(room[i] + scratch_[i], -32768, 32767));
        frame.set_samples(n, rate);
        frame.stream = stream_;
        heard(frame);
    }
    // Nobody else speaks to the target: the whisper is all it hears.
    if (target_ && options_.whisper_out && ++quiet_out_ > 3 && whisper_out_.depth() > 0) {
        Frame frame;
        const auto room = frame.sample_room().first(n);
        if (whisper_out_.pull(room)) {
            frame.set_samples(n, rate);
            frame.stream = stream_;
            target_->deliver(frame);
        }
    }
    // The target says nothing, and those who hear it shall hear the whisper.
    if (target_ && options_.whisper_in && ++quiet_in_ > 3 && whisper_in_.depth() > 0) {
        Frame frame;
        const auto room = frame.sample_room().first(n);
        if (whisper_in_.pull(room)) {
            frame.set_samples(n, rate);
            frame.stream = stream_;
            target_->inject(frame);
        }
    }
}

}  // namespace asterism::media
