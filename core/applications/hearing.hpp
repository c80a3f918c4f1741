// Waiting for what is heard on a channel.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "asterism/media/engine.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"

namespace asterism::applications {

/// One listen() of the media engine together with the channel's signals. Lives in an application's coroutine; the
/// listening ends with it.
class Hearing {
  public:
    Hearing(Channel& channel, media::ListenSpec spec, std::string digits = {});
    Hearing(const Hearing&) = delete;
    Hearing& operator=(const Hearing&) = delete;
    ~Hearing();

    struct Event {
        enum class Kind : std::uint8_t { heard, digit, timeout, over };
        Kind kind = Kind::over;
        media::Heard heard{};
        char digit = 0;
    };
    /// What comes next: something heard, one of the digits, the deadline, or the channel's end (or interruption).
    Task<Event> next(std::optional<TimePoint> deadline);

  private:
    Channel& channel_;
    std::string digits_;
    Mailbox<ChannelSignal> box_;
    Observation watch_;
    std::shared_ptr<std::deque<media::Heard>> heard_ = std::make_shared<std::deque<media::Heard>>();
    media::OpId op_;
};

}  // namespace asterism::applications
