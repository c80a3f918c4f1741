// Applications and functions that touch audio, in virtual time over the fake media engine: what they ask of it, and
// what they make of what it hears. What the engine does with audio is tested with the engine.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "asterism/applications/signalling.hpp"
#include "asterism/features/mix_monitor.hpp"
#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "support/test_pbx.hpp"

using namespace asterism;
using namespace std::chrono_literals;
using media::EffectSpec;
using media::Heard;
using media::Side;
using testing::HasSubstr;

namespace {

class AudioApplications : public testing::Test {
  protected:
    AudioApplications() {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        applications::add_dial(pbx.applications);
        pbx.prompts.set_dirs({.dirs = {"/usr/share/asterisk/sounds/en_US_f_Allison"}, .cwd = ""});
        pbx.watch_events();
        char name[] = "/tmp/asterism-audio-XXXXXX";
        folder = mkdtemp(name);
        pbx.settings.spool_dir = folder;
        generic = pbx.bus.subscribe([this](const Event& event) {
            if (event.kind == EventKind::test) told.push_back("Test " + as<TestEvent>(event).state);
            if (event.kind != EventKind::generic) return;
            const auto& e = as<GenericEvent>(event);
            std::string text = e.name;
            for (const auto& [prefix, shot] : e.channels) text += " " + prefix + "=" + shot->name;
            for (const auto& [header, value] : e.headers) text += " " + header + "=" + value;
            told.push_back(text);
        });
    }
    ~AudioApplications() override { std::filesystem::remove_all(folder); }

    ChannelId call(const std::vector<std::string>& lines, const std::string& more = {},
                   const std::string& who = "alice") {
        std::string text = "[default]\nexten => 1,1,NoOp()\n";
        for (const auto& line : lines) text += " same => n," + line + "\n";
        pbx.extensions(text + more);
        return enter(who, "1");
    }
    ChannelId enter(const std::string& who, const std::string& exten) {
        auto& channel = pbx.phones.call_in(who, "default", exten);
        const auto id = channel.id();
        settle();
        return id;
    }
    void settle() { pbx.loop.run(); }
    Channel* channel(ChannelId id) { return pbx.channels.find(id); }
    std::string global(const std::string& name) {
        const auto* value = pbx.globals.find(name);
        return value ? *value : "(unset)";
    }
    void press(ChannelId id, char digit) {
        channel(id)->digit_end(digit, 100ms);
        settle();
    }
    bool was_told(const std::string& text) {
        return std::ranges::any_of(told, [&](const auto& one) { return one.find(text) != std::string::npos; });
    }
    /// What the listener of a kind hears.
    template <class What>
    void hear(ChannelId id, Heard heard) {
        const auto op = pbx.media.listening<What>(channel(id)->leg());
        ASSERT_TRUE(op);
        pbx.media.hear(op, std::move(heard));
        settle();
    }
    media::FakeEngine::Op* recording(ChannelId id, Side side) {
        for (auto* op : pbx.media.running(media::Target{channel(id)->leg()}))
            if (op->kind == "record" && op->record.side == side) return op;
        return nullptr;
    }
    media::FakeEngine::Leg* tap_of(ChannelId id) {
        for (auto& [leg_id, leg] : pbx.media.legs)
            if (leg.kind == "tap" && !leg.closed && leg.other == channel(id)->leg()) return &leg;
        return nullptr;
    }

