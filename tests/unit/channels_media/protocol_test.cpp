// The bytes of AudioSocket and the texts of media WebSockets.
#include <gtest/gtest.h>

#include "core/channels/media/audiosocket.hpp"
#include "core/channels/media/slow_reader.hpp"
#include "core/channels/media/websocket_protocol.hpp"

namespace asterism::media_channels {
namespace {

TEST(AudioSocket, MessagesInPieces) {
    std::string bytes;
    append_audiosocket(bytes, 0x01, "0123456789abcdef");
    append_audiosocket(bytes, 0x10, std::string(320, 'x'));
    append_audiosocket(bytes, 0x00, "");
    EXPECT_EQ(bytes.substr(19, 3), std::string("\x10\x01\x40", 3));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{7}, bytes.size()}) {
        AudioSocketReader reader;
        std::string seen;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            reader.feed(std::string_view(bytes).substr(at, piece));
            while (const auto message = reader.next())
                seen += std::to_string(message->kind) + ":" + std::to_string(message->payload.size()) + " ";
        }
        EXPECT_EQ(seen, "1:16 16:320 0:0 ");
        EXPECT_EQ(reader.held(), 0U);
    }
}

TEST(AudioSocket, KindsAndCodecs) {
    EXPECT_EQ(audiosocket_kind(media::CodecId::slin), 0x10);
    EXPECT_EQ(audiosocket_kind(media::CodecId::slin16), 0x12);
    EXPECT_EQ(audiosocket_kind(media::CodecId::slin192), 0x18);
    EXPECT_FALSE(audiosocket_kind(media::CodecId::ulaw));
    EXPECT_EQ(audiosocket_codec(0x16), media::CodecId::slin48);
    EXPECT_EQ(audiosocket_codec(0x19), media::CodecId::none);
    EXPECT_EQ(audiosocket_codec(0x03), media::CodecId::none);
}

TEST(AudioSocket, Uuids) {
    const auto uuid = parse_uuid("40325ec2-5efd-4bd3-805f-53576e581D13");
    ASSERT_TRUE(uuid);
    EXPECT_EQ(uuid->front(), 0x40);
    EXPECT_EQ(uuid->back(), 0x13);
    for (const char* bad : {"", "40325ec25efd4bd3805f53576e581d13", "40325ec2-5efd-4bd3-805f-53576e581d1",
                            "40325ec2-5efd-4bd3-805f-53576e581d1g", "40325ec2-5efd-4bd3-805f-53576e581d133"})
        EXPECT_FALSE(parse_uuid(bad)) << bad;
}

TEST(MediaCommands, BothForms) {
    using Kind = MediaCommand::Kind;
    EXPECT_EQ(parse_command("ANSWER")->kind, Kind::answer);
    EXPECT_EQ(parse_command(" FLUSH_MEDIA\n")->kind, Kind::flush);
    EXPECT_EQ(parse_command("STOP_MEDIA_BUFFERING  a b ")->id, "a b");
    EXPECT_EQ(parse_command(R"({"command":"STOP_MEDIA_BUFFERING","correlation_id":"7-8"})")->id, "7-8");
    EXPECT_EQ(parse_command(R"({"command":"MARK_MEDIA","correlation_id":12})")->id, "12");
    EXPECT_EQ(parse_command(R"({"command":"MARK_MEDIA"})")->id, "");
    EXPECT_FALSE(parse_command("SET_MEDIA_DIRECTION in")->takes);
    EXPECT_FALSE(parse_command(R"({"command":"SET_MEDIA_DIRECTION","direction":"out"})")->gives);
}

TEST(MediaCommands, WhatIsNone) {
    EXPECT_EQ(parse_command("answer").error(), "Unknown command 'answer'");
    EXPECT_EQ(parse_command("").error(), "Unknown command ''");
    EXPECT_EQ(parse_command("{\"command\":\"ANSWER\"").error(), "The command is not a JSON object");
    EXPECT_EQ(parse_command("{}").error(), "The JSON object has no 'command'");
    EXPECT_EQ(parse_command("SET_MEDIA_DIRECTION").error(),
              "SET_MEDIA_DIRECTION: the direction is 'both', 'in' or 'out'");
    EXPECT_FALSE(parse_command("MARK_MEDIA " + std::string(2000, 'x')));
    EXPECT_FALSE(parse_command(std::string(20'000, '{')));
}

TEST(MediaEvents, BothForms) {
    const std::vector<MediaField> fields = {
        {"connection_id", std::string("c1")},
        {"optimal_frame_size", std::int64_t{160}},
        {"queue_full", false},
        {"channel_variables", MediaField::Pairs{{"A", "b \"c\""}}, MediaField::Plain::absent},
        {"correlation_id", std::string("id"), MediaField::Plain::bare}};
    EXPECT_EQ(render_event("MEDIA_START", fields, false),
              "MEDIA_START connection_id:c1 optimal_frame_size:160 queue_full:false id");
    EXPECT_EQ(render_event("MEDIA_START", fields, true),
              R"({"event":"MEDIA_START","connection_id":"c1","optimal_frame_size":160,"queue_full":false,)"
              R"("channel_variables":{"A":"b \"c\""},"correlation_id":"id"})");
}

TEST(SlowReaders, AudioIsDroppedThenGivenUp) {
    SlowReader slow;
    TimePoint now{};
    EXPECT_TRUE(slow.may_send(49 * 160, 160, now));
    EXPECT_FALSE(slow.may_send(50 * 160, 160, now));
    EXPECT_FALSE(slow.given_up(now + std::chrono::seconds(9)));
    now += std::chrono::seconds(9);
    EXPECT_FALSE(slow.may_send(50 * 160 - 1 + 2, 160, now));
    EXPECT_TRUE(slow.given_up(now + std::chrono::seconds(1)));
    EXPECT_TRUE(slow.may_send(0, 160, now));
    EXPECT_FALSE(slow.given_up(now + std::chrono::seconds(100)));
}

}  // namespace
}  // namespace asterism::media_channels
