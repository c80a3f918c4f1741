// How many calls there may be: maxcalls, maxload and minmemfree of asterisk.conf.
#pragma once

#include <optional>
#include <string>

namespace asterism {

struct Pbx;

/// Why no further call may begin now, as a clause for the log; nothing if one may. The load is that of the last minute
/// (sysinfo(2)), the memory what the system could give (/proc/meminfo's MemAvailable); without a limit neither is
/// asked.
[[nodiscard]] std::optional<std::string> call_limit(const Pbx& pbx);

}  // namespace asterism
