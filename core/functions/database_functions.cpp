// DB and its family: the PBX's own database.
#include "asterism/functions/functions.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/store/astdb.hpp"

namespace asterism::functions {
namespace {

struct Key {
    std::string_view family, key;
};

std::optional<Key> parse_key(const FunctionCall& call) {
    const auto slash = call.args.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == call.args.size()) return std::nullopt;
    return Key{call.args.substr(0, slash), call.args.substr(slash + 1)};
}

/// DB_RESULT tells an empty value from none.
Text give(FunctionCall& call, Text value) {
    if (call.channel) call.channel->set_variable("DB_RESULT", value ? *value : std::string{});
    return value;
}

Text db_read(FunctionCall& call) {
    const auto key = parse_key(call);
    if (!key) return failed(call, "needs family/key");
    return give(call, call.pbx.db->get(key->family, key->key));
}
bool db_write(FunctionCall& call, std::string_view value) {
    const auto key = parse_key(call);
    if (!key) return refused(call, "needs family/key");
    return call.pbx.db->put(key->family, key->key, value) || refused(call, "the key is too long");
}

Text db_exists(FunctionCall& call) {
    const auto key = parse_key(call);
    if (!key) return failed(call, "needs family/key");
    auto value = call.pbx.db->get(key->family, key->key);
    const bool found = value.has_value();
    if (found) give(call, std::move(value));
    return truth(found);
}

Text db_delete(FunctionCall& call) {
    const auto key = parse_key(call);
    if (!key) return failed(call, "needs family/key");
    auto value = give(call, call.pbx.db->get(key->family, key->key));
    (void)call.pbx.db->del(key->family, key->key);
    return value;
}
bool db_delete_write(FunctionCall& call, std::string_view) {
    const auto key = parse_key(call);
    if (!key) return refused(call, "needs family/key");
    (void)call.pbx.db->del(key->family, key->key);
    return true;
}

/// The next parts of all paths below a prefix, each once.
std::vector<std::string> names_below(FunctionCall& call) {
    std::string prefix = "/";
    std::string_view below = call.args;
    while (below.ends_with('/')) below.remove_suffix(1);
    if (!below.empty()) prefix += std::string(below) + "/";
    const auto slash = below.find('/');
    const auto family = below.substr(0, slash);
    std::vector<std::string> names;
    for (const auto& [path, value] : call.pbx.db->tree(family)) {
        if (!path.starts_with(prefix)) continue;
        auto name = path.substr(prefix.size());
        name = name.substr(0, name.find('/'));
        if (names.empty() || names.back() != name) names.push_back(std::move(name));
    }
    return names;
}

Text db_keys(FunctionCall& call) {
    std::string list;
    for (const auto& name : names_below(call)) {
        if (!list.empty()) list += ',';
        list += name;
    }
    return list;
}
Text db_key_count(FunctionCall& call) { return std::to_string(names_below(call).size()); }

/// 1 if the caller's number is a key of the family "blacklist".
Text blacklist(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    const auto& id = channel->caller().id;
    return truth((id.number.valid && call.pbx.db->exists("blacklist", id.number.text)) ||
                 (id.name.valid && call.pbx.db->exists("blacklist", id.name.text)));
}

}  // namespace

void add_database_functions(dialplan::Functions& all) {
    const dialplan::Parameter family{"family", "first part of the key"};
    const dialplan::Parameter key{"key", "rest of the key, perhaps with slashes"};
    const dialplan::Parameter prefix{"prefix", "family and part of the key; nothing: the families"};
    all.add({.name = "DB",
             .synopsis = "a value of the database",
             .syntax = "DB(family/key)",
             .parameters = {family, key},
             .read = db_read,
             .write = db_write,
             .module = "func_db"});
    all.add({.name = "DB_EXISTS",
             .synopsis = "1 if the database has a key",
             .syntax = "DB_EXISTS(family/key)",
             .parameters = {family, key},
             .read = db_exists,
             .module = "func_db"});
    all.add({.name = "DB_DELETE",
             .synopsis = "a value of the database, which is deleted",
             .syntax = "DB_DELETE(family/key)",
             .parameters = {family, key},
             .read = db_delete,
             .write = db_delete_write,
             .module = "func_db",
             .dangerous_read = true});
    all.add({.name = "DB_KEYS",
             .synopsis = "names below a prefix of the database",
             .syntax = "DB_KEYS([prefix])",
             .parameters = {prefix},
             .read = db_keys,
             .module = "func_db"});
    all.add({.name = "DB_KEYCOUNT",
             .synopsis = "how many names there are below a prefix of the database",
             .syntax = "DB_KEYCOUNT([prefix])",
             .parameters = {prefix},
             .read = db_key_count,
             .module = "func_db"});
    all.add({.name = "BLACKLIST",
             .synopsis = "1 if the caller stands in the family blacklist of the database",
             .syntax = "BLACKLIST()",
             .read = blacklist,
             .module = "func_blacklist"});
}

}  // namespace asterism::functions
