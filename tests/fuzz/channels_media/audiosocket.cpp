// The messages of an AudioSocket program, in pieces of any size; and UUIDs.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/channels/media/audiosocket.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::media_channels;
    if (size == 0) return 0;
    const std::size_t piece = data[0] == 0 ? size : data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    AudioSocketReader reader;
    std::string again;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        reader.feed(bytes.substr(at, piece));
        while (const auto message = reader.next()) {
            append_audiosocket(again, message->kind, message->payload);
            (void)audiosocket_codec(message->kind);
            taken += message->payload.size() + 3;
        }
        if (reader.held() > 65538 + piece) std::abort();
    }
    if (taken > bytes.size() || again != bytes.substr(0, taken)) std::abort();
    (void)parse_uuid(bytes);
    return 0;
}
