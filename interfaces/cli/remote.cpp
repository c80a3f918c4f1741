#include "asterism/cli/remote.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include "interfaces/cli/frame.hpp"
#include "interfaces/cli/line_editor.hpp"

namespace asterism::cli {

namespace {

bool put(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

/// The daemon's end of the control socket.
class Connection {
  public:
    Connection() = default;
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    bool open(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path) return false;
        std::memcpy(address.sun_path, path.data(), path.size());
        fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd_ >= 0 && ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
        close();
        return false;
    }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
        buffer_.clear();
    }
    [[nodiscard]] int fd() const { return fd_; }
    /// A descriptor that becomes readable when the daemon's process has ended; -1 where the kernel has none.
    [[nodiscard]] int process() const {
        ucred peer{};
        socklen_t size = sizeof peer;
        if (::getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) return -1;
        return static_cast<int>(::syscall(SYS_pidfd_open, peer.pid, 0));
    }
    bool send(Frame::Kind kind, std::string_view text) {
        std::string frame = encode(kind, text);
        std::string_view rest = frame;
        while (!rest.empty()) {
            const auto n = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return false;
            rest.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    /// Reads what there is. False: the daemon is gone.
    bool fill() {
        std::array<char, 16384> chunk{};
        const auto n = ::recv(fd_, chunk.data(), chunk.size(), 0);
        if (n < 0 && errno == EINTR) return true;
        if (n <= 0) return false;
        buffer_.append(chunk.data(), static_cast<std::size_t>(n));
        return true;
    }
    std::optional<Frame> next() {
        bool bad = false;
        return decode(buffer_, bad);
    }
    /// Waits for the next frame.
    std::optional<Frame> wait() {
        for (;;) {
            if (auto frame = next()) return frame;
            if (!fill()) return std::nullopt;
        }
    }

  private:
    int fd_ = -1;
    std::string buffer_;
};

int run_one(Connection& daemon, const std::string& command) {
    if (!daemon.send(Frame::Kind::command, command)) return 1;
    int process = -1;
    while (auto frame = daemon.wait()) {
        if (frame->kind == Frame::Kind::output) put(STDOUT_FILENO, frame->text);
        if (frame->kind == Frame::Kind::bye) break;
        if (frame->kind != Frame::Kind::end) continue;
        const bool stops = frame->text == "stop";
        if (!stops && frame->text != "restart") {  // done, or the stop was aborted
            if (process >= 0) ::close(std::exchange(process, -1));
            break;
        }
        if (stops) process = daemon.process();
    }
    if (process >= 0) {
        // Scripts rely on it: when "core stop gracefully" is back, files are written and ports are free.
        pollfd ended{process, POLLIN, 0};
        while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
        }
        ::close(process);
    }
    return 0;  // also when the daemon ended in the middle: that is what "core stop now" looks like
}

/// The terminal in raw mode, as long as this lives.
class RawTerminal {
  public:
    RawTerminal() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        active_ = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
    }
    ~RawTerminal() { restore(); }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    void restore() {
        if (active_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        active_ = false;
    }

  private:
    termios before_{};
    bool active_ = false;
};

std::string history_file() {
    const char* home = std::getenv("HOME");
    return home ? std::string(home) + "/.asterism_history" : std::string();
}

/// A person at the console, until they leave (true) or the daemon does (false).
class Interactive {
  public:
    Interactive(Connection& daemon, const RemoteOptions& options)
        : daemon_(daemon),
          options_(options),
          terminal_(isatty(STDIN_FILENO) != 0),
          editor_(prompt_text(), [this](auto line) { return ask(line); }) {
        std::ifstream saved(history_file());
        std::vector<std::string> lines;
        for (std::string line; std::getline(saved, line);) lines.push_back(line);
        editor_.set_history(std::move(lines));
    }
    ~Interactive() {
        std::ofstream out(history_file());
        for (const auto& line : editor_.history()) out << line << '\n';
    }
    Interactive(const Interactive&) = delete;
    Interactive& operator=(const Interactive&) = delete;

