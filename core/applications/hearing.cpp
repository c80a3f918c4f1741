#include "core/applications/hearing.hpp"

namespace asterism::applications {

Hearing::Hearing(Channel& channel, media::ListenSpec spec, std::string digits)
    : channel_(channel),
      digits_(std::move(digits)),
      box_(*channel.pbx().loop),
      watch_(channel, box_, !digits_.empty()) {
    Pbx& pbx = channel.pbx();
    const auto tell = [&pbx, id = channel.id()] {
        if (auto* still = pbx.channels->find(id)) still->signal({.channel = id, .kind = ChannelSignal::Kind::media});
    };
    op_ = pbx.media->listen(
        channel.leg(), spec,
        [kept = heard_, tell](const media::Heard& heard) {
            kept->push_back(heard);
            tell();
        },
        [](const media::OpEnd&) {});
}

Hearing::~Hearing() { channel_.pbx().media->stop(op_); }

Task<Hearing::Event> Hearing::next(std::optional<TimePoint> deadline) {
    using Kind = Event::Kind;
    for (;;) {
        if (channel_.ended() || channel_.interrupted() || (channel_.hangup_requested() && !channel_.in_afterlife()))
            co_return Event{.kind = Kind::over};
        if (!heard_->empty()) {
            Event event{.kind = Kind::heard, .heard = std::move(heard_->front())};
            heard_->pop_front();
            co_return event;
        }
        std::optional<ChannelSignal> signal;
        if (deadline)
            signal = co_await box_.next_before(*deadline);
        else
            signal = co_await box_.next();
        if (!signal) co_return Event{.kind = Kind::timeout};
        if (signal->kind == ChannelSignal::Kind::digit && digits_.find(signal->digit) != std::string::npos)
            co_return Event{.kind = Kind::digit, .digit = signal->digit};
    }
}

}  // namespace asterism::applications
