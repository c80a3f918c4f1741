// Applications that have a program run beside the call; the test is the program.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "interfaces/agi/agi.hpp"
#include "interfaces/agi/external_ivr.hpp"
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

// ---- ExternalIVR ----

class ExternalIvr : public Programs {
  protected:
    ExternalIvr() {
        folder = std::filesystem::temp_directory_path() / ("asterism-ivr-" + std::to_string(getpid()));
        std::filesystem::create_directories(folder);
        for (const char* name : {"one", "two", "three"}) {
            std::ofstream(folder / (std::string(name) + ".ulaw")) << std::string(8000, '\xff');
            names.emplace_back(folder / name);
        }
        pbx.loop.run();
    }
    ~ExternalIvr() override { std::filesystem::remove_all(folder); }
    void run(const std::string& argument = "/usr/bin/menu(a,b c)") {
        start("ExternalIVR(" + argument + ")");
        now = std::to_string(
            std::chrono::duration_cast<std::chrono::seconds>(pbx.loop.clock().wall().time_since_epoch()).count());
    }
    /// What the PBX tells, with the time as T.
    std::string told() {
        pbx.loop.run();
        auto text = std::exchange(linker.wire->to_script, {});
        for (std::size_t at = 0; (at = text.find(',', at)) != text.npos;) {
            auto end = text.find_first_of(",\n", at + 1);
            EXPECT_GE(end - at, 10u) << text;  // seconds since 1970
            text.replace(at + 1, end - at - 1, "T");
            at = text.find('\n', at);
            if (at == text.npos) break;
        }
        return text;
    }
    std::string say(const std::string& lines) {
        linker.wire->to_pbx += lines;
        wake();
        return told();
    }
    std::string plays() {
        auto* op = pbx.media.playing(channel().leg());
        if (!op) return "nothing";
        return op->play.files.empty() ? "silence" : std::filesystem::path(op->play.files[0]).stem().string();
    }
    void press(char key) {
        channel().digit_end(key, 100ms);
        pbx.loop.run();
    }
    std::string name(int index) const { return names.at(static_cast<std::size_t>(index)); }

    std::filesystem::path folder;
    std::vector<std::string> names;
    std::string now;
};

TEST_F(ExternalIvr, PlaysAListAndTellsOfDigits) {
    run();
    EXPECT_EQ(linker.path, "/usr/bin/menu");
    EXPECT_THAT(linker.arguments, ElementsAre("a", "b c"));
    EXPECT_TRUE(channel().up());
    EXPECT_EQ(plays(), "silence");
    EXPECT_EQ(say("A," + name(0) + "\nA," + name(1) + "\n"), "");
    EXPECT_EQ(plays(), "one");
    press('5');
    press('#');
    EXPECT_EQ(told(), "5,T\n#,T\n");
    EXPECT_EQ(plays(), "one");
    pbx.loop.advance(1s);
    EXPECT_EQ(told(), "F,T," + name(0) + "\n");
    EXPECT_EQ(plays(), "two");
    pbx.loop.advance(1s);
    EXPECT_EQ(told(), "F,T," + name(1) + "\n");
    EXPECT_EQ(plays(), "silence");
}

TEST_F(ExternalIvr, ANewListTakesThePlaceOfTheOld) {
    run();
    EXPECT_EQ(say("S," + name(0) + "\n"), "");  // silence is not interrupted
    EXPECT_EQ(say("A," + name(1) + "\n"), "");
    EXPECT_EQ(say("S," + name(2) + "\n"), "T,T\nD,T," + name(0) + "\nD,T," + name(1) + "\n");
    EXPECT_EQ(plays(), "three");
    EXPECT_EQ(say("S,/no/such/file\n"), "Z,T,/no/such/file\n");
    EXPECT_EQ(plays(), "three");
    EXPECT_EQ(say("I,12345\n"), "T,T\nD,T," + name(2) + "\n");
    EXPECT_EQ(plays(), "silence");
    EXPECT_EQ(say("I\n"), "");
}

TEST_F(ExternalIvr, ADigitMayClearTheList) {
    run();
    EXPECT_EQ(say("O,autoclear\nA," + name(0) + "\n"), "");
    press('1');
    EXPECT_EQ(told(), "1,T\nT,T\nD,T," + name(0) + "\n");
    EXPECT_EQ(plays(), "silence");
    press('2');
    EXPECT_EQ(told(), "2,T\n");
    EXPECT_EQ(say("O,noautoclear\nA," + name(0) + "\n"), "");
    press('3');
    EXPECT_EQ(told(), "3,T\n");
    EXPECT_EQ(plays(), "one");
    EXPECT_EQ(say("O,nonsense\n"), "Z,T,nonsense\n");
}

