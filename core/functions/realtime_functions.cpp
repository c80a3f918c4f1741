// REALTIME and its family: rows of the databases that extconfig.conf names.
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/store/realtime.hpp"
#include "core/functions/hash.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;
using store::RealtimeRow;

constexpr std::size_t max_stored_fields = 30;

store::RealtimeConditions condition(const Arguments& args) { return {{.field = args[1], .value = args[2]}}; }

/// The first row that fits; nothing, with a warning only for what went wrong.
Task<std::optional<RealtimeRow>> first_row(store::Realtime& realtime, FunctionCall call, Arguments args) {
    const auto rows = co_await realtime.find(args[0], condition(args), 1);
    if (!rows) co_return failed(call, rows.error());
    if (rows->empty()) co_return std::nullopt;
    co_return rows->front();
}

std::string as_text(const RealtimeRow& row, const Arguments& args) {
    const std::string between = args.has(3) ? args[3] : ",", equals = args.has(4) ? args[4] : "=";
    std::string text;
    for (const auto& field : row) {
        if (!text.empty()) text += between;
        text += field.name + equals + field.value;
    }
    return text;
}

Task<Text> row_read(store::Realtime& realtime, FunctionCall call) {
    const Arguments args(call.args, ',', 5);
    if (!args.has(0) || !args.has(1)) co_return failed(call, "needs a family and a field");
    const auto row = co_await first_row(realtime, call, args);
    co_return row ? as_text(*row, args) : Text{};
}

Task<bool> field_write(store::Realtime& realtime, FunctionCall call, std::string value) {
    const Arguments args(call.args, ',', 5);
    if (args.size() < 3 || !args.has(0) || !args.has(1) || !args.has(3))
        co_return refused(call, "needs a family, a field, its value and the field to set");
    const auto changed = co_await realtime.update(args[0], condition(args), {{args[3], std::move(value)}});
    co_return changed || refused(call, changed.error());
}

Task<Text> field_read(store::Realtime& realtime, FunctionCall call) {
    const Arguments args(call.args, ',', 4);
    if (!args.has(0) || !args.has(1) || args.size() < 4 || !args.has(3))
        co_return failed(call, "needs a family, a field, its value and the field to read");
    const auto row = co_await first_row(realtime, call, args);
    if (!row) co_return std::nullopt;
    for (const auto& field : *row)
        if (lower(field.name) == lower(args[3])) co_return field.value;
    co_return std::nullopt;
}

Task<Text> hash_read(store::Realtime& realtime, FunctionCall call) {
    const Arguments args(call.args, ',', 3);
    if (!args.has(0) || !args.has(1) || args.size() < 3)
        co_return failed(call, "needs a family, a field and its value");
    const auto id = call.channel ? call.channel->id() : ChannelId{};
    const auto row = co_await first_row(realtime, call, args);
    if (!row) co_return std::nullopt;
    std::string names, values;
    bool first = true;
    for (const auto& field : *row) {
        if (!std::exchange(first, false)) {
            names += ',';
            values += ',';
        }
        names += escape_commas(field.name);
        values += escape_commas(field.value);
    }
    if (auto* channel = call.pbx.channels->find(id)) channel->variables().set(field_names_variable, names);
    co_return values;
}

Task<bool> store_write(store::Realtime& realtime, FunctionCall call, std::string value) {
    const Arguments args(call.args);
    if (!args.has(0) || args.size() < 2) co_return refused(call, "needs a family and names of fields");
    const auto values = dialplan::split_arguments(value);
    if (args.size() - 1 > max_stored_fields) co_return refused(call, "stores at most 30 fields");
    RealtimeRow row;
    for (std::size_t i = 1; i < args.size(); ++i)
        row.push_back({args[i], i - 1 < values.size() ? values[i - 1] : std::string{}});
    const auto id = call.channel ? call.channel->id() : ChannelId{};
    const auto stored = co_await realtime.insert(args[0], std::move(row));
    if (!stored) co_return refused(call, stored.error());
    if (auto* channel = call.pbx.channels->find(id)) channel->set_variable("RTSTOREID", *stored);
    co_return true;
}

