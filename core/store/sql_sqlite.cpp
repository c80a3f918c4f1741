#include <sqlite3.h>

#include "asterism/store/sql.hpp"

namespace asterism::store {
namespace {

struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class Sqlite final : public SqlConnection {
  public:
    explicit Sqlite(std::unique_ptr<sqlite3, Close> database) : database_(std::move(database)) {}

    std::expected<SqlResult, std::string> run(std::string_view text, const std::vector<std::string>& values) override {
        sqlite3_stmt* raw = nullptr;
        if (sqlite3_prepare_v2(database_.get(), text.data(), static_cast<int>(text.size()), &raw, nullptr) != SQLITE_OK)
            return std::unexpected(sqlite3_errmsg(database_.get()));
        const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
        for (std::size_t i = 0; i < values.size(); ++i)
            sqlite3_bind_text(raw, static_cast<int>(i + 1), values[i].data(), static_cast<int>(values[i].size()),
                              SQLITE_STATIC);
        SqlResult result;
        const int columns = sqlite3_column_count(raw);
        for (int i = 0; i < columns; ++i) result.columns.emplace_back(sqlite3_column_name(raw, i));
        int step = SQLITE_ROW;
        while (result.rows.size() < max_rows && (step = sqlite3_step(raw)) == SQLITE_ROW) {
            auto& row = result.rows.emplace_back();
            for (int i = 0; i < columns; ++i) {
                const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(raw, i));
                if (bytes)
                    row.emplace_back(std::in_place, bytes, static_cast<std::size_t>(sqlite3_column_bytes(raw, i)));
                else
                    row.emplace_back();
            }
        }
        if (step != SQLITE_DONE && step != SQLITE_ROW) return std::unexpected(sqlite3_errmsg(database_.get()));
        result.affected = columns ? static_cast<std::int64_t>(result.rows.size()) : sqlite3_changes64(database_.get());
        result.inserted_id = std::to_string(sqlite3_last_insert_rowid(database_.get()));
        return result;
    }
    [[nodiscard]] bool alive() override { return true; }
    [[nodiscard]] std::string quoted_name(std::string_view name) const override {
        return "\"" + std::string(name) + "\"";
    }

  private:
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace

SqlConnector sqlite_connector(std::string file, std::chrono::milliseconds busy) {
    return [file = std::move(file), busy]() -> std::expected<std::unique_ptr<SqlConnection>, std::string> {
        sqlite3* raw = nullptr;
        const int opened = sqlite3_open_v2(file.c_str(), &raw,
                                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
        std::unique_ptr<sqlite3, Close> database(raw);
        if (opened != SQLITE_OK) return std::unexpected(file + ": " + (raw ? sqlite3_errmsg(raw) : "out of memory"));
        sqlite3_busy_timeout(raw, static_cast<int>(busy.count()));
        return std::make_unique<Sqlite>(std::move(database));
    };
}

}  // namespace asterism::store
