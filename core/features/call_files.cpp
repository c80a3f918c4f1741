#include "asterism/features/call_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::features {

// ---- on the pool: the disk ----

namespace {

struct Look {
    bool there = false;
    std::time_t due = 0;  ///< modification time, seconds since the epoch
    std::string text, error;
};

std::string reason() { return std::error_code(errno, std::generic_category()).message(); }

Look look_at(const std::string& path, std::time_t now) {
    Look out;
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return out;
    out.there = true;
    out.due = info.st_mtime;
    if (out.due > now) return out;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in)
        out.error = "it cannot be read: " + reason();
    else
        out.text = std::move(text).str();
    return out;
}

/// Adds a line and sets the modification time. False: failed, which was logged.
bool note(const std::string& path, const std::string& line, std::time_t time) {
    {
        // Never makes a file that somebody has taken away.
        const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
        if (file < 0) return false;
        const bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
        (void)::close(file);
        if (!written) return false;
    }
    const timespec times[2] = {{.tv_sec = time, .tv_nsec = 0}, {.tv_sec = time, .tv_nsec = 0}};
    return ::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0;
}

bool archive(const std::string& path, const std::string& done_folder, const std::string& name,
             const std::string& status, std::time_t now) {
    (void)note(path, "Status: " + status + "\n", now);
    (void)::mkdir(done_folder.c_str(), 0755);
    return std::rename(path.c_str(), (done_folder + "/" + name).c_str()) == 0;
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    DIR* open = ::opendir(folder.c_str());
    if (!open) return names;
    while (const dirent* entry = ::readdir(open)) {
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    (void)::closedir(open);
    return names;
}

std::time_t wall_seconds(const Pbx& pbx) { return std::chrono::system_clock::to_time_t(pbx.loop->clock().wall()); }

/// Waits until a call that was answered has ended.
Task<void> until_over(Pbx& pbx, std::string uniqueid) {
    Channel* channel = pbx.channels->find_uniqueid(uniqueid);
    if (!channel) co_return;
    Mailbox<ChannelSignal> box(*pbx.loop);
    const Observation watch(*channel, box, false);
    for (;;) {
        const ChannelSignal signal = co_await box.next();
        if (signal.kind == ChannelSignal::Kind::ended) co_return;
    }
}

}  // namespace

/// One file of the folder.
struct CallFiles::Entry {
    Entry(Loop& loop, std::string file) : name(std::move(file)), touched(loop) {}
    const std::string name;
    Mailbox<bool> touched;  ///< the file may have changed while it waits for its time
};

CallFiles::CallFiles(Pbx& pbx, std::string folder) : pbx_(pbx), folder_(std::move(folder)), tasks_(*pbx.loop) {}
CallFiles::~CallFiles() = default;

void CallFiles::scan() { tasks_.spawn(list()); }

Task<void> CallFiles::list() {
    for (const auto& name : co_await run_blocking(*pbx_.loop, [folder = folder_] { return names_in(folder); }))
        touched(name);
}

void CallFiles::touched(const std::string& name) {
    if (name.empty() || name.starts_with('.') || name.find('/') != std::string::npos) return;
    auto [at, added] = files_.try_emplace(name);
    if (!added) {
        if (at->second->touched.empty()) at->second->touched.send(true);
        return;
    }
    at->second = std::make_shared<Entry>(*pbx_.loop, name);
    tasks_.spawn(attend(at->second));
}

