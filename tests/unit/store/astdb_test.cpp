#include "asterism/store/astdb.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

#include "support/test_loop.hpp"

namespace asterism::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Database : testing::Test {
    std::filesystem::path directory;
    std::string path;
    TestLoop loop;

    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "astdbXXXXXX").string();
        directory = ::mkdtemp(name.data());
        path = (directory / "astdb.sqlite3").string();
    }
    void TearDown() override { std::filesystem::remove_all(directory); }
};

TEST_F(Database, KeepsFamiliesAndKeys) {
    AstDb db(loop, "");
    EXPECT_TRUE(db.put("cidname", "100", "Alice"));
    EXPECT_TRUE(db.put("cidname", "200", "Bob"));
    EXPECT_TRUE(db.put("cidnames", "100", "other"));
    EXPECT_TRUE(db.put("a/b", "c/d", "deep"));
    EXPECT_EQ(db.get("cidname", "100"), "Alice");
    EXPECT_EQ(db.get("a", "b/c/d"), "deep");
    EXPECT_FALSE(db.get("cidname", "300"));
    EXPECT_FALSE(db.put("", "x", "y"));
    EXPECT_FALSE(db.put("f", std::string(300, 'k'), "y"));
    EXPECT_THAT(db.tree("cidname"), ElementsAre(Pair("/cidname/100", "Alice"), Pair("/cidname/200", "Bob")));
    EXPECT_THAT(db.tree("a", "b"), ElementsAre(Pair("/a/b/c/d", "deep")));
    EXPECT_THAT(db.with_key("100"), ElementsAre(Pair("/cidname/100", "Alice"), Pair("/cidnames/100", "other")));
    EXPECT_TRUE(db.del("cidname", "100"));
    EXPECT_FALSE(db.del("cidname", "100"));
    EXPECT_EQ(db.del_tree("cidname"), 1u);
    EXPECT_EQ(db.del_tree("cidname"), 0u);
    EXPECT_EQ(db.del_tree(""), 2u);
    EXPECT_THAT(db.tree(), IsEmpty());
}

TEST_F(Database, SurvivesAStop) {
    {
        AstDb db(loop, path);
        for (int i = 0; i < 3000; ++i) db.put("many", std::to_string(i), "v");
        db.put("f", "k", "first");
        db.put("f", "k", "it's \"last\"");
        db.del("many", "7");
        loop.run();
        db.put("f", "late", "1");
    }
    AstDb db(loop, path);
    EXPECT_EQ(db.get("f", "k"), "it's \"last\"");
    EXPECT_EQ(db.get("f", "late"), "1");
    EXPECT_FALSE(db.exists("many", "7"));
    EXPECT_EQ(db.size(), 3001u);
}

TEST_F(Database, WritesBehindWithoutBeingAsked) {
    AstDb db(loop, path);
    db.put("f", "k", "v");
    loop.run();
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
    int rows = 0;
    const auto count = [](void* n, int, char** v, char**) {
        *static_cast<int*>(n) += std::string(v[0]) == "/f/k" && std::string(v[1]) == "v";
        return 0;
    };
    sqlite3_exec(raw, "SELECT key, value FROM astdb", count, &rows, nullptr);
    sqlite3_close(raw);
    EXPECT_EQ(rows, 1);
}

TEST_F(Database, GoesOnInMemoryWhenTheFileIsNoDatabase) {
    AstDb db(loop, directory.string());
    EXPECT_TRUE(db.put("f", "k", "v"));
    loop.run();
    EXPECT_EQ(db.get("f", "k"), "v");
}

}  // namespace
}  // namespace asterism::store
