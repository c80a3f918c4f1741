// The technologies WebSocket and AudioSocket and the application, in virtual time: programs and media are played.
#include <gtest/gtest.h>

#include <set>

#include "asterism/channels/media_channels.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/runtime/tcp.hpp"
#include "asterism/world/world.hpp"

namespace asterism::media_channels {
namespace {

using Order = media::StreamCommand::Kind;
using Event = media::StreamEvent::Kind;

/// A program at the other end of a WebSocket.
struct FakeSocket final : MessageSocket {
    void send_text(std::string text) override { texts.push_back(std::move(text)); }
    void send_binary(std::shared_ptr<const std::string> bytes) override { audio.push_back(*bytes); }
    void close() override {
        closed = true;
        user = nullptr;
    }
    [[nodiscard]] std::size_t queued_bytes() const override { return queued; }
    MessageUser* user = nullptr;
    std::vector<std::string> texts, audio;
    std::string query;
    std::size_t queued = 0;
    bool closed = false;
};

struct FakeSockets final : MessageSockets {
    [[nodiscard]] bool knows(std::string_view connection) const override { return connection == "bot"; }
    std::shared_ptr<MessageSocket> connect(std::string_view, std::string_view query, MessageUser& user) override {
        last = std::make_shared<FakeSocket>();
        last->user = &user;
        last->query = query;
        return last;
    }
    std::shared_ptr<FakeSocket> last;
};

/// A program at the other end of a TCP connection.
struct Wire {
    std::string sent, arrived;
    std::move_only_function<void()> wake;
    bool closed = false, gone = false;
    std::size_t queued = 0;
};
struct FakeStream final : TcpStream {
    explicit FakeStream(std::shared_ptr<Wire> w) : wire(std::move(w)) {}
    ~FakeStream() override { wire->gone = true; }
    void attach(std::move_only_function<void()> wake) override { wire->wake = std::move(wake); }
    bool take(std::string& into) override {
        into += wire->arrived;
        return !std::exchange(wire->arrived, {}).empty();
    }
    [[nodiscard]] bool closed() const override { return wire->closed; }
    void write(std::string_view bytes) override { wire->sent += bytes; }
    [[nodiscard]] std::size_t queued() const override { return wire->queued; }
    std::shared_ptr<Wire> wire;
};
struct FakeDialer final : TcpDialer {
    Task<std::expected<std::unique_ptr<TcpStream>, std::string>> connect(TcpTarget target) override {
        asked = target.host + ":" + std::to_string(target.port);
        if (refuses) co_return std::unexpected("connection refused");
        co_return std::make_unique<FakeStream>(wire);
    }
    std::shared_ptr<Wire> wire = std::make_shared<Wire>();
    std::string asked;
    bool refuses = false;
};

constexpr const char* uuid = "40325ec2-5efd-4bd3-805f-53576e581d13";

class MediaChannels : public testing::Test, public World {
  protected:
    MediaChannels() {
        technologies.add(phones);
        auto made = make_websocket(pbx, sockets);
        websocket = made.get();
        technologies.add(own(std::move(made)));
        technologies.add(own(make_audiosocket(pbx, dialer)));
        add_applications(pbx, dialer);
        applications.add({.name = "Wait60",
                          .synopsis = {},
                          .syntax = {},
                          .run = [](Channel& channel, std::string) -> Task<dialplan::AppResult> {
                              Mailbox<ChannelSignal> box(*channel.pbx().loop);
                              const Observation observation(channel, box);
                              while ((co_await box.next()).kind != ChannelSignal::Kind::hangup) {
                              }
                              co_return dialplan::AppResult::hang_up();
                          }});
    }
    /// Calls a destination; an application runs on it when it answers.
    Channel* originate(const std::string& destination) {
        features::OriginateRequest request;
        request.destination = destination;
        request.application = "Wait60";
        const auto made = features::originate(pbx, std::move(request),
                                              [this](const features::OriginateResult& result) { outcome = result; });
        if (!made) {
            refused = made.error();
            return nullptr;
        }
        const ChannelId id = (*made)->id();
        loop.run();
        return channels.find(id);
    }
    media::FakeEngine::Leg& leg_of(const Channel& channel) { return media.leg(channel.leg()); }
    static std::string orders(const media::FakeEngine::Leg& leg) {
        const char* const names = "sm[]f|>^d?=";
        std::string all;
        for (const auto& command : leg.commands) all += names[static_cast<int>(command.kind)] + command.data;
        return all;
    }
    void say(FakeSocket& socket, std::string_view text) {
        socket.user->on_text(text);
        loop.run();
    }
    void stream(const Channel& channel, media::StreamEvent event) {
        media.stream_event(channel.leg(), std::move(event));
        loop.run();
    }

