// Reading an operation's parameters out of path, query, form and JSON body.
#include <algorithm>
#include <charconv>

#include "json.hpp"
#include "json_body.hpp"
#include "operation.hpp"

namespace asterism::ari {

namespace {

constexpr int max_depth = 32;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_true(std::string_view text) {
    for (const std::string_view yes : {"yes", "true", "y", "t", "1", "on"}) {
        if (http::equal_ignoring_case(text, yes)) return true;
    }
    return false;
}

/// A whole number; a fraction of zero is let pass ("30.0").
std::optional<std::int64_t> to_integer(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (rest.empty()) return value;
    if (rest[0] == '.' && rest.find_first_not_of('0', 1) == std::string_view::npos) return value;
    return std::nullopt;
}

void split_into(std::string_view text, std::vector<std::string>& out) {
    for (;;) {
        const auto comma = text.find(',');
        out.emplace_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return;
        text.remove_prefix(comma + 1);
    }
}

bool among(std::string_view list, std::string_view value) {
    while (!list.empty()) {
        const auto bar = list.find('|');
        if (list.substr(0, bar) == value) return true;
        if (bar == std::string_view::npos) return false;
        list.remove_prefix(bar + 1);
    }
    return false;
}

}  // namespace

void Reply::error(int code, std::string_view text, std::string_view phrase) {
    status = code;
    reason = phrase;
    content_type = "application/json";
    headers_name.clear();
    body = "{\"message\":";
    append_json_text(body, text);
    body += '}';
}

void Reply::allocation_failed() {
    status = 500;
    body = R"({"error":"Allocation failed"})";
}

std::optional<nlohmann::ordered_json> parse_json(std::string_view text) {
    // Depth is looked at first: a parser that recurses into a client's brackets could be led off the stack.
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max_depth) return std::nullopt;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    auto parsed = nlohmann::ordered_json::parse(text, nullptr, false);
    if (parsed.is_discarded()) return std::nullopt;
    return parsed;
}

std::optional<std::string> scalar_text(const nlohmann::ordered_json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return std::string(value.get<bool>() ? "true" : "false");
    if (value.is_null()) return std::string();
    if (value.is_number()) return value.dump();
    return std::nullopt;
}

Call::Call(Service& s, const User& u, const Operation& o) : service(s), user(u), operation(o) {}
Call::~Call() = default;

std::function<void(Reply&&)> Call::later() {
    deferred_ = true;
    return std::move(*done_);
}

const Call::Value* Call::find(std::string_view name) const {
    for (const auto& value : values_) {
        if (value.parameter->name == name) return &value;
    }
    return nullptr;
}

Call::Value& Call::slot(const Parameter& parameter) {
    for (auto& value : values_) {
        if (value.parameter == &parameter) return value;
    }
    return values_.emplace_back(Value{&parameter, {}, false});
}

const std::string& Call::text(std::string_view name) const {
    static const std::string empty;
    const auto* value = find(name);
    return value != nullptr && !value->texts.empty() ? value->texts.back() : empty;
}

bool Call::given(std::string_view name) const {
    const auto* value = find(name);
    return value != nullptr && !value->defaulted;
}

std::int64_t Call::integer(std::string_view name) const {
    const auto* value = find(name);
    if (value != nullptr && !value->texts.empty()) {
        if (const auto number = to_integer(value->texts.back())) return *number;
    }
    for (const auto& parameter : operation.parameters) {
        if (parameter.name == name) return to_integer(parameter.by_default).value_or(0);
    }
    return 0;
}

bool Call::boolean(std::string_view name) const { return is_true(text(name)); }

std::vector<std::string> Call::list(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr) return {};
    std::vector<std::string> all;
    for (const auto& text : value->texts) all.emplace_back(trim(text));
    return all;
}

