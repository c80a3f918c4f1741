// Call detail records of whole calls in virtual time.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/records/records.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "core/records/cdr_engine.hpp"
#include "support/test_pbx.hpp"

namespace asterism::records {
namespace {

/// One line for each record: "channel>dstchannel app(data) dst DISPOSITION duration/billsec".
class Lines final : public CdrBackend {
  public:
    explicit Lines(std::vector<std::string>& lines) : lines_(lines) {}
    [[nodiscard]] std::string_view name() const override { return "lines"; }
    void write(const Cdr& r) override {
        const auto f = [&r](std::string_view name) { return *r.field(name, *r.end); };
        lines_.push_back(f("channel") + ">" + f("dstchannel") + " " + f("lastapp") + "(" + f("lastdata") + ") " +
                         f("dst") + " " + f("disposition") + " " + f("duration") + "/" + f("billsec"));
        all.push_back(r);
    }
    std::vector<Cdr> all;

  private:
    std::vector<std::string>& lines_;
};

class CdrTest : public testing::Test {
  protected:
    CdrTest() {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        applications::add_dial(pbx.applications);
        records_.emplace(pbx.pbx);
        pbx.pbx.records = &*records_;
        records::add_applications(pbx.pbx);
        records::add_functions(pbx.pbx);
        configure("[general]\nunanswered = yes\ncongestion = yes\n");
        auto made = std::make_unique<Lines>(lines);
        backend = made.get();
        records_->cdr().set_backend("lines", std::move(made));
    }
    void configure(const std::string& text, const std::string& name = "cdr.conf") {
        config::Report report;
        config::MapSource source;
        source.files["/" + name] = text;
        const auto file = config::read(source, name, {.directory = "/"}, report);
        ASSERT_TRUE(file);
        for (const auto& one : Records::files()) {
            if (one.name == name) ((*records_).*one.apply)(&*file, report);
        }
        EXPECT_TRUE(report.ok()) << report.text();
    }
    Channel* like(const std::string& begin) {
        for (const ChannelId id : pbx.channels.ids()) {
            if (Channel* channel = pbx.channels.find(id); channel->name().starts_with(begin)) return channel;
        }
        return nullptr;
    }
    std::string text(Channel& channel, std::string_view what) { return dialplan::substitute(pbx.pbx, &channel, what); }

    TestPbx pbx;
    std::optional<Records> records_;
    std::vector<std::string> lines;
    Lines* backend = nullptr;
};

TEST_F(CdrTest, a_channel_alone) {
    pbx.extensions("[default]\nexten => 1,1,Wait(1)\n same => n,Answer()\n same => n,Wait(2)\n same => n,Hangup()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(5s);
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000000> Hangup() 1 ANSWERED 3/2"}));
    EXPECT_EQ(backend->all[0].caller_id(), "\"a\" <1000>");
}

TEST_F(CdrTest, an_answered_dial_is_one_record_of_both_and_the_called_party_has_none) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/b,20)\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(2s);
    like("Test/b-")->answered();
    pbx.loop.advance(3s);
    like("Test/b-")->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000000>Test/b-00000001 Dial(Test/b,20) 1 ANSWERED 5/3"}));
}

TEST_F(CdrTest, what_comes_after_a_dial_is_another_record) {
    pbx.extensions(
        "[default]\nexten => 1,1,Dial(Test/b,20,g)\n same => n,NoOp()\n same => n,Wait(4)\n same => n,Hangup()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(1s);
    like("Test/b-")->party_hung_up(Cause::user_busy);
    pbx.loop.advance(10s);
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000000>Test/b-00000001 Dial(Test/b,20,g) 1 BUSY 1/0",
                                               "Test/a-00000000> Hangup() 1 BUSY 4/0"}));
}

