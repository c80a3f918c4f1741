// Request line, headers, bodies, queries and forms: whatever a client sends, in whatever pieces.
#include <cstdint>
#include <span>
#include <string>

#include "interfaces/http/parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::http;
    if (size == 0) return 0;
    const std::size_t piece = data[0] == 0 ? size : data[0];
    Request request;
    RequestParser parser(request, {4096, 8192});
    std::string have;
    for (std::size_t at = 1; at < size; at += piece) {
        have.append(reinterpret_cast<const char*>(data) + at, std::min(piece, size - at));
        for (;;) {
            std::size_t used = 0;
            const auto state = parser.put(have, used);
            have.erase(0, used);
            if (state == RequestParser::State::bad) return 0;
            if (state == RequestParser::State::more) break;
            request.split_target("/x");
            request.split_target("");
            (void)request.query();
            Params form;
            parse_params(request.body, form);
            for (const auto& [name, value] : form) (void)encode(escape_html(name) + decode(value, false));
            (void)request.content_type();
            (void)has_token(request.header("Upgrade"), "websocket");
            parser.reset();
        }
    }
    return 0;
}
