#include "core/dialplan/channel_scope.hpp"

#include <charconv>
#include <chrono>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::dialplan {
namespace {

void append_int(long long value, std::string& out) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

bool append_hint(Channel& channel, bool name, std::string& out) {
    Pbx& pbx = channel.pbx();
    if (!pbx.dialplan) return false;
    const auto plan = pbx.dialplan->plan();
    const Location& at = channel.location();
    const Found found = plan->find_hint(query_for(channel, at.context, at.exten));
    if (!found) return false;
    // The hint's name is what a caller id or label of it would be: Asterisk keeps none since 1.8 but the text itself.
    if (!name) out += found.extension->hint;
    return true;
}

/// Variables of a channel that are computed.
bool append_of_channel(std::string_view name, Channel& channel, std::string& out) {
    const auto text = [&](std::string_view value) {
        out += value;
        return true;
    };
    const auto number = [&](long long value) {
        append_int(value, out);
        return true;
    };
    switch (name.front()) {
        case 'E':
            if (name == "EXTEN") return text(channel.location().exten);
            break;
        case 'C':
            if (name == "CHANNEL") return text(channel.name());
            if (name == "CONTEXT") return text(channel.location().context);
            if (name == "CALLINGPRES") return number(channel.caller().id.number.presentation.value);
            if (name == "CALLINGANI2") return number(channel.caller().ani2);
            if (name == "CALLINGTON") return number(channel.caller().id.number.plan);
            if (name == "CALLINGTNS") return number(channel.dialed().transit_network_select);
            break;
        case 'P':
            if (name == "PRIORITY") return number(channel.location().priority);
            break;
        case 'U':
            if (name == "UNIQUEID") return text(channel.uniqueid());
            break;
        case 'H':
            if (name == "HANGUPCAUSE") return number(static_cast<int>(channel.cause()));
            if (name == "HINT") return append_hint(channel, false, out);
            if (name == "HINTNAME") return append_hint(channel, true, out);
            break;
        default: break;
    }
    return false;
}

bool append_directory(std::string_view name, const config::Settings& settings, std::string& out) {
    struct Entry {
        std::string_view name;
        const std::string config::Settings::* value;
    };
    static constexpr Entry table[] = {
        {"ASTCACHEDIR", &config::Settings::cache_dir}, {"ASTETCDIR", &config::Settings::etc_dir},
        {"ASTMODDIR", &config::Settings::module_dir},  {"ASTVARLIBDIR", &config::Settings::var_lib_dir},
        {"ASTDBDIR", &config::Settings::db_dir},       {"ASTKEYDIR", &config::Settings::key_dir},
        {"ASTDATADIR", &config::Settings::data_dir},   {"ASTAGIDIR", &config::Settings::agi_dir},
        {"ASTSPOOLDIR", &config::Settings::spool_dir}, {"ASTRUNDIR", &config::Settings::run_dir},
        {"ASTLOGDIR", &config::Settings::log_dir},     {"ASTSBINDIR", &config::Settings::sbin_dir},
    };
    for (const auto& entry : table) {
        if (entry.name != name) continue;
        out += settings.*entry.value;
        return true;
    }
    return false;
}

/// Variables of the whole PBX that are computed.
bool append_of_system(std::string_view name, Pbx& pbx, std::string& out) {
    switch (name.front()) {
        case 'E':
            if (name == "EPOCH") {
                append_int(std::chrono::duration_cast<std::chrono::seconds>(pbx.loop->clock().wall().time_since_epoch())
                               .count(),
                           out);
                return true;
            }
            if (name == "ENTITYID") {
                out += pbx.entity_id;
                return true;
            }
            break;
        case 'S':
            if (name == "SYSTEMNAME") {
                out += pbx.system_name;
                return true;
            }
            break;
        case 'A':
            if (name.starts_with("AST") && pbx.settings) return append_directory(name, *pbx.settings, out);
            break;
        default: break;
    }
    return false;
}

}  // namespace

bool ChannelScope::append_variable(std::string_view name, std::string& out) {
    if (name.empty()) return false;
    if (channel_) {
        if (append_of_channel(name, *channel_, out)) return true;
        if (const std::string* value = channel_->variable(name)) {
            out += *value;
            return true;
        }
    }
    if (append_of_system(name, pbx_, out)) return true;
    if (pbx_.globals) {
        if (const std::string* value = pbx_.globals->find(name)) {
            out += *value;
            return true;
        }
    }
    return false;
}

bool ChannelScope::append_function(std::string_view name, std::string_view args, std::string& out) {
    const Function* function = pbx_.functions ? pbx_.functions->find(name) : nullptr;
    if (!function) {
        log::error("Function {} not registered", name);
        return false;
    }
    if (!function->read) {
        log::error("Function {} cannot be read{}", name, function->read_later ? " here: it has to wait" : "");
        return false;
    }
    FunctionCall call{.pbx = pbx_, .channel = channel_, .name = name, .args = args};
    const auto value = function->read(call);
    if (!value) return false;
    out += *value;
    return true;
}

}  // namespace asterism::dialplan
