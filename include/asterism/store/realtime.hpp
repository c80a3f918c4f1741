// Realtime: rows of outside databases under the names ("families") that extconfig.conf gives them.
//
//   auto rows = co_await realtime.find("queues", {{.field = "name", .value = "sales"}}, 1);
//
// extconfig.conf says which driver and which table; res_config_sqlite3.conf, res_pgsql.conf and res_odbc.conf say where
// the databases are.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::store {

class SqlDatabase;

struct RealtimeField {
    std::string name, value;
    bool operator==(const RealtimeField&) const = default;
};
/// A row's fields in the order of the table's columns; those that are NULL are left out.
using RealtimeRow = std::vector<RealtimeField>;
using RealtimeRows = std::vector<RealtimeRow>;

/// `field` may be followed by a comparison: "name", "name LIKE", "priority >=".
struct RealtimeCondition {
    std::string field, value;
};
using RealtimeConditions = std::vector<RealtimeCondition>;

/// Where rows come from. Called on the blocking pool, from several threads. The error says what went wrong.
class RealtimeDriver {
  public:
    virtual ~RealtimeDriver() = default;
    /// At most `most` rows that fit all conditions, in order of the first condition's field where it compares by more
    /// than equality.
    virtual std::expected<RealtimeRows, std::string> find(const std::string& table,
                                                          const RealtimeConditions& conditions, std::size_t most) = 0;
    /// Gives the new row's id where the database knows one.
    virtual std::expected<std::string, std::string> insert(const std::string& table, const RealtimeRow& row) = 0;
    /// How many rows changed.
    virtual std::expected<std::size_t, std::string> update(const std::string& table,
                                                           const RealtimeConditions& conditions,
                                                           const RealtimeRow& values) = 0;
    virtual std::expected<std::size_t, std::string> remove(const std::string& table,
                                                           const RealtimeConditions& conditions) = 0;
};

[[nodiscard]] std::shared_ptr<RealtimeDriver> make_sql_driver(std::shared_ptr<SqlDatabase> database);

/// Owned by main; control loop only.
class Realtime {
  public:
    explicit Realtime(Loop& loop) : loop_(loop) {}
    Realtime(const Realtime&) = delete;
    Realtime& operator=(const Realtime&) = delete;

    /// The databases of one kind ("sqlite3", "pgsql", "odbc") by the names that extconfig.conf uses.
    using Drivers = std::map<std::string, std::shared_ptr<RealtimeDriver>, std::less<>>;
    void set_drivers(std::string_view kind, Drivers drivers);
    /// extconfig.conf; null: no families. Nothing changes if the report has errors.
    void configure(const config::File* file, config::Report& report);

    [[nodiscard]] bool has(std::string_view family) const;
    /// "odbc,asterisk,table" of a family, for `core show config mappings`; sorted.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> mappings() const;

    // Where a family has several databases, the next one is asked when one fails.
    Task<std::expected<RealtimeRows, std::string>> find(std::string family, RealtimeConditions conditions,
                                                        std::size_t most);
    Task<std::expected<std::string, std::string>> insert(std::string family, RealtimeRow row);
    Task<std::expected<std::size_t, std::string>> update(std::string family, RealtimeConditions conditions,
                                                         RealtimeRow values);
    Task<std::expected<std::size_t, std::string>> remove(std::string family, RealtimeConditions conditions);

  private:
    struct Mapping {
        std::string kind, database, table;
        int priority = 1;
    };
    struct Target {
        std::shared_ptr<RealtimeDriver> driver;
        std::string table;
    };
    [[nodiscard]] std::expected<std::vector<Target>, std::string> targets(const std::string& family) const;
    /// What `what` gives of the first of the family's databases with which it doesn't fail; it runs off the loop.
    template <class F>
    Task<std::invoke_result_t<F&, const Target&>> on_pool(std::string family, F what) const;

    Loop& loop_;
    std::map<std::string, Drivers, std::less<>> drivers_;
    std::map<std::string, std::vector<Mapping>, std::less<>> families_;
};

/// The databases of res_config_sqlite3.conf, res_pgsql.conf and res_odbc.conf. Null: there is no such file.
[[nodiscard]] Realtime::Drivers sqlite_drivers(const config::File* file, config::Report& report);
[[nodiscard]] Realtime::Drivers postgres_drivers(const config::File* file, config::Report& report);
/// The ODBC databases themselves, for func_odbc.conf.
using OdbcDatabases = std::map<std::string, std::shared_ptr<SqlDatabase>, std::less<>>;
[[nodiscard]] OdbcDatabases odbc_databases(const config::File* file, config::Report& report);
[[nodiscard]] Realtime::Drivers odbc_drivers(const OdbcDatabases& databases);

}  // namespace asterism::store
