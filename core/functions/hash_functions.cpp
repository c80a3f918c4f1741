// HASH and HASHKEYS: tables of keys and values in a channel's variables.
#include "asterism/functions/functions.hpp"
#include "asterism/model/channel.hpp"
#include "core/functions/hash.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

Text hash_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    const Arguments args(call.args, ',', 2);
    if (!channel) return std::nullopt;
    if (args.size() > 1) {
        const auto* value = channel->variable(hash_variable(args[0], args[1]));
        return value ? *value : std::string{};
    }
    std::string list;  // in the order of their keys, for ARRAY()
    bool first = true;
    for (const auto& key : hash_keys(channel->variables(), args[0])) {
        if (!std::exchange(first, false)) list += ',';
        list += escape_commas(*channel->variable(hash_variable(args[0], key)));
    }
    return list;
}

bool hash_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    const Arguments args(call.args, ',', 2);
    if (!channel) return false;
    if (!args.has(0)) return refused(call, "needs the name of a hash");
    if (args.size() > 1) {
        set_hash_entry(*channel, args[0], args[1], value);
        return true;
    }
    // A whole row: the names of its columns are where CURL or ODBC left them, else those that are there already.
    const auto* names = channel->variable(field_names_variable);
    const auto keys =
        names && !names->empty() ? dialplan::split_arguments(*names) : hash_keys(channel->variables(), args[0]);
    if (keys.empty()) return refused(call, "it is not known how the fields are called");
    const auto values = dialplan::split_arguments(value);
    for (std::size_t i = 0; i < keys.size(); ++i)
        set_hash_entry(*channel, args[0], keys[i], i < values.size() ? values[i] : std::string{});
    return true;
}

Text hash_key_list(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    std::string list;
    for (const auto& key : hash_keys(channel->variables(), call.args)) {
        if (!list.empty()) list += ',';
        list += key;
    }
    return list;
}

}  // namespace

std::string hash_variable(std::string_view hash, std::string_view key) {
    return "~HASH~" + std::string(hash) + "~" + std::string(key) + "~";
}

std::vector<std::string> hash_keys(const Variables& variables, std::string_view hash) {
    const auto prefix = "~HASH~" + std::string(hash) + "~";
    std::vector<std::string> keys;
    for (const auto& entry : variables.all())
        if (entry.name.starts_with(prefix))
            keys.push_back(entry.name.substr(prefix.size(), entry.name.size() - prefix.size() - 1));
    return keys;
}

void set_hash_entry(Channel& channel, std::string_view hash, std::string_view key, std::string_view value) {
    channel.set_variable(hash_variable(hash, key), value);
}

std::string escape_commas(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == ',' || c == '\\' || c == '"') result += '\\';
        result += c;
    }
    return result;
}

void add_hash_functions(dialplan::Functions& all) {
    all.add({.name = "HASH",
             .synopsis = "a table of keys and values",
             .syntax = "HASH(hashname[,hashkey])",
             .parameters = {{"hashname", "the table"}, {"hashkey", "the entry; without it all values as a list"}},
             .read = hash_read,
             .write = hash_write,
             .module = "func_strings"});
    all.add({.name = "HASHKEYS",
             .synopsis = "keys of a HASH as a list",
             .syntax = "HASHKEYS(hashname)",
             .parameters = {{"hashname", "the table"}},
             .read = hash_key_list,
             .module = "func_strings"});
}

}  // namespace asterism::functions
