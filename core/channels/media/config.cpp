// chan_websocket.conf.
#include "asterism/channels/media_channels.hpp"
#include "asterism/config/file.hpp"
#include "asterism/config/options.hpp"

namespace asterism::media_channels {

namespace {

struct Global {
    int format = 0;
};

const config::Options<Global>& global() {
    static const config::Options<Global> table(
        "chan_websocket.conf", "global",
        {config::one_of("control_message_format", "plain-text", {"plain-text", "json"},
                        "how commands and events of media WebSockets are written", &Global::format)});
    return table;
}

}  // namespace

bool read_json(const config::File& file, config::Report& report) {
    Global read = global().defaults();
    for (const auto& section : file.sections()) {
        if (section.name == "global") {
            global().apply(section, read, report);
        } else {
            report.warning(section.origin, "[" + section.name + "] is not a section of chan_websocket.conf");
        }
    }
    return read.format == 1;
}

}  // namespace asterism::media_channels
