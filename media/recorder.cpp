#include "media/recorder.hpp"

#include <fmt/format.h>
#include <gsm.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "asterism/media/files.hpp"

namespace asterism::media {

namespace {

constexpr std::size_t chunk_bytes = 8192;

/// GSM as Microsoft packs it: two frames in 65 bytes.
class MicrosoftGsmEncoder final : public Encoder {
  public:
    MicrosoftGsmEncoder() : state_(gsm_create(), gsm_destroy) {
        int on = 1;
        gsm_option(state_.get(), GSM_OPT_WAV49, &on);
    }
    std::size_t encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) override {
        if (samples.size() < 320 || out.size() < 66) return 0;
        auto* in = const_cast<gsm_signal*>(samples.data());  // NOLINT: libgsm reads only
        gsm_encode(state_.get(), in, out.data());
        gsm_encode(state_.get(), in + 160, out.data() + 32);
        return 65;
    }

  private:
    std::unique_ptr<gsm_state, void (*)(gsm_state*)> state_;
};

std::size_t block_samples(const FileLayout& layout) {
    if (layout.microsoft_gsm) return 320;
    return codec_info(layout.codec).rate / 1000 * codec_info(layout.codec).min_ms;
}

std::size_t bytes_of(const FileLayout& layout, std::uint64_t samples) {
    if (layout.microsoft_gsm) return samples / 320 * 65;
    const auto& info = codec_info(layout.codec);
    return static_cast<std::size_t>(samples / block_samples(layout) * info.frame_bytes * layout.channels);
}

}  // namespace

int mean_magnitude(std::span<const std::int16_t> samples) {
    if (samples.empty()) return 0;
    std::int64_t sum = 0;
    for (const int sample : samples) sum += sample < 0 ? -sample : sample;
    return static_cast<int>(sum / static_cast<std::int64_t>(samples.size()));
}

std::expected<FileLayout, std::string> Recorder::layout_of(const RecordSpec& spec) {
    std::string_view name = spec.format;
    if (name.empty()) {
        const auto dot = spec.path.rfind('.');
        if (dot != std::string::npos) name = std::string_view(spec.path).substr(dot + 1);
    }
    const FileFormat* format = file_format(name);
    if (!format || !format->writes)
        return std::unexpected(fmt::format("recordings in format '{}' cannot be written", name));
    FileLayout layout;
    layout.codec = format->codec;
    layout.riff = format->name.starts_with("wav");
    layout.microsoft_gsm = format->name == "wav49";
    if (spec.stereo && spec.side == Side::both) {
        if (layout.microsoft_gsm || codec_info(format->codec).encoding != "L16")
            return std::unexpected(fmt::format("format '{}' has no two channels", name));
        layout.channels = 2;
    }
    return layout;
}

Recorder::Recorder(OpId op, RecordSpec spec, FileLayout layout, FileWriter& writer, FileWriter::Failed failed)
    : op_(op), spec_(std::move(spec)), layout_(layout), writer_(writer), rate_(codec_info(layout.codec).rate) {
    file_ = writer_.open(spec_.path, layout_, spec_.existing, std::move(failed));
    if (layout_.microsoft_gsm)
        encoder_ = std::make_unique<MicrosoftGsmEncoder>();
    else if (codec_info(layout_.codec).encoding != "L16")
        encoder_ = make_encoder(layout_.codec);
    const bool both = spec_.side == Side::both;
    if (both || (spec_.keep_time && spec_.side == Side::in)) in_ = std::make_unique<SideInput>(rate_);
    if (both || (spec_.keep_time && spec_.side == Side::out)) out_ = std::make_unique<SideInput>(rate_);
}

Recorder::~Recorder() {
    if (!closed_) finish(OpEnd::Why::closed, [](const std::string&) {});
}

Millis Recorder::recorded() const { return Millis(static_cast<std::int64_t>(samples_ * 1000 / rate_)); }

void Recorder::write(std::span<const std::int16_t> samples, unsigned rate) {
    if (closed_ || ended_ || paused_) return;
    fed_ = true;
    if (rate != rate_) {
        if (!resampler_ || resampler_->from() != rate) resampler_ = std::make_unique<Resampler>(rate, rate_);
        scratch_.resize(samples.size() * rate_ / rate + 64);
        samples = std::span(scratch_).first(resampler_->process(samples, scratch_));
    }
    if (muted(spec_.side)) {
        scratch_.assign(samples.size(), 0);
        samples = scratch_;
    }
    take(samples);
}

void Recorder::feed(Side side, std::span<const std::int16_t> samples, unsigned rate) {
    if (closed_ || ended_ || paused_ || (spec_.side != side && spec_.side != Side::both)) return;
    if (const auto& input = side == Side::in ? in_ : out_)
        gather(*input, samples, rate);
    else
        write(samples, rate);
}

void Recorder::gather(SideInput& input, std::span<const std::int16_t> samples, unsigned rate) {
    if (rate != rate_) {
        if (!input.resampler || input.resampler->from() != rate)
            input.resampler = std::make_unique<Resampler>(rate, rate_);
        scratch_.resize(samples.size() * rate_ / rate + 64);
        samples = std::span(scratch_).first(input.resampler->process(samples, scratch_));
    }
    input.fifo.push(samples);
}

