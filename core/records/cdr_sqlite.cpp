// cdr_sqlite3_custom: records as rows of a table in master.db, written on the blocking pool.
#include <sqlite3.h>

#include <deque>
#include <mutex>

#include "asterism/config/settings.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"
#include "core/records/cdr_backends.hpp"

namespace asterism::records {

namespace {

/// A name as SQL takes it: quoted, quotes doubled.
std::string sql_name(std::string_view name) {
    std::string text;
    append_quoted(text, name);
    return text;
}

/// The database and what is still to be written; used on one thread of the pool at a time.
class Database {
  public:
    Database(std::string path, const SqliteSettings& settings) : path_(std::move(path)) {
        std::string columns, places;
        for (const auto& column : settings.columns) {
            columns += (columns.empty() ? "" : ", ") + sql_name(column);
            places += places.empty() ? "?" : ", ?";
        }
        const std::string table = sql_name(settings.table);
        create_ = "CREATE TABLE IF NOT EXISTS " + table + " (AcctId INTEGER PRIMARY KEY, " + columns + ")";
        insert_ = "INSERT INTO " + table + " (" + columns + ") VALUES (" + places + ")";
        busy_timeout_ = std::chrono::duration_cast<std::chrono::milliseconds>(settings.busy_timeout);
    }
    ~Database() { sqlite3_close(handle_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void add(std::vector<std::string> row, Loop& loop, const std::shared_ptr<Database>& self) {
        {
            const std::scoped_lock lock(mutex_);
            rows_.push_back(std::move(row));
            if (std::exchange(running_, true)) return;
        }
        loop.blocking([self] { self->drain(); }, [] {});
    }

  private:
    void drain() {
        std::unique_lock lock(mutex_);
        while (!rows_.empty()) {
            const auto row = std::move(rows_.front());
            rows_.pop_front();
            lock.unlock();
            if (!store(row)) log::error("Unable to write a CDR to {}: {}", path_, sqlite3_errmsg(handle_));
            lock.lock();
        }
        running_ = false;
    }
    bool open() {
        if (handle_ != nullptr) return true;
        if (sqlite3_open(path_.c_str(), &handle_) != SQLITE_OK) return false;
        sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout_.count()));
        return sqlite3_exec(handle_, create_.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    }
    bool store(const std::vector<std::string>& row) {
        sqlite3_stmt* statement = nullptr;
        if (!open() || sqlite3_prepare_v2(handle_, insert_.c_str(), -1, &statement, nullptr) != SQLITE_OK) return false;
        for (std::size_t i = 0; i < row.size(); ++i) {
            sqlite3_bind_text(statement, static_cast<int>(i + 1), row[i].data(), static_cast<int>(row[i].size()),
                              SQLITE_STATIC);
        }
        const bool done = sqlite3_step(statement) == SQLITE_DONE;
        sqlite3_finalize(statement);
        return done;
    }

    std::string path_, create_, insert_;
    std::chrono::milliseconds busy_timeout_{};
    sqlite3* handle_ = nullptr;
    std::mutex mutex_;
    std::deque<std::vector<std::string>> rows_;
    bool running_ = false;
};

class Sqlite final : public CdrBackend {
  public:
    Sqlite(Pbx& pbx, SqliteSettings settings)
        : pbx_(pbx),
          database_(std::make_shared<Database>(pbx.settings->log_dir + "/master.db", settings)),
          values_(std::move(settings.values)) {}
    [[nodiscard]] std::string_view name() const override { return "cdr_sqlite3_custom"; }
    void write(const Cdr& record) override {
        std::vector<std::string> row;
        for (const auto& value : values_) row.push_back(text_of(pbx_, value, record));
        database_->add(std::move(row), *pbx_.loop, database_);
    }

  private:
    Pbx& pbx_;
    std::shared_ptr<Database> database_;
    std::vector<dialplan::Template> values_;
};

}  // namespace

std::unique_ptr<CdrBackend> sqlite_backend(Pbx& pbx, SqliteSettings settings) {
    return std::make_unique<Sqlite>(pbx, std::move(settings));
}

}  // namespace asterism::records
