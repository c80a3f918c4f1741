#include "asterism/runtime/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

extern char** environ;  // NOLINT: POSIX has it so

namespace asterism {

namespace {

void close_one(int& fd) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
}

/// Both ends of a pipe, as long as nobody has taken them.
struct Pipe {
    std::array<int, 2> ends{-1, -1};
    bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
    int take(std::size_t end) { return std::exchange(ends[end], -1); }
    Pipe() = default;
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close_one(ends[0]);
        close_one(ends[1]);
    }
};

/// A name without a slash as the first file of that name in PATH that can be executed; itself if there is none.
std::string find_program(const std::string& name) {
    const char* search = name.find('/') == std::string::npos ? std::getenv("PATH") : nullptr;  // NOLINT: no setenv here
    if (!search) return name;
    for (std::string_view rest = search; !rest.empty();) {
        const auto end = std::min(rest.find(':'), rest.size());
        auto file = std::string(rest.substr(0, end)) + "/" + name;
        if (end > 0 && ::access(file.c_str(), X_OK) == 0) return file;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return name;
}

}  // namespace

Spawned::Spawned(Spawned&& other) noexcept
    : to_child(std::exchange(other.to_child, -1)),
      from_child(std::exchange(other.from_child, -1)),
      third(std::exchange(other.third, -1)),
      process(std::exchange(other.process, -1)),
      pid(std::exchange(other.pid, -1)),
      not_found(other.not_found),
      error(std::move(other.error)) {}

Spawned& Spawned::operator=(Spawned&& other) noexcept {
    std::swap(to_child, other.to_child);
    std::swap(from_child, other.from_child);
    std::swap(third, other.third);
    std::swap(process, other.process);
    std::swap(pid, other.pid);
    not_found = other.not_found;
    error = std::move(other.error);
    return *this;
}

Spawned::~Spawned() {
    close_one(to_child);
    close_one(from_child);
    close_one(third);
    close_one(process);
    if (pid < 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

void Spawned::release() { to_child = from_child = third = process = pid = -1; }

Spawned spawn(const SpawnSpec& spec) {
    Spawned result;
    struct stat info{};
    const std::string path = find_program(spec.path);
    if (::stat(path.c_str(), &info) != 0) {
        result.not_found = errno == ENOENT || errno == ENOTDIR;
        result.error = std::strerror(errno);
        return result;
    }
    Pipe in, out, third;
    if ((spec.writes_to && !in.open()) || (spec.reads_from && !out.open()) || (spec.third && !third.open())) {
        result.error = std::strerror(errno);
        return result;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (spec.writes_to) posix_spawn_file_actions_adddup2(&actions, in.ends[0], STDIN_FILENO);
    if (spec.reads_from) posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
    // Behind the others: one of their ends may be 3 itself.
    if (spec.third) posix_spawn_file_actions_adddup2(&actions, third.ends[0], STDERR_FILENO + 1);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + (spec.third ? 2 : 1));

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    std::vector<std::string> texts;
    for (const auto& [name, value] : spec.environment) texts.push_back(name + "=" + value);
    std::vector<char*> variables;
    for (auto& text : texts) variables.push_back(text.data());
    for (char** each = environ; *each; ++each) variables.push_back(*each);
    variables.push_back(nullptr);
    std::vector<std::string> words{spec.path};
    words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    const int error = posix_spawn(&result.pid, path.c_str(), &actions, &attributes, argv.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        result.pid = -1;
        result.error = std::strerror(error);
        return result;
    }
    if (spec.writes_to) result.to_child = in.take(1);
    if (spec.reads_from) result.from_child = out.take(0);
    if (spec.third) {
        result.third = third.take(1);
        ::fcntl(result.third, F_SETFL, O_NONBLOCK);
    }
    result.process = static_cast<int>(::syscall(SYS_pidfd_open, result.pid, 0));
    return result;
}

}  // namespace asterism
