// Writing messages: one output buffer, headers in the order of the calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/sip/header_id.hpp"
#include "asterism/sip/method.hpp"

namespace asterism::sip {

/// A header to add to an outgoing message. The value must not hold CR or LF: they are written as spaces.
struct Header {
    std::string name;
    std::string value;
};
using Headers = std::vector<Header>;

/// Appends one message to a string that the caller owns.
class MessageBuilder {
  public:
    explicit MessageBuilder(std::string& out) : out_(out) {}

    void request(std::string_view method, std::string_view uri);
    /// An empty reason is filled with the standard phrase.
    void status(int code, std::string_view reason = {});

    void header(std::string_view name, std::string_view value);
    void header(HeaderId id, std::string_view value) { header(header_name(id), value); }
    void header(HeaderId id, std::uint32_t value);
    void headers(const Headers& list) {
        for (const Header& h : list) header(h.name, h.value);
    }
    /// Starts a header whose value the caller appends to out() and ends with end_line().
    void begin(HeaderId id);
    void end_line() { out_ += "\r\n"; }
    [[nodiscard]] std::string& out() { return out_; }

    /// Ends the message: Content-Type (if there is a body), Content-Length in Asterisk's field of five, blank
    /// line, body.
    void body(std::string_view content_type = {}, std::string_view body = {});

  private:
    std::string& out_;
};

}  // namespace asterism::sip
