// Shell commands: watched through a pidfd on the loop, their output read as it comes.
#include "asterism/runtime/command.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <memory>
#include <optional>

#include "asterism/runtime/asio_loop.hpp"
#include "asterism/runtime/spawn.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism {

namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

SpawnSpec shell(const CommandSpec& spec) {
    return {.path = "/bin/sh", .arguments = {"-c", spec.command}, .reads_from = spec.max_output > 0};
}

int status_of(int waited) {
    if (WIFEXITED(waited)) return WEXITSTATUS(waited);
    return WIFSIGNALED(waited) ? 128 + WTERMSIG(waited) : 128;
}

void keep(std::string& output, std::string_view more, std::size_t max) {
    output.append(more.substr(0, max - std::min(max, output.size())));
}

/// What is left of a command's life, on the thread that calls it.
CommandEnd wait_for(Spawned child, std::size_t max_output) {
    CommandEnd end;
    if (child.pid < 0) return end;
    std::array<char, 4096> chunk{};
    while (child.from_child >= 0) {
        const auto n = ::read(child.from_child, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        keep(end.output, {chunk.data(), static_cast<std::size_t>(n)}, max_output);
    }
    int status = 0;
    while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    child.pid = -1;
    end.status = status_of(status);
    return end;
}

/// A command that runs. Lives in the handlers that wait for it.
class Running : public std::enable_shared_from_this<Running> {
  public:
    Running(boost::asio::io_context& context, Spawned& child, std::size_t max_output,
            std::function<void(CommandEnd)> done)
        : pid_(child.pid),
          process_(context, child.process),
          output_(context),
          max_output_(max_output),
          done_(std::move(done)) {
        if (child.from_child >= 0) output_.assign(child.from_child);
        child.release();
    }
    void start() {
        process_.async_wait(Descriptor::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
            if (!error) self->ended();
        });
        if (output_.is_open()) read();
    }

  private:
    void read() {
        output_.async_read_some(boost::asio::buffer(chunk_),
                                [self = shared_from_this()](const boost::system::error_code& error, std::size_t n) {
                                    keep(self->end_.output, {self->chunk_.data(), n}, self->max_output_);
                                    if (self->ended_) return self->drain();
                                    if (!error) return self->read();
                                    self->output_.close();
                                });
    }
    void ended() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        end_.status = status_of(status);
        ended_ = true;
        boost::system::error_code ignored;
        process_.close(ignored);
        if (!output_.is_open()) return finish();
        output_.cancel(ignored);  // the read's handler goes on, with what it had read by then
    }
    /// What it printed last is still in the pipe. What its own children in the background print is nobody's.
    void drain() {
        boost::system::error_code error;
        output_.non_blocking(true, error);
        while (!error) {
            const std::size_t n = output_.read_some(boost::asio::buffer(chunk_), error);
            keep(end_.output, {chunk_.data(), n}, max_output_);
        }
        output_.close(error);
        finish();
    }
    void finish() {
        // Moved out first: it may hold the last reference to whoever started the command.
        const auto done = std::exchange(done_, nullptr);
        done(std::move(end_));
    }

    pid_t pid_;
    Descriptor process_, output_;
    std::size_t max_output_;
    std::function<void(CommandEnd)> done_;
    std::array<char, 4096> chunk_{};
    CommandEnd end_;
    bool ended_ = false;
};

}  // namespace

void Loop::command(CommandSpec spec, std::function<void(CommandEnd)> done) {
    auto end = std::make_shared<CommandEnd>();
    blocking([end, spec = std::move(spec)] { *end = wait_for(spawn(shell(spec)), spec.max_output); },
             [end, done = std::move(done)] { done(std::move(*end)); });
}

void AsioLoop::command(CommandSpec spec, std::function<void(CommandEnd)> done) {
    auto child = std::make_shared<Spawned>();
    blocking([child, spec] { *child = spawn(shell(spec)); },
             [this, child, max_output = spec.max_output, done = std::move(done)]() mutable {
                 if (child->pid < 0) return done({});
                 if (child->process >= 0) {
                     return std::make_shared<Running>(context_, *child, max_output, std::move(done))->start();
                 }
                 auto end = std::make_shared<CommandEnd>();  // a kernel before 5.3: a thread has to wait
                 blocking([end, child, max_output] { *end = wait_for(std::move(*child), max_output); },
                          [end, done = std::move(done)] { done(std::move(*end)); });
             });
}

Task<CommandEnd> run_command(Loop& loop, CommandSpec spec) {
    Mailbox<CommandEnd> box(loop);
    auto alive = std::make_shared<Mailbox<CommandEnd>*>(&box);
    struct Detach {
        Mailbox<CommandEnd>*& box;
        ~Detach() { box = nullptr; }
    } detach{*alive};
    loop.command(std::move(spec), [alive](CommandEnd end) {
        if (*alive) (*alive)->send(std::move(end));
    });
    co_return co_await box.next();
}

}  // namespace asterism