TEST_F(CdrTest, with_an_h_extension_the_call_ends_before_it) {
    pbx.extensions("[default]\nexten => 1,1,Hangup()\nexten => h,1,Wait(3)\n same => n,Set(CDR(x)=y)\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(5s);
    // Recorded so: the cause that Hangup() sets is not known yet.
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000000> Hangup() 1 FAILED 0/0"}));
    EXPECT_EQ(backend->all[0].field("x", {}), "y");
    lines.clear();
    pbx.extensions("[default]\nexten => 1,1,Hangup()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000001> Hangup() 1 NO ANSWER 0/0"}));
}

TEST_F(CdrTest, with_endbeforehexten_off_a_record_is_open_in_h_and_in_handlers) {
    configure("[general]\nendbeforehexten = no\n");
    pbx.extensions(
        "[default]\nexten => 1,1,Set(CHANNEL(hangup_handler_push)=over,s,1)\n same => n,Dial(Test/b)\n"
        "exten => h,1,Set(GLOBAL(in_h)=${CDR(end,u)})\n"
        "[over]\nexten => s,1,Set(GLOBAL(in_handler)=${CDR(end,u)})\n same => n,Return()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    like("Test/b-")->answered();
    pbx.loop.advance(3s);
    like("Test/b-")->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(*pbx.globals.find("in_h"), "0.000000");
    EXPECT_EQ(*pbx.globals.find("in_handler"), "0.000000");
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines[0], "Test/a-00000000>Test/b-00000001 Dial(Test/b) 1 ANSWERED 3/3");
}

TEST_F(CdrTest, two_that_part_when_answered_go_on_in_records_of_their_own) {
    pbx.extensions(
        "[default]\nexten => 1,1,Dial(Test/b,,G(2,1))\nexten => 2,1,Goto(3,1)\n same => n,Goto(4,1)\n"
        "exten => 3,1,Wait(5)\n same => n,Hangup()\nexten => 4,1,Wait(2)\n same => n,Hangup()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    like("Test/b-")->answered();
    pbx.loop.advance(10s);
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/b-00000001> Hangup() 4 ANSWERED 2/2",
                                               "Test/a-00000000>Test/b-00000001 Dial(Test/b,,G(2,1)) 1 ANSWERED 0/0",
                                               "Test/a-00000000> Hangup() 3 ANSWERED 5/5"}));
}

TEST_F(CdrTest, unanswered_is_left_out_unless_wanted) {
    configure("[general]\nunanswered = no\n");
    pbx.extensions("[default]\nexten => 1,1,Hangup()\nexten => 2,1,Dial(Test/b,5)\n same => n,Hangup()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.phones.call_in("a", "default", "2");
    pbx.loop.advance(10s);
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000001>Test/b-00000002 Dial(Test/b,5) 2 NO ANSWER 5/0"}));
}

TEST_F(CdrTest, of_several_in_a_bridge_the_oldest_is_party_a_of_each_pair) {
    pbx.extensions("[default]\nexten => 1,1,Answer()\n same => n,Wait(100)\n");
    for (const char* who : {"a", "b", "c"}) pbx.phones.call_in(who, "default", "1");
    pbx.loop.run();
    Bridge& bridge = pbx.bridges.create({.type = "stasis"});
    for (const char* who : {"Test/c", "Test/a", "Test/b"}) bridge.add(*like(who));
    pbx.loop.advance(5s);
    bridge.remove(*like("Test/a"));
    bridge.add(*like("Test/a"));
    pbx.loop.advance(5s);
    for (const char* who : {"Test/a", "Test/b", "Test/c"}) like(who)->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    std::ranges::sort(lines);
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000000>Test/b-00000001 Wait(100) 1 ANSWERED 5/5",
                                               "Test/a-00000000>Test/b-00000001 Wait(100) 1 ANSWERED 5/5",
                                               "Test/a-00000000>Test/c-00000002 Wait(100) 1 ANSWERED 5/5",
                                               "Test/a-00000000>Test/c-00000002 Wait(100) 1 ANSWERED 5/5",
                                               "Test/b-00000001>Test/c-00000002 Wait(100) 1 ANSWERED 10/10",
                                               "Test/c-00000002> Wait(100) 1 ANSWERED 10/10"}));
}