Task<bool> destroy_write(store::Realtime& realtime, FunctionCall call, std::string) {
    const Arguments args(call.args, ',', 5);
    if (!args.has(0) || !args.has(1)) co_return refused(call, "needs a family and a field");
    const auto removed = co_await realtime.remove(args[0], condition(args));
    co_return removed || refused(call, removed.error());
}

Task<Text> destroy_read(store::Realtime& realtime, FunctionCall call) {
    const Arguments args(call.args, ',', 5);
    if (!args.has(0) || !args.has(1)) co_return failed(call, "needs a family and a field");
    const auto row = co_await first_row(realtime, call, args);
    if (!row) co_return std::nullopt;
    const auto removed = co_await realtime.remove(args[0], condition(args));
    if (!removed) co_return failed(call, removed.error());
    co_return as_text(*row, args);
}

}  // namespace

void add_realtime_functions(dialplan::Functions& all, store::Realtime& realtime) {
    const dialplan::Parameter family{"family", "name in extconfig.conf"};
    const dialplan::Parameter field{"fieldmatch", "the field that finds the row, perhaps with LIKE, < or > after it"};
    const dialplan::Parameter value{"matchvalue", "the value it has"};
    const dialplan::Parameter between{"delim1", "between the fields; a comma"};
    const dialplan::Parameter equals{"delim2", "between name and value; ="};
    all.add({.name = "REALTIME",
             .synopsis = "a row of a database; setting it changes one field",
             .syntax = "REALTIME(family,fieldmatch[,matchvalue[,delim1|field[,delim2]]])",
             .parameters =
                 {family, field, value, {"delim1|field", "reading: between the fields; setting: the field"}, equals},
             .read_later = [&realtime](FunctionCall call) { return row_read(realtime, call); },
             .write_later = [&realtime](FunctionCall call,
                                        std::string value) { return field_write(realtime, call, std::move(value)); },
             .module = "func_realtime"});
    all.add({.name = "REALTIME_FIELD",
             .synopsis = "one field of a row of a database",
             .syntax = "REALTIME_FIELD(family,fieldmatch,matchvalue,fieldname)",
             .parameters = {family, field, value, {"fieldname", "the field that is read or set"}},
             .read_later = [&realtime](FunctionCall call) { return field_read(realtime, call); },
             .write_later = [&realtime](FunctionCall call,
                                        std::string value) { return field_write(realtime, call, std::move(value)); },
             .module = "func_realtime"});
    all.add({.name = "REALTIME_HASH",
             .synopsis = "a row of a database, for HASH",
             .syntax = "REALTIME_HASH(family,fieldmatch,matchvalue)",
             .parameters = {family, field, value},
             .read_later = [&realtime](FunctionCall call) { return hash_read(realtime, call); },
             .module = "func_realtime"});
    all.add({.name = "REALTIME_STORE",
             .synopsis = "adds a row to a database",
             .syntax = "REALTIME_STORE(family,field1[,fieldN[,...]])",
             .parameters = {family, {"field1", "name of the first value's field; at most 30"}},
             .write_later = [&realtime](FunctionCall call,
                                        std::string value) { return store_write(realtime, call, std::move(value)); },
             .module = "func_realtime"});
    all.add({.name = "REALTIME_DESTROY",
             .synopsis = "removes a row of a database and gives it",
             .syntax = "REALTIME_DESTROY(family,fieldmatch[,matchvalue[,delim1[,delim2]]])",
             .parameters = {family, field, value, between, equals},
             .read_later = [&realtime](FunctionCall call) { return destroy_read(realtime, call); },
             .write_later = [&realtime](FunctionCall call,
                                        std::string value) { return destroy_write(realtime, call, std::move(value)); },
             .module = "func_realtime",
             .dangerous_read = true});
}

}  // namespace asterism::functions
