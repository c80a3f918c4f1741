#include "core/channels/media/websocket_protocol.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace asterism::media_channels {

namespace {

using Kind = MediaCommand::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 11> names{{
    {"ANSWER", Kind::answer},
    {"HANGUP", Kind::hangup},
    {"START_MEDIA_BUFFERING", Kind::start_buffering},
    {"STOP_MEDIA_BUFFERING", Kind::stop_buffering},
    {"FLUSH_MEDIA", Kind::flush},
    {"PAUSE_MEDIA", Kind::pause},
    {"CONTINUE_MEDIA", Kind::go_on},
    {"MARK_MEDIA", Kind::mark},
    {"GET_STATUS", Kind::status},
    {"REPORT_QUEUE_DRAINED", Kind::report_drained},
    {"SET_MEDIA_DIRECTION", Kind::direction},
}};

constexpr std::size_t max_command_bytes = 16 << 10;
constexpr std::size_t max_id_bytes = 1024;
constexpr int max_depth = 8;

std::string_view trim(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto from = text.find_first_not_of(blank);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(blank) - from + 1);
}

std::expected<MediaCommand, std::string> make(std::string_view name, std::string_view id, std::string_view direction) {
    const auto found = std::ranges::find(names, name, &std::pair<std::string_view, Kind>::first);
    if (found == names.end()) return std::unexpected("Unknown command '" + std::string(name.substr(0, 64)) + "'");
    if (id.size() > max_id_bytes) return std::unexpected(std::string(name) + ": the correlation id is too long");
    MediaCommand command;
    command.kind = found->second;
    command.name = name;
    command.id = id;
    if (command.kind == Kind::direction) {
        const auto parsed = parse_direction(direction);
        if (!parsed) return std::unexpected(std::string(name) + ": " + parsed.error());
        command.takes = parsed->takes;
        command.gives = parsed->gives;
    }
    return command;
}

std::expected<MediaCommand, std::string> parse_json(std::string_view text) {
    const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth < max_depth; };
    const auto json = nlohmann::json::parse(text, shallow, false);
    if (!json.is_object()) return std::unexpected("The command is not a JSON object");
    const auto member = [&](const char* name) -> std::string {
        const auto found = json.find(name);
        if (found == json.end()) return {};
        if (found->is_string()) return found->get<std::string>();
        return found->is_number() ? found->dump() : std::string();
    };
    const std::string name = member("command");
    if (name.empty()) return std::unexpected("The JSON object has no 'command'");
    return make(name, member("correlation_id"), member("direction"));
}

}  // namespace

bool MediaCommand::needs_queue() const {
    switch (kind) {
        case Kind::answer:
        case Kind::hangup:
        case Kind::status:
        case Kind::direction: return false;
        default: return true;
    }
}

std::expected<MediaDirection, std::string> parse_direction(std::string_view text) {
    if (text == "both") return MediaDirection{};
    if (text == "in") return MediaDirection{.takes = false, .gives = true};
    if (text == "out") return MediaDirection{.takes = true, .gives = false};
    return std::unexpected("the direction is 'both', 'in' or 'out'");
}

std::expected<MediaCommand, std::string> parse_command(std::string_view text) {
    text = trim(text);
    if (text.size() > max_command_bytes) return std::unexpected("The command is too long");
    if (text.starts_with('{')) return parse_json(text);
    const auto space = text.find(' ');
    const auto rest = space == std::string_view::npos ? std::string_view() : trim(text.substr(space + 1));
    return make(text.substr(0, space), rest, rest);
}

std::string render_event(std::string_view event, const std::vector<MediaField>& fields, bool json) {
    if (json) {
        nlohmann::ordered_json object;
        object["event"] = event;
        for (const auto& field : fields) {
            auto& slot = object[std::string(field.name)];
            if (const auto* text = std::get_if<std::string>(&field.value)) slot = *text;
            if (const auto* number = std::get_if<std::int64_t>(&field.value)) slot = *number;
            if (const auto* flag = std::get_if<bool>(&field.value)) slot = *flag;
            if (const auto* pairs = std::get_if<MediaField::Pairs>(&field.value)) {
                slot = nlohmann::ordered_json::object();
                for (const auto& [name, value] : *pairs) slot[name] = value;
            }
        }
        // A variable may hold any bytes.
        return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    }
    std::string line(event);
    for (const auto& field : fields) {
        if (field.plain == MediaField::Plain::absent) continue;
        line += ' ';
        if (field.plain == MediaField::Plain::named) line.append(field.name).append(":");
        if (const auto* text = std::get_if<std::string>(&field.value)) line += *text;
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) line += std::to_string(*number);
        if (const auto* flag = std::get_if<bool>(&field.value)) line += *flag ? "true" : "false";
    }
    return line;
}

}  // namespace asterism::media_channels
