#include "asterism/runtime/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

}  // namespace

Spawned::Spawned(Spawned&& other) noexcept
    : to_child(std::exchange(other.to_child, -1)),
      from_child(std::exchange(other.from_child, -1)),
      process(std::exchange(other.process, -1)),
      pid(std::exchange(other.pid, -1)),
      not_found(other.not_found),
      error(std::move(other.error)) {}

Spawned& Spawned::operator=(Spawned&& other) noexcept {
    std::swap(to_child, other.to_child);
    std::swap(from_child, other.from_child);
    std::swap(process, other.process);
    std::swap(pid, other.pid);
    not_found = other.not_found;
    error = std::move(other.error);
    return *this;
}

Spawned::~Spawned() {
    close_one(to_child);
    close_one(from_child);
    close_one(process);
    if (pid < 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

void Spawned::release() { to_child = from_child = process = pid = -1; }

Spawned spawn(const SpawnSpec& spec) {
    Spawned result;
    struct stat info{};
    if (::stat(spec.path.c_str(), &info) != 0) {
        result.not_found = errno == ENOENT || errno == ENOTDIR;
        result.error = std::strerror(errno);
        return result;
    }
    Pipe in, out;
    if ((spec.writes_to && !in.open()) || (spec.reads_from && !out.open())) {
        result.error = std::strerror(errno);
        return result;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (spec.writes_to) posix_spawn_file_actions_adddup2(&actions, in.ends[0], STDIN_FILENO);
    if (spec.reads_from) posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);

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

    const int error = posix_spawn(&result.pid, spec.path.c_str(), &actions, &attributes, argv.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        result.pid = -1;
        result.error = std::strerror(error);
        return result;
    }
    if (spec.writes_to) result.to_child = in.take(1);
    if (spec.reads_from) result.from_child = out.take(0);
    result.process = static_cast<int>(::syscall(SYS_pidfd_open, result.pid, 0));
    return result;
}

}  // namespace asterism
