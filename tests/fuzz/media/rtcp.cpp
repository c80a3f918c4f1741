// RTCP compound packets.
#include <cstdint>
#include <vector>

#include "media/rtcp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::media;
    const std::vector<std::uint8_t> datagram(data, data + size);
    const auto packet = parse_rtcp(datagram);
    if (!packet) return 0;
    if (packet->block_count > packet->blocks.size()) __builtin_trap();
    // What was read can be written and read again.
    std::vector<std::uint8_t> out(2048);
    const auto n = write_rtcp(out, packet->sender, packet->info ? &*packet->info : nullptr,
                              std::span(packet->blocks).first(packet->block_count), packet->cname, packet->bye);
    const auto again = parse_rtcp(std::span(out).first(n));
    if (n != 0 && (!again || again->block_count != packet->block_count || again->bye != packet->bye)) __builtin_trap();
    return 0;
}
