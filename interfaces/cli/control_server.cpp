#include "asterism/cli/control_server.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <deque>
#include <set>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/logger.hpp"
#include "asterism/runtime/loop.hpp"
#include "interfaces/cli/frame.hpp"

namespace asterism::cli {

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;
using Error = boost::system::error_code;

namespace {
constexpr std::size_t max_line = 64u << 10;
constexpr std::size_t max_waiting_commands = 256;
}  // namespace

struct ControlServer::Impl : std::enable_shared_from_this<Impl> {
    class Session;

    Impl(Loop& l, asio::io_context& c, Registry& r, log::Logger* lg)
        : loop(l), context(c), registry(r), logger(lg), acceptor(c) {}

    void accept();
    void remove(Session& session);
    void log_line(log::Level level, int number, const std::string& line);
    void verbose_changed();

    Loop& loop;
    asio::io_context& context;
    Registry& registry;
    log::Logger* logger;
    ControlConfig config;
    Local::acceptor acceptor;
    std::set<std::shared_ptr<Session>> sessions;
};

/// One console. Lives in the server's set, and as long as a read or write of it is under way.
class ControlServer::Impl::Session : public Console, public std::enable_shared_from_this<Session> {
  public:
    Session(Impl& server, Local::socket socket)
        : kept_(server.shared_from_this()), server_(server), socket_(std::move(socket)), tasks_(server.loop) {}

    void start() {
        std::array<char, 256> host{};
        gethostname(host.data(), host.size() - 1);
        send(Frame::Kind::hello, fmt::format("{}\n{}\n{}", server_.config.version, host.data(), getpid()));
        read();
    }
    void close(std::string_view reason) {
        if (closed_) return;
        closed_ = true;
        // What a command has said ("core stop now") must arrive: one attempt that does not wait.
        unsent_ += encode(Frame::Kind::bye, reason);
        Error ignored;
        socket_.non_blocking(true, ignored);
        if (!writing_) socket_.write_some(asio::buffer(unsent_), ignored);
        socket_.shutdown(Local::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

    [[nodiscard]] int verbose() const override { return verbose_; }
    void set_verbose(int level) override {
        verbose_ = level;
        server_.verbose_changed();
    }
    void mute(bool on) override { muted_ = on; }
    [[nodiscard]] bool muted() const override { return muted_; }
    void ends_with_daemon(bool restart) override { outlasted_by_ = restart ? "restart" : "stop"; }
    void stop_aborted() {
        if (std::exchange(waits_for_stop_, false)) send(Frame::Kind::end, "0");
    }

    void log_line(log::Level level, int number, const std::string& line) {
        if (!wants_log_ || muted_ || closed_) return;
        if (level == log::Level::verbose && number > verbose_) return;
        if (unsent_.size() > queue_bytes) {
            ++lost_lines_;
            return;
        }
        if (lost_lines_ > 0) {
            send(Frame::Kind::log,
                 fmt::format("({} lines were dropped: this console reads too slowly)\n", lost_lines_));
            lost_lines_ = 0;
        }
        send(Frame::Kind::log, line);
    }

  private:
    void send(Frame::Kind kind, std::string_view text) {
        if (closed_) return;
        unsent_ += encode(kind, text);
        if (!writing_) write();
    }
    void write() {
        if (unsent_.empty()) return;
        writing_ = true;
        sending_.swap(unsent_);
        unsent_.clear();
        asio::async_write(socket_, asio::buffer(sending_),
                          [self = shared_from_this()](const Error& error, std::size_t) {
                              self->writing_ = false;
                              if (self->closed_) return;
                              if (error) return self->server_.remove(*self);
                              self->write();
                          });
    }
    void read() {
        socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](const Error& error, std::size_t n) {
            if (self->closed_) return;
            if (error) return self->server_.remove(*self);
            self->received_.append(self->chunk_.data(), n);
            bool bad = false;
            while (auto frame = decode(self->received_, bad, max_line)) self->take(std::move(*frame));
            if (bad) return self->server_.remove(*self);
            self->read();
        });
    }
    void take(Frame frame) {
        switch (frame.kind) {
            case Frame::Kind::command:
                if (waiting_.size() >= max_waiting_commands) return;
                waiting_.push_back(std::move(frame.text));
                if (!running_) next_command();
                return;
            case Frame::Kind::complete: {
                std::string all;
                for (const auto& word : server_.registry.complete(frame.text)) all += word + '\n';
                return send(Frame::Kind::complete, all);
            }
            case Frame::Kind::verbose: {
                int level = 0;
                std::from_chars(frame.text.data(), frame.text.data() + frame.text.size(), level);
                wants_log_ = true;
                return set_verbose(level);
            }
            default: return;
        }
    }
    void next_command() {
        if (waiting_.empty() || closed_) return;
        running_ = true;
        tasks_.spawn(run(std::move(waiting_.front())));
        waiting_.pop_front();
    }
    Task<void> run(std::string line) {
        server_.loop.working_on("console command");
        const Reply reply = co_await server_.registry.execute(std::move(line), this);
        if (!reply.text.empty()) send(Frame::Kind::output, reply.text);
        waits_for_stop_ = !outlasted_by_.empty();
        send(Frame::Kind::end, waits_for_stop_ ? std::exchange(outlasted_by_, {}) : reply.error ? "1" : "0");
        running_ = false;
        server_.loop.defer([weak = weak_from_this()] {
            if (auto self = weak.lock()) self->next_command();
        });
    }