    std::string folder;
    std::vector<std::string> told;
    TestPbx pbx;
    Bus::Subscription generic;
};

// ---- MixMonitor ----

TEST_F(AudioApplications, MixMonitorRecordsBothAndEachSide) {
    const auto id = call({"Answer()", "MixMonitor(one.wav,r(in.wav)t(out.sln)i(ID)v(1)V(-1))",
                          "Set(GLOBAL(F)=${MIXMONITOR_FILENAME})", "Set(GLOBAL(G)=${MIXMONITOR(${ID},filename)})",
                          "Wait(5)", "StopMixMonitor(${ID})", "Set(GLOBAL(STOPPED)=yes)", "Wait(1)"});
    EXPECT_EQ(global("F"), folder + "/monitor/one.wav");
    EXPECT_EQ(global("G"), global("F"));
    EXPECT_TRUE(was_told("MixMonitorStart =Test/alice"));
    auto* both = recording(id, Side::both);
    ASSERT_TRUE(both);
    EXPECT_EQ(both->record.volume_out, 2);
    EXPECT_EQ(both->record.volume_in, 0.5);
    ASSERT_TRUE(recording(id, Side::in));
    EXPECT_TRUE(recording(id, Side::in)->record.keep_time);
    EXPECT_EQ(recording(id, Side::out)->record.path, folder + "/monitor/out.sln");
    EXPECT_TRUE(std::filesystem::is_directory(folder + "/monitor"));
    pbx.loop.advance(5s);
    EXPECT_EQ(global("STOPPED"), "yes");
    EXPECT_FALSE(recording(id, Side::both));
    EXPECT_TRUE(was_told("MixMonitorStop =Test/alice"));
    EXPECT_TRUE(was_told("Test MIXMONITOR_END"));
}

TEST_F(AudioApplications, MixMonitorRunsItsCommandWhenTheCallIsOver) {
    const auto file = folder + "/monitor/a.raw";
    const auto id = call({"Set(NAME=done)", "MixMonitor(a,d,touch " + folder + "/^{NAME})", "Wait(5)"});
    ASSERT_TRUE(recording(id, Side::both));
    EXPECT_EQ(recording(id, Side::both)->record.path, file);
    std::ofstream(file) << "x";
    EXPECT_FALSE(std::filesystem::exists(folder + "/done"));
    pbx.loop.advance(5s);
    EXPECT_FALSE(channel(id));
    EXPECT_TRUE(std::filesystem::exists(folder + "/done"));
    EXPECT_FALSE(std::filesystem::exists(file));  // option d
    EXPECT_TRUE(was_told("Test MIXMONITOR_END"));
    EXPECT_FALSE(was_told("MixMonitorStop"));  // as Asterisk: only for one that somebody stops
}

TEST_F(AudioApplications, MixMonitorCanWaitForABridgeAndForItsTime) {
    const auto id = call({"Answer()", "MixMonitor(a.wav,bs(2))", "Wait(60)"});
    EXPECT_FALSE(recording(id, Side::both));
    pbx.loop.advance(2s);
    auto* op = recording(id, Side::both);
    ASSERT_TRUE(op);
    using Kind = media::OpControl::Kind;
    ASSERT_EQ(op->controls.size(), 1u);
    EXPECT_EQ(op->controls[0].kind, Kind::pause);
    auto& bridge = pbx.bridges.create({.type = "base"});
    bridge.add(*channel(id));
    EXPECT_EQ(op->controls.back().kind, Kind::resume);
    bridge.remove(*channel(id));
    EXPECT_EQ(op->controls.back().kind, Kind::pause);
}

TEST_F(AudioApplications, MixMonitorBeeps) {
    const auto id = call({"Answer()", "MixMonitor(a.wav,pB(10))", "Wait(60)"});
    settle();
    ASSERT_TRUE(tap_of(id));
    EXPECT_TRUE(tap_of(id)->tap.whisper_in && tap_of(id)->tap.whisper_out);
    EXPECT_TRUE(pbx.media.called("/beep."));
    pbx.loop.advance(9s);
    EXPECT_FALSE(tap_of(id));
    pbx.loop.advance(1s);
    EXPECT_TRUE(tap_of(id));
}

TEST_F(AudioApplications, MixMonitorIsMutedAndListed) {
    const auto id = call({"Answer()", "MixMonitor(a.wav)", "Wait(60)"});
    ASSERT_EQ(features::mix_monitors(*channel(id)).size(), 1u);
    EXPECT_TRUE(features::mute_mix_monitor(*channel(id), {}, Side::in, true));
    EXPECT_TRUE(was_told("Direction=read State=1"));
    EXPECT_EQ(recording(id, Side::both)->controls.back().side, Side::in);
    EXPECT_FALSE(features::mute_mix_monitor(*channel(id), "other", Side::in, true));
    EXPECT_FALSE(features::stop_mix_monitor(*channel(id), "other"));
    EXPECT_FALSE(features::start_mix_monitor(*channel(id), {.file = "a.nonsense"}));
    EXPECT_FALSE(features::start_mix_monitor(*channel(id), {}));
}

// ---- ChanSpy ----

TEST_F(AudioApplications, ChanSpyListensWhispersAndBarges) {
    const auto target = call({"Answer()", "Wait(600)"}, "exten => 2,1,ChanSpy(Test/alice,qd)\n");
    const auto spy = enter("boss", "2");
    pbx.loop.advance(200ms);
    EXPECT_TRUE(was_told("ChanSpyStart Spyer=Test/boss")) << testing::PrintToString(told);
    auto* tap = tap_of(target);
    ASSERT_TRUE(tap);
    EXPECT_TRUE(tap->tap.spy_in && tap->tap.spy_out && !tap->tap.whisper_out);
    EXPECT_EQ(tap->peer, channel(spy)->leg());
    press(spy, '5');
    EXPECT_TRUE(tap->tap.whisper_out && !tap->tap.whisper_in);
    press(spy, '6');
    EXPECT_TRUE(tap->tap.whisper_in);
    press(spy, '4');
    EXPECT_FALSE(tap->tap.whisper_out);
    press(spy, '#');
    EXPECT_EQ(tap->gain_in, 2);
    pbx.phones.log.clear();
    channel(spy)->party_hung_up(Cause::normal_clearing);
    settle();
    EXPECT_TRUE(was_told("ChanSpyStop"));
    EXPECT_FALSE(tap_of(target));
    EXPECT_TRUE(channel(target));
}

TEST_F(AudioApplications, ChanSpyGoesFromChannelToChannel) {
    const auto a = call({"Answer()", "Set(SPYGROUP=sales:night)", "Wait(600)"},
                        "exten => 2,1,ChanSpy(,qg(sales)S)\n same => n,Set(GLOBAL(OVER)=yes)\n"
                        "exten => 3,1,Answer()\n same => n,Wait(600)\n");
    const auto b = enter("bob", "1"), other = enter("carol", "3");
    const auto spy = enter("boss", "2");
    pbx.loop.advance(200ms);
    EXPECT_TRUE(tap_of(b));
    press(spy, '*');
    EXPECT_FALSE(tap_of(b));
    EXPECT_TRUE(tap_of(a));
    EXPECT_FALSE(tap_of(other));
    for (const auto id : {a, b}) hang_up(*channel(id), Cause::normal_clearing, {});
    settle();
    pbx.loop.advance(1s);
    EXPECT_EQ(global("OVER"), "yes");
}

TEST_F(AudioApplications, ExtenSpyEndsWithItsChannelWhenAsked) {
    const auto target = call({"Answer()", "Wait(600)"},
                             "exten => 2,1,ExtenSpy(1@default,qEW)\n"
                             " same => n,Set(GLOBAL(OVER)=yes)\n");
    (void)enter("boss", "2");
    pbx.loop.advance(200ms);
    auto* tap = tap_of(target);
    ASSERT_TRUE(tap);
    EXPECT_TRUE(!tap->tap.spy_in && !tap->tap.spy_out && tap->tap.whisper_out);
    hang_up(*channel(target), Cause::normal_clearing, {});
    settle();
    EXPECT_EQ(global("OVER"), "yes");
}

// ---- what is listened for ----

TEST_F(AudioApplications, WaitForSilenceAndNoise) {
    const auto id = call({"Answer()", "WaitForSilence(500,2)", "Set(GLOBAL(A)=${WAITSTATUS})", "WaitForNoise(300,1,5)",
                          "Set(GLOBAL(B)=${WAITSTATUS})", "Wait(9)"});
    hear<media::LevelWatch>(id, {.kind = Heard::Kind::silence, .duration = 500ms});
    EXPECT_EQ(global("A"), "(unset)");
    hear<media::LevelWatch>(id, {.kind = Heard::Kind::silence, .duration = 500ms});
    EXPECT_EQ(global("A"), "SILENCE");
    const auto& spec = pbx.media.op(pbx.media.listening<media::LevelWatch>(channel(id)->leg())).listen;
    EXPECT_EQ(std::get<media::LevelWatch>(spec.what).sound_after, 300ms);
    pbx.loop.advance(5s);
    EXPECT_EQ(global("B"), "TIMEOUT");
}

TEST_F(AudioApplications, BackgroundDetectGoesToTalk) {
    const auto id = call({"BackgroundDetect(demo-congrats,800,100,5000)", "Set(GLOBAL(X)=played)"},
                         "exten => talk,1,Set(GLOBAL(T)=${TALK_DETECTED})\n same => n,Wait(9)\n");
    settle();
    hear<media::LevelWatch>(id, {.kind = Heard::Kind::silence, .duration = 800ms, .sounded = 50ms});
    EXPECT_EQ(global("T"), "(unset)");
    hear<media::LevelWatch>(id, {.kind = Heard::Kind::silence, .duration = 800ms, .sounded = 700ms});
    EXPECT_EQ(global("T"), "700");
    EXPECT_EQ(global("X"), "(unset)");
}

TEST_F(AudioApplications, AmdTellsWhatWasDecided) {
    const auto id = call({"AMD(,,,8000)", "Set(GLOBAL(A)=${AMDSTATUS} ${AMDCAUSE})", "Wait(9)"});
    settle();
    const auto op = pbx.media.listening<media::MachineWatch>(channel(id)->leg());
    ASSERT_TRUE(op);
    const auto watch = std::get<media::MachineWatch>(pbx.media.op(op).listen.what);
    EXPECT_EQ(watch.total_time, 8000ms);
    EXPECT_EQ(watch.max_words, 2);  // amd.conf's default
    hear<media::MachineWatch>(id, {.kind = Heard::Kind::decided, .text = "HUMAN", .cause = "HUMAN-800-800"});
    EXPECT_EQ(global("A"), "HUMAN HUMAN-800-800");
}

TEST_F(AudioApplications, WaitForToneAndToneScan) {
    const auto id = call({"Answer()", "WaitForTone(2600,1000,,2)", "Set(GLOBAL(A)=${WAITFORTONESTATUS})",
                          "ToneScan(,5,2)", "Set(GLOBAL(B)=${TONESCANSTATUS})", "WaitForTone(9999)",
                          "Set(GLOBAL(C)=${WAITFORTONESTATUS})", "Wait(9)"});
    for (int i = 0; i < 2; ++i) hear<media::ToneWatch>(id, {.kind = Heard::Kind::tone_begin});
    EXPECT_EQ(global("A"), "SUCCESS");
    hear<media::ProgressWatch>(id, {.kind = Heard::Kind::progress, .text = "BUSY"});
    hear<media::ProgressWatch>(id, {.kind = Heard::Kind::progress, .text = "RINGING"});
    EXPECT_EQ(global("B"), "(unset)");
    hear<media::ProgressWatch>(id, {.kind = Heard::Kind::progress, .text = "BUSY"});
    EXPECT_EQ(global("B"), "BUSY");
    EXPECT_EQ(global("C"), "ERROR");
}

// ---- MF and SF ----

TEST(Signalling, TonesOfDigits) {
    const auto mf = applications::mf_tones("*1#");
    ASSERT_TRUE(mf);
    ASSERT_EQ(mf->segments.size(), 6u);
    EXPECT_EQ(mf->segments[0].freq1, 1100);
    EXPECT_EQ(mf->segments[0].ms, 120u);
    EXPECT_EQ(mf->segments[2].freq2, 900);
    EXPECT_FALSE(mf->repeats());
    EXPECT_FALSE(applications::mf_tones("1x"));
    const auto sf = applications::sf_tones("30", 2400);
    ASSERT_TRUE(sf);
    EXPECT_EQ(sf->segments.size(), 3u * 2 + 1 + 10 * 2 + 1);
    EXPECT_EQ(sf->pass_ms(), 13u * 100 + 1200);
    EXPECT_FALSE(applications::sf_tones("*"));
}

TEST_F(AudioApplications, ReceiveMfCollectsToTheStart) {
    const auto id = call({"Answer()", "ReceiveMF(D,10)", "Set(GLOBAL(A)=${D} ${RECEIVEMFSTATUS})", "ReceiveMF(D,,kos)",
                          "Set(GLOBAL(B)=${D})", "ReceiveMF(D,2)", "Set(GLOBAL(C)=${D}${RECEIVEMFSTATUS})", "Wait(9)"});
    const auto dial = [&](const std::string& digits) {
        for (const char digit : digits) hear<media::MfWatch>(id, {.kind = Heard::Kind::digit, .digit = digit});
    };
    dial("12*0*9#");  // nothing before the KP counts
    EXPECT_EQ(global("A"), "*0*9# START");
    dial("*12*987#");
    EXPECT_EQ(global("B"), "987");
    pbx.loop.advance(2s);
    EXPECT_EQ(global("C"), "TIMEOUT");
}

TEST_F(AudioApplications, ReceiveSfCollectsACount) {
    const auto id = call({"Answer()", "ReceiveSF(D,3)", "Set(GLOBAL(A)=${D} ${RECEIVESFSTATUS})", "SendSF(12)",
                          "SendMF(*1#)", "Set(GLOBAL(B)=sent)", "Wait(9)"});
    for (const char digit : std::string("407")) hear<media::SfWatch>(id, {.kind = Heard::Kind::digit, .digit = digit});
    EXPECT_EQ(global("A"), "407 MAXDIGITS");
    pbx.loop.advance(1500ms);  // three pulses, two pauses between digits
    const auto* tone = pbx.media.playing(media::Target{channel(id)->leg()});
    ASSERT_TRUE(tone);
    EXPECT_EQ(tone->tone.segments.front().freq1, 1100);
    EXPECT_EQ(global("B"), "(unset)");
    pbx.loop.advance(390ms);
    EXPECT_EQ(global("B"), "sent");
}

// ---- functions ----

TEST_F(AudioApplications, EffectsAreAskedOfTheEngine) {
    const auto id = call({"Answer()", "Set(AGC(rx)=6000)", "Set(DENOISE(tx)=on)", "Set(PITCH_SHIFT(both)=higher)",
                          "Set(SCRAMBLE(rx)=1)", "Set(SCRAMBLE(rx)=remove)", "Set(FRAME_DROP(RX)=VOICE,DTMF_END)",
                          "Set(AGC(sideways)=on)", "Set(PITCH_SHIFT(rx)=9)", "Wait(9)"});
    const auto& effects = pbx.media.leg(channel(id)->leg()).effects;
    ASSERT_EQ(effects.size(), 7u);
    EXPECT_EQ(effects[0].first, Side::in);
    EXPECT_EQ(effects[0].second.value, 6000);
    EXPECT_EQ(effects[1].second.kind, EffectSpec::Kind::denoise);
    EXPECT_EQ(effects[2].first, Side::both);
    EXPECT_EQ(effects[2].second.value, 1.5);
    EXPECT_FALSE(effects[4].second.on);
    EXPECT_EQ(effects[6].second.kind, EffectSpec::Kind::drop_digits);
}

TEST_F(AudioApplications, VolumeFollowsKeysWhenAsked) {
    const auto id = call({"Answer()", "Set(VOLUME(TX,p)=2)", "Set(VOLUME(RX)=3)", "Wait(60)"});
    const auto& leg = pbx.media.leg(channel(id)->leg());
    EXPECT_EQ(leg.gain_out, 2);
    press(id, '#');
    EXPECT_EQ(leg.gain_out, 3);
    press(id, '*');
    press(id, '*');
    EXPECT_EQ(leg.gain_out, 1);
    EXPECT_EQ(leg.gain_in, 3);
}

TEST_F(AudioApplications, ToneDetectCountsAndLeads) {
    const auto id = call({"Answer()", "Set(TONE_DETECT(2600,1000,rn(2)g(got,1))=)", "Wait(60)"},
                         "exten => got,1,Set(GLOBAL(N)=${TONE_DETECT(rx)}${TONE_DETECT(tx)})\n"
                         " same => n,Set(TONE_DETECT(0,,x)=)\n same => n,Wait(60)\n");
    hear<media::ToneWatch>(id, {.kind = Heard::Kind::tone_begin});
    EXPECT_EQ(global("N"), "(unset)");
    hear<media::ToneWatch>(id, {.kind = Heard::Kind::tone_begin});
    EXPECT_EQ(global("N"), "20");
    EXPECT_FALSE(pbx.media.listening<media::ToneWatch>(channel(id)->leg()));
}

TEST_F(AudioApplications, HoldInterceptOnlyTells) {
    const auto id = call({"Answer()", "Set(HOLD_INTERCEPT(set)=)", "Wait(60)"});
    const auto other = enter("bob", "1");
    auto& bridge = pbx.bridges.create({.type = "base"});
    bridge.add(*channel(id));
    bridge.add(*channel(other));
    pbx.phones.log.clear();
    channel(id)->party_held(true);
    EXPECT_FALSE(pbx.phones.told("Test/bob-00000001 hold"));
    channel(id)->party_held(false);
}

TEST_F(AudioApplications, PeriodicHookSpeaksNowAndThen) {
    const auto id = call({"Answer()", "Set(ID=${PERIODIC_HOOK(default,hook,30)})", "Wait(65)",
                          "Set(PERIODIC_HOOK(${ID})=off)", "Wait(100)"},
                         "exten => hook,1,Answer()\n same => n,Set(GLOBAL(H)=${HOOK_CHANNEL})\n same => n,Wait(1)\n");
    pbx.loop.advance(31s);
    EXPECT_EQ(global("H"), channel(id)->name());
    EXPECT_TRUE(was_told("ChanSpyStart Spyer=Local/hook@default"));
    pbx.loop.advance(5s);
    EXPECT_FALSE(tap_of(id));
    told.clear();
    pbx.loop.advance(100s);
    EXPECT_EQ(std::ranges::count_if(told, [](const auto& t) { return t.starts_with("ChanSpyStart"); }), 1);
}

// ---- bridges ----

TEST_F(AudioApplications, BridgeWaitEndsByItsTimeAndEntertains) {
    const auto id = call({"BridgeWait(room,participant,e(r)S(5))", "Set(GLOBAL(A)=on)", "BridgeWait(room,boss)"});
    ASSERT_TRUE(channel(id));
    auto* bridge = pbx.bridges.find(channel(id)->bridge());
    ASSERT_TRUE(bridge);
    EXPECT_EQ(bridge->setup().name, "room");
    EXPECT_TRUE(pbx.media.playing(media::Target{channel(id)->leg()}));
    pbx.loop.advance(5s);
    EXPECT_EQ(global("A"), "on");
    EXPECT_EQ(pbx.bridges.size(), 0u);
    EXPECT_FALSE(channel(id));  // a role that there is not
}

TEST_F(AudioApplications, BridgeAddJoins) {
    const auto id = call({"Answer()", "Wait(60)"},
                         "exten => 2,1,BridgeAdd(Test/alice)\n"
                         " same => n,Set(GLOBAL(R)=${BRIDGERESULT})\n"
                         "exten => 3,1,BridgeAdd(Test/nobody)\n"
                         " same => n,Set(GLOBAL(S)=${BRIDGERESULT})\n");
    (void)enter("bob", "2");
    EXPECT_EQ(global("R"), "FAILURE");
    (void)enter("bob", "3");
    EXPECT_EQ(global("S"), "NONEXISTENT");
    auto& bridge = pbx.bridges.create({.type = "base"});
    bridge.add(*channel(id));
    const auto bob = enter("bob", "2");
    EXPECT_EQ(bridge.members().size(), 2u);
    bridge.remove(*channel(bob));
    settle();
    EXPECT_EQ(global("R"), "SUCCESS");
}

TEST_F(AudioApplications, PageSpeaksToAll) {
    const auto id =
        call({"Set(GLOBAL(A)=)", "Page(Test/b1&Test/b2&Test/nobody,b(default^pre^1)q)", "Set(GLOBAL(A)=on)"},
             "exten => pre,1,Set(GLOBAL(P)=${GLOBAL(P)}x)\n same => n,Return()\n");
    EXPECT_EQ(global("P"), "xx");
    auto* bridge = pbx.bridges.find(channel(id)->bridge());
    ASSERT_TRUE(bridge);
    EXPECT_EQ(bridge->members().size(), 2u);  // with the announcer
    std::vector<Channel*> called;
    for (const auto one : pbx.channels.ids())
        if (one != id && channel(one)->technology() == "Test") called.push_back(channel(one));
    ASSERT_EQ(called.size(), 2u);
    const auto first = called[0]->id(), second = called[1]->id();
    called[0]->answered();
    settle();
    EXPECT_EQ(bridge->members().size(), 3u);
    EXPECT_EQ(pbx.media.leg(channel(first)->leg()).role, media::MixRole::listen_only);
    channel(id)->party_hung_up(Cause::normal_clearing);
    settle();
    EXPECT_FALSE(channel(first));
    EXPECT_FALSE(channel(second));  // one that only rang is called no longer
    EXPECT_EQ(pbx.bridges.size(), 0u);
}

TEST_F(AudioApplications, PickupTakesARingingCall) {
    const auto caller = call({"Dial(Test/b1,30)"},
                             "exten => 2,1,Pickup(1@default)\nexten => 3,1,Pickup(9@default)\n"
                             " same => n,Set(GLOBAL(NONE)=yes)\n");
    Channel* callee = nullptr;
    for (const auto one : pbx.channels.ids())
        if (one != caller) callee = channel(one);
    ASSERT_TRUE(callee);
    callee->set_state(ChannelState::ringing);
    const auto callee_id = callee->id();
    (void)enter("carol", "3");
    EXPECT_EQ(global("NONE"), "yes");
    const auto picker = enter("carol", "2");
    EXPECT_TRUE(was_told("Pickup =Test/carol"));
    EXPECT_FALSE(channel(callee_id));
    ASSERT_TRUE(channel(picker));
    EXPECT_TRUE(channel(picker)->bridge());
    EXPECT_EQ(channel(picker)->bridge(), channel(caller)->bridge());
    channel(caller)->party_hung_up(Cause::normal_clearing);
    settle();
    EXPECT_EQ(pbx.channels.size(), 0u);
}

TEST_F(AudioApplications, PickupByMarkAndByChannel) {
    const auto more =
        "exten => 2,1,Pickup(7@PICKUPMARK)\nexten => 3,1,PickupChan(Test/b,p)\n"
        "exten => mark,1,Set(PICKUPMARK=7)\n same => n,Return()\n";
    for (const char* exten : {"2", "3"}) {
        const auto caller = call({"Dial(Test/b1,30,b(default^mark^1))"}, more);
        for (const auto one : pbx.channels.ids())
            if (one != caller) channel(one)->set_state(ChannelState::ringing);
        const auto picker = enter("carol", exten);
        ASSERT_TRUE(channel(picker)) << exten;
        EXPECT_EQ(channel(picker)->bridge(), channel(caller)->bridge());
        channel(picker)->party_hung_up(Cause::normal_clearing);
        settle();
        EXPECT_EQ(pbx.channels.size(), 0u);
    }
}

// ---- waiting, passwords, dictation ----

TEST_F(AudioApplications, SignalWakesThoseWhoWait) {
    const auto id = call({"WaitForSignal(go,10)", "Set(GLOBAL(A)=${WAITFORSIGNALSTATUS} ${WAITFORSIGNALPAYLOAD})",
                          "WaitForSignal(go,10)", "Set(GLOBAL(B)=${WAITFORSIGNALSTATUS})"},
                         "exten => 2,1,Signal(go,now)\n same => n,Set(GLOBAL(S)=${SIGNALSTATUS})\n"
                         " same => n,Signal(stop)\n same => n,Set(GLOBAL(T)=${SIGNALSTATUS})\n");
    (void)enter("bob", "2");
    EXPECT_EQ(global("A"), "SIGNALED now");
    EXPECT_EQ(global("S"), "SUCCESS");
    EXPECT_EQ(global("T"), "FAILURE");
    pbx.loop.advance(10s);
    EXPECT_EQ(global("B"), "TIMEOUT");
    EXPECT_FALSE(channel(id));
}

TEST_F(AudioApplications, WaitForConditionLooksAgain) {
    (void)call({"WaitForCondition(#,#[\"#{GLOBAL(X)}\"=\"1\"],10,0.5)", "Set(GLOBAL(A)=${WAITFORCONDITIONSTATUS})",
                "WaitForCondition(#,#[1=2],2)", "Set(GLOBAL(B)=${WAITFORCONDITIONSTATUS})", "WaitForCondition(##,1)",
                "Set(GLOBAL(C)=${WAITFORCONDITIONSTATUS})"});
    pbx.loop.advance(2s);
    EXPECT_EQ(global("A"), "(unset)");
    pbx.globals.set("X", "1");
    pbx.loop.advance(500ms);
    EXPECT_EQ(global("A"), "TRUE");
    pbx.loop.advance(2s);
    EXPECT_EQ(global("B"), "TIMEOUT");
    EXPECT_EQ(global("C"), "FAILURE");
}

TEST_F(AudioApplications, DisaOpensByItsPassword) {
    const auto more =
        "exten => 200,1,Set(GLOBAL(IN)=${CALLERID(num)})\nexten => i,1,Set(GLOBAL(BAD)=${INVALID_EXTEN})\n";
    auto id = call({"DISA(1234,default,\"x\" <555>)"}, more);
    for (const char digit : std::string("1234#200")) press(id, digit);
    EXPECT_EQ(global("IN"), "555");
    id = call({"DISA(no-password,default)"}, more);
    for (const char digit : std::string("900")) {
        if (channel(id)) press(id, digit);
    }
    EXPECT_EQ(global("BAD"), "9");
    pbx.globals.set("IN", "");
    id = call({"DISA(1234,default)"}, more);
    for (const char digit : std::string("99#")) press(id, digit);
    EXPECT_TRUE(pbx.phones.told("congestion") || pbx.media.playing(media::Target{channel(id)->leg()}));
    pbx.loop.advance(11s);
    EXPECT_FALSE(channel(id));
    EXPECT_EQ(global("IN"), "");
}

TEST_F(AudioApplications, DictateRecordsAndPlays) {
    const auto id = call({"Dictate(" + folder + "/d,memo)"});
    pbx.loop.advance(20s);
    press(id, '*');
    pbx.loop.advance(5s);
    auto* op = recording(id, Side::in);
    ASSERT_TRUE(op);
    EXPECT_EQ(op->record.path, folder + "/d/memo.raw");
    EXPECT_EQ(op->record.existing, media::RecordSpec::Existing::append);
    press(id, '*');
    pbx.loop.advance(5s);
    EXPECT_FALSE(recording(id, Side::in));
}

TEST_F(AudioApplications, BroadcastSpeaksToChannels) {
    const auto target = call({"Answer()", "Wait(5)"}, "exten => 2,1,Broadcast(ws,${A})\n");
    pbx.globals.set("A", channel(target)->name());
    const auto boss = enter("boss", "2");
    auto* tap = tap_of(target);
    ASSERT_TRUE(tap);
    EXPECT_TRUE(tap->tap.whisper_out && tap->tap.spy_in);
    EXPECT_TRUE(tap->mixer);
    EXPECT_EQ(pbx.media.leg(channel(boss)->leg()).mixer, tap->mixer);
    pbx.loop.advance(7s);
    EXPECT_FALSE(channel(boss));
}

}  // namespace
