#include "core/store/astdb_disk.hpp"

#include "asterism/runtime/log.hpp"

namespace asterism::store {

std::shared_ptr<AstDb::Disk> AstDb::Disk::open(const std::string& path, std::string& error) {
    auto disk = std::make_shared<Disk>();
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    const int result = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    disk->database_.reset(raw);
    if (result != SQLITE_OK) {
        error = raw ? sqlite3_errmsg(raw) : "out of memory";
        return nullptr;
    }
    sqlite3_busy_timeout(raw, 2000);
    // As Asterisk lays it out: either program can take over the other's file.
    if (disk->execute("CREATE TABLE IF NOT EXISTS astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))")) {
        disk->put_ = disk->prepare("INSERT OR REPLACE INTO astdb (key, value) VALUES (?1, ?2)");
        disk->del_ = disk->prepare("DELETE FROM astdb WHERE key = ?1");
    }
    if (!disk->put_ || !disk->del_) {
        error = sqlite3_errmsg(raw);
        return nullptr;
    }
    return disk;
}

bool AstDb::Disk::load(std::map<std::string, std::string, std::less<>>& into, std::string& error) {
    const std::lock_guard lock(mutex_);
    const Statement rows = prepare("SELECT key, value FROM astdb ORDER BY key");
    if (!rows) {
        error = sqlite3_errmsg(database_.get());
        return false;
    }
    const auto column = [&](int i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(rows.get(), i));
        return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(rows.get(), i))) : std::string();
    };
    int result = SQLITE_ROW;
    while ((result = sqlite3_step(rows.get())) == SQLITE_ROW) into.insert_or_assign(column(0), column(1));
    if (result == SQLITE_DONE) return true;
    error = sqlite3_errmsg(database_.get());
    return false;
}

void AstDb::Disk::add(Write change) {
    const std::lock_guard lock(waiting_mutex_);
    waiting_.push_back(std::move(change));
}

void AstDb::Disk::drain() {
    const std::lock_guard lock(mutex_);
    std::vector<Write> batch;
    while (true) {
        batch.clear();
        {
            const std::lock_guard waiting(waiting_mutex_);
            batch.swap(waiting_);
        }
        if (batch.empty()) return;
        std::string error;
        if (!apply(batch, error)) log::error("AstDB: {} changes were not written: {}", batch.size(), error);
    }
}

bool AstDb::Disk::apply(const std::vector<Write>& changes, std::string& error) {
    bool ok = execute("BEGIN IMMEDIATE");
    const bool begun = ok;
    for (const auto& change : changes) {
        if (!ok) break;
        ok = step(change.kind == Write::Kind::put ? put_ : del_, change);
    }
    ok = ok && execute("COMMIT");
    if (ok) return true;
    error = sqlite3_errmsg(database_.get());
    if (begun) execute("ROLLBACK");
    return false;
}

AstDb::Disk::Statement AstDb::Disk::prepare(const char* sql) {
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v2(database_.get(), sql, -1, &raw, nullptr);
    return Statement(raw);
}

bool AstDb::Disk::step(const Statement& statement, const Write& change) {
    sqlite3_reset(statement.get());
    sqlite3_bind_text64(statement.get(), 1, change.path.data(), change.path.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (change.kind == Write::Kind::put) {
        sqlite3_bind_text64(statement.get(), 2, change.value.data(), change.value.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    const int result = sqlite3_step(statement.get());
    sqlite3_reset(statement.get());
    return result == SQLITE_DONE;
}

bool AstDb::Disk::execute(const char* sql) {
    return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

}  // namespace asterism::store
