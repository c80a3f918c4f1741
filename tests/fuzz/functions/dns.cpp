// DNS answers of any bytes, and what ENUM makes of their records.
#include "asterism/runtime/dns.hpp"

#include <cstdint>

#include "core/functions/enum.hpp"

using namespace asterism;
using namespace asterism::functions;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const auto type : {DnsType::a, DnsType::aaaa, DnsType::txt, DnsType::srv, DnsType::naptr}) {
        const auto records = parse_dns_answer({data, size}, type);
        if (records && type == DnsType::naptr) (void)enum_results("+49891234", *records);
    }
    return 0;
}
