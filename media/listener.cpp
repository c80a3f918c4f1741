#include "media/listener.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "media/digit_watchers.hpp"
#include "media/machine_watcher.hpp"
#include "media/player.hpp"
#include "media/progress_watcher.hpp"
#include "media/recorder.hpp"
#include "media/tone_blocks.hpp"

namespace asterism::media {

namespace {

constexpr unsigned idle_ticks = 3;  // without a packet: a late one is no silence

/// See LevelWatch.
class LevelWatcher final : public Watcher {
  public:
    explicit LevelWatcher(const LevelWatch& watch) : watch_(watch) {}
    void hear(std::span<const std::int16_t> samples, Tell& tell) override {
        const auto length = static_cast<std::int64_t>(samples.size());
        if (mean_magnitude(samples) >= watch_.level) {
            silence_ = 0;
            sound_ += length;
            sounded_ += length;
            if (watch_.sound_after.count() > 0 && ms(sound_) >= watch_.sound_after) {
                tell({.kind = Heard::Kind::sound, .duration = ms(sound_)});
                sound_ = 0;
            }
            return;
        }
        sound_ = 0;
        silence_ += length;
        if (sounded_ > 0) sounded_ += length;
        if (watch_.silence_after.count() > 0 && ms(silence_) >= watch_.silence_after) {
            tell({.kind = Heard::Kind::silence,
                  .duration = ms(silence_),
                  .sounded = ms(std::max<std::int64_t>(0, sounded_ - silence_))});
            silence_ = sounded_ = 0;
        }
    }

  private:
    static Millis ms(std::int64_t samples) { return Millis(samples / 8); }
    LevelWatch watch_;
    std::int64_t silence_ = 0, sound_ = 0;
    std::int64_t sounded_ = 0;  // since the first sound after a report, pauses included
};

/// See ToneWatch. Blocks of 20 ms: 50 Hz apart is told apart.
class ToneWatcher final : public Watcher {
  public:
    explicit ToneWatcher(const ToneWatch& watch)
        : watch_(watch),
          ratio_(static_cast<float>(std::pow(10.0, std::clamp(watch.margin_db, 0.0, 60.0) / 10))),
          tone_({watch.frequency}) {}
    void hear(std::span<const std::int16_t> samples, Tell& tell) override {
        tone_.feed(samples, [&] { finish(tell); });
    }
    [[nodiscard]] bool swallows() const override { return watch_.swallow && blocks_ > 0; }

  private:
    static constexpr std::size_t block = 160;
    static constexpr float least = 100.0F * 100 * block / 2;  // a sine of amplitude 100: about -50 dBm0
    void finish(Tell& tell) {
        const float mine = tone_.part(0);
        if (mine > least && mine > ratio_ * std::max(tone_.energy() - mine, 0.0F)) {
            ++blocks_;
            if (!told_ && Millis(blocks_ * 20) >= watch_.duration) {
                told_ = true;
                tell({.kind = Heard::Kind::tone_begin, .duration = Millis(blocks_ * 20)});
            }
        } else if (blocks_ > 0) {
            if (told_) tell({.kind = Heard::Kind::tone_end, .duration = Millis(blocks_ * 20)});
            told_ = false;
            blocks_ = 0;
        }
    }
    ToneWatch watch_;
    float ratio_;
    ToneBlocks<1, block> tone_;
    unsigned blocks_ = 0;
    bool told_ = false;
};

struct Make {
    std::unique_ptr<Watcher> operator()(const LevelWatch& w) const { return std::make_unique<LevelWatcher>(w); }
    std::unique_ptr<Watcher> operator()(const ToneWatch& w) const { return std::make_unique<ToneWatcher>(w); }
    std::unique_ptr<Watcher> operator()(const MfWatch& w) const { return std::make_unique<MfWatcher>(w); }
    std::unique_ptr<Watcher> operator()(const SfWatch& w) const { return std::make_unique<SfWatcher>(w); }
    std::unique_ptr<Watcher> operator()(const ProgressWatch& w) const { return std::make_unique<ProgressWatcher>(w); }
    std::unique_ptr<Watcher> operator()(const MachineWatch& w) const { return std::make_unique<MachineWatcher>(w); }
};

}  // namespace

std::unique_ptr<Watcher> make_watcher(const ListenSpec& spec) { return std::visit(Make{}, spec.what); }

bool Listener::hear(Frame& frame) {
    idle_ = 0;
    std::span<const std::int16_t> samples = frame.samples();
    if (samples.empty()) return true;
    if (frame.rate() != 8000) {
        if (!to_8k_ || to_8k_->from() != frame.rate()) to_8k_ = std::make_unique<Resampler>(frame.rate(), 8000);
        at_8k_.resize(samples.size() * 8000 / frame.rate() + 64);
        samples = std::span(at_8k_).first(to_8k_->process(samples, at_8k_));
    }
    watcher_->hear(samples, tell_);
    return !watcher_->swallows();
}

void Listener::tick() {
    static constexpr std::array<std::int16_t, 160> silence{};
    if (++idle_ > idle_ticks) watcher_->hear(silence, tell_);
}

}  // namespace asterism::media
