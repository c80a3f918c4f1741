// Parsers of the structured header values. Each is a view over the value's text.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "asterism/sip/limits.hpp"
#include "asterism/sip/method.hpp"
#include "asterism/sip/text.hpp"

namespace asterism::sip {

/// RFC 3261 20.42, RFC 3581.
struct Via {
    std::string_view transport;  ///< "UDP"
    std::string_view host;       ///< sent-by, without brackets
    std::uint16_t port = 0;      ///< 0: none given
    bool ipv6 = false;
    std::string_view branch;
    std::optional<std::string_view> rport;  ///< empty: asked for and not filled in
    std::string_view received;
    Params params;

    [[nodiscard]] static std::expected<Via, ParseError> parse(std::string_view value);
    /// Branch made by an RFC 3261 element.
    [[nodiscard]] bool has_cookie() const { return branch.size() > 7 && branch.substr(0, 7) == "z9hG4bK"; }
};

struct CSeq {
    std::uint32_t number = 0;
    Method method = Method::unknown;
    std::string_view method_text;
    [[nodiscard]] static std::expected<CSeq, ParseError> parse(std::string_view value);
};

/// RFC 4028: `1800;refresher=uac`.
struct SessionExpires {
    enum class Refresher : std::uint8_t { none, uac, uas };
    std::uint32_t seconds = 0;
    Refresher refresher = Refresher::none;
    [[nodiscard]] static std::expected<SessionExpires, ParseError> parse(std::string_view value);
};

/// RFC 3262: `rseq cseq method`.
struct RAck {
    std::uint32_t rseq = 0;
    std::uint32_t cseq = 0;
    Method method = Method::unknown;
    [[nodiscard]] static std::expected<RAck, ParseError> parse(std::string_view value);
};

/// RFC 3326: `Q.850;cause=16;text="..."`, one element.
struct Reason {
    std::string_view protocol;
    std::optional<std::uint32_t> cause;
    std::string_view text;  ///< in its quotes
    [[nodiscard]] static std::expected<Reason, ParseError> parse(std::string_view value);
};

/// RFC 3891: `call-id;to-tag=..;from-tag=..;early-only`.
struct Replaces {
    std::string_view call_id;
    std::string_view to_tag;
    std::string_view from_tag;
    bool early_only = false;
    [[nodiscard]] static std::expected<Replaces, ParseError> parse(std::string_view value);
};

/// `application/sdp;charset=utf-8`, also Event and Subscription-State (a token with parameters; subtype empty).
struct TypedValue {
    std::string_view type;
    std::string_view subtype;
    Params params;
    [[nodiscard]] static std::expected<TypedValue, ParseError> parse(std::string_view value);
    [[nodiscard]] bool is(std::string_view type_name, std::string_view subtype_name) const {
        return iequals(type, type_name) && iequals(subtype, subtype_name);
    }
};

/// Seconds of Expires, Min-Expires, Min-SE, Retry-After (parameters and comments behind are ignored). A number too
/// large counts as the largest (RFC 3261 20.19).
[[nodiscard]] std::optional<std::uint32_t> delta_seconds(std::string_view value);

}  // namespace asterism::sip