TEST_F(CdrTest, fields_variables_and_properties_of_the_dialplan) {
    pbx.extensions(
        "[default]\nexten => 1,1,Set(CDR(mine)=x)\n same => n,Set(CDR(userfield)=u)\n same => n,Set(CDR(src)=9)\n"
        " same => n,Set(CDR(accountcode)=acc)\n same => n,Set(CDR(amaflags)=BILLING)\n same => n,Answer()\n"
        " same => n,Wait(100)\n"
        "exten => 2,1,Set(CDR_PROP(disable)=1)\n same => n,Hangup()\n");
    Channel& channel = pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(2s);
    EXPECT_EQ(text(channel,
                   "${CDR(mine)} ${CDR(userfield)} ${CDR(src)} ${CDR(accountcode)} ${CDR(amaflags)} "
                   "${CDR(amaflags,u)} ${CDR(lastapp)} ${CDR(disposition)} ${CDR(duration,f)} ${CDR(end)}."),
              "x u 1000 acc BILLING 2 Wait ANSWERED 2.000000 .");
    EXPECT_EQ(text(channel, "${CDR(start,u)}"), "1795288305.000000");
    channel.party_hung_up(Cause::normal_clearing);
    pbx.phones.call_in("b", "default", "2");
    pbx.loop.run();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(backend->all[0].field("accountcode", {}), "acc");
}

TEST_F(CdrTest, the_records_variables_of_both_parties_meet_in_one) {
    pbx.extensions(
        "[default]\nexten => 1,1,Set(CDR(userfield)=caller)\n same => n,Dial(Test/b,20,b(callee^s^1))\n"
        "[callee]\nexten => s,1,Set(CDR(userfield)=callee)\n same => n,Set(CDR(v)=2)\n same => n,Return()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    like("Test/b-")->answered();
    pbx.loop.run();
    like("Test/b-")->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(backend->all[0].user_field(), "caller;callee");
    EXPECT_EQ(backend->all[0].field("v", {}), "2");
}

TEST_F(CdrTest, fork_and_reset) {
    pbx.extensions(
        "[default]\nexten => 1,1,Answer()\n same => n,Wait(3)\n same => n,ForkCDR(e)\n same => n,Wait(4)\n"
        "exten => 2,1,Answer()\n same => n,Wait(3)\n same => n,ResetCDR()\n same => n,Wait(4)\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(10s);
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000000> ForkCDR(e) 1 ANSWERED 3/3",
                                               "Test/a-00000000> Wait(4) 1 ANSWERED 7/7"}));
    lines.clear();
    pbx.phones.call_in("a", "default", "2");
    pbx.loop.advance(10s);
    EXPECT_EQ(lines, (std::vector<std::string>{"Test/a-00000001> Wait(4) 2 ANSWERED 4/4"}));
}

TEST_F(CdrTest, an_originated_application_is_the_last_one) {
    pbx.extensions("[default]\nexten => 1,1,Answer()\n same => n,Wait(10)\n");
    features::OriginateRequest request;
    request.destination = "Local/1@default";
    request.application = "Wait";
    request.data = "2";
    request.account_code = "acc9";
    ASSERT_TRUE(features::originate(pbx.pbx, std::move(request)).has_value());
    pbx.loop.advance(5s);
    std::ranges::sort(lines);
    EXPECT_EQ(lines, (std::vector<std::string>{"Local/1@default-00000000;1> Wait(2) 1 ANSWERED 2/2",
                                               "Local/1@default-00000000;2> Wait(10) 1 ANSWERED 2/2"}));
    EXPECT_EQ(backend->all[1].field("accountcode", {}), "acc9");
}

