// extensions.conf: any file; then every name in it is looked up in every context, whole and in part.
#include <cstdint>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/builder.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/dialplan/lint.hpp"
#include "asterism/runtime/log.hpp"

namespace {

using namespace asterism;

struct Source final : config::FileSource {
    std::string_view text;
    std::expected<std::string, std::string> load(const std::string&, std::size_t) override { return std::string(text); }
    std::vector<std::string> glob(const std::string&) override { return {}; }
    std::expected<std::string, std::string> run(const std::string&, std::size_t) override { return std::string(); }
};
struct Quiet final : log::Backend {
    void write(const log::Record&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Quiet quiet;
    log::set_backend(&quiet);
    if (size > 4096) return 0;
    Source source;
    source.text = {reinterpret_cast<const char*>(data), size};
    config::Report report;
    const auto file = config::read(source, "extensions.conf", {.directory = "/"}, report);
    if (!file) return 0;
    const auto plan = dialplan::Plan::from(*file, report);
    if (!plan) return 0;
    for (const auto& context : plan->contexts()) {
        for (const auto* extension : context->extensions()) {
            const std::string_view name = extension->name;
            for (const std::string_view exten : {name, name.substr(0, name.size() / 2), name.substr(name.size() / 2)}) {
                const dialplan::Plan::Query query{
                    .context = context->name(), .exten = exten, .caller = name, .now = {}};
                (void)plan->find(query);
                (void)plan->more_match(query);
                (void)plan->can_match(query);
                (void)plan->find_hint(query);
            }
        }
    }
    (void)dialplan::PlanBuilder(*plan).build();
    dialplan::lint(*plan, dialplan::Applications(), dialplan::Functions(), report);
    return 0;
}
