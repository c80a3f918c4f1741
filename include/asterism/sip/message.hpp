// A received message: one buffer, an index of its header lines, the parts that every request needs, and everything else
// parsed when asked for.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/sip/header_id.hpp"
#include "asterism/sip/headers.hpp"
#include "asterism/sip/limits.hpp"
#include "asterism/sip/method.hpp"
#include "asterism/sip/uri.hpp"

namespace asterism::sip {

class Message;
using MessagePtr = std::shared_ptr<const Message>;

/// Immutable; shared by whoever wants to keep it. All views live as long as the message.
class Message {
  public:
    struct Line {
        HeaderId id;
        std::string_view name;   ///< as received
        std::string_view value;  ///< trimmed, unfolded
    };

    /// Reads a whole message (a datagram, or what StreamFramer gave). Checks what RFC 3261 8.1.1 makes mandatory: Via,
    /// From, To, Call-ID and CSeq are there once and can be read, the CSeq method is the request's, the body is as
    /// long as Content-Length says (a datagram may be longer: the rest is dropped, 18.3).
    [[nodiscard]] static std::expected<MessagePtr, ParseError> parse(std::string_view bytes);

    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

    [[nodiscard]] bool is_request() const { return status_ == 0; }
    [[nodiscard]] Method method() const { return cseq_method_; }
    [[nodiscard]] std::string_view method_text() const { return view(method_text_); }
    [[nodiscard]] std::string_view request_uri() const { return view(start_b_); }
    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] std::string_view reason() const { return view(start_b_); }

    [[nodiscard]] std::string_view call_id() const { return view(call_id_); }
    [[nodiscard]] std::string_view from_tag() const { return from_tag_; }
    [[nodiscard]] std::string_view to_tag() const { return to_tag_; }
    [[nodiscard]] std::uint32_t cseq() const { return cseq_; }
    [[nodiscard]] const Via& top_via() const { return top_via_; }
    [[nodiscard]] const Address& from() const { return from_; }
    [[nodiscard]] const Address& to() const { return to_; }

    /// Header lines in their order.
    [[nodiscard]] std::size_t lines() const { return lines_.size(); }
    [[nodiscard]] Line line(std::size_t index) const;
    /// Value of the first line with this name.
    [[nodiscard]] std::optional<std::string_view> header(HeaderId id) const;
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    [[nodiscard]] bool has(HeaderId id) const { return header(id).has_value(); }
    /// Calls `use(std::string_view)` for each element of a list header, over all its lines (Contact, Via, Route, ...).
    template <class Use>
    void each(HeaderId id, Use&& use) const {
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (lines_[i].id != id) continue;
            std::string_view rest = view(lines_[i].value), element;
            while (next_element(rest, element)) use(element);
        }
    }
    /// Whether a token stands in any line of a list header (Supported, Require, Allow...).
    [[nodiscard]] bool lists(HeaderId id, std::string_view token) const;

    [[nodiscard]] std::string_view body() const { return std::string_view(text_).substr(body_); }
    /// Whether the body is of this type ("application", "sdp").
    [[nodiscard]] bool body_is(std::string_view type, std::string_view subtype) const;
    /// The SDP: the body itself, or the part of a multipart body that is one; empty if there is none.
    [[nodiscard]] std::string_view sdp() const;
    /// The message with folded lines joined.
    [[nodiscard]] std::string_view text() const { return text_; }

  private:
    struct Span {
        std::uint16_t at = 0, size = 0;
    };
    struct Entry {
        Span name, value;
        HeaderId id;
    };
    struct Parser;
    Message() = default;
    [[nodiscard]] std::string_view view(Span s) const { return std::string_view(text_).substr(s.at, s.size); }

    std::string text_;
    std::vector<Entry> lines_;
    Span method_text_, start_b_, call_id_;
    // What every transaction and dialog asks for, several times. Views of `text_`, whose bytes stay where they are.
    Via top_via_;
    Address from_, to_;
    std::string_view from_tag_, to_tag_;
    std::uint32_t cseq_ = 0;
    std::uint16_t body_ = 0;
    std::uint16_t status_ = 0;
    Method cseq_method_ = Method::unknown;
};

}  // namespace asterism::sip
