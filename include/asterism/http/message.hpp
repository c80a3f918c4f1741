// One HTTP request as a handler sees it, and the answer that it fills in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asterism::http {

enum class Method : std::uint8_t { get, post, put, del, options, head, patch, other };

/// Name and value, both percent-decoded, in the order in which the client wrote them.
using Params = std::vector<std::pair<std::string, std::string>>;

/// Percent-decodes a path segment (`plus_is_space` false) or a query or form part (true). A `%` without two
/// hexadecimal digits after it stays as it is.
[[nodiscard]] std::string decode(std::string_view text, bool plus_is_space);
/// Percent-encodes everything but the unreserved characters (RFC 3986, 2.3).
[[nodiscard]] std::string encode(std::string_view text);
/// Appends the parts of `a=1&b=2` to `params`; at most `limit` stand in it afterwards. False when there were more.
bool parse_params(std::string_view text, Params& params, std::size_t limit = 256);
/// Escapes `& < > " '` for HTML and XML.
[[nodiscard]] std::string escape_html(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Whether a header's comma-separated list has `token`, ignoring case (RFC 9110, 5.6.1).
[[nodiscard]] bool has_token(std::string_view list, std::string_view token);

/// Who speaks with us: the text of an IP address without brackets, and a port.
struct Address {
    std::string ip;
    std::uint16_t port = 0;
};

/// A request, read to its end. The connection owns it; all views live until the request is answered.
class Request {
  public:
    Method method = Method::other;
    /// Path with the server's prefix taken off, as the client wrote it (still percent-encoded).
    std::string_view path;
    /// What followed `?`, as written.
    std::string_view query_text;
    std::string body;
    Address remote;
    Address local;
    bool secure = false;     ///< came over TLS
    bool keep_alive = true;  ///< the connection stays open after the answer
    unsigned version = 11;   ///< 10 or 11

    [[nodiscard]] std::string_view method_name() const { return text(method_name_); }
    [[nodiscard]] std::string_view target() const { return text(target_); }
    /// The decoded query; parsed when first asked for.
    [[nodiscard]] const Params& query() const;
    /// First query parameter of that name, or nullptr.
    [[nodiscard]] const std::string* param(std::string_view name) const;

    [[nodiscard]] std::size_t header_count() const { return fields_.size(); }
    [[nodiscard]] std::string_view header_name(std::size_t i) const { return text(fields_[i].first); }
    [[nodiscard]] std::string_view header_value(std::size_t i) const { return text(fields_[i].second); }
    /// First header of that name (any case); empty when absent.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] bool has_header(std::string_view name) const;
    /// Content type in lower case without parameters.
    [[nodiscard]] std::string content_type() const;

    // For the parser.
    void clear();
    void set_line(std::string_view method, std::string_view target);
    void add_header(std::string_view name, std::string_view value);
    /// Cuts the target into path and query, taking `prefix` off. False when the path does not start with it.
    bool split_target(std::string_view prefix);

  private:
    struct Span {
        std::uint32_t at = 0;
        std::uint32_t size = 0;
    };
    [[nodiscard]] std::string_view text(Span span) const { return std::string_view(text_).substr(span.at, span.size); }
    Span keep(std::string_view view);

    std::string text_;
    Span method_name_;
    Span target_;
    std::vector<std::pair<Span, Span>> fields_;
    mutable Params query_;
    mutable bool query_parsed_ = false;
};

/// The answer. `Server`, `Date`, `Connection`, `Cache-Control` and `Content-Length` are the server's business; what the
/// handler adds stands between them, in the order and spelling in which it was added.
class Response {
  public:
    int status = 200;
    std::string reason;  ///< empty: the usual phrase for the status
    std::string body;
    std::shared_ptr<const std::string> shared_body;  ///< sent in place of `body` when set: one text, many answers
    bool no_cache = true;                            ///< writes `Cache-Control: no-cache, no-store`
    bool close = false;                              ///< ends the connection after this answer

    /// CR and LF in a value are dropped: a value can't start a header of its own.
    void add_header(std::string_view name, std::string_view value);
    [[nodiscard]] const std::string& headers() const { return headers_; }
    /// Becomes the HTML page that Asterisk shows for an error.
    void error_page(int code, std::string_view title, std::string_view text, std::string_view server_name = "Asterisk");
    void clear();

  private:
    std::string headers_;
};

/// The usual reason phrase, as Asterisk words it.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace asterism::http
