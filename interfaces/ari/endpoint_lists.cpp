#include "endpoint_lists.hpp"

#include "asterism/model/endpoint.hpp"
#include "asterism/pbx.hpp"
#include "render.hpp"

namespace asterism::ari {

namespace {
/// What one endpoint without channels takes, about.
constexpr std::size_t usual_bytes = 96;
}  // namespace

std::shared_ptr<const std::string> EndpointLists::of(std::string_view technology) {
    auto found = kept_.find(technology);
    if (found == kept_.end()) found = kept_.emplace(technology, Kept{}).first;
    Kept& kept = found->second;
    const std::uint64_t now = pbx_.endpoints != nullptr ? pbx_.endpoints->revision() : 0;
    if (kept.text && kept.revision == now) return kept.text;
    std::string text;
    if (pbx_.endpoints != nullptr) {
        const auto all = pbx_.endpoints->all(technology);
        text.reserve(2 + all.size() * usual_bytes);
        for (const Endpoint* endpoint : all) {
            text += text.empty() ? '[' : ',';
            append_endpoint(text, *endpoint);
        }
    }
    text += text.empty() ? "[]" : "]";
    kept = {now, std::make_shared<const std::string>(std::move(text))};
    return kept.text;
}

}  // namespace asterism::ari
