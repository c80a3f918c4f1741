// Call files: texts put into the spool's folder `outgoing`, each of which asks for one call (config_tables and
// docs/call-files.md say which keys they have).
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/features/dial.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::features {

/// One file, read.
struct CallFile {
    OriginateRequest request;
    int max_retries = 0;  ///< attempts after the first
    Duration retry_time = std::chrono::seconds(300);
    bool always_delete = true, archive = false;
    int attempts = 0;  ///< that have been begun already: the file's StartRetry lines

    /// The error says what is missing or wrong. Unknown keys become `warnings`. At most 64 KiB.
    static std::expected<CallFile, std::string> parse(std::string_view text, std::vector<std::string>& warnings);
};

/// Makes the calls of one folder: at a file's modification time, again after a failure, and takes the file away in the
/// end. Owned by main, which tells it of the folder's changes. Control loop only; files are touched on the pool.
class CallFiles {
  public:
    /// `folder`: .../outgoing; archived files go to `folder`_done.
    CallFiles(Pbx& pbx, std::string folder);
    ~CallFiles();
    CallFiles(const CallFiles&) = delete;
    CallFiles& operator=(const CallFiles&) = delete;

    /// Looks at every file: at start, or when changes may have been missed.
    void scan();
    /// A file has appeared or changed, or its time did.
    void touched(const std::string& name);
    /// How many files wait or are being called for.
    [[nodiscard]] std::size_t size() const { return files_.size(); }

  private:
    struct Entry;
    Task<void> attend(std::shared_ptr<Entry> entry);
    Task<void> list();
    Task<bool> take_away(Entry& entry, const CallFile& file, std::string status);

    Pbx& pbx_;
    const std::string folder_;
    std::map<std::string, std::shared_ptr<Entry>> files_;
    TaskScope tasks_;  // last: what runs refers to the rest
};

}  // namespace asterism::features
