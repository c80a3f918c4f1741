// Applications that have a program run beside the call; the test is the program.
#include <gmock/gmock.h>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "interfaces/agi/agi.hpp"
#include "support/test_pbx.hpp"
#include "unit/agi/wire.hpp"

using namespace asterism;
using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

class Programs : public testing::Test {
  protected:
    Programs() {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        agi::add_applications(pbx.pbx, linker);
    }
    /// A caller for whom `application` runs; then the global A is 1.
    void start(const std::string& application) {
        pbx.extensions("[default]\nexten => p,1,Answer()\n same => n," + application +
                       "\n same => n,Set(GLOBAL(A)=1)\n same => n,Wait(60)\n");
        id = pbx.phones.call_in("alice", "default", "p", "4411").id();
        pbx.loop.run();
    }
    Channel& channel() { return *pbx.channels.find(id); }
    media::FakeEngine::Leg& stream() {
        for (auto& [leg, one] : pbx.media.legs)
            if (one.kind == "stream") return one;
        throw std::runtime_error("no stream leg");
    }
    std::size_t count(media::StreamCommand::Kind kind) {
        return static_cast<std::size_t>(
            std::ranges::count_if(stream().commands, [&](auto& one) { return one.kind == kind; }));
    }
    std::string given() {
        std::string all;
        for (const auto& one : stream().commands)
            if (one.kind == media::StreamCommand::Kind::media) all += one.data;
        return all;
    }
    void heard(media::StreamEvent::Kind kind) {
        media::StreamEvent event;
        event.kind = kind;
        pbx.media.stream_event(stream().id, event);
        pbx.loop.run();
    }
    void wake() {
        if (linker.wire->wake) linker.wire->wake();
        pbx.loop.run();
    }
    [[nodiscard]] bool after() const { return pbx.globals.find("A") != nullptr; }

    TestPbx pbx;
    agi::TestLinker linker;
    ChannelId id;
};

using Command = media::StreamCommand::Kind;
using Event = media::StreamEvent::Kind;

TEST_F(Programs, Mp3PlayerPlaysWhatTheProgramWrites) {
    start("MP3Player(/music/a,b.mp3)");
    EXPECT_EQ(linker.path, "mpg123");
    EXPECT_THAT(linker.arguments, ElementsAre("-q", "-s", "-f", "8192", "--mono", "-r", "8000", "/music/a,b.mp3"));
    EXPECT_EQ(stream().peer, channel().leg());
    EXPECT_EQ(count(Command::start), 1u);

    // Much at once: three seconds are given, the rest waits until they were heard.
    std::string music(16000 * 5 + 10, 'm');
    linker.wire->to_pbx = music;
    wake();
    EXPECT_EQ(given().size(), 16000u * 3);
    heard(Event::mark_reached);
    EXPECT_EQ(given().size(), 16000u * 4);
    linker.wire->script_gone = true;
    wake();
    EXPECT_EQ(count(Command::end_bulk), 0u);
    heard(Event::mark_reached);
    heard(Event::mark_reached);
    EXPECT_EQ(given(), music);
    EXPECT_EQ(count(Command::end_bulk), 1u);
    EXPECT_FALSE(after());
    for (int i = 0; i < 3; ++i) heard(Event::mark_reached);
    heard(Event::bulk_done);
    EXPECT_TRUE(after());
    EXPECT_TRUE(stream().closed);
    EXPECT_TRUE(linker.wire->link_gone);
}

TEST_F(Programs, AnyDigitEndsMp3Player) {
    start("MP3Player(http://radio/list.m3u)");
    EXPECT_THAT(linker.arguments,
                ElementsAre("-q", "-s", "-f", "8192", "--mono", "-r", "8000", "-@", "http://radio/list.m3u"));
    linker.wire->to_pbx = "xxxx";
    wake();
    EXPECT_FALSE(after());
    channel().digit_end('5', 100ms);
    pbx.loop.run();
    EXPECT_TRUE(after());
    EXPECT_TRUE(stream().closed);
    EXPECT_EQ(linker.wire->to_script, "HANGUP\n");  // the program is told to end
}

TEST_F(Programs, Mp3PlayerEndsWithTheCall) {
    start("MP3Player(a.mp3)");
    channel().party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_FALSE(pbx.channels.find(id));
    EXPECT_TRUE(stream().closed);
    EXPECT_TRUE(linker.wire->link_gone);
}

TEST_F(Programs, Mp3PlayerWithoutTheProgram) {
    linker.refuse = {.not_found = true, .text = "no such file"};
    start("MP3Player(a.mp3)");
    EXPECT_TRUE(after());  // a warning, and the dialplan goes on
}

TEST_F(Programs, Mp3PlayerOfAProgramThatSaysNothing) {
    start("MP3Player(a.mp3)");
    linker.wire->script_gone = true;
    wake();
    heard(Event::bulk_done);
    EXPECT_TRUE(after());
}

TEST_F(Programs, Mp3PlayerTakesNoOptions) {
    start("MP3Player(--version)");
    EXPECT_EQ(linker.path, "");
    EXPECT_TRUE(after());
}

TEST_F(Programs, Mp3PlayerNeedsALocation) {
    start("MP3Player()");
    EXPECT_FALSE(pbx.channels.find(id));
    EXPECT_FALSE(after());
}

}  // namespace
