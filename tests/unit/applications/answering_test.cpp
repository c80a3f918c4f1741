// Directory, PrivacyManager, Zapateller, Morsecode, MessageSend: applications that talk with the caller.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "support/test_pbx.hpp"

namespace asterism {
namespace {

using namespace std::chrono_literals;

class Answering : public testing::Test {
  protected:
    Answering() {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        pbx.prompts.set_dirs({.dirs = {"/usr/share/asterisk/sounds/en_US_f_Allison"}, .cwd = ""});
        pbx.settings.etc_dir = folder;
        std::filesystem::create_directories(folder);
        std::ofstream(folder + "/voicemail.conf")
            << "[default]\n2020 => 1,Dog Barker\n2021 => 1,Cat Fur\n2022 => 1,Dot Bar\n"
               "2023 => 1,Hidden Bark,,,hidefromdir=yes\n";
    }
    ~Answering() override { std::filesystem::remove_all(folder); }
    Channel& call(const std::string& line, const std::string& number = "1000") {
        pbx.extensions("[default]\nexten => 1,1," + line +
                       "\n same => n,Set(GLOBAL(WENT)=on)\n same => n,Wait(60)\n"
                       "exten => 2020,1,Set(GLOBAL(WENT)=2020)\nexten => 2022,1,Set(GLOBAL(WENT)=2022)\n"
                       "exten => o,1,Set(GLOBAL(WENT)=o)\nexten => a,1,Set(GLOBAL(WENT)=a)\n"
                       "exten => 5551234567,1,NoOp()\nexten => h,1,Set(GLOBAL(RESULT)=${DIRECTORY_RESULT})\n");
        Channel& channel = pbx.phones.call_in("caller", "default", "1", number);
        id_ = channel.id();
        pbx.loop.run();
        return channel;
    }
    Channel* channel() { return pbx.channels.find(id_); }
    void press(const std::string& digits) {
        for (const char digit : digits) {
            if (!channel()) return;
            channel()->digit_end(digit, 100ms);
            pbx.loop.advance(100ms);
        }
    }
    std::string global(const std::string& name) {
        const auto* value = pbx.globals.find(name);
        return value ? *value : "(unset)";
    }
    std::string variable(const std::string& name) {
        const auto* value = channel() ? channel()->variable(name) : nullptr;
        return value ? *value : "(unset)";
    }
    const std::string folder = (std::filesystem::path(testing::TempDir()) / "answering_test").string();
    TestPbx pbx;
    ChannelId id_;
};

TEST_F(Answering, DirectoryFindsByLastName) {
    call("Directory()");
    press("227");  // BAR: Barker and Bar, not who hides
    press("*");    // not the first
    press("1");
    EXPECT_EQ(global("WENT"), "2022");
    EXPECT_EQ(global("RESULT"), "SELECTED");
}

TEST_F(Answering, DirectoryByFirstNameIntoAVariable) {
    call("Directory(,,sf)");
    press("228");
    press("1");
    EXPECT_EQ(variable("DIRECTORY_EXTEN"), "2021");
    EXPECT_EQ(variable("DIRECTORY_RESULT"), "SELECTED");
    EXPECT_EQ(global("WENT"), "on");
}

TEST_F(Answering, DirectoryMenuOfSeveral) {
    call("Directory(,,mf(2))");
    press("36");
    press("2");
    EXPECT_EQ(global("WENT"), "2022");
}

TEST_F(Answering, DirectoryMayBeLeft) {
    call("Directory()");
    press("0");
    EXPECT_EQ(global("WENT"), "o");
    EXPECT_EQ(global("RESULT"), "OPERATOR");
    call("Directory()");
    press("*");
    EXPECT_EQ(global("WENT"), "a");
    call("Directory()");
    press("227");
    press("#");
    EXPECT_EQ(variable("DIRECTORY_RESULT"), "USEREXIT");
    call("Directory()");
    pbx.loop.advance(30s);
    EXPECT_EQ(variable("DIRECTORY_RESULT"), "TIMEOUT");
    call("Directory(nowhere)");
    press("227");
    pbx.loop.advance(30s);
    EXPECT_EQ(variable("DIRECTORY_RESULT"), "TIMEOUT");
    call("Directory(,nowhere)");
    press("2271");
    EXPECT_EQ(variable("DIRECTORY_RESULT"), "FAILED");
}

TEST_F(Answering, PrivacyManagerAsksForANumber) {
    call("PrivacyManager()");
    EXPECT_EQ(variable("PRIVACYMGRSTATUS"), "SUCCESS");
    call("PrivacyManager(2,10)", "");
    channel()->set_caller({});
    pbx.loop.run();
    pbx.extensions(
        "[default]\nexten => 1,1,Set(CALLERID(num)=)\n same => n,Set(CALLERID(num-valid)=0)\n"
        " same => n,PrivacyManager(2,10)\n same => n,Wait(60)\n");
    auto& anonymous = pbx.phones.call_in("x", "default", "1");
    id_ = anonymous.id();
    pbx.loop.advance(10s);
    press("123#");
    pbx.loop.advance(10s);
    EXPECT_EQ(variable("PRIVACYMGRSTATUS"), "(unset)");
    press("5551234567#");
    pbx.loop.advance(10s);
    EXPECT_EQ(variable("PRIVACYMGRSTATUS"), "SUCCESS");
    EXPECT_EQ(channel()->caller().id.number.text, "5551234567");
}

TEST_F(Answering, ZapatellerPlaysToThoseWithoutANumber) {
    call("Zapateller(nocallerid)");
    EXPECT_EQ(variable("ZAPATELLERSTATUS"), "NOTHING");
    call("Zapateller(answer)");
    EXPECT_EQ(variable("ZAPATELLERSTATUS"), "ANSWERED");
    pbx.loop.advance(4s);
    EXPECT_EQ(variable("ZAPATELLERSTATUS"), "ZAPPED");
    EXPECT_TRUE(pbx.media.called("tone"));
}

TEST_F(Answering, MorseCodeTakesItsTime) {
    call("Set(MORSEDITLEN=100)\n same => n,Morsecode(EE T)");
    pbx.loop.advance(1500ms);  // E 400, E 400, space 400, T 600
    EXPECT_EQ(global("WENT"), "(unset)");
    pbx.loop.advance(400ms);
    EXPECT_EQ(global("WENT"), "on");
}

TEST_F(Answering, PlaybackSaysNumbers) {
    call("Playback(num:12&digit:7,say)");
    pbx.loop.advance(5s);
    EXPECT_TRUE(pbx.media.called("/digits/12."));
    EXPECT_TRUE(pbx.media.called("/digits/7."));
    call("Playback(beep&enum:3&colour:red,mix)");
    pbx.loop.advance(5s);
    EXPECT_TRUE(pbx.media.called("/beep."));
    EXPECT_TRUE(pbx.media.called("/digits/h-3."));
    EXPECT_EQ(global("WENT"), "on");
}

TEST_F(Answering, MessageSendSaysWhatIsWrong) {
    call("MessageSend(nowhere)");
    EXPECT_EQ(variable("MESSAGE_SEND_STATUS"), "INVALID_URI");
    call("MessageSend(carrier-pigeon:x)");
    EXPECT_EQ(variable("MESSAGE_SEND_STATUS"), "INVALID_PROTOCOL");
    call("MessageSend(Test:x)");
    EXPECT_EQ(variable("MESSAGE_SEND_STATUS"), "FAILURE");
}

}  // namespace
}  // namespace asterism
