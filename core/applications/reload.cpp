// Reload: reads a module's configuration again.
#include "asterism/process.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

Task<AppResult> reload(Channel& channel, std::string data) {
    Pbx& pbx = channel.pbx();
    auto box = std::make_shared<Mailbox<ReloadResult>>(*pbx.loop);
    if (!pbx.process) co_return AppResult::go_on();
    pbx.process->reload(data, [weak = std::weak_ptr(box)](ReloadResult how) {
        if (auto waiting = weak.lock()) waiting->send(how);
    });
    const ReloadResult how = co_await box->next();
    channel.set_variable("RELOADSTATUS", how == ReloadResult::done ? "SUCCESS" : "FAILURE");
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

}  // namespace

void add_reload_application(dialplan::Applications& all) {
    all.add({.name = "Reload",
             .synopsis = "read a module's configuration again",
             .syntax = "Reload([module])",
             .parameters = {{"module", "pbx_config, res_pjsip...; nothing: all. RELOADSTATUS: SUCCESS, FAILURE"}},
             .run = reload,
             .module = "app_reload",
             .dangerous = true});
}

}  // namespace asterism::applications