    FakeSockets sockets;
    FakeDialer dialer;
    WebSocketTechnology* websocket = nullptr;
    std::optional<features::OriginateResult> outcome;
    std::optional<Cause> refused;
};

// ---- WebSocket ----

TEST_F(MediaChannels, MediaStartComesFirstAndThenTheAnswer) {
    Channel* channel = originate("WebSocket/bot/c(slin16)v(a=1,b=2)");
    ASSERT_TRUE(channel);
    EXPECT_EQ(sockets.last->query, "a=1&b=2");
    EXPECT_EQ(*channel->variable("MEDIA_WEBSOCKET_CONNECTION_ID"), "bot");
    EXPECT_EQ(*channel->variable("MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE"), "640");
    EXPECT_FALSE(channel->up());
    stream(*channel, {.kind = Event::media, .bytes = std::make_shared<const std::string>("early")});
    EXPECT_TRUE(sockets.last->audio.empty());
    sockets.last->user->on_open();
    loop.run();
    EXPECT_TRUE(channel->up());
    EXPECT_EQ(sockets.last->texts.at(0), "MEDIA_START connection_id:bot channel:" + channel->name() + " channel_id:" +
                                             channel->uniqueid() + " format:slin16 optimal_frame_size:640 ptime:20");
    EXPECT_EQ(orders(leg_of(*channel)), "s");
    stream(*channel, {.kind = Event::media, .bytes = std::make_shared<const std::string>("audio")});
    EXPECT_EQ(sockets.last->audio.at(0), "audio");
    sockets.last->user->on_binary("bytes");
    EXPECT_EQ(orders(leg_of(*channel)), "smbytes");
}

TEST_F(MediaChannels, Json) {
    Channel* channel = originate("WebSocket/bot/c(ulaw)nf(json)");
    ASSERT_TRUE(channel);
    sockets.last->user->on_open();
    loop.run();
    EXPECT_FALSE(channel->up()) << "n: it answers by itself";
    EXPECT_TRUE(sockets.last->texts.at(0).starts_with(
        R"({"event":"MEDIA_START","connection_id":"bot","channel":")" + channel->name() + R"(","channel_id":")" +
        channel->uniqueid() + R"(","format":"ulaw","optimal_frame_size":160,"ptime":20,"channel_variables":{)"))
        << sockets.last->texts.at(0);
    say(*sockets.last, R"({"command":"ANSWER"})");
    EXPECT_TRUE(channel->up());
    stream(*channel, {.kind = Event::mark_reached, .id = "m"});
    EXPECT_EQ(sockets.last->texts.at(1),
              R"({"event":"MEDIA_MARK_PROCESSED","channel_id":")" + channel->uniqueid() + R"(","correlation_id":"m"})");
}

TEST_F(MediaChannels, CommandsAndEvents) {
    Channel* channel = originate("WebSocket/bot/c(ulaw)");
    ASSERT_TRUE(channel);
    auto& socket = *sockets.last;
    socket.user->on_open();
    loop.run();
    socket.texts.clear();
    for (const char* command : {"START_MEDIA_BUFFERING", "STOP_MEDIA_BUFFERING one", "MARK_MEDIA two", "PAUSE_MEDIA",
                                "CONTINUE_MEDIA", "REPORT_QUEUE_DRAINED", "FLUSH_MEDIA", "GET_STATUS"})
        say(socket, command);
    EXPECT_EQ(orders(leg_of(*channel)), "s[]one^two|>df?");
    EXPECT_TRUE(socket.texts.empty());
    stream(*channel, {.kind = Event::xoff});
    stream(*channel, {.kind = Event::xon});
    stream(*channel, {.kind = Event::bulk_done, .id = "one"});
    stream(*channel, {.kind = Event::bulk_done});
    stream(*channel, {.kind = Event::drained});
    stream(*channel, {.kind = Event::status, .queued = 43, .bulk = true});
    EXPECT_EQ(socket.texts,
              (std::vector<std::string>{"MEDIA_XOFF", "MEDIA_XON", "MEDIA_BUFFERING_COMPLETED one",
                                        "MEDIA_BUFFERING_COMPLETED", "QUEUE_DRAINED",
                                        "STATUS channel_id:" + channel->uniqueid() +
                                            " queue_length:43 xon_level:800 xoff_level:900 queue_full:false "
                                            "bulk_media:true media_paused:false"}));
    socket.texts.clear();
    const std::string error = "ERROR channel_id:" + channel->uniqueid() + " error_text:";
    say(socket, "STOP_MEDIA_BUFFERING");
    say(socket, "NONSENSE");
    say(socket, "SET_MEDIA_DIRECTION in");
    say(socket, "MARK_MEDIA x");
    EXPECT_EQ(socket.texts,
              (std::vector<std::string>{error + "STOP_MEDIA_BUFFERING without START_MEDIA_BUFFERING",
                                        error + "Unknown command 'NONSENSE'",
                                        error + "MARK_MEDIA is not possible while the media direction is 'in'"}));
    socket.texts.clear();
    media.event(channel->leg(), {.kind = media::LegEvent::Kind::dtmf_to_signal, .digit = '7'});
    loop.run();
    EXPECT_EQ(socket.texts.at(0), "DTMF_END channel_id:" + channel->uniqueid() + " digit:7");
}

TEST_F(MediaChannels, PassthroughKnowsNoQueue) {
    Channel* channel = originate("WebSocket/bot/c(opus)");
    ASSERT_TRUE(channel);
    EXPECT_TRUE(leg_of(*channel).stream_options.passthrough);
    sockets.last->user->on_open();
    say(*sockets.last, "FLUSH_MEDIA");
    EXPECT_TRUE(sockets.last->texts.back().ends_with("FLUSH_MEDIA is not possible in passthrough mode"));
    say(*sockets.last, "GET_STATUS");
    EXPECT_EQ(orders(leg_of(*channel)), "s?");
}

TEST_F(MediaChannels, EitherEndHangsUp) {
    Channel* channel = originate("WebSocket/bot/c(ulaw)");
    sockets.last->user->on_open();
    loop.run();
    say(*sockets.last, "HANGUP");
    EXPECT_TRUE(sockets.last->closed);
    EXPECT_EQ(channels.size(), 0U);
    EXPECT_EQ(media.open_legs(), 0U);

    channel = originate("WebSocket/bot/c(ulaw)");
    sockets.last->user->on_open();
    loop.run();
    channel->request_hangup(Cause::normal_clearing);
    loop.run();
    EXPECT_TRUE(sockets.last->closed);
    EXPECT_EQ(channels.size(), 0U);

    originate("WebSocket/bot/c(ulaw)");
    sockets.last->user->on_open();
    loop.run();
    std::exchange(sockets.last->user, nullptr)->on_end("lost");
    loop.run();
    EXPECT_EQ(channels.size(), 0U);
    EXPECT_EQ(media.open_legs(), 0U);
}

TEST_F(MediaChannels, NoProgramNoCall) {
    EXPECT_FALSE(originate("WebSocket/nobody/c(ulaw)"));
    EXPECT_EQ(refused, Cause::no_route_destination);
    EXPECT_FALSE(originate("WebSocket/bot/c(nonsense)"));
    EXPECT_FALSE(originate("WebSocket/bot/f(xml)"));
    EXPECT_FALSE(originate("WebSocket/bot/d(up)"));
    EXPECT_EQ(channels.size(), 0U);
    originate("WebSocket/bot/c(ulaw)");
    std::exchange(sockets.last->user, nullptr)->on_end("connection refused");
    loop.run();
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->answered);
    EXPECT_EQ(channels.size(), 0U);
}

TEST_F(MediaChannels, AProgramThatCallsUs) {
    Channel* channel = originate("WebSocket/INCOMING/c(ulaw)");
    ASSERT_TRUE(channel);
    const std::string id = *channel->variable("MEDIA_WEBSOCKET_CONNECTION_ID");
    EXPECT_EQ(id.size(), 36U);
    EXPECT_FALSE(websocket->awaited("nobody"));
    MessageUser* user = websocket->awaited(id);
    ASSERT_TRUE(user);
    auto socket = std::make_shared<FakeSocket>();
    socket->user = user;
    websocket->arrived(id, socket);
    EXPECT_FALSE(websocket->awaited(id)) << "only one may come";
    user->on_open();
    loop.run();
    EXPECT_TRUE(channel->up());
    EXPECT_TRUE(socket->texts.at(0).starts_with("MEDIA_START connection_id:" + id));
    channel->request_hangup(Cause::normal_clearing);
    loop.run();
    EXPECT_FALSE(websocket->awaited(id));
    EXPECT_TRUE(socket->closed);
}

TEST_F(MediaChannels, AProgramThatDoesNotReadIsHungUpOn) {
    Channel* channel = originate("WebSocket/bot/c(ulaw)");
    sockets.last->user->on_open();
    loop.run();
    sockets.last->queued = 100'000;
    const auto frame = std::make_shared<const std::string>(160, 'x');
    for (int i = 0; i < 499; ++i) {
        stream(*channel, {.kind = Event::media, .bytes = frame});
        loop.advance(20ms);
    }
    EXPECT_TRUE(sockets.last->audio.empty());
    EXPECT_EQ(channels.size(), 1U);
    for (int i = 0; i < 3 && channels.size() != 0; ++i) {
        stream(*channel, {.kind = Event::media, .bytes = frame});
        loop.advance(20ms);
    }
    EXPECT_EQ(channels.size(), 0U);
    EXPECT_TRUE(sockets.last->closed);
}

// ---- AudioSocket ----

TEST_F(MediaChannels, AnAudioSocketCall) {
    Channel* channel = originate(std::string("AudioSocket/127.0.0.1:9019/") + uuid + "/c(slin16)");
    ASSERT_TRUE(channel);
    EXPECT_EQ(channel->name(), std::string("AudioSocket/127.0.0.1:9019-") + uuid);
    EXPECT_EQ(dialer.asked, "127.0.0.1:9019");
    EXPECT_TRUE(channel->up());
    Wire& wire = *dialer.wire;
    EXPECT_EQ(wire.sent.substr(0, 4), std::string("\x01\x00\x10\x40", 4));
    EXPECT_EQ(wire.sent.size(), 19U);
    wire.sent.clear();
    stream(*channel, {.kind = Event::media, .bytes = std::make_shared<const std::string>(640, 'x')});
    EXPECT_EQ(wire.sent.substr(0, 4), std::string("\x12\x02\x80x", 4));
    wire.sent.clear();
    media.event(channel->leg(), {.kind = media::LegEvent::Kind::dtmf_to_signal, .digit = '#'});
    loop.run();
    EXPECT_EQ(wire.sent, std::string("\x03\x00\x01#", 4));

    wire.arrived = std::string("\x12\x00\x04", 3) + "abcd" + std::string("\x10\x00\x02", 3) + "zz" +
                   std::string("\x03\x00\x01", 3) + "5" + std::string("\x12\x00", 2);
    wire.wake();
    loop.run();
    EXPECT_EQ(orders(leg_of(*channel)), "smabcd") << "another rate's audio is not taken";
    EXPECT_EQ(leg_of(*channel).heard, "5");
    wire.arrived = std::string("\x02", 1) + "ef";
    wire.wake();
    // While more than enough waits it is not read from.
    stream(*channel, {.kind = Event::xoff});
    wire.arrived = std::string("\x12\x00\x01", 3) + "q";
    wire.wake();
    loop.run();
    EXPECT_EQ(wire.arrived.size(), 4U);
    stream(*channel, {.kind = Event::xon});
    EXPECT_EQ(orders(leg_of(*channel)), "smabcdmefmq");
    wire.arrived = std::string("\x00\x00\x00", 3);
    wire.wake();
    loop.run();
    EXPECT_EQ(channels.size(), 0U);
    EXPECT_TRUE(wire.gone);
    EXPECT_EQ(media.open_legs(), 0U);
}

TEST_F(MediaChannels, AudioSocketEnds) {
    Channel* channel = originate(std::string("AudioSocket/bot:9019/") + uuid);
    ASSERT_TRUE(channel);
    dialer.wire->sent.clear();
    channel->request_hangup(Cause::normal_clearing);
    loop.run();
    EXPECT_EQ(dialer.wire->sent, std::string(3, '\0')) << "it is told";
    EXPECT_TRUE(dialer.wire->gone);

    dialer.wire = std::make_shared<Wire>();
    ASSERT_TRUE(originate(std::string("AudioSocket/bot:9019/") + uuid));
    dialer.wire->closed = true;
    dialer.wire->wake();
    loop.run();
    EXPECT_EQ(channels.size(), 0U);

    dialer.refuses = true;
    outcome.reset();
    originate(std::string("AudioSocket/bot:9019/") + uuid);
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->answered);
    EXPECT_EQ(channels.size(), 0U);
    EXPECT_FALSE(originate("AudioSocket/bot:9019/no-uuid"));
    EXPECT_FALSE(originate(std::string("AudioSocket/bot/") + uuid));
    EXPECT_FALSE(originate(std::string("AudioSocket/bot:9019/") + uuid + "/c(ulaw)"));
    EXPECT_EQ(media.open_legs(), 0U);
}

TEST_F(MediaChannels, TheApplication) {
    extensions(std::string("[default]\nexten => 1,1,AudioSocket(") + uuid + ",127.0.0.1:9019)\n same => n,Wait60()\n");
    Channel& caller = phones.call_in("alice", "default", "1");
    loop.run();
    EXPECT_EQ(dialer.asked, "127.0.0.1:9019");
    EXPECT_EQ(dialer.wire->sent.size(), 19U);
    const auto program = media.leg(caller.leg()).peer;
    ASSERT_TRUE(program);
    EXPECT_EQ(media.leg(program).kind, "stream");
    media.press(caller.leg(), '9');
    loop.advance(200ms);
    EXPECT_TRUE(dialer.wire->sent.ends_with("9"));
    dialer.wire->arrived = std::string("\x00\x00\x00", 3);
    dialer.wire->wake();
    loop.run();
    EXPECT_EQ(caller.application(), "Wait60") << "the dialplan goes on";
    EXPECT_TRUE(media.leg(program).closed);
    EXPECT_TRUE(dialer.wire->gone);
}

TEST_F(MediaChannels, TheApplicationEndsWithItsCaller) {
    extensions(std::string("[default]\nexten => 1,1,AudioSocket(") + uuid + ",127.0.0.1:9019)\n");
    Channel& caller = phones.call_in("alice", "default", "1");
    loop.run();
    dialer.wire->sent.clear();
    caller.party_hung_up(Cause::normal_clearing);
    loop.run();
    EXPECT_EQ(dialer.wire->sent, std::string(3, '\0'));
    EXPECT_EQ(channels.size(), 0U);
    EXPECT_EQ(media.open_legs(), 0U);
}

}  // namespace
}  // namespace asterism::media_channels
