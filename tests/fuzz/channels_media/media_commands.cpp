// Commands of a media WebSocket's program, plain and JSON; what they hold goes into events of both forms.
#include <cstdint>
#include <string_view>

#include "core/channels/media/websocket_protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::media_channels;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto command = parse_command(text);
    const std::string id = command ? command->id : command.error();
    for (const bool json : {false, true}) {
        (void)render_event(
            "MEDIA_MARK_PROCESSED",
            {{"correlation_id", id, MediaField::Plain::bare},
             {"channel_variables", MediaField::Pairs{{std::string(text.substr(0, 8)), id}}, MediaField::Plain::absent}},
            json);
    }
    (void)parse_direction(text);
    return 0;
}
