// The SQLite side of AstDB. Every call may wait for the disk.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "asterism/store/astdb.hpp"

namespace asterism::store {

/// Thread safe: a batch on the pool and the flush at stop may come in either order, the changes stay in theirs.
class AstDb::Disk {
  public:
    /// Null, with the reason in `error`, if the file cannot be used.
    static std::shared_ptr<Disk> open(const std::string& path, std::string& error);

    bool load(std::map<std::string, std::string, std::less<>>& into, std::string& error);
    /// Adds a change to those that `drain` writes. Does not wait for the disk.
    void add(Write change);
    /// Writes everything that was added, in order. An error is logged and its batch given up.
    void drain();

  private:
    struct CloseDatabase {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
    Statement prepare(const char* sql);
    bool step(const Statement& statement, const Write& change);
    bool execute(const char* sql);
    /// All or nothing, in one transaction.
    bool apply(const std::vector<Write>& changes, std::string& error);

    std::mutex waiting_mutex_;
    std::vector<Write> waiting_;
    std::mutex mutex_;  // the database; taken first where both are
    std::unique_ptr<sqlite3, CloseDatabase> database_;
    Statement put_, del_;
};

}  // namespace asterism::store
