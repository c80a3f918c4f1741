// What a client may put into a request to ARI: path, query, content type and body, for every operation of the table.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "interfaces/ari/json_body.hpp"
#include "interfaces/ari/operation.hpp"
#include "interfaces/ari/service.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism;
    if (size < 2) return 0;
    static const ari::Table table(ari::all_resources());
    static const ari::User user;
    const bool form = (data[0] & 1U) != 0;
    std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto line = text.find('\n');
    std::string_view target = text.substr(0, line);
    const std::string_view body = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
    http::Params query;
    if (const auto question = target.find('?'); question != std::string_view::npos) {
        http::parse_params(target.substr(question + 1), query);
        target = target.substr(0, question);
    }
    for (const auto method : {http::Method::get, http::Method::post, http::Method::put, http::Method::del}) {
        const auto match = table.find(method, target);
        if (match.operation == nullptr) continue;
        // The service is never touched by reading: room for one will do.
        alignas(ari::Service) static std::array<std::byte, sizeof(ari::Service)> nobody;
        ari::Call call(*reinterpret_cast<ari::Service*>(nobody.data()), user, *match.operation);
        ari::Reply reply;
        if (!call.read(match.values, query, form ? "application/x-www-form-urlencoded" : "application/json", body,
                       reply)) {
            continue;
        }
        for (const auto& parameter : match.operation->parameters) {
            (void)call.text(parameter.name);
            (void)call.integer(parameter.name);
            (void)call.boolean(parameter.name);
            (void)call.list(parameter.name);
            (void)call.named(parameter.name);
        }
    }
    return 0;
}
