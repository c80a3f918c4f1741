// pjsip_notify.conf: NOTIFYs that are ready to be sent.
#include "asterism/channels/pjsip.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::pjsip {

Task<std::optional<Fields>> read_notify_option(Pbx& pbx, std::string section) {
    const auto where = pbx.settings ? pbx.settings->read_options() : config::ReadOptions{};
    co_return co_await run_blocking(*pbx.loop, [section = std::move(section), where]() -> std::optional<Fields> {
        config::DiskSource disk;
        config::Report report;
        const auto file = config::read(disk, "pjsip_notify.conf", where, report);
        const config::Section* found = file ? file->find(section) : nullptr;
        if (!found) return std::nullopt;
        Fields out;
        for (const auto& variable : found->variables) out.emplace_back(variable.name, variable.value);
        return out;
    });
}

}  // namespace asterism::pjsip
