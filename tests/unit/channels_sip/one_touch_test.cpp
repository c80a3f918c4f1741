// Recording by INFO with a Record header, as some phones' keys send it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "asterism/features/mix_monitor.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/operations.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

class OneTouch : public testing::Test {
  protected:
    OneTouch() : folder(std::filesystem::temp_directory_path() / ("asterism-touch-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder);
    }
    ~OneTouch() override {
        w.reset();
        std::filesystem::remove_all(folder);
    }
    void start(bool allowed, const std::string& features) {
        std::string config(usual_config);
        if (allowed) config.insert(config.find("set_var="), "one_touch_recording=yes\n");
        w = std::make_unique<SipWorld>(config);
        w->settings.etc_dir = folder.string();
        w->settings.spool_dir = folder.string();
        std::ofstream(folder / "features.conf") << features;
        w->receive(Ask{.body = std::string(usual_sdp)}.text());
        answer(w->channel());
        w->next();
        to = *w->next()->header(sip::HeaderId::to);
        w->receive(Ask{.method = "ACK", .to = to}.text());
    }
    int ask(const std::string& what) {
        ++cseq;
        w->receive(Ask{.method = "INFO",
                       .to = to,
                       .branch = "z9hG4bKi" + std::to_string(cseq),
                       .cseq = cseq,
                       .headers = {"Record: " + what}}
                       .text());
        return w->next_status();
    }
    std::filesystem::path folder;
    std::unique_ptr<SipWorld> w;
    std::string to;
    int cseq = 1;
};

constexpr const char* configured = "[featuremap]\nautomixmon => *3\n";

TEST_F(OneTouch, HasToBeAllowed) {
    start(false, configured);
    EXPECT_EQ(ask("on"), 403);
}

TEST_F(OneTouch, NeedsTheFeature) {
    start(true, "");
    EXPECT_EQ(ask("on"), 403);
}

TEST_F(OneTouch, WithNobodyAtTheOtherEndNothingIsRecorded) {
    start(true, configured);
    EXPECT_EQ(ask("on"), 200);
    EXPECT_EQ(ask("off"), 200);
    EXPECT_EQ(ask("perhaps"), 403);
    EXPECT_TRUE(features::mix_monitors(w->channel()).empty());
}

TEST_F(OneTouch, RecordsWhoIsTalkedWith) {
    start(true, configured);
    Channel& a = w->channel();
    w->receive(Ask{.call_id = "b", .branch = "z9hG4bKb", .body = std::string(usual_sdp)}.text());
    Channel& b = w->channel();
    answer(b);
    while (w->next()) {
    }
    Bridge& bridge = w->bridges.create({.type = "basic"});
    bridge.add(a);
    bridge.add(b);
    a.set_variable("TOUCH_MIXMONITOR", "keep");
    a.set_variable("TOUCH_MIXMONITOR_BEEP", "5");
    EXPECT_EQ(ask("on"), 200);
    const auto all = features::mix_monitors(b);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_TRUE(all[0].file.ends_with("-keep.wav")) << all[0].file;
    EXPECT_TRUE(a.variable("TOUCH_MIXMONITOR_OUTPUT")->starts_with("auto-"));
    EXPECT_TRUE(w->happened("Test PERIODIC_HOOK_ENABLED"));
    EXPECT_EQ(ask("on"), 200);
    EXPECT_EQ(features::mix_monitors(b).size(), 1u);
    EXPECT_EQ(ask("off"), 200);
    EXPECT_TRUE(features::mix_monitors(b).empty());
}

}  // namespace
}  // namespace asterism::pjsip
