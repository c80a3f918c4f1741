// How many calls there may be: maxcalls, maxload and minmemfree of asterisk.conf.
#pragma once

#include <optional>
#include <string>

namespace asterism {

struct Pbx;

/// Why no further call may begin now, as a clause for the log; nothing if one may. The load is that of the last minute
/// and the memory what is free at all, as sysinfo(2) tells them; without a limit on them it is not asked.
[[nodiscard]] std::optional<std::string> call_limit(const Pbx& pbx);

}  // namespace asterism
