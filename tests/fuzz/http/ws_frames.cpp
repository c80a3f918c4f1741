// WebSocket frames in whatever pieces.
#include <cstdint>
#include <string>

#include "interfaces/http/ws_frame.hpp"

namespace {
struct Count final : asterism::http::FrameParser::Sink {
    std::size_t bytes = 0;
    bool on_message(asterism::http::Opcode, std::string_view payload) override {
        bytes += payload.size();
        return true;
    }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = data[0] == 0 ? size : data[0];
    asterism::http::FrameParser parser(1000);
    Count sink;
    for (std::size_t at = 1; at < size; at += piece) {
        std::string part(reinterpret_cast<const char*>(data) + at, std::min(piece, size - at));
        if (parser.put(part, sink) != 0) break;
    }
    return 0;
}
