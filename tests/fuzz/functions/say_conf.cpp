// say.conf: any file; then a few numbers and a date are said by its rules.
#include <cstdint>

#include "asterism/config/map_source.hpp"
#include "asterism/functions/say_rules.hpp"
#include "asterism/runtime/log.hpp"

namespace {
struct Quiet final : asterism::log::Backend {
    void write(const asterism::log::Record&) override {}
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism;
    static Quiet quiet;
    log::set_backend(&quiet);
    if (size > 4096) return 0;
    config::MapSource source;
    source.files["/say.conf"].assign(reinterpret_cast<const char*>(data), size);
    config::Report report;
    const auto file = config::read(source, "say.conf", {.directory = "/"}, report);
    if (!file) return 0;
    const auto rules = functions::SayRules::from(*file, report);
    for (const auto& section : file->sections()) {
        for (const char* what : {"num:0", "num:123456", "enum:7", "digit:1", "date:Y:202611221530.00-0-326"})
            (void)rules.say(section.name, what);
    }
    return 0;
}
