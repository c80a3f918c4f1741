#include "interfaces/agi/process_link.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <utility>

#include "asterism/runtime/asio_stream.hpp"
#include "asterism/runtime/spawn.hpp"
#include "interfaces/agi/command_line.hpp"

namespace asterism::agi {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

class ProcessLink final : public Link {
  public:
    ProcessLink(AsioLoop& loop, const Spawned& started)
        : wire_(std::make_shared<Wire>(loop, started)), audio_(started.third) {
        wire_->read();
        if (wire_->process.is_open()) wire_->watch();
    }
    ~ProcessLink() override {
        wire_->stop();
        close_audio();
        boost::system::error_code ignored;
        wire_->in.close(ignored);
        wire_->out.close(ignored);
    }

    void attach(std::move_only_function<void()> wake) override { wire_->wake = std::move(wake); }
    bool take(std::string& into) override { return wire_->take(into); }
    [[nodiscard]] bool closed() const override { return wire_->closed(); }
    [[nodiscard]] bool finished() const override { return wire_->ended; }
    void write(std::string_view bytes) override { wire_->write(bytes); }
    void write_audio(std::string_view bytes) override {
        // A pipe takes up to PIPE_BUF bytes whole or not at all: the script never sees half a sample.
        if (audio_ < 0 || ::write(audio_, bytes.data(), bytes.size()) >= 0) return;
        if (errno != EAGAIN && errno != EINTR) close_audio();
    }
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
    struct Wire : Pipes, AsioStream<Descriptor, Descriptor> {
        Wire(AsioLoop& loop, const Spawned& s)
            : Pipes{Descriptor(loop.context(), s.from_child), Descriptor(loop.context(), s.to_child),
                    Descriptor(loop.context())},
              AsioStream(in, out, {.peer = "AGI script", .read_limit = max_line_bytes}),
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
    void close_audio() {
        if (audio_ >= 0) ::close(std::exchange(audio_, -1));
    }
    std::shared_ptr<Wire> wire_;
    int audio_;
};

}  // namespace

Task<LinkResult> spawn_process(AsioLoop& loop, std::string path, std::vector<std::string> arguments,
                               ProcessEnvironment environment, bool audio) {
    auto started = co_await run_blocking(loop, [spec = SpawnSpec{.path = std::move(path),
                                                                 .arguments = std::move(arguments),
                                                                 .environment = std::move(environment),
                                                                 .writes_to = true,
                                                                 .reads_from = true,
                                                                 .third = audio}] { return spawn(spec); });
    if (started.pid < 0) co_return std::unexpected(LinkError{started.not_found, started.error});
    auto link = std::make_unique<ProcessLink>(loop, started);
    started.release();
    co_return link;
}

}  // namespace asterism::agi
