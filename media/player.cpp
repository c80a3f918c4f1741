#include "media/player.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "media/g711.hpp"

namespace asterism::media {

namespace {

constexpr unsigned tone_rate = 8000;

Millis time_of(std::uint64_t samples, unsigned rate) {
    return Millis(static_cast<std::int64_t>(samples * 1000 / (rate ? rate : 8000)));
}

bool pauses(const OpControl& control, bool& paused) {
    if (control.kind == OpControl::Kind::pause)
        paused = true;
    else if (control.kind == OpControl::Kind::resume)
        paused = false;
    else
        return false;
    return true;
}

}  // namespace

FilePlayer::FilePlayer(OpId op, const Plan& plan, std::uint64_t stream)
    : Player(op), plan_(plan), stream_(stream), file_(plan.count ? plan.first % plan.count : 0), start_(plan.offset) {
    if (plan_.count == 0) {
        failed_ = true;
        error_ = "no files to play";
    } else if (!plan_.first_asked) {
        need_ = file_;
    }
}

bool FilePlayer::last_file() const {
    return file_ + 1 >= plan_.count && plan_.repeat != 0 && rounds_ + 1 >= plan_.repeat;
}

std::optional<std::size_t> FilePlayer::take_need() { return std::exchange(need_, std::nullopt); }

void FilePlayer::begin_file() {
    position_ = std::min(prompt_->samples(), static_cast<std::size_t>(start_.count()) * prompt_->rate / 1000);
    start_ = Millis{0};
    if (!last_file()) {
        if (plan_.count == 1)
            upcoming_ = prompt_;
        else
            need_ = following(file_);
    }
}

void FilePlayer::supply(std::size_t file, PromptPtr prompt, std::string error) {
    if (!prompt && !error.empty()) error_ = std::move(error);
    if (!prompt)
        ++failures_;
    else
        failures_ = 0;
    if (file == file_ && !prompt_) {
        if (prompt) {
            prompt_ = std::move(prompt);
            begin_file();
        } else if (plan_.tolerant && failures_ < plan_.count) {
            file_ = following(file_);
            need_ = file_;
        } else {
            failed_ = true;
        }
    } else if (file == following(file_)) {
        upcoming_failed_ = !prompt;
        upcoming_ = std::move(prompt);
    }
}

/// To the next file, or the end.
Player::Step FilePlayer::advance() {
    if (last_file()) return Step::finished;
    if (upcoming_failed_) {
        upcoming_failed_ = false;
        if (!plan_.tolerant || failures_ >= plan_.count) {
            failed_ = true;
            return Step::failed;
        }
        // Stay on the old one's number and look beyond the bad file.
        file_ = following(following(file_));
        prompt_.reset();
        need_ = file_;
        return Step::waiting;
    }
    if (!upcoming_) return Step::waiting;  // still loading
    if (file_ + 1 >= plan_.count) ++rounds_;
    file_ = following(file_);
    prompt_ = std::move(upcoming_);
    upcoming_.reset();
    begin_file();
    return Step::audio;
}

Player::Step FilePlayer::next(Frame& frame) {
    if (failed_) return Step::failed;
    if (paused_ || !prompt_) return Step::waiting;
    // Bounded: a list of empty files must not spin for ever.
    for (int hops = 0; position_ >= prompt_->samples(); ++hops) {
        const Step step = advance();
        if (step != Step::audio) return step;
        if (hops > 100) return Step::waiting;
    }
    const std::size_t want = prompt_->rate * tick_ms / 1000;
    const std::size_t have = std::min(want, prompt_->samples() - position_);
    frame.stream = stream_;
    if (!prompt_->g711.empty()) {
        const auto room = frame.payload_room().first(want);
        std::memcpy(room.data(), prompt_->g711.data() + position_, have);
        const auto quiet = prompt_->codec == CodecId::ulaw ? g711::ulaw_silence : g711::alaw_silence;
        std::memset(room.data() + have, quiet, want - have);
        frame.payload = room;
        frame.codec = prompt_->codec;
        frame.decoder = this;
    } else {
        const auto room = frame.sample_room();
        std::memcpy(room.data(), prompt_->pcm.data() + position_, have * 2);
        std::fill_n(room.begin() + static_cast<std::ptrdiff_t>(have), want - have, std::int16_t{0});
        frame.set_samples(want, prompt_->rate);
    }
    position_ += have;
    return Step::audio;
}

std::size_t FilePlayer::decode_frame(const Frame& frame, std::span<std::int16_t> out, unsigned& rate) {
    const auto* table = frame.codec == CodecId::ulaw ? g711::tables.ulaw : g711::tables.alaw;
    const std::size_t n = std::min(frame.payload.size(), out.size());
    for (std::size_t i = 0; i < n; ++i) out[i] = table[frame.payload[i]];
    rate = 8000;
    return n;
}

void FilePlayer::control(const OpControl& control) {
    using Kind = OpControl::Kind;
    if (pauses(control, paused_)) return;
    const auto by = static_cast<std::size_t>(std::max<std::int64_t>(0, control.by.count())) *
                    (prompt_ ? prompt_->rate : 8000) / 1000;
    switch (control.kind) {
        case Kind::restart:
            position_ = 0;
            start_ = Millis{0};
            paused_ = false;
            break;
        case Kind::forward:
            if (prompt_) position_ = std::min(prompt_->samples(), position_ + by);
            break;
        case Kind::reverse: position_ -= std::min(position_, by); break;
        default: break;
    }
}

void FilePlayer::report(OpEnd& end) const {
    end.samples = position_;
    end.position = time_of(position_, prompt_ ? prompt_->rate : 8000);
    end.file = file_;
    end.error = failed_ ? error_ : std::string();
}

TonePlayer::TonePlayer(OpId op, ToneSpec spec, std::uint64_t stream)
    : Player(op), spec_(std::move(spec)), generator_(spec_, tone_rate), stream_(stream) {}

Player::Step TonePlayer::next(Frame& frame) {
    if (paused_) return Step::waiting;
    const auto room = frame.sample_room().first(tone_rate * tick_ms / 1000);
    const bool more = generator_.generate(room);
    frame.set_samples(room.size(), tone_rate);
    frame.stream = stream_;
    samples_ += room.size();
    return more ? Step::audio : Step::finished;
}

void TonePlayer::control(const OpControl& control) {
    if (pauses(control, paused_)) return;
    if (control.kind == OpControl::Kind::restart) {
        generator_ = ToneGenerator(spec_, tone_rate);
        samples_ = 0;
    }
}

void TonePlayer::report(OpEnd& end) const {
    end.samples = samples_;
    end.position = time_of(samples_, tone_rate);
}

Player::Step SilencePlayer::next(Frame& frame) {
    if (paused_) return Step::waiting;
    if (played_ >= length_) return Step::finished;
    const auto room = frame.sample_room().first(tone_rate * tick_ms / 1000);
    std::fill(room.begin(), room.end(), std::int16_t{0});
    frame.set_samples(room.size(), tone_rate);
    frame.stream = stream_;
    played_ += Millis{tick_ms};
    return Step::audio;
}

void SilencePlayer::control(const OpControl& control) {
    if (pauses(control, paused_)) return;
    if (control.kind == OpControl::Kind::restart) played_ = Millis{0};
    if (control.kind == OpControl::Kind::forward) played_ += control.by;
    if (control.kind == OpControl::Kind::reverse) played_ -= std::min(played_, control.by);
}

void SilencePlayer::report(OpEnd& end) const {
    end.position = played_;
    end.samples = static_cast<std::uint64_t>(played_.count()) * tone_rate / 1000;
}

}  // namespace asterism::media
