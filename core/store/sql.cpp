#include "asterism/store/sql.hpp"

#include <condition_variable>
#include <mutex>

namespace asterism::store {

struct SqlDatabase::Pool {
    SqlConnector connect;
    std::size_t most;
    std::mutex mutex{};
    std::condition_variable freed{};
    std::vector<std::unique_ptr<SqlConnection>> idle{};
    std::size_t working = 0;

    /// Waits for its turn; an idle connection, or null: one is to be made.
    std::unique_ptr<SqlConnection> take() {
        std::unique_lock lock(mutex);
        freed.wait(lock, [this] { return working < most; });
        ++working;
        if (idle.empty()) return nullptr;
        auto connection = std::move(idle.back());
        idle.pop_back();
        return connection;
    }
    void give(std::unique_ptr<SqlConnection> connection) {
        const std::lock_guard lock(mutex);
        --working;
        if (connection) idle.push_back(std::move(connection));
        freed.notify_one();
    }
};

SqlDatabase::SqlDatabase(SqlConnector connect, std::size_t max_connections)
    : pool_(new Pool{.connect = std::move(connect), .most = max_connections ? max_connections : 1}) {}
SqlDatabase::~SqlDatabase() = default;

std::expected<SqlResult, std::string> SqlDatabase::run(std::string_view statement,
                                                       const std::vector<std::string>& values) {
    return run([statement](const SqlConnection&) { return std::string(statement); }, values);
}

std::expected<SqlResult, std::string> SqlDatabase::run(const Maker& make, const std::vector<std::string>& values) {
    struct Turn {
        Pool& pool;
        std::unique_ptr<SqlConnection> connection;
        ~Turn() { pool.give(std::move(connection)); }
    } turn{*pool_, pool_->take()};
    for (bool fresh = false;;) {
        if (!turn.connection) {
            auto made = pool_->connect();
            if (!made) return std::unexpected(made.error());
            turn.connection = std::move(*made);
            fresh = true;
        }
        auto result = turn.connection->run(make(*turn.connection), values);
        if (result || turn.connection->alive()) return result;
        turn.connection.reset();
        if (fresh) return result;
    }
}

}  // namespace asterism::store
