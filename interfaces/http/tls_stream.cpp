#include "tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "asterism/runtime/log.hpp"

namespace asterism::http {

namespace {

std::string openssl_error() {
    std::array<char, 256> text{};
    const auto code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "unknown error";
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

/// One TLS record's worth (RFC 8446, 5.1).
constexpr std::size_t record_bytes = 16 << 10;

}  // namespace

std::expected<TlsContext, std::string> make_tls_context(const ServerConfig& config) {
    TlsContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    if (!context) return std::unexpected("TLS: " + openssl_error());
    const std::string& key =
        config.tls_private_key_file.empty() ? config.tls_certificate_file : config.tls_private_key_file;
    if (SSL_CTX_use_certificate_chain_file(context.get(), config.tls_certificate_file.c_str()) != 1) {
        return std::unexpected(config.tls_certificate_file + ": " + openssl_error());
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        return std::unexpected(key + ": " + openssl_error());
    }
    std::uint64_t options = SSL_OP_NO_SSLv2 | SSL_OP_NO_SSLv3 | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;
    if (config.tls_disable_v1) options |= SSL_OP_NO_TLSv1;
    if (config.tls_disable_v11) options |= SSL_OP_NO_TLSv1_1;
    if (config.tls_disable_v12) options |= SSL_OP_NO_TLSv1_2;
    if (config.tls_server_cipher_order) options |= SSL_OP_CIPHER_SERVER_PREFERENCE;
    SSL_CTX_set_options(context.get(), options);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!config.tls_cipher.empty() && SSL_CTX_set_cipher_list(context.get(), config.tls_cipher.c_str()) != 1) {
        return std::unexpected("tlscipher: " + openssl_error());
    }
    return context;
}

std::expected<TlsContext, std::string> make_client_context(const WebSocketTarget& target) {
    TlsContext context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    if (!context) return std::unexpected("TLS: " + openssl_error());
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context.get(), target.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (target.ca_file.empty() && target.ca_path.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
    } else if (SSL_CTX_load_verify_locations(context.get(), target.ca_file.empty() ? nullptr : target.ca_file.c_str(),
                                             target.ca_path.empty() ? nullptr : target.ca_path.c_str()) != 1) {
        return std::unexpected((target.ca_file.empty() ? target.ca_path : target.ca_file) + ": " + openssl_error());
    }
    if (!target.certificate.empty()) {
        const std::string& key = target.key.empty() ? target.certificate : target.key;
        if (SSL_CTX_use_certificate_chain_file(context.get(), target.certificate.c_str()) != 1 ||
            SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
            return std::unexpected(target.certificate + ": " + openssl_error());
        }
    }
    return context;
}

void Handshakes::enter(std::function<bool()> begin) {
    waiting_.push_back(std::move(begin));
    fill();
}

void Handshakes::leave() {
    --running_;
    fill();
}

void Handshakes::fill() {
    while (running_ < at_once_ && !waiting_.empty()) {
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        if (next()) most_ = std::max(most_, ++running_);
    }
}

class TlsStream::Engine : public std::enable_shared_from_this<Engine> {
  public:
    Engine(Loop& loop, Socket socket, const TlsContext& context, std::shared_ptr<Handshakes> handshakes)
        : loop_(loop),
          socket_(std::move(socket)),
          context_(context),
          handshakes_(handshakes ? std::move(handshakes) : std::make_shared<Handshakes>()),
          ssl_(SSL_new(context.get())) {
        in_ = BIO_new(BIO_s_mem());
        out_ = BIO_new(BIO_s_mem());
        SSL_set_bio(ssl_, in_, out_);
        SSL_set_accept_state(ssl_);
    }
    void connect_to(const TlsPeer& peer) {
        SSL_set_connect_state(ssl_);
        SSL_set_tlsext_host_name(ssl_, peer.host.c_str());
        if (peer.verify_host) SSL_set1_host(ssl_, peer.host.c_str());
    }
    ~Engine() { SSL_free(ssl_); }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    void read(std::span<char> into, std::shared_ptr<StreamUser> user) {
        reader_ = std::move(user);
        into_ = into;
        step();
    }

    std::ptrdiff_t write(std::span<const Slice> slices) {
        if (lost_ || !socket_.is_open()) return -1;
        if (!ready_ || !pending_.empty()) return 0;
        std::array<char, record_bytes> record;
        std::size_t filled = 0;
        for (const Slice& slice : slices) {
            const std::size_t take = std::min(slice.size, record.size() - filled);
            std::copy_n(slice.data, take, record.data() + filled);
            filled += take;
            if (filled == record.size()) break;
        }
        const int written = SSL_write(ssl_, record.data(), static_cast<int>(filled));
        if (written <= 0) {
            ERR_clear_error();
            return -1;
        }
        pump();
        return lost_ ? -1 : written;
    }

    void wait_writable(std::shared_ptr<StreamUser> user) {
        writer_ = std::move(user);
        if (lost_ || (ready_ && pending_.empty())) tell_writer();
    }

    void shutdown() {
        shutting_down_ = true;
        if (ready_ && !lost_) SSL_shutdown(ssl_);
        ERR_clear_error();
        if (!busy_) pump();
    }

    void close() {
        lost_ = true;
        boost::system::error_code ignored;
        socket_.close(ignored);
        loop_.reap(std::move(reader_));
        loop_.reap(std::move(writer_));
        reader_.reset();
        writer_.reset();
    }

