// What a server answers to our WebSocket handshake, and the URIs that configuration names.
#include <cstdint>
#include <string_view>

#include "interfaces/http/websocket_dial.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::http;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto uri = parse_websocket_uri(text)) (void)uri->authority();
    (void)check_handshake(text, "dGhlIHNhbXBsZSBub25jZQ==", {"ari"});
    return 0;
}
