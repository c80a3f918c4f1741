// Databases by SQL: SQLite, PostgreSQL and whatever unixODBC reaches, behind one small door.
//
// Everything here waits for the disk or the network: it is called on the blocking pool only, from any of its threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::store {

struct SqlResult {
    std::vector<std::string> columns{};
    std::vector<std::vector<std::optional<std::string>>> rows{};  ///< nothing: NULL
    std::int64_t affected = 0;                                    ///< rows that a statement changed
    std::string inserted_id{};                                    ///< of a row that was added, where the database says
};

/// More rows than these are not fetched.
inline constexpr std::size_t max_rows = 10'000;

/// One connection: one statement at a time.
class SqlConnection {
  public:
    virtual ~SqlConnection() = default;
    /// Runs one statement whose `?` stand for `values` in their order. The error is the database's.
    virtual std::expected<SqlResult, std::string> run(std::string_view statement,
                                                      const std::vector<std::string>& values) = 0;
    /// False: the connection is lost, and another is to be made.
    [[nodiscard]] virtual bool alive() = 0;
    /// A name as the database wants it written.
    [[nodiscard]] virtual std::string quoted_name(std::string_view name) const = 0;
    /// What follows a LIKE so that a backslash takes % and _ for what they are.
    [[nodiscard]] virtual std::string_view like_escape() const { return " ESCAPE '\\'"; }
};

using SqlConnector = std::function<std::expected<std::unique_ptr<SqlConnection>, std::string>()>;

/// A database with a few connections, made when they are first needed.
class SqlDatabase {
  public:
    SqlDatabase(SqlConnector connect, std::size_t max_connections);
    ~SqlDatabase();
    SqlDatabase(const SqlDatabase&) = delete;
    SqlDatabase& operator=(const SqlDatabase&) = delete;

    /// On a connection that is free; waits for one while all work. Connects again once if the connection was lost.
    std::expected<SqlResult, std::string> run(std::string_view statement, const std::vector<std::string>& values = {});
    /// `make` gives the statement for the connection that was found: names are quoted as it wants them.
    using Maker = std::function<std::string(const SqlConnection&)>;
    std::expected<SqlResult, std::string> run(const Maker& make, const std::vector<std::string>& values);

  private:
    struct Pool;
    std::unique_ptr<Pool> pool_;
};

/// `busy`: how long to wait for another program's lock.
[[nodiscard]] SqlConnector sqlite_connector(std::string file, std::chrono::milliseconds busy);
/// `info`: libpq's "host=... dbname=...".
[[nodiscard]] SqlConnector postgres_connector(std::string info);

struct OdbcSettings {
    std::string dsn, user, password;
    std::chrono::seconds connect_timeout{10};
    std::string sanity_sql;  ///< run on a connection that was idle, to see whether it lives
};
[[nodiscard]] SqlConnector odbc_connector(OdbcSettings settings);

}  // namespace asterism::store
