// A conference: each hears the sum of the others.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "media/leg.hpp"
#include "media/pcm_packer.hpp"

namespace asterism::media {

/// Owned by the worker; its members are not its own. Sums in 32 bits and saturates to 16. Those who say nothing hear
/// the same: it is encoded once for each codec among them.
class Mixer final : public Station {
  public:
    Mixer(Worker& worker, MixerId id, const MixerOptions& options);
    ~Mixer() override;

    [[nodiscard]] MixerId id() const { return id_; }
    void add(Leg& leg, MixRole role);
    void remove(Leg& leg);
    [[nodiscard]] std::size_t size() const { return members_.size(); }
    /// What a member's party said.
    void take(Leg& from, Frame& frame);
    void take_digit(Leg& from, bool begin, char digit);
    template <class F>
    void each_other(const Leg& from, F f) {
        if (!options_.digits_pass) return;
        for (const auto& member : members_)
            if (member->leg != &from && member->role != MixRole::talk_only) f(*member->leg);
    }
    /// Every 20 ms.
    void tick();
    /// Lets all members go and ends the operations.
    void close();
    [[nodiscard]] bool wants_ticks() const;

  protected:
    void operations_changed() override {}

  private:
    struct Member {
        Member(Leg* l, MixRole r, unsigned rate, std::uint64_t s) : leg(l), role(r), stream(s), fifo(rate) {}
        Leg* leg;
        MixRole role;
        std::uint64_t stream;
        JitterFifo fifo;
        std::unique_ptr<Resampler> resampler;
        std::vector<std::int16_t> block;
        std::uint64_t in_stream = 0;
        std::uint32_t next_timestamp = 0;  // that the next packet of in_stream should have
        bool audible = false;
        unsigned hangover = 0;  // ticks that a talker who paused is still mixed
    };
    /// One encoding that all silent listeners of a codec share.
    struct Shared {
        explicit Shared(CodecId c) : codec(c), packer(c, tick_ms) {}
        CodecId codec;
        PcmPacker packer;
        std::vector<std::uint8_t> bytes;
        bool fresh = false;
    };
    Member* find(const Leg& leg);
    static bool in_time(Member& member, const Frame& frame, std::size_t samples, unsigned rate);
    bool add_player();
    void give(Member& member, bool shared);
    Shared& shared_of(CodecId codec);

    MixerId id_;
    MixerOptions options_;
    std::size_t block_;  // samples of 20 ms
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<std::int32_t> sum_;
    std::vector<std::int16_t> mixed_;  // saturated: what silent listeners hear
    std::vector<std::int16_t> scratch_;
    std::vector<std::unique_ptr<Shared>> shared_;
    std::unique_ptr<Resampler> player_resampler_;
    std::uint64_t stream_;
};

}  // namespace asterism::media