void Recorder::take(std::span<const std::int16_t> samples) {
    if (spec_.max_silence.count() > 0 || spec_.measure_silence) {
        if (mean_magnitude(samples) < spec_.silence_threshold) {
            silent_samples_ += samples.size() / layout_.channels;
            all_silent_samples_ += samples.size() / layout_.channels;
        } else {
            silent_samples_ = 0;
        }
    }
    samples_ += samples.size() / layout_.channels;
    if (encoder_) {
        const std::size_t block = block_samples(layout_);
        pending_.insert(pending_.end(), samples.begin(), samples.end());
        std::size_t at = 0;
        std::uint8_t room[4096];
        for (; pending_.size() - at >= block; at += block) {
            const std::size_t n = encoder_->encode(std::span(pending_).subspan(at, block), room);
            chunk_.insert(chunk_.end(), room, room + n);
        }
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
        const auto* bytes =
            reinterpret_cast<const std::uint8_t*>(samples.data());  // NOLINT: the file is little-endian too
        chunk_.insert(chunk_.end(), bytes, bytes + samples.size() * 2);
    }
    if (chunk_.size() >= chunk_bytes) flush();
    if (ended_) return;
    if (spec_.max_duration.count() > 0 && recorded() >= spec_.max_duration)
        ended_ = OpEnd::Why::max_duration;
    else if (spec_.max_silence.count() > 0 &&
             silent_samples_ * 1000 / rate_ >= static_cast<std::uint64_t>(spec_.max_silence.count()))
        ended_ = OpEnd::Why::silence;
}

void Recorder::tick() {
    if (closed_ || ended_ || paused_) return;
    if (in_ || out_) return tick_sides();
    // A party that sends nothing at all is silent too.
    if (std::exchange(fed_, false)) {
        idle_ticks_ = 0;
    } else if (spec_.max_silence.count() > 0 && ++idle_ticks_ > 10) {
        if (Millis(static_cast<std::int64_t>(silent_samples_ * 1000 / rate_) + idle_ticks_ * 20) >= spec_.max_silence)
            ended_ = OpEnd::Why::silence;
    }
}

void Recorder::tick_sides() {
    const std::size_t n = rate_ / 50;
    scratch_.resize(n * 4);
    const auto first = std::span(scratch_).first(n), second = std::span(scratch_).subspan(n, n);
    const auto pull = [](SideInput* input, std::span<std::int16_t> into, bool mute, double volume) {
        if (!input || !input->fifo.pull(into) || mute) {
            std::fill(into.begin(), into.end(), std::int16_t{0});
        } else if (volume != 1) {
            for (auto& sample : into)
                sample = static_cast<std::int16_t>(std::clamp(static_cast<int>(sample * volume), -32768, 32767));
        }
    };
    pull(in_.get(), first, muted_in_, spec_.volume_in);
    pull(out_.get(), second, muted_out_, spec_.volume_out);
    if (layout_.channels == 2) {
        const auto both = std::span(scratch_).subspan(2 * n);
        for (std::size_t i = 0; i < n; ++i) {
            both[2 * i] = first[i];
            both[2 * i + 1] = second[i];
        }
        return take(both);
    }
    for (std::size_t i = 0; i < n; ++i)
        first[i] = static_cast<std::int16_t>(std::clamp(first[i] + second[i], -32768, 32767));
    take(first);
}

void Recorder::control(const OpControl& control) {
    switch (control.kind) {
        case OpControl::Kind::pause: paused_ = true; break;
        case OpControl::Kind::resume: paused_ = false; break;
        case OpControl::Kind::mute:
        case OpControl::Kind::unmute:
            if (control.side != Side::out) muted_in_ = control.kind == OpControl::Kind::mute;
            if (control.side != Side::in) muted_out_ = control.kind == OpControl::Kind::mute;
            break;
        default: break;
    }
}

void Recorder::flush() {
    if (chunk_.empty()) return;
    std::vector<std::uint8_t> full;
    full.reserve(chunk_bytes + 1024);
    full.swap(chunk_);
    if (!writer_.append(file_, std::move(full)) && error_.empty()) {
        error_ = "the disk is too slow: " + spec_.path;
        ended_ = OpEnd::Why::failed;
    }
}

OpEnd Recorder::finish(OpEnd::Why why, FileWriter::Closed closed) {
    if (encoder_ && !pending_.empty()) {
        // The last block is filled with silence, or the end of the last word is lost.
        pending_.resize(block_samples(layout_), 0);
        std::uint8_t room[4096];
        const std::size_t n = encoder_->encode(pending_, room);
        chunk_.insert(chunk_.end(), room, room + n);
        pending_.clear();
    }
    flush();
    closed_ = true;
    OpEnd end;
    end.why = why;
    end.error = error_;
    std::size_t drop = 0;
    if (why == OpEnd::Why::silence && spec_.drop_silence) {
        drop = bytes_of(layout_, silent_samples_);
        samples_ -= std::min(samples_, silent_samples_);
        all_silent_samples_ -= silent_samples_;
    }
    end.samples = samples_;
    end.position = recorded();
    if (spec_.measure_silence) end.silence = Millis(static_cast<std::int64_t>(all_silent_samples_ * 1000 / rate_));
    writer_.close(file_, drop, std::move(closed));
    return end;
}

}  // namespace asterism::media