    const std::shared_ptr<Impl> kept_;  // let go of when close() empties the set
    Impl& server_;
    Local::socket socket_;
    std::array<char, 4096> chunk_{};
    std::string received_, unsent_, sending_;
    std::deque<std::string> waiting_;
    std::size_t lost_lines_ = 0;
    int verbose_ = 0;
    std::string_view outlasted_by_;  ///< what the command that runs does to the daemon: "stop", "restart"
    bool writing_ = false, closed_ = false, running_ = false, wants_log_ = false, muted_ = false,
         waits_for_stop_ = false;
    TaskScope tasks_;  // last: commands end before the rest
};

void ControlServer::Impl::accept() {
    acceptor.async_accept([self = shared_from_this()](const Error& error, Local::socket socket) {
        if (error == asio::error::operation_aborted || !self->acceptor.is_open()) return;
        if (!error && self->sessions.size() < max_consoles) {
            auto session = std::make_shared<Session>(*self, std::move(socket));
            self->sessions.insert(session);
            session->start();
        }
        self->accept();
    });
}

void ControlServer::Impl::remove(Session& session) {
    auto kept = session.shared_from_this();
    session.close("");
    sessions.erase(kept);
    loop.reap(std::move(kept));
    verbose_changed();
}

void ControlServer::Impl::log_line(log::Level level, int number, const std::string& line) {
    for (const auto& session : sessions) session->log_line(level, number, line);
}

void ControlServer::Impl::verbose_changed() {
    int highest = 0;
    for (const auto& session : sessions) highest = std::max(highest, session->verbose());
    if (logger) logger->set_tap_verbose(highest);
}

ControlServer::ControlServer(Loop& loop, asio::io_context& context, Registry& registry, log::Logger* logger)
    : impl_(std::make_shared<Impl>(loop, context, registry, logger)) {
    if (!logger) return;
    logger->set_tap([weak = std::weak_ptr(impl_), &loop](log::Level level, int number, const std::string& line) {
        // On the writing thread. A console that does not read is bounded on the loop; the loop itself keeps up.
        loop.post([weak, level, number, line] {
            if (auto self = weak.lock()) self->log_line(level, number, line);
        });
    });
}

ControlServer::~ControlServer() {
    close("");
    if (impl_->logger) impl_->logger->set_tap({});
}

std::expected<void, std::string> ControlServer::open(const ControlConfig& config) {
    Impl& impl = *impl_;
    impl.config = config;
    if (config.path.size() > 107) {
        return std::unexpected(fmt::format("The control socket's path is longer than 107 bytes: {}", config.path));
    }
    const Local::endpoint endpoint(config.path);
    Error error;
    {
        Local::socket probe(impl.context);
        probe.connect(endpoint, error);
        if (!error)
            return std::unexpected(
                fmt::format("Asterisk already running on {}.  Use 'asterisk -r' to connect.", config.path));
    }
    ::unlink(config.path.c_str());
    impl.acceptor.open(endpoint.protocol(), error);
    if (!error) impl.acceptor.bind(endpoint, error);
    if (!error) impl.acceptor.listen(16, error);
    if (error)
        return std::unexpected(fmt::format("Unable to open the control socket {}: {}", config.path, error.message()));
    if (!config.permissions.empty()) {
        unsigned mode = 0;
        const auto* end = config.permissions.data() + config.permissions.size();
        if (std::from_chars(config.permissions.data(), end, mode, 8).ptr == end) ::chmod(config.path.c_str(), mode);
    }
    uid_t uid = static_cast<uid_t>(-1);
    gid_t gid = static_cast<gid_t>(-1);
    if (!config.owner.empty()) {
        if (const passwd* user = getpwnam(config.owner.c_str()))
            uid = user->pw_uid;
        else
            log::warning("Unable to find uid of user {}", config.owner);
    }
    if (!config.group.empty()) {
        if (const group* found = getgrnam(config.group.c_str()))
            gid = found->gr_gid;
        else
            log::warning("Unable to find gid of group {}", config.group);
    }
    if ((uid != static_cast<uid_t>(-1) || gid != static_cast<gid_t>(-1)) &&
        ::chown(config.path.c_str(), uid, gid) != 0) {
        log::warning("Unable to change ownership of {}: {}", config.path, std::generic_category().message(errno));
    }
    impl.accept();
    return {};
}

void ControlServer::close(std::string_view reason) {
    Impl& impl = *impl_;
    if (!impl.acceptor.is_open()) return;
    Error ignored;
    impl.acceptor.close(ignored);
    for (const auto& session : impl.sessions) session->close(reason);
    impl.loop.reap(std::exchange(impl.sessions, {}));
    ::unlink(impl.config.path.c_str());
}

void ControlServer::stop_aborted() {
    for (const auto& session : impl_->sessions) session->stop_aborted();
}

std::size_t ControlServer::consoles() const { return impl_->sessions.size(); }

}  // namespace asterism::cli
