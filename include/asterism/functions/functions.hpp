// The dialplan functions of this folder, family by family. Each family fills Pbx::functions from one file.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/dns.hpp"

namespace asterism::store {
class Realtime;
}
namespace asterism::functions {

using dialplan::FunctionCall;
using Text = std::optional<std::string>;

/// Registers every function of this folder; called once by main, with functions, globals, db and device_states set.
void add_functions(Pbx& pbx);

void add_text_functions(dialplan::Functions& all);
void add_list_functions(dialplan::Functions& all);
void add_logic_functions(dialplan::Functions& all);
void add_math_functions(dialplan::Functions& all);
void add_encoding_functions(dialplan::Functions& all);
void add_time_functions(dialplan::Functions& all);
void add_variable_functions(dialplan::Functions& all);
void add_database_functions(dialplan::Functions& all);
void add_party_functions(dialplan::Functions& all);
void add_channel_functions(dialplan::Functions& all);
void add_state_functions(dialplan::Functions& all);
void add_dialplan_functions(dialplan::Functions& all);
void add_group_functions(dialplan::Functions& all);
void add_system_functions(dialplan::Functions& all);
void add_file_functions(dialplan::Functions& all);
void add_lock_functions(dialplan::Functions& all);
void add_hash_functions(dialplan::Functions& all);
void add_message_functions(dialplan::Functions& all);
/// Not among add_functions: `realtime` outlives the functions.
void add_realtime_functions(dialplan::Functions& all, store::Realtime& realtime);
void add_dns_functions(dialplan::Functions& all, const DnsQuery& query);
class Fetcher;
void add_curl_functions(dialplan::Functions& all, std::shared_ptr<Fetcher> fetcher);
void add_media_functions(dialplan::Functions& all);

// ---- what the families share ----
/// Logs what is wrong with a use of a function, and gives nothing.
std::nullopt_t failed(const FunctionCall& call, std::string_view why);
/// The same for a write.
bool refused(const FunctionCall& call, std::string_view why);
/// The channel, or null after a warning: most functions mean nothing without one.
Channel* channel_of(const FunctionCall& call);
/// Value of the variable (or function) whose name an argument gives; empty if it is unset.
std::string value_of(const FunctionCall& call, std::string_view name);
/// "1" or "0".
inline std::string truth(bool value) { return value ? "1" : "0"; }
/// Without the blanks and the pair of quotes around it.
std::string_view unquote(std::string_view text);

}  // namespace asterism::functions
