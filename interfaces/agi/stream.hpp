// A stream of bytes with a script on Asio: what a TCP socket and a pair of pipes have in common.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "asterism/runtime/log.hpp"
#include "interfaces/agi/command_line.hpp"

namespace asterism::agi {

/// Reads ahead up to one line's limit; then waits until it is taken. Writes at once what the wire takes and queues the
/// rest, up to a limit, after which the script counts as gone. Shared with its outstanding I/O; closed by its link.
template <class In, class Out>
class Stream : public std::enable_shared_from_this<Stream<In, Out>> {
  public:
    static constexpr std::size_t write_limit = 1 << 20;

    /// `in` and `out` may be the same object.
    Stream(In& in, Out& out) : in_(in), out_(out) {}

    std::move_only_function<void()> wake;
    [[nodiscard]] bool closed() const { return closed_; }

    bool take(std::string& into) {
        if (arrived_.empty()) return false;
        into += arrived_;
        arrived_.clear();
        if (!reading_ && !closed_) read();
        return true;
    }

    void read() {
        reading_ = true;
        in_.async_read_some(boost::asio::buffer(chunk_), [self = this->shared_from_this()](
                                                             const boost::system::error_code& error, std::size_t size) {
            self->reading_ = false;
            if (self->stopped_) return;
            self->arrived_.append(self->chunk_.data(), size);
            if (error)
                self->gone();
            else if (self->arrived_.size() < max_line_bytes)
                self->read();
            if (self->wake) self->wake();
        });
    }

    void write(std::string_view bytes) {
        if (closed_ || deaf_) return;
        if (queued_.empty() && writing_.empty()) {
            boost::system::error_code error;
            const auto sent = out_.write_some(boost::asio::buffer(bytes), error);
            if (error && error != boost::asio::error::would_block) {
                deaf_ = true;
                return;
            }
            bytes.remove_prefix(error ? 0 : sent);
        }
        if (bytes.empty()) return;
        if (queued_.size() + bytes.size() > write_limit) {
            log::warning("AGI script does not read its replies; closing it");
            gone();
            return;
        }
        queued_ += bytes;
        if (writing_.empty()) flush();
    }

    /// Ends everything; nobody is told.
    void stop() {
        stopped_ = closed_ = true;
        wake = nullptr;
    }

  private:
    void flush() {
        writing_.swap(queued_);
        boost::asio::async_write(
            out_, boost::asio::buffer(writing_),
            [self = this->shared_from_this()](const boost::system::error_code& error, std::size_t) {
                if (self->stopped_) return;
                self->writing_.clear();
                if (error) {
                    self->deaf_ = true;
                    self->queued_.clear();
                } else if (!self->queued_.empty()) {
                    self->flush();
                }
            });
    }
    void gone() { closed_ = true; }

    In& in_;
    Out& out_;
    std::array<char, 4096> chunk_;
    std::string arrived_, queued_, writing_;
    // A script that has gone cannot be written to, but what it wrote before is still to be read: only the end of that
    // closes the stream.
    bool deaf_ = false;
    bool reading_ = false, closed_ = false, stopped_ = false;
};

}  // namespace asterism::agi