TEST_F(CdrTest, batches) {
    configure("[general]\nunanswered = yes\nbatch = yes\nsize = 2\ntime = 60\n");
    pbx.extensions("[default]\nexten => 1,1,Hangup()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    EXPECT_TRUE(lines.empty());
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    EXPECT_EQ(lines.size(), 2U);
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(61s);
    EXPECT_EQ(lines.size(), 3U);
}

TEST_F(CdrTest, csv_and_custom_files) {
    const auto folder = std::filesystem::temp_directory_path() / ("asterism-cdr-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    pbx.settings.log_dir = folder;
    configure(
        "[general]\nunanswered = yes\n[csv]\nusegmtime = yes\nloguniqueid = yes\nloguserfield = yes\n"
        "newcdrcolumns = yes\n");
    configure("[mappings]\nMine.csv => ${CSV_QUOTE(${CDR(clid)})},${CDR(billsec)},${CDR(nosuch)}\n", "cdr_custom.conf");
    pbx.extensions(
        "[default]\nexten => 1,1,Set(CDR(accountcode)=acc)\n same => n,Answer()\n same => n,Wait(2)\n"
        "exten => 2,1,Set(CDR(accountcode)=../x)\n same => n,Hangup()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(5s);
    pbx.phones.call_in("b", "default", "2");
    pbx.loop.run();
    const auto read = [&](const char* name) {
        std::ifstream in(folder / name);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const std::string first =
        "\"acc\",\"1000\",\"1\",\"default\",\"\"\"a\"\" <1000>\",\"Test/a-00000000\",\"\",\"Wait\",\"2\","
        "\"2026-11-21 19:11:45\",\"2026-11-21 19:11:45\",\"2026-11-21 19:11:47\",2,2,\"ANSWERED\",\"DOCUMENTATION\","
        "\"1795288305.0\",\"\",\"\",\"1795288305.0\",0\n";
    EXPECT_EQ(read("cdr-csv/acc.csv"), first);
    EXPECT_TRUE(read("cdr-csv/Master.csv").starts_with(first));
    EXPECT_NE(read("cdr-csv/Master.csv").find("\"2026-11-21 19:11:50\",,\"2026-11-21 19:11:50\",0,0,"),
              std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder / "x.csv"));
    EXPECT_TRUE(read("cdr-custom/Mine.csv").starts_with("\"\"\"a\"\" <1000>\",2,\n"));
    std::filesystem::remove_all(folder);
}

TEST_F(CdrTest, the_managers_event) {
    std::vector<std::string> seen;
    const auto subscription = pbx.bus.subscribe([&](const Event& event) {
        if (event.kind != EventKind::generic) return;
        for (const auto& [name, value] : as<GenericEvent>(event).headers) seen.push_back(name + ": " + value);
    });
    configure("[general]\nenabled = yes\n[mappings]\nrate => Rate\n", "cdr_manager.conf");
    pbx.extensions("[default]\nexten => 1,1,Set(CDR(rate)=7)\n same => n,Hangup()\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    ASSERT_EQ(seen.size(), 19U);
    EXPECT_EQ(seen[10], "AnswerTime: ");
    EXPECT_EQ(seen[14], "Disposition: NO ANSWER");
    EXPECT_EQ(seen[18], "Rate: 7");
}

TEST(CdrConfig, mistakes_are_errors) {
    const auto wrong = [](const std::string& name, const std::string& text) {
        config::Report report;
        config::MapSource source;
        source.files["/" + name] = text;
        const auto file = config::read(source, name, {.directory = "/"}, report);
        Records::check(name, *file, report);
        return !report.ok();
    };
    EXPECT_TRUE(wrong("cdr.conf", "[general]\nenable = perhaps\n"));
    EXPECT_TRUE(wrong("cdr.conf", "[general]\nsize = 0\n"));
    EXPECT_TRUE(wrong("cel.conf", "[general]\nevents = NOTHING\n"));
    EXPECT_TRUE(wrong("cdr_custom.conf", "[mappings]\n../x => 1\n"));
    EXPECT_TRUE(wrong("cdr_sqlite3_custom.conf", "[master]\ncolumns => a,b\nvalues => '1'\n"));
    EXPECT_FALSE(wrong("cdr_sqlite3_custom.conf", "[master]\ncolumns => a,b\nvalues => '${CDR(start,u)}','x'\n"));
}

}  // namespace
}  // namespace asterism::records