bool Call::read(const std::vector<std::pair<std::string, std::string>>& path_values, const http::Params& query_values,
                std::string_view content_type, std::string_view body, Reply& reply) {
    auto take = [this](std::string_view name, const std::string& value, bool from_path) {
        for (const auto& parameter : operation.parameters) {
            if (parameter.name != name || (parameter.in == In::path) != from_path) continue;
            // A containers parameter exists in the body alone.
            if (!from_path && parameter.in == In::body) continue;
            auto& at = slot(parameter);
            if (parameter.multiple) {
                split_into(value, at.texts);
            } else {
                at.texts.assign(1, value);
            }
        }
    };
    for (const auto& [name, value] : path_values) take(name, value, true);
    for (const auto& [name, value] : query_values) take(name, value, false);
    if (!body.empty()) {
        if (content_type == "application/x-www-form-urlencoded") {
            http::Params form;
            http::parse_params(body, form);
            for (const auto& [name, value] : form) take(name, value, false);
        } else if (content_type.empty() || content_type == "application/json") {
            if (!read_json(body, reply)) return false;
        }
    }
    for (const auto& parameter : operation.parameters) {
        const auto* value = find(parameter.name);
        const bool there = value != nullptr && !value->texts.empty() && !value->texts.front().empty();
        if (!there) {
            if (parameter.required && !parameter.missing.empty() && value == nullptr) {
                reply.error(400, parameter.missing == "Missing parameter"
                                     ? "Missing parameter " + std::string(parameter.name)
                                     : std::string(parameter.missing));
                return false;
            }
            continue;
        }
        if (parameter.type == Type::integer && !to_integer(value->texts.back())) {
            reply.error(400, "Invalid value for parameter " + std::string(parameter.name) + ": not a number");
            return false;
        }
        if (!parameter.bad.empty() && !among(parameter.values, value->texts.back())) {
            reply.error(400, parameter.bad);
            return false;
        }
    }
    for (const auto& parameter : operation.parameters) {
        if (!parameter.by_default.empty() && find(parameter.name) == nullptr) {
            values_.push_back({&parameter, {std::string(parameter.by_default)}, true});
        }
    }
    return true;
}

bool Call::read_json(std::string_view body, Reply& reply) {
    auto parsed = parse_json(body);
    if (!parsed) {
        reply.error(400, "Error parsing request body");
        return false;
    }
    json_ = std::make_unique<JsonBody>(JsonBody{std::move(*parsed)});
    if (!json_->value.is_object()) return true;
    for (const auto& parameter : operation.parameters) {
        if (parameter.in == In::path || parameter.in == In::body) continue;
        const auto found = json_->value.find(std::string(parameter.name));
        if (found == json_->value.end()) continue;
        std::vector<std::string> texts;
        if (found->is_array() && parameter.multiple) {
            for (const auto& item : *found) {
                if (auto text = scalar_text(item)) texts.push_back(std::move(*text));
            }
        } else if (auto text = scalar_text(*found)) {
            texts.push_back(std::move(*text));
        } else {
            reply.error(400, "Invalid value for parameter " + std::string(parameter.name));
            return false;
        }
        slot(parameter).texts = std::move(texts);
    }
    return true;
}

std::optional<std::vector<Call::Named>> Call::named(std::string_view name) const {
    std::vector<Named> out;
    if (!json_ || !json_->value.is_object()) return out;
    const auto found = json_->value.find(std::string(name));
    if (found == json_->value.end() || found->is_null()) return out;
    auto take = [&out](const std::string& key, const nlohmann::ordered_json& value) {
        if (value.is_object()) {  // {"value": text, "report_events": true}
            const auto inner = value.find("value");
            const auto report = value.find("report_events");
            auto text = inner != value.end() ? scalar_text(*inner) : std::nullopt;
            if (!text) return false;
            out.push_back({std::string(trim(key)), std::move(*text),
                           report != value.end() && report->is_boolean() && report->get<bool>()});
            return true;
        }
        auto text = scalar_text(value);
        if (text) out.push_back({std::string(trim(key)), std::move(*text)});
        return text.has_value();
    };
    if (found->is_array()) {  // [{"attribute": name, "value": value}, ...]
        for (const auto& item : *found) {
            if (!item.is_object()) return std::nullopt;
            const auto attribute = item.find("attribute");
            const auto value = item.find("value");
            if (attribute == item.end() || value == item.end() || !attribute->is_string()) return std::nullopt;
            if (!take(attribute->get<std::string>(), *value)) return std::nullopt;
        }
        return out;
    }
    if (!found->is_object()) return std::nullopt;
    for (const auto& [key, value] : found->items()) {
        if (!take(key, value)) return std::nullopt;
    }
    return out;
}

}  // namespace asterism::ari
