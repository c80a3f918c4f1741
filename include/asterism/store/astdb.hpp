// AstDB: the PBX's own small database of /family/key = value, kept in SQLite (table astdb of astdb.sqlite3) so that
// Asterisk's file can be taken over and taken back.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asterism {
class Loop;
}

namespace asterism::store {

/// Everything is read into memory at start; reads never leave it. Writes change the memory at once and follow to disk
/// in order, in batches, on the blocking pool. Owned by main; control loop only. Its end writes what is left.
class AstDb {
  public:
    using Entry = std::pair<std::string, std::string>;  ///< "/family/key", value
    /// Family and key together with their slashes, in bytes.
    static constexpr std::size_t max_path = 256;

    /// Opens or makes the file, reading it now: call at start. An empty path keeps everything in memory only; so does
    /// a file that cannot be used, after an error in the log.
    AstDb(Loop& loop, const std::string& path);
    AstDb(const AstDb&) = delete;
    AstDb& operator=(const AstDb&) = delete;
    ~AstDb();

    [[nodiscard]] std::optional<std::string> get(std::string_view family, std::string_view key) const;
    [[nodiscard]] bool exists(std::string_view family, std::string_view key) const;
    /// False if family or key is empty or together they are too long.
    bool put(std::string_view family, std::string_view key, std::string_view value);
    /// Whether there was one.
    bool del(std::string_view family, std::string_view key);
    /// Removes /family/keytree and everything below it; /family if keytree is empty; everything if both are. How many.
    std::size_t del_tree(std::string_view family, std::string_view keytree = {});

    /// The same selection as del_tree, in order of the path.
    [[nodiscard]] std::vector<Entry> tree(std::string_view family = {}, std::string_view keytree = {}) const;
    /// Every entry whose path ends in /key: `database showkey`.
    [[nodiscard]] std::vector<Entry> with_key(std::string_view key) const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

    /// Writes everything to disk before it returns. At stop only: it may wait for the disk.
    void flush();

    struct Write {
        enum class Kind { put, del } kind;
        std::string path, value;
    };
    class Disk;

  private:
    void write(Write change);
    void start_batch();
    void batch_done();

    Loop& loop_;
    std::shared_ptr<Disk> disk_;  // shared with the batch on the pool
    std::map<std::string, std::string, std::less<>> entries_;
    bool writing_ = false;          // a batch is on its way
    bool unwritten_ = false;        // something came after it set out
    std::shared_ptr<AstDb*> self_;  // null once this has gone, for the batch that comes back
};

}  // namespace asterism::store
