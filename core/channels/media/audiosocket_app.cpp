// AudioSocket(uuid,service): the caller speaks with a program.
#include <utility>

#include "asterism/channels/media_channels.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/tcp.hpp"
#include "core/channels/media/audiosocket_link.hpp"

namespace asterism::media_channels {

namespace {

using dialplan::AppResult;

/// The program's leg, connected to the caller's for as long as this lives.
struct Conversation {
    Conversation(Pbx& p, media::LegId c) : pbx(p), caller(c) {}
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    ~Conversation() {
        link.reset();
        pbx.media->disconnect(caller);
        if (leg) pbx.media->close(leg);
    }
    Pbx& pbx;
    media::LegId caller, leg{};
    std::unique_ptr<AudioSocketLink> link;
};

Task<AppResult> audiosocket(Channel& channel, std::string data, TcpDialer& dialer) {
    const dialplan::Arguments args(data, ',');
    const auto uuid = parse_uuid(args[0]);
    if (!uuid) {
        log::error("AudioSocket: '{}' is not a UUID", args[0]);
        co_return AppResult::hang_up();
    }
    auto target = parse_tcp_target(args[1]);
    if (!target) {
        log::error("AudioSocket: '{}' is not host:port", args[1]);
        co_return AppResult::hang_up();
    }
    Pbx& pbx = channel.pbx();
    Mailbox<ChannelSignal> box(*pbx.loop);
    const Observation observation(channel, box, false);
    auto stream = co_await dialer.connect(*target);
    if (channel.ended() || channel.hangup_requested()) co_return AppResult::hang_up();
    if (!stream) {
        log::error("AudioSocket: no connection to {}: {}", args[1], stream.error());
        co_return AppResult::hang_up();
    }
    if (!channel.leg()) co_return AppResult::hang_up();

    Conversation talk(pbx, channel.leg());
    talk.leg = pbx.media->open_stream(
        audiosocket_stream(media::CodecId::slin),
        [&talk](media::LegId, const media::LegEvent& event) {
            if (talk.link && event.kind == media::LegEvent::Kind::dtmf_to_signal) talk.link->send_digit(event.digit);
        },
        [&talk](const media::StreamEvent& event) {
            if (talk.link) talk.link->stream_event(event);
        });
    pbx.media->connect(talk.caller, talk.leg);
    bool over = false;
    talk.link = std::make_unique<AudioSocketLink>(pbx, std::move(*stream), talk.leg, media::CodecId::slin, *uuid,
                                                  [&box, &over, id = channel.id()] {
                                                      over = true;
                                                      box.send({.channel = id, .kind = ChannelSignal::Kind::media});
                                                  });
    while (!over) {
        const auto signal = co_await box.next();
        using Kind = ChannelSignal::Kind;
        if (signal.kind == Kind::hangup || signal.kind == Kind::ended) co_return AppResult::hang_up();
        if (signal.kind == Kind::interrupted) break;
    }
    co_return AppResult::go_on();
}

}  // namespace

void add_applications(Pbx& pbx, TcpDialer& dialer) {
    pbx.applications->add(
        {.name = "AudioSocket",
         .synopsis = "speak with a program over a TCP connection",
         .syntax = "AudioSocket(uuid,service)",
         .parameters = {{"uuid", "by which the program knows the call"},
                        {"service", "host:port of the program, an IPv6 address in brackets"}},
         .run = [&dialer](Channel& channel, std::string data) { return audiosocket(channel, std::move(data), dialer); },
         .module = "app_audiosocket"});
}

}  // namespace asterism::media_channels
