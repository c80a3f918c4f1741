#include "media/mixer.hpp"

#include <algorithm>
#include <cstring>

#include "media/worker.hpp"

namespace asterism::media {

namespace {

constexpr int silence_level = 160;  // mean magnitude; ConfBridge's dsp_talking_threshold
constexpr unsigned hangover_ticks = 25;

unsigned usable_rate(unsigned rate) {
    for (const unsigned r : {8000u, 16000u, 32000u, 48000u})
        if (rate <= r) return r;
    return 48000;
}

}  // namespace

Mixer::Mixer(Worker& worker, MixerId id, const MixerOptions& options)
    : Station(worker), id_(id), options_(options), stream_(worker.new_stream()) {
    options_.rate = usable_rate(options.rate);
    block_ = options_.rate * tick_ms / 1000;
    sum_.resize(block_);
    mixed_.resize(block_);
}

Mixer::~Mixer() = default;

Mixer::Member* Mixer::find(const Leg& leg) {
    for (const auto& member : members_)
        if (member->leg == &leg) return member.get();
    return nullptr;
}

void Mixer::add(Leg& leg, MixRole role) {
    if (Member* member = find(leg)) {
        member->role = role;
        return;
    }
    members_.push_back(std::make_unique<Member>(&leg, role, options_.rate, worker().new_stream()));
    members_.back()->block.resize(block_);
}

void Mixer::remove(Leg& leg) {
    std::erase_if(members_, [&](const auto& member) { return member->leg == &leg; });
}

void Mixer::close() {
    end_operations(OpEnd::Why::closed);
    for (const auto& member : members_) member->leg->set_mixer(nullptr);
    members_.clear();
}

bool Mixer::wants_ticks() const { return !members_.empty() || player() || records(); }

/// Fills the place of lost packets with silence, so that those after them keep their time. False: it is too late.
bool Mixer::in_time(Member& member, const Frame& frame, std::size_t samples, unsigned rate) {
    if (!frame.timed) return true;
    const bool known = member.in_stream == frame.stream;
    const auto gap = static_cast<std::int32_t>(frame.header.timestamp - member.next_timestamp);
    if (known && gap < 0 && gap > -static_cast<std::int32_t>(frame.clock)) return false;  // its place has been filled
    // A longer pause is one that the sender made.
    if (known && gap > 0 && gap <= static_cast<std::int32_t>(frame.clock / 10)) {
        const std::vector<std::int16_t> silence(static_cast<std::size_t>(gap) * member.fifo.rate() / frame.clock);
        member.fifo.push(silence);
    }
    member.in_stream = frame.stream;
    member.next_timestamp = frame.header.timestamp + static_cast<std::uint32_t>(samples * frame.clock / rate);
    return true;
}

void Mixer::take(Leg& from, Frame& frame) {
    if (frame.event) {
        each_other(from, [&](Leg& leg) { leg.write(frame); });
        return;
    }
    Member* member = find(from);
    if (!member || member->role == MixRole::listen_only) return;
    std::span<const std::int16_t> samples = frame.samples();
    if (samples.empty() || !in_time(*member, frame, samples.size(), frame.rate())) return;
    if (frame.rate() != options_.rate) {
        auto& resampler = member->resampler;
        if (!resampler || resampler->from() != frame.rate())
            resampler = std::make_unique<Resampler>(frame.rate(), options_.rate);
        scratch_.resize(samples.size() * options_.rate / frame.rate() + 64);
        samples = std::span(scratch_).first(resampler->process(samples, scratch_));
    }
    member->fifo.push(samples);
}

void Mixer::take_digit(Leg& from, bool begin, char digit) {
    each_other(from, [&](Leg& leg) { leg.write_digit(begin, digit); });
}

/// What plays to all, added to the sum.
bool Mixer::add_player() {
    Frame frame;
    if (!next_played(frame)) return false;
    std::span<const std::int16_t> samples = frame.samples();
    if (frame.rate() != options_.rate) {
        if (!player_resampler_ || player_resampler_->from() != frame.rate())
            player_resampler_ = std::make_unique<Resampler>(frame.rate(), options_.rate);
        scratch_.resize(samples.size() * options_.rate / frame.rate() + 64);
        samples = std::span(scratch_).first(player_resampler_->process(samples, scratch_));
    }
    for (std::size_t i = 0; i < std::min(samples.size(), block_); ++i) sum_[i] += samples[i];
    return true;
}

Mixer::Shared& Mixer::shared_of(CodecId codec) {
    for (const auto& shared : shared_)
        if (shared->codec == codec) return *shared;
    shared_.push_back(std::make_unique<Shared>(codec));
    return *shared_.back();
}

void Mixer::give(Member& member, bool shared) {
    Frame frame;
    frame.stream = member.stream;
    const CodecId codec = member.leg->preferred();
    if (shared && codec != CodecId::none) {
        Shared& common = shared_of(codec);
        if (!common.fresh) {
            common.bytes.clear();
            common.packer.pack(mixed_, options_.rate, frame.payload_room(),
                               [&](std::span<std::uint8_t> payload, unsigned) {
                                   common.bytes.assign(payload.begin(), payload.end());
                               });
            common.fresh = true;
        }
        if (!common.bytes.empty()) {
            frame.payload = frame.payload_room().first(common.bytes.size());
            std::memcpy(frame.payload.data(), common.bytes.data(), common.bytes.size());
            frame.codec = codec;
        }
    }
    // Samples too: for a gain, a tap or a recording on the way.
    const auto room = frame.sample_room().first(block_);
    if (shared) {
        std::copy(mixed_.begin(), mixed_.end(), room.begin());
    } else {
        for (std::size_t i = 0; i < block_; ++i)
            room[i] = static_cast<std::int16_t>(std::clamp(sum_[i] - member.block[i], -32768, 32767));
    }
    frame.set_samples(block_, options_.rate);
    member.leg->write(frame);
}

void Mixer::tick() {
    std::fill(sum_.begin(), sum_.end(), 0);
    for (const auto& member : members_) {
        member->audible = false;
        if (member->role == MixRole::listen_only || !member->fifo.pull(member->block)) continue;
        if (mean_magnitude(member->block) >= silence_level)
            member->hangover = hangover_ticks;
        else if (member->hangover > 0)
            --member->hangover;
        else if (options_.drop_silence)
            continue;
        member->audible = true;
        for (std::size_t i = 0; i < block_; ++i) sum_[i] += member->block[i];
    }
    add_player();
    for (std::size_t i = 0; i < block_; ++i) mixed_[i] = static_cast<std::int16_t>(std::clamp(sum_[i], -32768, 32767));
    for (const auto& shared : shared_) shared->fresh = false;
    if (records()) {
        Frame frame;
        std::copy(mixed_.begin(), mixed_.end(), frame.sample_room().begin());
        frame.set_samples(block_, options_.rate);
        feed_recorders(Side::in, frame);
        tick_recorders();
    }
    // By index: a member's party may be another mixer's, and a write never removes a member, but be safe against it.
    for (std::size_t i = 0; i < members_.size(); ++i) {
        Member& member = *members_[i];
        if (member.role != MixRole::talk_only) give(member, !member.audible);
    }
}

}  // namespace asterism::media
