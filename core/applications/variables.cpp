// Set and what else changes variables and the database.
#include "asterism/dialplan/evaluate_later.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/store/astdb.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// Sets a variable, unless it is a function that has to wait.
AppResult set_now(Channel& channel, std::string_view name, std::string_view value) {
    if (dialplan::write_waits(channel.pbx(), name)) return AppResult::wait();
    (void)dialplan::set_variable(channel.pbx(), &channel, name, value);
    return AppResult::go_on();
}

struct Pair {
    std::string_view name, value;
};

/// Nothing, after a warning, if it is no pair.
std::optional<Pair> parse_pair(std::string_view data) {
    if (data.empty()) {
        log::warning("Set requires one variable name/value pair.");
        return std::nullopt;
    }
    // The = of the pair is the first outside the parentheses of a function.
    int depth = 0;
    std::size_t equals = std::string_view::npos;
    for (std::size_t i = 0; i < data.size() && equals == std::string_view::npos; ++i) {
        if (data[i] == '(') ++depth;
        if (data[i] == ')' && depth > 0) --depth;
        if (data[i] == '=' && depth == 0) equals = i;
    }
    if (equals == std::string_view::npos) {
        log::warning("Set requires an '=' to be a valid assignment.");
        return std::nullopt;
    }
    const auto name = data.substr(0, equals);
    const auto value = data.substr(equals + 1);
    if (name.contains(' '))
        log::warning(
            "Please avoid unnecessary spaces on variables as it may lead to unexpected results ('{}' set to "
            "'{}').",
            name, value);
    return Pair{name, value};
}

AppResult set(Channel& channel, std::string_view data) {
    const auto pair = parse_pair(data);
    return pair ? set_now(channel, pair->name, pair->value) : AppResult::go_on();
}
Task<AppResult> set_later(Channel& channel, std::string data) {
    if (const auto pair = parse_pair(data))
        (void)co_await dialplan::set_variable_later(channel.pbx(), &channel, std::string(pair->name),
                                                    std::string(pair->value));
    co_return AppResult::go_on();
}

/// The pairs of MSet, without those that are none.
std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view data) {
    const Arguments arguments(data);
    if (arguments.size() == 0) log::warning("MSet requires at least one variable name/value pair.");
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& pair : arguments.all()) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos)
            log::warning("MSet: ignoring entry '{}' with no '='", pair);
        else
            pairs.emplace_back(functions::trim(std::string_view(pair).substr(0, equals)), pair.substr(equals + 1));
    }
    return pairs;
}

AppResult set_several(Channel& channel, std::string_view data) {
    const auto pairs = parse_pairs(data);
    for (const auto& [name, value] : pairs)
        if (dialplan::write_waits(channel.pbx(), name)) return AppResult::wait();
    for (const auto& [name, value] : pairs) (void)dialplan::set_variable(channel.pbx(), &channel, name, value);
    return AppResult::go_on();
}
Task<AppResult> set_several_later(Channel& channel, std::string data) {
    for (auto& [name, value] : parse_pairs(data))
        (void)co_await dialplan::set_variable_later(channel.pbx(), &channel, name, value);
    co_return AppResult::go_on();
}

AppResult clear_hash(Channel& channel, std::string_view data) {
    const auto prefix = "~HASH~" + std::string(data) + "~";
    std::vector<std::string> names;
    for (const auto& entry : channel.variables().all())
        if (entry.name.starts_with(prefix)) names.push_back(entry.name);
    for (const auto& name : names) (void)channel.variables().unset(name);
    return AppResult::go_on();
}

AppResult delete_tree(Channel& channel, std::string_view data) {
    const auto slash = data.find('/');
    const auto family = data.substr(0, slash);
    if (family.empty()) return requires_argument("DBdeltree", "family[/keytree]");
    (void)channel.pbx().db->del_tree(family, slash == std::string_view::npos ? "" : data.substr(slash + 1));
    return AppResult::go_on();
}

}  // namespace

void add_variable_applications(dialplan::Applications& all) {
    all.add({.name = "Set",
             .synopsis = "set a variable or function",
             .syntax = "Set(name=value)",
             .parameters = {{"name", "_name is inherited once, __name always"}, {"value", "any text"}},
             .run_now = set,
             .run = set_later,
             .module = "pbx_builtins"});
    all.add({.name = "MSet",
             .synopsis = "set several variables or functions",
             .syntax = "MSet(name1=value1[,name2=value2[,...]])",
             .parameters = {{"name1=value1", "as of Set"}},
             .run_now = set_several,
             .run = set_several_later,
             .module = "pbx_builtins"});
    all.add({.name = "ClearHash",
             .synopsis = "remove all entries of a HASH",
             .syntax = "ClearHash(hashname)",
             .run_now = clear_hash,
             .module = "func_strings"});
    all.add({.name = "DBdeltree",
             .synopsis = "remove part of the database",
             .syntax = "DBdeltree(family[/keytree])",
             .run_now = delete_tree,
             .module = "app_db",
             .dangerous = true});
}

}  // namespace asterism::applications
