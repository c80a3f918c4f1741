#include "src/process_setup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "asterism/runtime/log.hpp"

namespace asterism {

namespace fs = std::filesystem;

void Background::detach() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    const pid_t child = fork();
    if (child < 0) return;
    if (child > 0) {
        ::close(ends[1]);
        char byte = 0;
        ssize_t n = 0;
        do n = ::read(ends[0], &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n == 1) _exit(0);
        int status = 0;
        waitpid(child, &status, 0);
        _exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
    }
    ::close(ends[0]);
    pipe_ = ends[1];
    setsid();
}

void Background::ready() {
    if (pipe_ < 0) return;
    // From here on there is no terminal to say anything on.
    if (const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC); null >= 0) {
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, fd);
        ::close(null);
    }
    (void)!::write(pipe_, "+", 1);
    ::close(pipe_);
    pipe_ = -1;
}

config::Settings load_settings(const std::string& path, bool exec_includes, config::Report& report) {
    const fs::path file = fs::absolute(path);
    config::DiskSource disk;
    auto read = config::read(disk, file, {.directory = file.parent_path(), .exec_includes = exec_includes}, report);
    if (!read) return config::Settings::defaults();
    for (auto& section : read->sections()) {
        if (section.name != "directories" && section.name != "global") continue;
        for (auto& folder : section.variables) {
            if (folder.value.empty() || folder.value.starts_with('/')) continue;
            folder.value = (file.parent_path() / folder.value).lexically_normal();
            if (folder.value.size() > 1 && folder.value.ends_with('/')) folder.value.pop_back();
        }
    }
    return config::Settings::from(*read, report);
}

void make_folders(const config::Settings& s) {
    const std::vector<std::string> folders = {s.run_dir,
                                              s.log_dir,
                                              s.log_dir + "/cdr-csv",
                                              s.log_dir + "/cdr-custom",
                                              s.db_dir,
                                              s.spool_dir,
                                              s.recording_dir(),
                                              s.monitor_dir(),
                                              s.outgoing_dir(),
                                              s.spool_dir + "/tmp",
                                              s.spool_dir + "/voicemail",
                                              s.log_dir + "/cel-custom"};
    for (const auto& folder : folders) {
        std::error_code error;
        fs::create_directories(folder, error);
        if (error) log::warning("Unable to make the folder {}: {}", folder, error.message());
    }
}

std::expected<void, std::string> become(const std::string& user, const std::string& group) {
    gid_t gid = getgid();
    if (!group.empty()) {
        const struct group* found = getgrnam(group.c_str());
        if (!found) return std::unexpected(fmt::format("No such group '{}'!", group));
        gid = found->gr_gid;
    }
    const passwd* account = nullptr;
    if (!user.empty()) {
        account = getpwnam(user.c_str());
        if (!account) return std::unexpected(fmt::format("No such user '{}'!", user));
        if (group.empty()) gid = account->pw_gid;
    }
    if (account && account->pw_uid == getuid() && gid == getgid()) return {};
    if (account && initgroups(user.c_str(), gid) != 0) {
        return std::unexpected(fmt::format("Unable to set the groups of '{}': {}", user, std::strerror(errno)));
    }
    if ((!group.empty() || account) && setgid(gid) != 0) {
        return std::unexpected(fmt::format("Unable to setgid to '{}': {}", group, std::strerror(errno)));
    }
    if (account && setuid(account->pw_uid) != 0) {
        return std::unexpected(fmt::format("Unable to setuid to '{}': {}", user, std::strerror(errno)));
    }
    return {};
}

void set_limits(const config::Settings& s) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    // Two sockets a call are soon more than a login shell's 1024.
    files.rlim_cur = s.max_files > 0 ? static_cast<rlim_t>(s.max_files) : std::min<rlim_t>(files.rlim_max, 65536);
    files.rlim_max = std::max(files.rlim_max, files.rlim_cur);
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
        log::warning("Unable to set the limit of open files to {}: {}", files.rlim_cur, std::strerror(errno));
    }
    if (s.dump_core) {
        const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
        if (setrlimit(RLIMIT_CORE, &unlimited) != 0) {
            log::warning("Unable to dump core on a crash: {}", std::strerror(errno));
        }
        prctl(PR_SET_DUMPABLE, 1);
    }
    if (s.high_priority) {
        sched_param parameters{};
        parameters.sched_priority = 10;
        if (sched_setscheduler(0, SCHED_RR, &parameters) != 0) {
            log::warning("Unable to run with real-time priority: {}", std::strerror(errno));
        }
    }
}

std::expected<void, std::string> write_pid_file(const std::string& path) {
    std::ofstream out(path, std::ios::trunc);
    out << getpid() << '\n';
    out.flush();
    if (!out) return std::unexpected(fmt::format("Unable to write the pid file {}: {}", path, std::strerror(errno)));
    return {};
}

std::string entity_id(const std::string& configured) {
    if (!configured.empty()) return configured;
    std::error_code error;
    std::vector<std::string> cards;
    for (const auto& card : fs::directory_iterator("/sys/class/net", error)) cards.push_back(card.path().filename());
    std::sort(cards.begin(), cards.end());
    for (const auto& card : cards) {
        std::ifstream in("/sys/class/net/" + card + "/address");
        std::string address;
        in >> address;
        if (address.size() == 17 && address != "00:00:00:00:00:00") return address;
    }
    return "00:00:00:00:00:00";
}

}  // namespace asterism
