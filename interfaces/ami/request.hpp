// AMI requests: bytes in, requests out.
//
// A request is a block of `Name: value` lines ended by an empty line; lines end in CRLF or LF. The parser owns at most
// one unfinished request and never more than its limits, whatever arrives.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::ami {

/// One request. Names compare without regard to case; the first of several equal headers counts, except for those that
/// are meant to be repeated (`all`).
class Request {
  public:
    /// Adds a header; the parser and the HTTP front door use it.
    void add(std::string_view name, std::string_view value);
    void clear();

    [[nodiscard]] std::size_t size() const { return spans_.size(); }
    [[nodiscard]] bool empty() const { return spans_.empty(); }
    [[nodiscard]] std::string_view name(std::size_t index) const;
    [[nodiscard]] std::string_view value(std::size_t index) const;

    /// The first value under this name; empty when there is none.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    /// Every value under this name, in order (`Variable:`).
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
    [[nodiscard]] std::string_view action() const { return get("Action"); }
    [[nodiscard]] std::string_view action_id() const { return get("ActionID"); }
    /// Whether the value says yes (yes, true, on, 1, y, t).
    [[nodiscard]] bool is_true(std::string_view name) const;

  private:
    struct Span {
        std::uint32_t name, name_size, value, value_size;
    };
    std::string text_;
    std::vector<Span> spans_;
};

class RequestParser {
  public:
    static constexpr std::size_t max_line = 1024;    ///< bytes without the line's end
    static constexpr std::size_t max_headers = 128;  ///< of one request

    enum class Result {
        need_more,  ///< all bytes were taken, no request yet
        request,    ///< `request()` is complete
        too_long,   ///< a line over max_line; the rest of that request is being skipped
        too_many,   ///< more than max_headers; likewise
    };

    /// Takes bytes from the front of `bytes` until something can be told. Call again with what is left.
    Result feed(std::string_view& bytes);
    /// The request that `feed` completed; valid until the next feed.
    [[nodiscard]] const Request& request() const { return request_; }
    /// Takes it out.
    [[nodiscard]] Request take() { return std::move(request_); }

  private:
    Result line(std::string_view text);

    Request request_;
    std::string partial_;
    bool done_ = false;      // request_ was given out: the next line begins another one
    bool skipping_ = false;  // until the empty line
    bool endless_ = false;   // inside a line that is too long
};

/// Whether two names are the same but for case (ASCII).
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);
/// yes, true, on, 1, y, t in any case.
[[nodiscard]] bool says_yes(std::string_view value);
/// no, false, off, 0, n, f in any case.
[[nodiscard]] bool says_no(std::string_view value);

}  // namespace asterism::ami
