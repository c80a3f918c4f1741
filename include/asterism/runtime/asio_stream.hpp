// A stream of bytes on Asio with bounds on both sides: what a TCP connection and the pipes of a process have in common.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/reactor.hpp"

namespace asterism {

/// What may wait in an AsioStream, and what the log calls its peer.
struct StreamBounds {
    std::string peer;
    std::size_t read_limit = 64 << 10;  ///< bytes that may wait to be taken (4096 more at most); the peer then waits
    std::size_t write_limit = 1 << 20;  ///< bytes that may wait to be sent; more close the stream
};

/// Reads ahead up to a limit; then waits until it is taken. Writes at once what the system takes and queues the rest.
/// Shared with its outstanding I/O; its owner stops it, then closes `in` and `out`, which live in what derives from it.
/// Control loop only.
template <class In, class Out>
class AsioStream : public std::enable_shared_from_this<AsioStream<In, Out>> {
  public:
    /// `in` and `out` do not block, and may be the same object.
    AsioStream(In& in, Out& out, StreamBounds bounds) : in_(in), out_(out), bounds_(std::move(bounds)) {}

    /// Called when bytes have arrived or the peer has gone; never from within a method.
    std::move_only_function<void()> wake;

    /// The peer has gone, or did not read what may wait. What it sent before can still be taken.
    [[nodiscard]] bool closed() const { return closed_; }
    /// Bytes written that the system has not taken yet.
    [[nodiscard]] std::size_t queued() const { return queued_.size() + writing_.size(); }

    /// Appends what has arrived; false if nothing has.
    bool take(std::string& into) {
        if (arrived_.empty()) return false;
        if (into.empty()) {
            into.swap(arrived_);
        } else {
            into += arrived_;
            arrived_.clear();
        }
        if (!waiting_ && !closed_) wait(false);
        return true;
    }

    /// Begins to read: once, by the owner.
    void read() { wait(false); }

    void write(std::string_view bytes) {
        if (closed_ || deaf_) return;
        if (writing_.empty()) {
            boost::system::error_code error;
            const auto sent = out_.write_some(boost::asio::buffer(bytes), error);
            if (error && error != boost::asio::error::would_block) {
                deaf_ = true;
                return;
            }
            bytes.remove_prefix(error ? 0 : sent);
        }
        if (bytes.empty()) return;
        if (queued_.size() + bytes.size() > bounds_.write_limit) {
            log::warning("{} does not read what it is sent; closing the connection", bounds_.peer);
            closed_ = true;
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
    /// `all_taken`: nothing more is there at present.
    void wait(bool all_taken) {
        waiting_ = true;
        const auto ends = reactor::ends_reported();
        const bool no_end = std::exchange(ends_, ends) == ends;
        const reactor::AllTaken known(all_taken && no_end);
        in_.async_wait(In::wait_read, [self = this->shared_from_this()](const boost::system::error_code& error) {
            self->waiting_ = false;
            if (!self->stopped_) self->take_in(error);
        });
    }

    void take_in(boost::system::error_code error) {
        bool told = false;
        std::size_t size = chunk_.size();
        while (!error && size == chunk_.size() && arrived_.size() < bounds_.read_limit) {
            size = in_.read_some(boost::asio::buffer(chunk_), error);
            arrived_.append(chunk_.data(), size);
            told = told || size != 0;
        }
        const bool nothing = error == boost::asio::error::would_block || error == boost::asio::error::interrupted;
        if (error && !nothing)
            closed_ = true;
        else if (arrived_.size() < bounds_.read_limit)
            wait(true);
        if (wake && (told || closed_)) wake();
    }

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

    In& in_;
    Out& out_;
    const StreamBounds bounds_;
    std::array<char, 4096> chunk_;
    std::string arrived_, queued_, writing_;
    // A peer that has gone can't be written to, but what it wrote before is still to be read: only the end of that
    // closes the stream.
    bool deaf_ = false;
    std::uint64_t ends_ = 0;  // reported when it was waited for last
    bool waiting_ = false, closed_ = false, stopped_ = false;
};

}  // namespace asterism
