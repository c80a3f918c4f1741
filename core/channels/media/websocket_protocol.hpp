// The texts that a media WebSocket carries beside the audio: commands of the program, events for it, each in the
// plain form ("MEDIA_START connection_id:x ...") or as a JSON object.
// https://docs.asterisk.org/Configuration/Channel-Drivers/WebSocket/
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace asterism::media_channels {

struct MediaCommand {
    enum class Kind : std::uint8_t {
        answer,
        hangup,
        start_buffering,
        stop_buffering,  ///< id
        flush,
        pause,
        go_on,
        mark,  ///< id
        status,
        report_drained,
        direction,  ///< takes, gives
    };
    Kind kind = Kind::answer;
    std::string name;  ///< as it was written
    std::string id;    ///< the program's own: correlation_id
    bool takes = true, gives = true;
    /// Has no sense where every message is a packet.
    [[nodiscard]] bool needs_queue() const;
};

/// Which audio passes, as the program calls it: "both", "in" (it only hears), "out" (it only speaks).
struct MediaDirection {
    bool takes = true;  ///< what the program sends is heard
    bool gives = true;  ///< it is sent audio
};
[[nodiscard]] std::expected<MediaDirection, std::string> parse_direction(std::string_view text);

/// Reads a command of either form, whatever the form of the events: one that begins with '{' is JSON. The error is a
/// sentence for the ERROR event.
[[nodiscard]] std::expected<MediaCommand, std::string> parse_command(std::string_view text);

/// One field of an event.
struct MediaField {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    std::string_view name;
    std::variant<std::string, std::int64_t, bool, Pairs> value;
    /// Only in JSON; or, in the plain form, the bare value ("MEDIA_BUFFERING_COMPLETED id").
    enum class Plain : std::uint8_t { named, bare, absent } plain = Plain::named;
};

/// "EVENT name:value name:value" or {"event":"EVENT","name":value}.
[[nodiscard]] std::string render_event(std::string_view event, const std::vector<MediaField>& fields, bool json);

}  // namespace asterism::media_channels
