// FastAGI: the script is a server.
#include "asterism/runtime/tcp.hpp"
#include "interfaces/agi/asio_linker.hpp"
#include "interfaces/agi/command_line.hpp"
#include "interfaces/agi/process_link.hpp"

namespace asterism::agi {
namespace {

class TcpLink final : public Link {
  public:
    explicit TcpLink(std::unique_ptr<TcpStream> stream) : stream_(std::move(stream)) {}

    void attach(std::move_only_function<void()> wake) override { stream_->attach(std::move(wake)); }
    bool take(std::string& into) override { return stream_->take(into); }
    [[nodiscard]] bool closed() const override { return stream_->closed(); }
    void write(std::string_view bytes) override { stream_->write(bytes); }
    bool hung_up() override {
        stream_->write("HANGUP\n");
        return true;
    }

  private:
    std::unique_ptr<TcpStream> stream_;
};

class AsioLinker final : public Linker {
  public:
    explicit AsioLinker(AsioLoop& loop) : loop_(loop), dialer_(make_tcp_dialer(loop)) {}

    Task<LinkResult> connect(Target target) override {
        TcpTarget where;
        where.host = std::move(target.host);
        where.port = target.port;
        where.timeout = connect_timeout;
        where.read_limit = max_line_bytes;
        auto opened = co_await dialer_->connect(std::move(where));
        if (!opened) co_return std::unexpected(LinkError{false, std::move(opened.error())});
        co_return std::make_unique<TcpLink>(std::move(*opened));
    }

    Task<LinkResult> spawn(std::string path, std::vector<std::string> arguments, ProcessEnvironment environment,
                           bool audio) override {
        return spawn_process(loop_, std::move(path), std::move(arguments), std::move(environment), audio);
    }

  private:
    AsioLoop& loop_;
    std::unique_ptr<TcpDialer> dialer_;
};

}  // namespace

std::unique_ptr<Linker> make_asio_linker(AsioLoop& loop) { return std::make_unique<AsioLinker>(loop); }

}  // namespace asterism::agi
