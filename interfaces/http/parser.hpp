// Reads one HTTP request from bytes as they come. The only place of this library where Beast is included.
#pragma once

#include <memory>
#include <span>

#include "asterism/http/message.hpp"

namespace asterism::http {

/// Owned by a connection; reset() before each request.
class RequestParser {
  public:
    struct Limits {
        std::size_t header_bytes;
        std::size_t body_bytes;
    };
    enum class State : unsigned char {
        more,  ///< wants more bytes
        done,  ///< `request` is whole
        bad,   ///< not HTTP: answer `status`, close
    };

    RequestParser(Request& request, Limits limits);
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    void reset();
    /// Gives bytes; says how many were used in `used`. Unused bytes must be given again, with more behind them.
    State put(std::span<const char> bytes, std::size_t& used);
    /// Whether the headers have been read, but not all of the body.
    [[nodiscard]] bool in_body() const;
    /// Whether the client waits for 100 Continue (RFC 9110, 10.1.1); asked once.
    [[nodiscard]] bool take_expect();
    /// The status to refuse with, after State::bad.
    [[nodiscard]] int status() const { return status_; }

  private:
    State parse(std::span<const char> bytes, std::size_t& used);
    class Beast;
    Request& request_;
    Limits limits_;
    std::unique_ptr<Beast> beast_;
    int status_ = 400;
};

}  // namespace asterism::http
