// Realtime on SQLite, directly and through ODBC, with its configuration.
#include "asterism/store/realtime.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include "asterism/config/map_source.hpp"
#include "asterism/store/sql.hpp"
#include "support/test_loop.hpp"

namespace asterism::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

struct RealtimeTest : testing::Test {
    RealtimeTest() {
        std::string name = (std::filesystem::temp_directory_path() / "realtimeXXXXXX").string();
        directory = ::mkdtemp(name.data());
        path = directory + "/r.sqlite3";
        EXPECT_TRUE(database().run("CREATE TABLE people (name TEXT PRIMARY KEY, number TEXT, age INTEGER, note TEXT)"));
        EXPECT_TRUE(database().run("INSERT INTO people VALUES ('bob', '200', 30, NULL), ('alice', '100', 20, 'x,y')"));
    }
    ~RealtimeTest() override { std::filesystem::remove_all(directory); }
    SqlDatabase& database() {
        if (!database_) database_ = std::make_unique<SqlDatabase>(sqlite_connector(path, 1000ms), 2);
        return *database_;
    }
    const config::File* file(const std::string& text) {
        config::MapSource source;
        source.files["/f.conf"] = text;
        files_.push_back(config::read(source, "f.conf", {.directory = "/"}, report).value_or(config::File{}));
        return &files_.back();
    }
    void configure(const std::string& extconfig, const std::string& databases) {
        realtime.set_drivers("sqlite3", sqlite_drivers(file(databases), report));
        realtime.configure(file(extconfig), report);
    }
    template <class T>
    T wait(Task<T> task) {
        std::optional<T> result;
        TaskScope scope(loop);
        scope.spawn([](Task<T> what, std::optional<T>& out) -> Task<void> { out.emplace(co_await std::move(what)); }(
                                                                std::move(task), result));
        loop.run();
        EXPECT_TRUE(result);
        return std::move(*result);
    }
    std::string directory, path;
    config::Report report;
    TestLoop loop;
    Realtime realtime{loop};

  private:
    std::unique_ptr<SqlDatabase> database_;
    std::deque<config::File> files_;
};

TEST_F(RealtimeTest, FindsAddsChangesAndRemovesRows) {
    configure("[settings]\nfriends => sqlite3,main,people\n", "[main]\ndbfile=" + path + "\n");
    EXPECT_TRUE(report.ok()) << report.text();
    EXPECT_TRUE(realtime.has("friends"));
    EXPECT_FALSE(realtime.has("people"));
    auto rows = wait(realtime.find("friends", {{"name", "alice"}}, 10));
    ASSERT_TRUE(rows) << rows.error();
    EXPECT_THAT(*rows, ElementsAre(RealtimeRow{{"name", "alice"}, {"number", "100"}, {"age", "20"}, {"note", "x,y"}}));
    rows = wait(realtime.find("friends", {{"name LIKE", "%"}, {"age >", "10"}}, 10));
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ((*rows)[0][0].value, "alice");
    EXPECT_EQ((*rows)[1], (RealtimeRow{{"name", "bob"}, {"number", "200"}, {"age", "30"}}));
    EXPECT_EQ(wait(realtime.insert("friends", {{"name", "eve"}, {"number", "'; DROP TABLE people; --"}})), "3");
    EXPECT_EQ(wait(realtime.update("friends", {{"name", "eve"}}, {{"age", "7"}})), 1u);
    EXPECT_EQ(wait(realtime.update("friends", {{"name", "nobody"}}, {{"age", "7"}})), 0u);
    EXPECT_EQ(wait(realtime.remove("friends", {{"age <", "10"}})), 1u);
    EXPECT_EQ(wait(realtime.find("friends", {{"name", "eve"}}, 1))->size(), 0u);
}

TEST_F(RealtimeTest, RefusesWhatIsNoName) {
    configure("[settings]\nfriends => sqlite3,main,people\nodd => sqlite3,main,a;b\n", "[main]\ndbfile=" + path + "\n");
    EXPECT_FALSE(wait(realtime.find("friends", {{"name = 1 OR 1", "x"}}, 1)));
    EXPECT_FALSE(wait(realtime.find("friends", {{"na\"me", "x"}}, 1)));
    EXPECT_FALSE(wait(realtime.find("odd", {{"name", "x"}}, 1)));
    EXPECT_FALSE(wait(realtime.insert("friends", {})));
    EXPECT_FALSE(wait(realtime.remove("friends", {})));
    EXPECT_FALSE(wait(realtime.find("friends", {{"nocolumn", "x"}}, 1)) &&
                 wait(realtime.find("friends", {{"nocolumn", "x"}}, 1))->size() > 0);
    EXPECT_THAT(wait(realtime.find("none", {{"name", "x"}}, 1)).error(), HasSubstr("no family"));
}

