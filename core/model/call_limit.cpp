#include "asterism/model/call_limit.hpp"

#include <fmt/format.h>
#include <sys/sysinfo.h>

#include <fstream>

#include "asterism/config/settings.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"

namespace asterism {

namespace {

/// In MB, the page cache left out of what is used (sysinfo(2) counts it, and fills all memory in time).
std::optional<std::uint64_t> available_memory() {
    std::ifstream file("/proc/meminfo");
    std::string name;
    for (std::uint64_t kilobytes = 0; file >> name >> kilobytes; file.ignore(64, '\n'))
        if (name == "MemAvailable:") return kilobytes >> 10;
    return std::nullopt;
}

}  // namespace

std::optional<std::string> call_limit(const Pbx& pbx) {
    if (pbx.settings == nullptr) return std::nullopt;
    const config::Settings& s = *pbx.settings;
    if (s.max_calls > 0 && pbx.channels->calls() >= static_cast<std::size_t>(s.max_calls))
        return fmt::format("maxcalls is {}", s.max_calls);
    struct sysinfo host{};
    if (s.max_load > 0 && sysinfo(&host) == 0) {
        const double load = static_cast<double>(host.loads[0]) / (1 << SI_LOAD_SHIFT);
        if (load >= s.max_load) return fmt::format("the load is {:.2f}, and maxload {}", load, s.max_load);
    }
    if (s.min_free_memory_mb > 0) {
        const auto available = available_memory();
        if (available && *available < static_cast<std::uint64_t>(s.min_free_memory_mb))
            return fmt::format("{} MB of memory are available, and minmemfree is {}", *available, s.min_free_memory_mb);
    }
    return std::nullopt;
}

}  // namespace asterism
