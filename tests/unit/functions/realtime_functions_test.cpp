#include "asterism/store/realtime.hpp"

#include "asterism/config/map_source.hpp"
#include "unit/functions/function_test.hpp"

using namespace asterism;
using store::RealtimeConditions;
using store::RealtimeRow;
using store::RealtimeRows;

namespace {

/// One table in memory.
struct MemoryDriver : store::RealtimeDriver {
    static bool fits(const RealtimeRow& row, const RealtimeConditions& conditions) {
        return std::ranges::all_of(conditions, [&](const auto& condition) {
            return std::ranges::any_of(
                row, [&](const auto& f) { return f.name == condition.field && f.value == condition.value; });
        });
    }
    std::expected<RealtimeRows, std::string> find(const std::string&, const RealtimeConditions& conditions,
                                                  std::size_t most) override {
        if (broken) return std::unexpected("it is broken");
        RealtimeRows found;
        for (const auto& row : rows)
            if (found.size() < most && fits(row, conditions)) found.push_back(row);
        return found;
    }
    std::expected<std::string, std::string> insert(const std::string&, const RealtimeRow& row) override {
        if (broken) return std::unexpected("it is broken");
        rows.push_back(row);
        return std::to_string(rows.size());
    }
    std::expected<std::size_t, std::string> update(const std::string&, const RealtimeConditions& conditions,
                                                   const RealtimeRow& values) override {
        if (broken) return std::unexpected("it is broken");
        for (auto& row : rows)
            if (fits(row, conditions))
                for (auto& field : row)
                    if (field.name == values[0].name) field.value = values[0].value;
        return 1;
    }
    std::expected<std::size_t, std::string> remove(const std::string&, const RealtimeConditions& conditions) override {
        return std::erase_if(rows, [&](const auto& row) { return fits(row, conditions); });
    }
    RealtimeRows rows;
    bool broken = false;
};

class RealtimeFunctions : public FunctionTest {
  protected:
    RealtimeFunctions() {
        realtime.set_drivers("sqlite3", {{"main", driver}});
        config::MapSource source;
        source.files["/f.conf"] = "[settings]\npeople => sqlite3,main\n";
        config::Report report;
        const auto file = config::read(source, "f.conf", {.directory = "/"}, report);
        realtime.configure(&*file, report);
        functions::add_realtime_functions(pbx.functions, realtime);
        driver->rows = {{{"name", "bob"}, {"note", "a,b"}, {"age", "30"}}};
    }
    std::shared_ptr<MemoryDriver> driver = std::make_shared<MemoryDriver>();
    store::Realtime realtime{pbx.loop};
};

TEST_F(RealtimeFunctions, Reading) {
    EXPECT_EQ(read("${REALTIME(people,name,bob)}"), "name=bob,note=a,b,age=30");
    EXPECT_EQ(read("${REALTIME(people,name,bob,|,:)}"), "name:bob|note:a,b|age:30");
    EXPECT_EQ(read("${REALTIME(people,name,eve)}|${REALTIME()}|${REALTIME(people)}|${REALTIME(none,a,b)}"), "|||");
    EXPECT_EQ(read("${REALTIME_FIELD(people,name,bob,age)}|${REALTIME_FIELD(people,name,bob,no)}"), "30|");
    EXPECT_EQ(read("${REALTIME_FIELD(people,name,bob)}|${REALTIME_HASH(people)}"), "|");
    EXPECT_TRUE(set("HASH(h)", read("${REALTIME_HASH(people,name,bob)}")));
    EXPECT_EQ(read("${HASH(h,name)}|${HASH(h,note)}|${HASHKEYS(h)}"), "bob|a,b|name,note,age");
    driver->broken = true;
    EXPECT_EQ(read("${REALTIME(people,name,bob)}|${REALTIME_HASH(people,name,bob)}"), "|");
}

TEST_F(RealtimeFunctions, Writing) {
    EXPECT_TRUE(set("REALTIME(people,name,bob,age)", "31"));
    EXPECT_TRUE(set("REALTIME_FIELD(people,name,bob,note)", "n"));
    EXPECT_EQ(read("${REALTIME(people,name,bob)}"), "name=bob,note=n,age=31");
    EXPECT_TRUE(set("REALTIME_STORE(people,name,age)", "eve,\"1,5\""));
    EXPECT_EQ(read("${RTSTOREID} ${REALTIME(people,name,eve)}"), "2 name=eve,age=1,5");
    EXPECT_EQ(read("${REALTIME_DESTROY(people,name,eve)}|${REALTIME(people,name,eve)}"), "name=eve,age=1,5|");
    EXPECT_TRUE(set("REALTIME_DESTROY(people,name,bob)", ""));
    EXPECT_TRUE(driver->rows.empty());
    EXPECT_FALSE(set("REALTIME(people,name,bob)", "1"));
    EXPECT_FALSE(set("REALTIME_STORE(people)", "1"));
    EXPECT_FALSE(set("REALTIME_STORE(none,a)", "1"));
    EXPECT_FALSE(set("REALTIME_DESTROY(people)", ""));
}

}  // namespace
