#include "asterism/http/message.hpp"

#include <fmt/format.h>

#include <iterator>

namespace asterism::http {

void Request::clear() {
    text_.clear();
    fields_.clear();
    query_.clear();
    query_parsed_ = false;
    body.clear();
    path = {};
    query_text = {};
    method_name_ = {};
    target_ = {};
    method = Method::other;
    keep_alive = true;
    version = 11;
}

Request::Span Request::keep(std::string_view view) {
    const Span span{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(view.size())};
    text_.append(view);
    return span;
}

void Request::set_line(std::string_view name, std::string_view target) {
    method_name_ = keep(name);
    target_ = keep(target);
}

void Request::add_header(std::string_view name, std::string_view value) {
    const Span kept = keep(name);
    fields_.emplace_back(kept, keep(value));
}

bool Request::split_target(std::string_view prefix) {
    std::string_view whole = target();
    // The absolute form (RFC 9112, 3.2.2) names us, whoever we are.
    if (!whole.starts_with('/')) {
        if (const auto scheme = whole.find("://"); scheme != std::string_view::npos) {
            const auto slash = whole.find('/', scheme + 3);
            whole = slash == std::string_view::npos ? std::string_view("/") : whole.substr(slash);
        }
    }
    if (const auto fragment = whole.find('#'); fragment != std::string_view::npos) whole = whole.substr(0, fragment);
    const auto question = whole.find('?');
    path = whole.substr(0, question);
    query_text = question == std::string_view::npos ? std::string_view() : whole.substr(question + 1);
    if (prefix.empty()) return true;
    if (!path.starts_with(prefix) || (path.size() > prefix.size() && path[prefix.size()] != '/')) return false;
    path.remove_prefix(prefix.size());
    return true;
}

const Params& Request::query() const {
    if (!query_parsed_) {
        query_parsed_ = true;
        parse_params(query_text, query_);
    }
    return query_;
}

const std::string* Request::param(std::string_view name) const {
    for (const auto& [key, value] : query()) {
        if (key == name) return &value;
    }
    return nullptr;
}

std::string_view Request::header(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (equal_ignoring_case(text(key), name)) return text(value);
    }
    return {};
}

bool Request::has_header(std::string_view name) const {
    for (const auto& field : fields_) {
        if (equal_ignoring_case(text(field.first), name)) return true;
    }
    return false;
}

std::string Request::content_type() const {
    std::string_view value = header("Content-Type");
    value = value.substr(0, value.find(';'));
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    std::string out(value);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

void Response::add_header(std::string_view name, std::string_view value) {
    headers_.append(name).append(": ");
    for (const char c : value) {
        if (c != '\r' && c != '\n') headers_ += c;
    }
    headers_.append("\r\n");
}

void Response::error_page(int code, std::string_view title, std::string_view text, std::string_view server_name) {
    status = code;
    reason = title;
    body.clear();
    add_header("Content-type", "text/html");
    fmt::format_to(std::back_inserter(body),
                   "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n"
                   "<html><head>\r\n<title>{0} {1}</title>\r\n</head><body>\r\n<h1>{1}</h1>\r\n<p>{2}</p>\r\n"
                   "<hr />\r\n<address>{3}</address>\r\n</body></html>\r\n",
                   code, title, text, server_name);
}

void Response::clear() {
    status = 200;
    reason.clear();
    body.clear();
    shared_body.reset();
    headers_.clear();
    no_cache = true;
    close = false;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 302: return "Moved Temporarily";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Request Entity Too Large";
        case 422: return "Unprocessable Entity";
        case 426: return "Upgrade Required";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        default: return "Unknown";
    }
}

}  // namespace asterism::http