    bool run() {
        daemon_.send(Frame::Kind::verbose, std::to_string(options_.verbose));
        if (terminal_) put(STDOUT_FILENO, editor_.show());
        for (;;) {
            while (auto frame = daemon_.next()) {
                if (!show(*frame)) return false;
            }
            std::array<pollfd, 2> wait{{{daemon_.fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
            if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return true;
            if (wait[0].revents != 0 && !daemon_.fill()) return false;
            if (wait[1].revents != 0 && !typed()) return true;
        }
    }

  private:
    static std::string prompt_text() {
        std::array<char, 256> host{};
        gethostname(host.data(), host.size() - 1);
        return fmt::format("{}*CLI> ", host.data());
    }

    bool show(const Frame& frame) {
        switch (frame.kind) {
            case Frame::Kind::output:
            case Frame::Kind::log:
                put(STDOUT_FILENO, terminal_ ? editor_.hide() + frame.text + editor_.show() : frame.text);
                return true;
            case Frame::Kind::bye:
                put(STDOUT_FILENO,
                    fmt::format("{}\nDisconnected from Asterisk server\n", terminal_ ? editor_.hide() : ""));
                return false;
            default: return true;
        }
    }

    bool typed() {
        std::array<char, 1024> chunk{};
        const auto n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) return true;
        if (n <= 0) return drain();
        std::string echo;
        for (ssize_t i = 0; i < n; ++i) {
            const auto outcome = editor_.type(chunk[static_cast<std::size_t>(i)], echo);
            if (terminal_) put(STDOUT_FILENO, std::exchange(echo, {}));
            if (outcome == LineEditor::Outcome::end) return leave();
            if (outcome == LineEditor::Outcome::line && !run_line(editor_.take())) return leave();
        }
        return true;
    }

    // End of a script on standard input: its commands' output is waited for.
    bool drain() {
        while (pending_ > 0) {
            auto frame = daemon_.wait();
            if (!frame) break;
            if (frame->kind == Frame::Kind::end) --pending_;
            if (frame->kind == Frame::Kind::output) put(STDOUT_FILENO, frame->text);
        }
        return false;
    }

    bool leave() {
        if (terminal_) put(STDOUT_FILENO, "\r\n");
        return false;
    }

    bool run_line(const std::string& line) {
        if (line == "quit" || line == "exit") return false;
        if (line.starts_with('!') && options_.shell) {
            raw_.restore();
            if (std::system(line.size() > 1 ? line.c_str() + 1 : "${SHELL:-/bin/sh}") < 0) std::perror("shell");
        } else if (!line.empty()) {
            ++pending_;
            daemon_.send(Frame::Kind::command, line);
            // Its output stands before the next prompt.
            while (auto frame = daemon_.wait()) {
                if (frame->kind == Frame::Kind::end) {
                    --pending_;
                    break;
                }
                if (frame->kind == Frame::Kind::bye) {
                    show(*frame);
                    return true;
                }
                put(STDOUT_FILENO,
                    frame->kind == Frame::Kind::output || frame->kind == Frame::Kind::log ? frame->text : "");
            }
        }
        if (terminal_) put(STDOUT_FILENO, editor_.show());
        return true;
    }

    std::vector<std::string> ask(std::string_view line) {
        std::vector<std::string> found;
        if (!daemon_.send(Frame::Kind::complete, line)) return found;
        while (auto frame = daemon_.wait()) {
            if (frame->kind != Frame::Kind::complete) {
                show(*frame);
                continue;
            }
            std::string_view rest = frame->text;
            while (!rest.empty()) {
                const auto end = rest.find('\n');
                found.emplace_back(rest.substr(0, end));
                rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
            }
            break;
        }
        return found;
    }

    Connection& daemon_;
    const RemoteOptions& options_;
    bool terminal_;
    int pending_ = 0;
    RawTerminal raw_;
    LineEditor editor_;
};

}  // namespace

int run_remote(const RemoteOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    bool was_connected = false;
    for (;;) {
        Connection daemon;
        if (!daemon.open(options.path)) {
            if (!was_connected || !options.reconnect) {
                std::fprintf(stderr, "Unable to connect to remote asterisk (does %s exist?)\n", options.path.c_str());
                return 1;
            }
            std::this_thread::sleep_for(std::chrono::seconds(1));  // the remote console has no loop
            continue;
        }
        was_connected = true;
        const auto hello = daemon.wait();
        if (!hello) continue;
        if (options.command) return run_one(daemon, *options.command);
        if (!options.quiet) {
            const auto first = hello->text.find('\n');
            const auto second = hello->text.find('\n', first + 1);
            put(STDOUT_FILENO,
                fmt::format("Connected to Asterisk {} currently running on {} (pid = {})\n",
                            hello->text.substr(0, first), hello->text.substr(first + 1, second - first - 1),
                            hello->text.substr(second + 1)));
        }
        if (Interactive(daemon, options).run() || !options.reconnect) return 0;
    }
}

}  // namespace asterism::cli
