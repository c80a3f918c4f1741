#include "asterism/model/call_limit.hpp"

#include <fmt/format.h>
#include <sys/sysinfo.h>

#include "asterism/config/settings.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"

namespace asterism {

std::optional<std::string> call_limit(const Pbx& pbx) {
    if (pbx.settings == nullptr) return std::nullopt;
    const config::Settings& s = *pbx.settings;
    if (s.max_calls > 0 && pbx.channels->calls() >= static_cast<std::size_t>(s.max_calls))
        return fmt::format("maxcalls is {}", s.max_calls);
    if (s.max_load <= 0 && s.min_free_memory_mb <= 0) return std::nullopt;
    struct sysinfo host{};
    if (sysinfo(&host) != 0) return std::nullopt;
    const double load = static_cast<double>(host.loads[0]) / (1 << SI_LOAD_SHIFT);
    if (s.max_load > 0 && load >= s.max_load)
        return fmt::format("the load is {:.2f}, and maxload {}", load, s.max_load);
    const auto free_mb = static_cast<std::uint64_t>(host.freeram) * host.mem_unit >> 20;
    if (s.min_free_memory_mb > 0 && free_mb < static_cast<std::uint64_t>(s.min_free_memory_mb))
        return fmt::format("{} MB of memory are free, and minmemfree is {}", free_mb, s.min_free_memory_mb);
    return std::nullopt;
}

}  // namespace asterism
