// Writes JSON in the order in which it is told, into one string. Reading is nlohmann's business (json_body.cpp).
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "asterism/runtime/json_text.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism::ari {

/// "2026-11-21T19:21:37.113+0000", always UTC.
void append_time(std::string& out, WallTime time);
[[nodiscard]] std::string time_text(WallTime time);

/// One JSON text. Commas come by themselves; whoever opens closes.
class Json {
  public:
    Json& begin() { return open('{'); }
    Json& end() { return close('}'); }
    Json& begin_list() { return open('['); }
    Json& end_list() { return close(']'); }
    Json& key(std::string_view name) {
        comma();
        append_json_text(text_, name);
        text_ += ':';
        fresh_ = true;
        return *this;
    }
    Json& value(std::string_view v) {
        comma();
        append_json_text(text_, v);
        return *this;
    }
    Json& value(const char* v) { return value(std::string_view(v)); }
    Json& value(const std::string& v) { return value(std::string_view(v)); }
    Json& value(bool v) { return raw(v ? "true" : "false"); }
    Json& value(std::int64_t v) {
        comma();
        const fmt::format_int digits(v);
        text_.append(digits.data(), digits.size());
        return *this;
    }
    Json& value(int v) { return value(static_cast<std::int64_t>(v)); }
    Json& value(WallTime v) {
        comma();
        append_time(text_, v);
        return *this;
    }
    /// Text that is JSON already.
    Json& raw(std::string_view json) {
        comma();
        text_ += json;
        return *this;
    }
    /// A value that `write` appends to the text itself.
    template <class F>
    Json& value_by(F write) {
        comma();
        write(text_);
        return *this;
    }
    template <class T>
    Json& put(std::string_view name, const T& v) {
        return key(name).value(v);
    }
    /// A list of texts.
    template <class C>
    Json& list(std::string_view name, const C& texts) {
        key(name).begin_list();
        for (const auto& text : texts) value(std::string_view(text));
        return end_list();
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    Json& open(char c) {
        comma();
        text_ += c;
        fresh_ = true;
        return *this;
    }
    Json& close(char c) {
        text_ += c;
        fresh_ = false;
        return *this;
    }
    void comma() {
        if (!fresh_) text_ += ',';
        fresh_ = false;
    }
    std::string text_;
    bool fresh_ = true;
};

}  // namespace asterism::ari
