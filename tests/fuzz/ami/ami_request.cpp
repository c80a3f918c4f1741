// Any bytes, cut anywhere, through the request parser: the same requests come out, within the limits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../../../interfaces/ami/filter.hpp"
#include "../../../interfaces/ami/request.hpp"

using namespace asterism::ami;

namespace {

std::vector<std::string> run(std::string_view bytes, std::size_t chunk) {
    RequestParser parser;
    std::vector<std::string> seen;
    while (!bytes.empty()) {
        auto part = bytes.substr(0, chunk);
        bytes.remove_prefix(part.size());
        while (!part.empty()) {
            auto result = parser.feed(part);
            if (result == RequestParser::Result::need_more) continue;
            if (result != RequestParser::Result::request) {
                seen.emplace_back("error");
                continue;
            }
            const auto& request = parser.request();
            if (request.empty() || request.size() > RequestParser::max_headers) std::abort();
            std::string text;
            for (std::size_t i = 0; i < request.size(); ++i) {
                if (request.name(i).size() + request.value(i).size() > RequestParser::max_line) std::abort();
                text.append(request.name(i)).append(":").append(request.value(i)).append("\n");
            }
            (void)request.action_id();
            (void)Filter::parse(request.get("MatchCriteria"), request.get("Filter"));
            seen.push_back(std::move(text));
        }
    }
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    auto whole = run(bytes, bytes.size() + 1);
    if (run(bytes, 1) != whole || run(bytes, 7) != whole) std::abort();
    return 0;
}
