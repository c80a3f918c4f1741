// switch => Realtime: extensions in a table, searched by calls in virtual time.
#include "asterism/dialplan/realtime_extensions.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "asterism/store/realtime.hpp"
#include "asterism/store/sql.hpp"
#include "support/test_pbx.hpp"

namespace asterism {
namespace {

class RealtimeExtensionsTest : public testing::Test {
  protected:
    RealtimeExtensionsTest() {
        pbx.dialplan.set_outside(&outside);
        database = std::make_shared<store::SqlDatabase>(store::sqlite_connector(":memory:", 100ms), 1);
        run("CREATE TABLE extensions (id INTEGER PRIMARY KEY, context TEXT, exten TEXT, priority INTEGER, app TEXT, "
            "appdata TEXT)");
        realtime.set_drivers("sqlite3", {{"main", store::make_sql_driver(database)}});
        config::MapSource source;
        source.files["/extconfig.conf"] = "[settings]\nextensions => sqlite3,main\nother => sqlite3,main,extensions\n";
        config::Report report;
        const auto file = config::read(source, "extconfig.conf", {.directory = "/"}, report);
        realtime.configure(&*file, report);
        using dialplan::AppResult;
        pbx.applications.add(
            {.name = "Note", .synopsis = "", .syntax = "", .run_now = [this](Channel& channel, std::string_view data) {
                 ran.push_back(channel.location().exten + ":" + std::string(data));
                 return AppResult::go_on();
             }});
        pbx.applications.add(
            {.name = "Goto", .synopsis = "", .syntax = "", .run_now = [](Channel& channel, std::string_view data) {
                 return dialplan::go_to(channel, data) ? AppResult::go_on() : AppResult::hang_up();
             }});
    }
    void run(const std::string& statement) {
        const auto done = database->run(statement);
        ASSERT_TRUE(done) << done.error();
    }
    void row(const std::string& context, const std::string& exten, int priority, const std::string& app,
             const std::string& data = {}) {
        run("INSERT INTO extensions (context, exten, priority, app, appdata) VALUES ('" + context + "', '" + exten +
            "', " + std::to_string(priority) + ", '" + app + "', '" + data + "')");
    }
    /// Runs a call to its end; what it noted.
    std::vector<std::string> call(const std::string& exten) {
        ran.clear();
        pbx.phones.call_in("a", "default", exten);
        pbx.loop.run();
        return ran;
    }
    using Ran = std::vector<std::string>;
    TestPbx pbx;
    std::shared_ptr<store::SqlDatabase> database;
    store::Realtime realtime{pbx.loop};
    dialplan::RealtimeExtensions outside{pbx.loop, realtime};
    Ran ran;
};

TEST_F(RealtimeExtensionsTest, names_then_patterns_priority_by_priority) {
    pbx.extensions("[default]\nexten => 9,1,Note(own)\nswitch => Realtime/people\n");
    row("people", "100", 1, "Note", "${EXTEN} in ${CONTEXT}");
    row("people", "100", 2, "Note", "two");
    row("people", "_1XX", 1, "Note", "pattern");
    row("people", "_1XX", 3, "Note", "three");
    row("people", "1%", 1, "Note", "no pattern of LIKE");
    row("strangers", "200", 1, "Note", "not mine");
    EXPECT_EQ(call("100"), (Ran{"100:100 in default", "100:two", "100:three"}));
    EXPECT_EQ(call("101"), (Ran{"101:pattern"}));
    EXPECT_EQ(call("9"), (Ran{"9:own"}));
    EXPECT_EQ(call("200"), Ran{});
    EXPECT_EQ(pbx.channels.size(), 0U);
}

TEST_F(RealtimeExtensionsTest, a_change_holds_a_second_later) {
    pbx.extensions("[default]\nswitch => Realtime/@other\n");
    EXPECT_EQ(call("5"), Ran{});
    row("default", "5", 1, "Note", "new");
    pbx.loop.advance(2s);
    EXPECT_EQ(call("5"), (Ran{"5:new"}));
    run("UPDATE extensions SET appdata = 'newer'");
    pbx.loop.advance(2s);
    EXPECT_EQ(call("5"), (Ran{"5:newer"}));
}

TEST_F(RealtimeExtensionsTest, option_p_leaves_patterns_out_and_includes_come_after) {
    pbx.extensions(
        "[default]\nswitch => Realtime/people@extensions/p\ninclude => rest\n[rest]\nexten => _X,1,Note(rest)\n");
    row("people", "_X", 1, "Note", "pattern");
    row("people", "2", 1, "Note", "name");
    EXPECT_EQ(call("1"), (Ran{"1:rest"}));
    EXPECT_EQ(call("2"), (Ran{"2:name"}));
}

TEST_F(RealtimeExtensionsTest, jumps_and_the_special_extensions_lie_there_too) {
    pbx.extensions("[default]\nexten => 1,1,Goto(2,1)\nswitch => Realtime/\n");
    row("default", "2", 1, "Note", "two");
    row("default", "2", 2, "Goto", "3,1");
    row("default", "i", 1, "Note", "invalid ${INVALID_EXTEN}");
    row("default", "h", 1, "Note", "over");
    EXPECT_EQ(call("1"), (Ran{"2:two", "i:invalid 3", "h:over"}));
}

TEST_F(RealtimeExtensionsTest, who_asks_without_waiting_is_told_yes_until_it_is_known) {
    pbx.extensions("[default]\nswitch => Realtime/\n");
    const dialplan::Plan::Query query{.context = "default", .exten = "7", .caller = {}, .now = {}};
    EXPECT_TRUE(pbx.dialplan.plan()->exists(query));
    EXPECT_FALSE(pbx.dialplan.plan()->find(query));
    EXPECT_EQ(call("7"), Ran{});
    EXPECT_FALSE(pbx.dialplan.plan()->exists(query));
    EXPECT_TRUE(pbx.phones.told("Test/a-00000000 hangup 1"));
}

TEST_F(RealtimeExtensionsTest, digits_are_collected_as_long_as_the_table_has_more) {
    pbx.extensions("[default]\nexten => s,1,Type\nswitch => Realtime/\n");
    row("default", "12", 1, "Note", "short");
    row("default", "_13X", 1, "Note", "pattern");
    pbx.applications.add({.name = "Type",
                          .synopsis = "",
                          .syntax = "",
                          .run = [this](Channel& channel, std::string) -> Task<dialplan::AppResult> {
                              const auto typed = co_await dialplan::collect_extension(channel, "default", "", 5s);
                              ran.push_back(typed.digits);
                              co_return dialplan::AppResult::hang_up();
                          }});
    for (const std::string digits : {"125", "1345", "4"}) {
        Channel& channel = pbx.phones.call_in("a", "default", "s");
        pbx.loop.run();
        for (const char digit : digits) {
            channel.digit_end(digit, 100ms);
            pbx.loop.run();
            if (pbx.channels.size() == 0) break;
        }
    }
    EXPECT_EQ(ran, (Ran{"12", "134", "4"}));
}

TEST_F(RealtimeExtensionsTest, a_database_that_fails_has_no_extensions) {
    pbx.extensions("[default]\nexten => 1,1,Note(own)\nswitch => Realtime/@nowhere\n");
    EXPECT_EQ(call("1"), (Ran{"1:own"}));
    EXPECT_EQ(call("2"), Ran{});
}

TEST_F(RealtimeExtensionsTest, an_unknown_option_is_a_warning) {
    config::Report report;
    config::MapSource source;
    source.files["/extensions.conf"] = "[default]\nswitch => Realtime/a@b/x\n";
    const auto file = config::read(source, "extensions.conf", {.directory = "/"}, report);
    (void)dialplan::Plan::from(*file, report);
    EXPECT_NE(report.text().find("there is no option 'x'"), std::string::npos) << report.text();
}

}  // namespace
}  // namespace asterism
