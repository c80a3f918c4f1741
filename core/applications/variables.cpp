// Set and what else changes variables and the database.
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/store/astdb.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

AppResult set(Channel& channel, std::string_view data) {
    if (data.empty()) {
        log::warning("Set requires one variable name/value pair.");
        return AppResult::go_on();
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
        return AppResult::go_on();
    }
    const auto name = data.substr(0, equals);
    const auto value = data.substr(equals + 1);
    if (name.contains(' '))
        log::warning(
            "Please avoid unnecessary spaces on variables as it may lead to unexpected results ('{}' set to "
            "'{}').",
            name, value);
    (void)dialplan::set_variable(channel.pbx(), &channel, name, value);
    return AppResult::go_on();
}

AppResult set_several(Channel& channel, std::string_view data) {
    const Arguments pairs(data);
    if (pairs.size() == 0) log::warning("MSet requires at least one variable name/value pair.");
    for (const auto& pair : pairs.all()) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos) {
            log::warning("MSet: ignoring entry '{}' with no '='", pair);
            continue;
        }
        (void)dialplan::set_variable(channel.pbx(), &channel, functions::trim(std::string_view(pair).substr(0, equals)),
                                     std::string_view(pair).substr(equals + 1));
    }
    return AppResult::go_on();
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
             .module = "pbx_builtins"});
    all.add({.name = "MSet",
             .synopsis = "set several variables or functions",
             .syntax = "MSet(name1=value1[,name2=value2[,...]])",
             .parameters = {{"name1=value1", "as of Set"}},
             .run_now = set_several,
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
             .module = "app_db"});
}

}  // namespace asterism::applications
