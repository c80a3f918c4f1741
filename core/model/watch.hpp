// What an operation needs while it waits on a channel: its signals, its end, and the media it started.
#pragma once

#include <memory>
#include <optional>

#include "asterism/media/engine.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"

namespace asterism {

/// Lives in the operation's coroutine.
class Watch {
  public:
    Watch(Channel& channel, bool takes_digits)
        : channel_(channel),
          pbx_(channel.pbx()),
          id_(channel.id()),
          takes_digits_(takes_digits),
          box_(*channel.pbx().loop),
          observation_(channel, box_, takes_digits) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    /// Digits that came after the operation had ended, but before its coroutine did, are for the next one.
    ~Watch() {
        std::string unread;
        while (takes_digits_ && !box_.empty()) {
            const auto signal = box_.try_next();
            if (signal->kind == ChannelSignal::Kind::digit) unread += signal->digit;
        }
        if (unread.empty()) return;
        if (Channel* channel = pbx_.channels->find(id_)) channel->put_back_digits(unread);
    }

    /// Whether the operation must end now, and how. Looked at before each wait: what happened before the operation
    /// began counts as well.
    [[nodiscard]] std::optional<OpResult> over() const {
        if (channel_.ended()) return OpResult{.end = End::hangup};
        if (channel_.hangup_requested() && !channel_.in_afterlife()) return OpResult{.end = End::hangup};
        if (channel_.interrupted()) return OpResult{.end = End::interrupted};
        return std::nullopt;
    }
    /// The next signal; nothing when the deadline passed first. Without a deadline there is always one.
    Task<std::optional<ChannelSignal>> next(std::optional<TimePoint> deadline) {
        if (deadline) co_return co_await box_.next_before(*deadline);
        co_return co_await box_.next();
    }

  private:
    Channel& channel_;
    Pbx& pbx_;
    ChannelId id_;
    bool takes_digits_;
    Mailbox<ChannelSignal> box_;
    Observation observation_;
};

/// One operation of the media engine on behalf of a channel. Stops it when the coroutine goes; its end is a `media`
/// signal to the channel, so that a Watch wakes up.
class MediaRun {
  public:
    explicit MediaRun(Channel& channel) : pbx_(channel.pbx()), channel_(channel.id()) {}
    MediaRun(const MediaRun&) = delete;
    MediaRun& operator=(const MediaRun&) = delete;
    ~MediaRun() {
        if (op_ && !*end_) pbx_.media->stop(op_);
    }

    /// The callback to give to the engine.
    [[nodiscard]] media::OpDone done() {
        return [&pbx = pbx_, channel = channel_, end = end_](const media::OpEnd& how) {
            *end = how;
            if (Channel* still = pbx.channels->find(channel)) {
                still->signal({.channel = channel, .kind = ChannelSignal::Kind::media});
            }
        };
    }
    void started(media::OpId op) { op_ = op; }
    void stop() { pbx_.media->stop(op_); }
    void control(media::OpControl what) { pbx_.media->control(op_, what); }
    /// How it ended; null while it runs.
    [[nodiscard]] const media::OpEnd* ended() const { return *end_ ? &**end_ : nullptr; }

  private:
    Pbx& pbx_;
    ChannelId channel_;
    media::OpId op_;
    std::shared_ptr<std::optional<media::OpEnd>> end_ = std::make_shared<std::optional<media::OpEnd>>();
};

}  // namespace asterism
