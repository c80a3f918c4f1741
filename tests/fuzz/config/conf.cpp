// The .conf reader: any bytes, and includes that lead back to them.
#include <cstdint>

#include "asterism/config/acl.hpp"
#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"

namespace {

struct Source final : asterism::config::FileSource {
    std::string_view text;
    std::expected<std::string, std::string> load(const std::string&, std::size_t) override { return std::string(text); }
    std::vector<std::string> glob(const std::string& pattern) override { return {pattern}; }
    std::expected<std::string, std::string> run(const std::string&, std::size_t) override { return std::string(text); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    Source source;
    source.text = {reinterpret_cast<const char*>(data), size};
    asterism::config::Report report;
    auto file = asterism::config::read(
        source, "f.conf", {.directory = "/", .exec_includes = true, .max_depth = 3, .max_variables = 20'000}, report);
    if (file) {
        (void)asterism::config::Settings::from(*file, report);
        (void)asterism::config::NamedAcls::from(*file, report);
    }
    (void)report.text();
    return 0;
}
