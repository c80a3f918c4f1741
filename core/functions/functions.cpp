#include "asterism/functions/functions.hpp"

#include "asterism/dialplan/timing.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/functions/zone.hpp"
#include "asterism/runtime/dns.hpp"
#include "asterism/runtime/log.hpp"
#include "core/functions/device_states.hpp"
#include "core/functions/fetcher.hpp"

namespace asterism::functions {

void add_functions(Pbx& pbx) {
    for (auto add :
         {add_text_functions, add_list_functions, add_logic_functions, add_math_functions, add_encoding_functions,
          add_time_functions, add_variable_functions, add_database_functions, add_party_functions,
          add_channel_functions, add_state_functions, add_dialplan_functions, add_group_functions, add_system_functions,
          add_file_functions, add_lock_functions, add_hash_functions, add_message_functions, add_media_functions})
        add(*pbx.functions);
    add_dns_functions(*pbx.functions, system_resolver());
    add_curl_functions(*pbx.functions, make_curl_fetcher(*pbx.loop));
    // The dialplan's timed includes know zones by name through this folder.
    dialplan::Timing::set_zones([](std::string_view zone, WallTime now) {
        return Zone::find(zone)->local(
            std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
    });
    restore_device_states(pbx);
}

std::nullopt_t failed(const FunctionCall& call, std::string_view why) {
    log::warning("{}({}): {}", call.name, call.args, why);
    return std::nullopt;
}

bool refused(const FunctionCall& call, std::string_view why) {
    log::warning("Set({}({})): {}", call.name, call.args, why);
    return false;
}

Channel* channel_of(const FunctionCall& call) {
    if (!call.channel) log::warning("No channel was provided to {} function.", call.name);
    return call.channel;
}

std::string value_of(const FunctionCall& call, std::string_view name) {
    return dialplan::get_variable(call.pbx, call.channel, name).value_or(std::string{});
}

std::string_view unquote(std::string_view text) {
    text = trim(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    return text;
}

}  // namespace asterism::functions