  private:
    /// Goes on with the handshake, or with the read that waits.
    void step() {
        if (busy_ || lost_) {
            if (lost_) tell_reader(0);
            return;
        }
        if (!ready_) {
            busy_ = true;
            handshakes_->enter([self = shared_from_this()] { return self->handshake(); });
            return;
        }
        if (!reader_) return;
        const int got = SSL_read(ssl_, into_.data(), static_cast<int>(std::min<std::size_t>(into_.size(), 1U << 30)));
        if (got > 0) {
            tell_reader(static_cast<std::size_t>(got));
            return;
        }
        const int error = SSL_get_error(ssl_, got);
        ERR_clear_error();
        pump();
        if (error == SSL_ERROR_WANT_READ) {
            fill();
        } else {
            tell_reader(0);
        }
    }

    /// A private key operation takes a millisecond; the calls of others shall not wait for it.
    bool handshake() {
        if (lost_) return false;  // while it waited for its turn
        loop_.blocking(
            [self = shared_from_this()] {
                const int result = SSL_do_handshake(self->ssl_);
                self->outcome_ = result == 1 ? SSL_ERROR_NONE : SSL_get_error(self->ssl_, result);
                if (self->outcome_ == SSL_ERROR_SSL) self->failure_ = openssl_error();
            },
            [self = shared_from_this()] { self->after_handshake(); });
        return true;
    }

    void after_handshake() {
        busy_ = false;
        handshakes_->leave();
        if (lost_) return;
        pump();
        if (outcome_ == SSL_ERROR_NONE) {
            ready_ = true;
            if (writer_ && pending_.empty()) tell_writer();
            step();
        } else if (outcome_ == SSL_ERROR_WANT_READ) {
            fill();
        } else {
            log::notice("TLS handshake failed: {}", failure_.empty() ? "connection ended" : failure_);
            fail();
        }
    }

    void fill() {
        if (filling_) return;
        filling_ = true;
        cipher_.resize(record_bytes);
        socket_.async_read_some(boost::asio::mutable_buffer(cipher_.data(), cipher_.size()),
                                [self = shared_from_this()](boost::system::error_code error, std::size_t n) {
                                    self->filling_ = false;
                                    if (self->lost_) return;
                                    if (error) {
                                        self->fail();
                                        return;
                                    }
                                    BIO_write(self->in_, self->cipher_.data(), static_cast<int>(n));
                                    self->step();
                                });
    }

    /// Sends what OpenSSL wants sent; what the socket doesn't take waits in pending_.
    void pump() {
        std::array<char, record_bytes> part;
        int got = 0;
        while ((got = BIO_read(out_, part.data(), static_cast<int>(part.size()))) > 0) {
            pending_.append(part.data(), static_cast<std::size_t>(got));
        }
        while (!pending_.empty() && !waiting_ && !lost_) {
            boost::system::error_code error;
            const auto sent = socket_.send(boost::asio::buffer(pending_), MSG_NOSIGNAL, error);
            if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
                waiting_ = true;
                socket_.async_wait(Socket::wait_write, [self = shared_from_this()](boost::system::error_code) {
                    self->waiting_ = false;
                    if (!self->lost_) self->pump();
                });
                return;
            }
            if (error) {
                fail();
                return;
            }
            pending_.erase(0, sent);
        }
        if (!pending_.empty()) return;
        if (shutting_down_) {
            boost::system::error_code ignored;
            socket_.shutdown(Socket::shutdown_send, ignored);
        }
        if (ready_ && writer_) tell_writer();
    }

    void fail() {
        lost_ = true;
        tell_reader(0);
        tell_writer();
    }

    void tell_reader(std::size_t bytes) {
        if (!reader_) return;
        loop_.defer([user = std::move(reader_), bytes] { user->on_read(bytes); });
        reader_.reset();
    }
    void tell_writer() {
        if (!writer_) return;
        loop_.defer([user = std::move(writer_)] { user->on_writable(); });
        writer_.reset();
    }

    Loop& loop_;
    Socket socket_;
    TlsContext context_;
    std::shared_ptr<Handshakes> handshakes_;
    SSL* ssl_;
    BIO* in_;
    BIO* out_;
    std::shared_ptr<StreamUser> reader_;
    std::shared_ptr<StreamUser> writer_;
    std::span<char> into_;
    std::string cipher_;
    std::string pending_;
    std::string failure_;
    int outcome_ = 0;
    bool ready_ = false;
    bool busy_ = false;  // the handshake is on the pool: hands off ssl_
    bool filling_ = false;
    bool waiting_ = false;
    bool lost_ = false;
    bool shutting_down_ = false;
};

TlsStream::TlsStream(Loop& loop, Socket socket, const TlsContext& context, std::shared_ptr<Handshakes> handshakes) {
    boost::system::error_code ignored;
    socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
    socket.non_blocking(true, ignored);
    engine_ = std::make_shared<Engine>(loop, std::move(socket), context, std::move(handshakes));
}
TlsStream::TlsStream(Loop& loop, Socket socket, const TlsContext& context, const TlsPeer& peer)
    : TlsStream(loop, std::move(socket), context) {
    engine_->connect_to(peer);
}
TlsStream::~TlsStream() { engine_->close(); }
void TlsStream::read(std::span<char> into, std::shared_ptr<StreamUser> user) { engine_->read(into, std::move(user)); }
std::ptrdiff_t TlsStream::write(std::span<const Slice> slices) { return engine_->write(slices); }
void TlsStream::wait_writable(std::shared_ptr<StreamUser> user) { engine_->wait_writable(std::move(user)); }
void TlsStream::shutdown() { engine_->shutdown(); }
void TlsStream::close() { engine_->close(); }

}  // namespace asterism::http
