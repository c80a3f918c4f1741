#include "interfaces/agi/process_link.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "interfaces/agi/stream.hpp"

extern char** environ;  // NOLINT: POSIX has it so

namespace asterism::agi {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

/// What starting a process gave. Made on the pool, so plain descriptors; whoever takes the child sets pid to -1.
struct Started {
    int to_child = -1, from_child = -1, process = -1;  // process: a pidfd, or -1 where the kernel has none
    pid_t pid = -1;
    bool not_found = false;
    std::string error;

    Started() = default;
    Started(Started&& other) noexcept
        : to_child(other.to_child),
          from_child(other.from_child),
          process(other.process),
          pid(std::exchange(other.pid, -1)),
          not_found(other.not_found),
          error(std::move(other.error)) {}
    Started& operator=(Started&&) = delete;
    /// The channel went while the child was starting: nobody would ever wait for it.
    ~Started() {
        if (pid < 0) return;
        close(to_child);
        close(from_child);
        if (process >= 0) close(process);
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
};

Started start(const std::string& path, std::vector<std::string> arguments, const ProcessEnvironment& environment) {
    Started result;
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        result.not_found = errno == ENOENT || errno == ENOTDIR;
        result.error = std::strerror(errno);
        return result;
    }
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || (pipe2(out, O_CLOEXEC) != 0 && (close(in[0]), close(in[1]), true))) {
        result.error = std::strerror(errno);
        return result;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);

    // The child gets signals as a fresh program expects them, whatever the daemon does with its own.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    std::vector<std::string> texts;
    for (const auto& [name, value] : environment) texts.push_back(name + "=" + value);
    std::vector<char*> variables;
    for (auto& text : texts) variables.push_back(text.data());
    for (char** each = environ; *each; ++each) variables.push_back(*each);
    variables.push_back(nullptr);
    std::string name = path;
    std::vector<char*> words{name.data()};
    for (auto& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);

    const int error = posix_spawn(&result.pid, path.c_str(), &actions, &attributes, words.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    if (error != 0) {
        close(in[1]);
        close(out[0]);
        result.pid = -1;
        result.error = std::strerror(error);
        return result;
    }
    result.to_child = in[1];
    result.from_child = out[0];
    result.process = static_cast<int>(syscall(SYS_pidfd_open, result.pid, 0));
    return result;
}

class ProcessLink final : public Link {
  public:
    ProcessLink(AsioLoop& loop, const Started& started) : wire_(std::make_shared<Wire>(loop, started)) {
        wire_->read();
        if (wire_->process.is_open()) wire_->watch();
    }
    ~ProcessLink() override {
        wire_->stop();
        boost::system::error_code ignored;
        wire_->in.close(ignored);
        wire_->out.close(ignored);
    }

    void attach(std::move_only_function<void()> wake) override { wire_->wake = std::move(wake); }
    bool take(std::string& into) override { return wire_->take(into); }
    [[nodiscard]] bool closed() const override { return wire_->closed(); }
    [[nodiscard]] bool finished() const override { return wire_->ended; }
    void write(std::string_view bytes) override { wire_->write(bytes); }
    bool hung_up() override {
        if (!wire_->ended) kill(wire_->pid, SIGHUP);
        return true;
    }
    [[nodiscard]] int exit_status() const override { return wire_->status; }

  private:
    struct Pipes {
        Descriptor in, out, process;
    };
    /// Lives until the child has ended, so that no zombie stays even when the link has gone.
    struct Wire : Pipes, Stream<Descriptor, Descriptor> {
        Wire(AsioLoop& loop, const Started& s)
            : Pipes{Descriptor(loop.context(), s.from_child), Descriptor(loop.context(), s.to_child),
                    Descriptor(loop.context())},
              Stream<Descriptor, Descriptor>(Pipes::in, Pipes::out),
              pid(s.pid) {
            boost::system::error_code ignored;
            in.non_blocking(true, ignored);
            out.non_blocking(true, ignored);
            if (s.process >= 0) process.assign(s.process, ignored);
            if (!process.is_open()) ended = true;  // an old kernel: the daemon's SIGCHLD handling reaps it
        }
        void watch() {
            auto self = std::static_pointer_cast<Wire>(shared_from_this());
            process.async_wait(Descriptor::wait_read, [self](const boost::system::error_code&) {
                int status = 0;
                if (waitpid(self->pid, &status, WNOHANG) == self->pid)
                    self->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
                self->ended = true;
                boost::system::error_code ignored;
                self->process.close(ignored);
                if (self->wake) self->wake();
            });
        }
        pid_t pid;
        int status = 0;
        bool ended = false;
    };
    std::shared_ptr<Wire> wire_;
};

}  // namespace

Task<LinkResult> spawn_process(AsioLoop& loop, std::string path, std::vector<std::string> arguments,
                               ProcessEnvironment environment) {
    auto started = co_await run_blocking(
        loop, [path = std::move(path), arguments = std::move(arguments), environment = std::move(environment)] {
            return start(path, arguments, environment);
        });
    if (started.pid < 0) co_return std::unexpected(LinkError{started.not_found, started.error});
    auto link = std::make_unique<ProcessLink>(loop, started);
    started.pid = -1;
    co_return link;
}

}  // namespace asterism::agi
