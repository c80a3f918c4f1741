#include "parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <stdexcept>

#include "asterism/runtime/log.hpp"

namespace asterism::http {

namespace beast = boost::beast;

namespace {

constexpr std::size_t shortest_chunked_end = 5;

Method method_of(beast::http::verb verb) {
    switch (verb) {
        case beast::http::verb::get: return Method::get;
        case beast::http::verb::post: return Method::post;
        case beast::http::verb::put: return Method::put;
        case beast::http::verb::delete_: return Method::del;
        case beast::http::verb::options: return Method::options;
        case beast::http::verb::head: return Method::head;
        case beast::http::verb::patch: return Method::patch;
        default: return Method::other;
    }
}

/// Hands what Beast's parser finds to a Request, without a container between.
class Sink final : public beast::http::basic_parser<true> {
  public:
    explicit Sink(Request& request) : request_(request) {}
    bool expect = false;

  private:
    void on_request_impl(beast::http::verb verb, beast::string_view method, beast::string_view target, int version,
                         beast::error_code&) override {
        request_.method = method_of(verb);
        request_.version = static_cast<unsigned>(version);
        request_.set_line(method, target);
    }
    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
    void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                       beast::error_code& error) override {
        if (request_.header_count() >= 128) {
            error = beast::http::error::header_limit;
            return;
        }
        if (field == beast::http::field::expect && equal_ignoring_case(value, "100-continue")) expect = true;
        request_.add_header(name, value);
    }
    void on_header_impl(beast::error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, beast::error_code&) override {
        // Room for what was announced, but not more than a little on a client's mere word.
        if (length) request_.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, 16 << 10)));
    }
    std::size_t on_body_impl(beast::string_view text, beast::error_code&) override {
        request_.body.append(text.data(), text.size());
        return text.size();
    }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view text, beast::error_code&) override {
        request_.body.append(text.data(), text.size());
        return text.size();
    }
    void on_finish_impl(beast::error_code&) override {}

    Request& request_;
};

}  // namespace

class RequestParser::Beast {
  public:
    std::optional<Sink> sink;
};

RequestParser::RequestParser(Request& request, Limits limits)
    : request_(request), limits_(limits), beast_(std::make_unique<Beast>()) {
    reset();
}

RequestParser::~RequestParser() = default;

void RequestParser::reset() {
    request_.clear();
    auto& sink = beast_->sink.emplace(request_);
    sink.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    sink.body_limit(limits_.body_bytes);
    sink.eager(true);
    status_ = 400;
}

RequestParser::State RequestParser::put(std::span<const char> bytes, std::size_t& used) {
    try {
        return parse(bytes, used);
    } catch (const std::logic_error& error) {  // an assertion of Beast's
        log::error("An HTTP request is refused, the parser could not: {}", error.what());
        return State::bad;
    }
}

RequestParser::State RequestParser::parse(std::span<const char> bytes, std::size_t& used) {
    auto& sink = *beast_->sink;
    used = 0;
    for (;;) {
        // Beast asserts that a last chunk it saw begin comes again with its end in reach. What is left of a chunked
        // body is never less than "0\r\n\r\n".
        if (sink.is_header_done() && sink.chunked() && bytes.size() - used < shortest_chunked_end) return State::more;
        beast::error_code error;
        used += sink.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
        if (error == beast::http::error::need_more) {
            // Headers, or a chunk's size line, that fill the limit without an end will never have one.
            if (bytes.size() - used >= limits_.header_bytes) {
                status_ = sink.is_header_done() ? 400 : 431;
                return State::bad;
            }
            return State::more;
        }
        if (error) {
            if (error == beast::http::error::header_limit) status_ = 431;
            if (error == beast::http::error::body_limit) status_ = 413;
            return State::bad;
        }
        if (sink.is_done()) break;
        if (used == bytes.size()) return State::more;
    }
    request_.keep_alive = sink.keep_alive();
    return State::done;
}

bool RequestParser::in_body() const { return beast_->sink->is_header_done() && !beast_->sink->is_done(); }

bool RequestParser::take_expect() { return std::exchange(beast_->sink->expect, false); }

}  // namespace asterism::http