TEST_F(ExternalIvr, VariablesParametersAndDigits) {
    run();
    EXPECT_EQ(say("V,ONE=1,TWO=a b\nG,ONE,TWO,NONE\n"), "G,T,ONE=1,TWO=a b,NONE=\n");
    EXPECT_EQ(*channel().variable("TWO"), "a b");
    EXPECT_EQ(say("V,ONE\n"), "Z,T,ONE\n");
    EXPECT_EQ(say("P,0\n"), "P,T,/usr/bin/menu,a,b c\n");
    EXPECT_EQ(say("L,for the log\n"), "");
    EXPECT_EQ(say("D,12w#,100,50\n"), "");
    EXPECT_TRUE(pbx.media.called("dtmf"));
    EXPECT_EQ(say("D,x\n"), "Z,T,x\n");
    EXPECT_EQ(say("Hello\nQ\n\n"), "Z,T\nZ,T\nZ,T\n");
    pbx.loop.run();
    EXPECT_EQ(linker.wire->writes > 0, true);
}

TEST_F(ExternalIvr, TheProgramEndsIt) {
    run();
    EXPECT_EQ(say("A," + name(0) + "\nE,done\n"), "E,T\n");
    EXPECT_TRUE(after());
    EXPECT_TRUE(linker.wire->link_gone);
    EXPECT_EQ(plays(), "nothing");
}

TEST_F(ExternalIvr, TheProgramHangsUp) {
    run();
    EXPECT_EQ(say("H,bye\n"), "H,T\n");
    EXPECT_FALSE(pbx.channels.find(id));
    EXPECT_FALSE(after());
}

TEST_F(ExternalIvr, TheProgramGoes) {
    run();
    linker.wire->script_gone = true;
    wake();
    EXPECT_FALSE(pbx.channels.find(id));
    EXPECT_FALSE(after());
}

TEST_F(ExternalIvr, TheCallerHangsUp) {
    run();
    channel().party_hung_up(Cause::normal_clearing);
    EXPECT_EQ(told(), "H,T\n");
    EXPECT_FALSE(pbx.channels.find(id));
}

TEST_F(ExternalIvr, AHangupMayBeLeftToTheProgram) {
    run("ivr://menu.example(x),i");
    EXPECT_EQ(linker.asked.host, "menu.example");
    EXPECT_EQ(linker.asked.port, 2949);
    channel().party_hung_up(Cause::normal_clearing);
    EXPECT_EQ(told(), "I,T,HANGUP\n");
    ASSERT_TRUE(pbx.channels.find(id));
    EXPECT_EQ(say("P\nA," + name(0) + "\nT\n"), "P,T,ivr://menu.example,x\nZ,T," + name(0) + "\nZ,T,ANSWER_FAILED\n");
    EXPECT_EQ(say("H,bye\n"), "H,T\n");
    EXPECT_FALSE(pbx.channels.find(id));
}

TEST_F(ExternalIvr, AProgramThatHangsDoesNotKeepADeadChannel) {
    run("/usr/bin/menu,i");
    channel().party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    pbx.loop.advance(9min);
    EXPECT_TRUE(pbx.channels.find(id));
    pbx.loop.advance(2min);
    EXPECT_FALSE(pbx.channels.find(id));
}

TEST_F(ExternalIvr, OptionsNAndD) {
    pbx.extensions(
        "[default]\nexten => p,1,ExternalIVR(/usr/bin/menu,n)\nexten => h,1,ExternalIVR(/usr/bin/last,d)\n"
        " same => n,Set(GLOBAL(A)=1)\n");
    id = pbx.phones.call_in("alice", "default", "p", "4411").id();
    pbx.loop.run();
    EXPECT_FALSE(channel().up());
    EXPECT_EQ(plays(), "nothing");
    EXPECT_EQ(say("A," + name(0) + "\n"), "");
    EXPECT_EQ(plays(), "one");  // as early media
    EXPECT_FALSE(channel().up());
    EXPECT_EQ(say("T,0\n"), "");
    EXPECT_TRUE(channel().up());
    channel().party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(linker.path, "/usr/bin/last");  // runs in the extension h
    EXPECT_FALSE(after());
    (void)told();
    EXPECT_EQ(say("G,EXTEN\nE,done\n"), "G,T,EXTEN=h\nE,T\n");
    pbx.loop.run();
    EXPECT_FALSE(pbx.channels.find(id));
}

TEST(ExternalIvrArgument, IsTakenApart) {
    using agi::parse_ivr;
    const auto call = parse_ivr("/bin/a b(one,(two,three)),ni");
    ASSERT_TRUE(call);
    EXPECT_EQ(call->command, "/bin/a b");
    EXPECT_EQ(call->words, "/bin/a b,one,(two,three)");
    EXPECT_EQ(call->options, "ni");
    EXPECT_FALSE(call->server);
    EXPECT_EQ(parse_ivr("ivr://[::1]:99,d")->server->host, "::1");
    EXPECT_EQ(parse_ivr("ivr://[::1]:99,d")->server->port, 99);
    EXPECT_EQ(parse_ivr("ivr://h")->server->port, 2949);
    EXPECT_TRUE(parse_ivr("/bin/a()")->arguments.empty());
    for (const char* bad : {"", "menu", "/bin/a(b", "/bin/a(b)x", "ivr://", "ivr://h:0", "ivr://h:x", "(a)"})
        EXPECT_FALSE(parse_ivr(bad)) << bad;
}

}  // namespace
