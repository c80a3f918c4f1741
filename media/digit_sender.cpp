#include "media/digit_sender.hpp"

#include <algorithm>

#include "media/leg.hpp"
#include "media/telephone_event.hpp"
#include "media/worker.hpp"

namespace asterism::media {

namespace {
constexpr unsigned event_clock = 8000;
// Below this a receiver may miss it (Q.24 asks for 40 ms; Asterisk sends 80).
constexpr Millis shortest{80};
constexpr Millis longest{60'000};
constexpr Millis tick_time{tick_ms};
constexpr int tone_level = 7000;
constexpr std::size_t max_jobs = 1024;
}  // namespace

void DigitSender::send(std::string_view digits, Millis duration, Millis gap, OpId op) {
    duration = std::clamp(duration, shortest, longest);
    gap = std::max(gap, Millis{0});
    Job job;
    job.op = op;
    for (const char digit : digits.substr(0, max_jobs)) {
        job.digit = digit;
        job.length = duration;
        job.gap = gap;
        if (digit == 'w' || digit == 'W') {
            job.length = Millis{0};
            job.gap = Millis{digit == 'w' ? 500 : 1000};
            job.digit = 'w';
        } else if (!event_of_digit(digit)) {
            continue;
        }
        jobs_.push_back(job);
    }
    if (!jobs_.empty() && jobs_.back().op == op) {
        jobs_.back().last = true;
    } else {
        job.digit = 'w';
        job.length = job.gap = Millis{0};
        job.last = true;
        jobs_.push_back(job);
    }
}

void DigitSender::press(char digit) {
    if (!event_of_digit(digit) || jobs_.size() >= max_jobs) return;
    Job job;
    job.digit = digit;
    job.open = true;
    jobs_.push_back(job);
}

void DigitSender::release(char digit) {
    if (state_ == State::sounding && now_.open && now_.digit == digit) {
        now_.open = false;
        now_.length = std::max(elapsed_, shortest);
        return;
    }
    for (auto& job : jobs_) {
        if (!job.open || job.digit != digit) continue;
        job.open = false;
        job.length = shortest;
        return;
    }
}

void DigitSender::send_one(char digit, Millis duration) {
    press(digit);
    if (jobs_.empty() || !jobs_.back().open) return;
    jobs_.back().open = false;
    jobs_.back().length = std::clamp(duration, shortest, longest);
    jobs_.back().gap = Millis{40};
}

bool DigitSender::stop(OpId op) {
    const bool here = (state_ != State::idle && now_.op == op) ||
                      std::any_of(jobs_.begin(), jobs_.end(), [&](const Job& j) { return j.op == op; });
    if (!here) return false;
    std::erase_if(jobs_, [&](const Job& j) { return j.op == op; });
    if (state_ != State::idle && now_.op == op) {
        if (state_ == State::sounding) end_digit();
        state_ = State::idle;
    }
    leg_.worker_of().operation_ended(
        op, {.why = OpEnd::Why::stopped, .samples = 0, .position = {}, .file = 0, .error = {}});
    return true;
}

void DigitSender::end_all(OpEnd::Why why) {
    const auto finish = [&](const Job& job) {
        if (job.last)
            leg_.worker_of().operation_ended(job.op,
                                             {.why = why, .samples = 0, .position = {}, .file = 0, .error = {}});
    };
    if (state_ != State::idle) finish(now_);
    for (const auto& job : jobs_) finish(job);
    jobs_.clear();
    state_ = State::idle;
}

void DigitSender::begin() {
    now_ = jobs_.front();
    jobs_.pop_front();
    elapsed_ = Millis{0};
    if (now_.digit == 'w') {
        state_ = State::gap;
        return;
    }
    state_ = State::sounding;
    way_ = leg_.digit_way();
    if (way_ == DigitWay::tones) {
        const auto pair = *dtmf_frequencies(now_.digit);
        tone_ = DualTone(pair[0], pair[1], false, tone_level, 8000);
    } else if (way_ == DigitWay::events) {
        // A timestamp of its own for each digit; the leg maps it to its own stream's time.
        stream_ = leg_.worker_of().new_stream();
        timestamp_ += event_clock;
        segment_start_ms_ = 0;
    }
}

void DigitSender::emit(bool end, bool marker) {
    Frame frame;
    frame.event = true;
    frame.timed = true;
    frame.stream = stream_;
    frame.clock = event_clock;
    frame.header.sequence = ++sequence_;
    frame.header.timestamp = timestamp_;
    frame.header.marker = marker;
    const auto ms = static_cast<std::uint32_t>(elapsed_.count()) - segment_start_ms_;
    frame.payload = frame.payload_room().first(telephone_event_bytes);
    write_telephone_event(frame.payload.data(), {.event = *event_of_digit(now_.digit),
                                                 .end = end,
                                                 .volume = 10,
                                                 .duration = static_cast<std::uint16_t>(ms * (event_clock / 1000))});
    leg_.deliver(frame);
}

void DigitSender::sound() {
    const bool first = elapsed_ == Millis{0};
    elapsed_ += tick_time;
    if (way_ == DigitWay::tones) {
        Frame frame;
        const auto room = frame.sample_room().first(8000 * tick_ms / 1000);
        tone_.generate(room);
        frame.set_samples(room.size(), 8000);
        frame.stream = stream_ = first ? leg_.worker_of().new_stream() : stream_;
        leg_.send_audio(frame);
    } else if (way_ == DigitWay::events) {
        emit(false, first);
        // The duration field holds 8.19 s at 8 kHz: a longer press goes on as a new event without a marker (2.5.1.3).
        if (elapsed_.count() - segment_start_ms_ >= 8180) {
            const auto ms = static_cast<std::uint32_t>(elapsed_.count()) - segment_start_ms_;
            timestamp_ += ms * (event_clock / 1000);
            segment_start_ms_ = static_cast<std::uint32_t>(elapsed_.count());
        }
    }
    if ((!now_.open && elapsed_ >= now_.length) || elapsed_ >= longest) end_digit();
}

void DigitSender::end_digit() {
    if (way_ == DigitWay::events) {
        for (int i = 0; i < 3; ++i) emit(true, false);  // 2.5.1.4: the last packet three times
    } else if (way_ == DigitWay::signal) {
        leg_.tell({.kind = LegEvent::Kind::dtmf_to_signal, .digit = now_.digit, .duration = elapsed_, .source = {}});
    }
    state_ = State::gap;
    elapsed_ = Millis{0};
}

void DigitSender::finish_job() {
    state_ = State::idle;
    if (now_.last)
        leg_.worker_of().operation_ended(
            now_.op, {.why = OpEnd::Why::finished, .samples = 0, .position = {}, .file = 0, .error = {}});
}

void DigitSender::tick() {
    if (state_ == State::idle && !jobs_.empty()) begin();
    if (state_ == State::sounding) {
        sound();
        return;
    }
    if (state_ == State::gap) {
        if (elapsed_ >= now_.gap) finish_job();
        elapsed_ += tick_time;
    }
}

}  // namespace asterism::media