/// True: the file stays, for it is to be called for again at its time.
Task<bool> CallFiles::take_away(Entry& entry, const CallFile& file, std::string status) {
    const std::string path = folder_ + "/" + entry.name;
    const std::time_t now = wall_seconds(pbx_);
    const bool keep_future = !file.always_delete;
    const bool to_archive = file.archive;
    enum class Done : std::uint8_t { gone, kept, failed };
    const Done done = co_await run_blocking(
        *pbx_.loop, [path, now, keep_future, to_archive, status, name = entry.name, folder = folder_ + "_done"] {
            struct stat info{};
            if (::stat(path.c_str(), &info) != 0) return Done::gone;
            if (keep_future && info.st_mtime > now) return Done::kept;
            if (to_archive) return archive(path, folder, name, status, now) ? Done::gone : Done::failed;
            return ::unlink(path.c_str()) == 0 ? Done::gone : Done::failed;
        });
    if (done == Done::failed) log::warning("Call file {} cannot be taken away: it is ignored from now on", path);
    co_return done == Done::kept;
}

Task<void> CallFiles::attend(std::shared_ptr<Entry> entry) {
    Loop& loop = *pbx_.loop;
    const std::string path = folder_ + "/" + entry->name;
    for (;;) {
        entry->touched.clear();
        const std::time_t now = wall_seconds(pbx_);
        const Look look = co_await run_blocking(loop, [path, now] { return look_at(path, now); });
        if (!look.there) break;
        if (look.due > now) {
            (void)co_await entry->touched.next_within(std::chrono::seconds(look.due - now));
            continue;
        }
        if (pbx_.process && pbx_.process->stopping()) {
            // Kept for whoever is started next.
            (void)co_await entry->touched.next_within(std::chrono::seconds(1));
            continue;
        }
        std::vector<std::string> warnings;
        auto file = look.error.empty() ? CallFile::parse(look.text, warnings) : std::unexpected(look.error);
        for (const auto& warning : warnings) log::warning("Call file {}, {}", path, warning);
        if (!file) {
            log::warning("Call file {} is not usable: {}", path, file.error());
            if (co_await take_away(*entry, CallFile{}, "Failed")) continue;
            break;
        }
        const auto expired = [&] {
            log::notice("Queued call to {} expired without completion after {} attempt{}", file->request.destination,
                        file->attempts, file->attempts == 1 ? "" : "s");
        };
        if (file->attempts > file->max_retries) {
            expired();
            if (co_await take_away(*entry, *file, "Expired")) continue;
            break;
        }
        ++file->attempts;
        const auto next_time = [&] {
            return wall_seconds(pbx_) + std::chrono::duration_cast<std::chrono::seconds>(file->retry_time).count();
        };
        const auto write = [&](std::string_view key, std::time_t time) {
            return run_blocking(
                loop, [path, time, line = fmt::format("{}: {} {} ({})\n", key, ::getpid(), file->attempts, now)] {
                    return note(path, line, time);
                });
        };
        if (!co_await write("\nStartRetry", next_time()))
            log::warning("Call file {}: the attempt cannot be noted in it", path);
        log::verbose(3, "Attempting call on {} for {} (Retry {})", file->request.destination,
                     file->request.location
                         ? fmt::format("{}@{}:{}", file->request.location->exten, file->request.location->context,
                                       file->request.location->priority)
                         : file->request.application,
                     file->attempts);

        auto box = std::make_shared<Mailbox<OriginateResult>>(loop);
        OriginateResult result;
        const auto made = originate(pbx_, file->request, [weak = std::weak_ptr(box)](const OriginateResult& how) {
            if (auto waiting = weak.lock()) waiting->send(how);
        });
        if (made) result = co_await box->next();
        bool stays = false;
        if (result.answered) {
            co_await until_over(pbx_, result.uniqueid);
            log::notice("Call completed to {}", file->request.destination);
            stays = co_await take_away(*entry, *file, "Completed");
        } else if (file->attempts > file->max_retries) {
            log::notice("Call failed to go through, reason ({})", result.reason);
            expired();
            stays = co_await take_away(*entry, *file, "Expired");
        } else {
            log::notice("Call failed to go through, reason ({})", result.reason);
            stays = co_await write("EndRetry", next_time());
        }
        if (!stays) break;
    }
    if (const auto at = files_.find(entry->name); at != files_.end() && at->second == entry) files_.erase(at);
}

}  // namespace asterism::features
