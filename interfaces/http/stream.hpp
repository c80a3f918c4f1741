// One connection's bytes, whatever carries them. HTTP and WebSocket are written against this alone, so they are
// compiled once, and Asio stays in the sources of the two kinds of stream and of the listener.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "asterism/http/message.hpp"

namespace asterism::http {

struct Slice {
    const char* data;
    std::size_t size;
};

/// Who is told. Kept alive by the operation that is under way.
class StreamUser {
  public:
    virtual ~StreamUser() = default;
    /// A read ended: `bytes` came, or 0 for the end of the stream or an error.
    virtual void on_read(std::size_t bytes) = 0;
    /// The stream takes bytes again, or is lost (then write says so).
    virtual void on_writable() = 0;
};

/// Owned by the connection. Callbacks come from the loop, never from inside a call, and at most once for each call of
/// read and wait_writable; after close() they say nothing that matters.
class AnyStream {
  public:
    virtual ~AnyStream() = default;
    /// One at a time. `into` stays valid until on_read.
    virtual void read(std::span<char> into, std::shared_ptr<StreamUser> user) = 0;
    /// Takes what can be sent without waiting: the bytes taken, 0 for none at present, -1 when the stream is lost.
    virtual std::ptrdiff_t write(std::span<const Slice> slices) = 0;
    /// One at a time, after write took less than it was given.
    virtual void wait_writable(std::shared_ptr<StreamUser> user) = 0;
    /// No more will be written; what was taken is still sent.
    virtual void shutdown() = 0;
    virtual void close() = 0;
    [[nodiscard]] virtual bool secure() const { return false; }
};

}  // namespace asterism::http