TEST_F(RealtimeTest, TheNextDatabaseIsAskedWhenOneFails) {
    configure("[settings]\npeople => sqlite3,main,people,2\npeople => sqlite3,broken,people,1\n",
              "[main]\ndbfile=" + path + "\n[broken]\ndbfile=/nowhere/x\n");
    EXPECT_EQ(wait(realtime.find("people", {{"name", "bob"}}, 1))->size(), 1u);
}

TEST_F(RealtimeTest, Configuration) {
    configure("[settings]\nbad => sqlite3\n", "[main]\ndbfile=" + path + "\n");
    EXPECT_FALSE(report.ok());
    EXPECT_FALSE(realtime.has("bad"));
    report = {};
    (void)sqlite_drivers(file("[empty]\n"), report);
    EXPECT_THAT(report.text(), HasSubstr("needs dbfile"));
    report = {};
    configure("[settings]\nx => mysql,general\nsip.conf => odbc,a\ny => sqlite3,other\n", "");
    EXPECT_TRUE(report.ok());
    EXPECT_THAT(report.text(), HasSubstr("no driver 'mysql'"));
    EXPECT_THAT(report.text(), HasSubstr("sip.conf"));
    EXPECT_THAT(wait(realtime.find("y", {{"a", "b"}}, 1)).error(), HasSubstr("not configured"));
    report = {};
    EXPECT_EQ(postgres_drivers(file("[general]\ndbhost=127.0.14.9\ndbname=calls\n"), report).size(), 2u);
    EXPECT_EQ(odbc_databases(file("[one]\ndsn=x\n[two]\nenabled=no\n"), report).size(), 1u);
    EXPECT_TRUE(report.ok()) << report.text();
}

TEST_F(RealtimeTest, PostgresThatIsNotThere) {
    SqlDatabase none(postgres_connector("host=127.0.14.9 port=1 dbname=x connect_timeout=2"), 1);
    EXPECT_FALSE(none.run("SELECT 1"));
}

TEST_F(RealtimeTest, ThroughOdbc) {
#if __has_feature(address_sanitizer)
    GTEST_SKIP() << "unixODBC leaks what it read of its configuration";
#endif
    const std::string driver = "/usr/lib/x86_64-linux-gnu/odbc/libsqlite3odbc.so";
    if (!std::filesystem::exists(driver)) GTEST_SKIP() << "libsqliteodbc is not installed";
    std::ofstream(directory + "/odbc.ini") << "[people]\nDriver=" << driver << "\nDatabase=" << path << "\n";
    ::setenv("ODBCINI", (directory + "/odbc.ini").c_str(), 1);
    SqlDatabase odbc(odbc_connector({.dsn = "people", .user = {}, .password = {}, .sanity_sql = "select 1"}), 2);
    auto rows = odbc.run("SELECT name, note FROM people WHERE age < ? ORDER BY name", {"100"});
    ASSERT_TRUE(rows) << rows.error();
    EXPECT_THAT(rows->columns, ElementsAre("name", "note"));
    ASSERT_EQ(rows->rows.size(), 2u);
    EXPECT_EQ(rows->rows[0][1], "x,y");
    EXPECT_EQ(rows->rows[1][1], std::nullopt);
    EXPECT_EQ(odbc.run("UPDATE people SET note = ?", {std::string(9000, 'n')})->affected, 2);
    EXPECT_EQ(odbc.run("SELECT note FROM people")->rows[0][0], std::string(9000, 'n'));
    EXPECT_FALSE(odbc.run("SELECT nonsense FROM nowhere"));
    SqlDatabase none(odbc_connector({.dsn = "nobody", .user = {}, .password = {}, .sanity_sql = {}}), 1);
    EXPECT_FALSE(none.run("SELECT 1"));
    const auto sql = make_sql_driver(std::make_shared<SqlDatabase>(
        odbc_connector({.dsn = "people", .user = {}, .password = {}, .sanity_sql = {}}), 1));
    EXPECT_EQ(sql->find("people", {{"name", "bob"}}, 5)->size(), 1u);
    EXPECT_EQ(sql->remove("people", {{"name", "bob"}}), 1u);
}

}  // namespace
}  // namespace asterism::store
