#include "asterism/functions/odbc.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/store/sql.hpp"
#include "core/functions/hash.hpp"

namespace asterism::functions {
namespace {

using Databases = std::vector<std::shared_ptr<store::SqlDatabase>>;
using Row = std::vector<std::optional<std::string>>;
constexpr std::size_t max_handles = 5;
constexpr std::size_t max_kept_results = 100;

struct Section {
    std::vector<std::string> dsn, read_handles, write_handles;
    std::string read_sql, write_sql, insert_sql, mode, prefix = "ODBC", syntax, synopsis;
    int row_limit = 0, min_args = 0;
    bool escape = true;
};
using S = Section;
const config::Options<S>& options() {
    using namespace config;
    static const Options<S> table(
        "func_odbc.conf", "function",
        {list<S>("dsn", "", "sections of res_odbc.conf, asked one after the other", &S::dsn),
         list<S>("readhandle", "", "the same, for reading only", &S::read_handles),
         list<S>("writehandle", "", "the same, for writing only", &S::write_handles),
         string<S>("readsql", "", "the statement that reads", &S::read_sql),
         string<S>("writesql", "", "the statement that writes", &S::write_sql),
         string<S>("insertsql", "", "run when writesql changed nothing", &S::insert_sql),
         string<S>("mode", "", "multirow: keep all rows for ODBC_FETCH", &S::mode),
         integer<S>("rowlimit", "0", 0, 10000, "so many rows of multirow; 0: all", &S::row_limit),
         boolean<S>("escapecommas", "yes", "a backslash before commas in values", &S::escape),
         integer<S>("minargs", "0", 0, 100, "fewer arguments are an error", &S::min_args),
         string<S>("prefix", "ODBC", "what the function's name begins with", &S::prefix),
         string<S>("syntax", "", "for core show function", &S::syntax),
         string<S>("synopsis", "", "for core show function", &S::synopsis)});
    return table;
}

/// dsn, dsn1 ... dsn5 and their like are lists of five; all others as the table says.
S read_section(const config::Section& section, config::Report& report) {
    auto plain = section;
    S made = options().defaults();
    std::erase_if(plain.variables, [&](const config::Variable& line) {
        const auto name = lower(line.name);
        auto* into = name.starts_with("dsn")           ? &made.dsn
                     : name.starts_with("readhandle")  ? &made.read_handles
                     : name.starts_with("writehandle") ? &made.write_handles
                                                       : nullptr;
        if (into) std::ranges::copy(config::parse_list(line.value), std::back_inserter(*into));
        return into != nullptr;
    });
    options().apply(plain, made, report);
    return made;
}

/// One function, as its section says.
struct Query {
    Section section;
    Databases readers, writers;
};

/// ${ARG1}, ${VAL1} and ${VALUE} beside what the channel knows.
class QueryScope final : public dialplan::Scope {
  public:
    QueryScope(FunctionCall& call, const std::vector<std::string>& args, std::string_view value)
        : call_(call), args_(args), values_(dialplan::split_arguments(value)), value_(value) {}

    bool append_variable(std::string_view name, std::string& out) override {
        if (name == "VALUE") {
            out += value_;
            return true;
        }
        if (const auto* text = numbered(name, "ARG", args_)) return out += *text, true;
        if (const auto* text = numbered(name, "VAL", values_)) return out += *text, true;
        if (name.starts_with("ARG") || name.starts_with("VAL")) return false;
        return take(dialplan::get_variable(call_.pbx, call_.channel, name), out);
    }
    bool append_function(std::string_view name, std::string_view args, std::string& out) override {
        return take(dialplan::get_variable(call_.pbx, call_.channel, std::string(name) + "(" + std::string(args) + ")"),
                    out);
    }

  private:
    static bool take(const Text& value, std::string& out) {
        if (value) out += *value;
        return value.has_value();
    }
    static const std::string* numbered(std::string_view name, std::string_view prefix,
                                       const std::vector<std::string>& list) {
        if (!name.starts_with(prefix)) return nullptr;
        const auto number = config::parse_int(name.substr(prefix.size()));
        if (!number || *number < 1 || *number > static_cast<std::int64_t>(list.size())) return nullptr;
        return &list[static_cast<std::size_t>(*number - 1)];
    }
    FunctionCall& call_;
    const std::vector<std::string>& args_;
    std::vector<std::string> values_;
    std::string_view value_;
};

/// Rows that ODBC_FETCH has not taken yet.
struct KeptRows : ChannelExtra {
    struct Result {
        std::string names;
        std::deque<Row> rows;
        bool escape = true;
    };
    std::map<std::string, Result, std::less<>> results;
    unsigned next = 1;
};

std::string text_of(const Row& row, bool escape) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i) text += ',';
        if (row[i]) text += escape ? escape_commas(*row[i]) : *row[i];
    }
    return text;
}

std::string names_of(const std::vector<std::string>& columns) {
    std::string names;
    for (const auto& column : columns) names += (names.empty() ? "" : ",") + escape_commas(column);
    return names;
}

void report(Channel* channel, std::int64_t rows, std::string_view status) {
    if (!channel) return;
    channel->set_variable("ODBCROWS", std::to_string(rows));
    channel->set_variable("ODBCSTATUS", status);
}

/// The first database that does not fail.
std::expected<store::SqlResult, std::string> ask(const Databases& databases, const std::string& statement) {
    std::expected<store::SqlResult, std::string> result = std::unexpected(std::string("no database is configured"));
    for (const auto& database : databases) {
        result = database->run(statement);
        if (result) break;
        log::warning("ODBC: {}", result.error());
    }
    return result;
}

std::vector<std::string> arguments_of(const FunctionCall& call) { return dialplan::split_arguments(call.args); }

Task<Text> query_read(std::shared_ptr<const Query> query, FunctionCall call) {
    const auto args = arguments_of(call);
    if (args.size() < static_cast<std::size_t>(query->section.min_args)) co_return failed(call, "needs more arguments");
    QueryScope scope(call, args, {});
    auto statement = dialplan::substitute(scope, query->section.read_sql);
    const auto id = call.channel ? call.channel->id() : ChannelId{};
    auto result = co_await run_blocking(
        *call.pbx.loop, [query, statement = std::move(statement)] { return ask(query->readers, statement); });
    auto* channel = call.pbx.channels->find(id);
    if (!result) {
        report(channel, -1, "FAILURE");
        co_return failed(call, result.error());
    }
    auto& rows = result->rows;
    const auto names = names_of(result->columns);
    if (channel) channel->variables().set(field_names_variable, names);
    if (rows.empty()) {
        report(channel, 0, "NODATA");
        co_return std::string{};
    }
    if (query->section.mode != "multirow" || !channel) {
        report(channel, static_cast<std::int64_t>(rows.size()), "SUCCESS");
        co_return text_of(rows.front(), query->section.escape);
    }
    if (const auto limit = static_cast<std::size_t>(query->section.row_limit); limit && rows.size() > limit)
        rows.resize(limit);
    report(channel, static_cast<std::int64_t>(rows.size()), "SUCCESS");
    auto& kept = channel->extra<KeptRows>();
    if (kept.results.size() >= max_kept_results) co_return failed(call, "too many results wait for ODBCFinish");
    auto name = std::to_string(kept.next++);
    kept.results.emplace(
        name, KeptRows::Result{.names = names,
                               .rows = {std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end())},
                               .escape = query->section.escape});
    co_return name;
}

Task<bool> query_write(std::shared_ptr<const Query> query, FunctionCall call, std::string value) {
    const auto args = arguments_of(call);
    if (args.size() < static_cast<std::size_t>(query->section.min_args))
        co_return refused(call, "needs more arguments");
    QueryScope scope(call, args, value);
    auto statement = dialplan::substitute(scope, query->section.write_sql);
    auto insert = dialplan::substitute(scope, query->section.insert_sql);
    const auto id = call.channel ? call.channel->id() : ChannelId{};
    const auto result =
        co_await run_blocking(*call.pbx.loop, [query, statement = std::move(statement), insert = std::move(insert)] {
            auto done = ask(query->writers, statement);
            return done && done->affected == 0 && !insert.empty() ? ask(query->writers, insert) : done;
        });
    report(call.pbx.channels->find(id), result ? result->affected : -1, result ? "SUCCESS" : "FAILURE");
    co_return result || refused(call, result.error());
}

Text fetch(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    auto* kept = channel->find_extra<KeptRows>();
    const auto found = kept ? kept->results.find(call.args) : decltype(kept->results.begin()){};
    if (!kept || found == kept->results.end() || found->second.rows.empty()) {
        channel->set_variable("ODBC_FETCH_STATUS", "FAILURE");
        return std::nullopt;
    }
    auto text = text_of(found->second.rows.front(), found->second.escape);
    found->second.rows.pop_front();
    channel->variables().set(field_names_variable, found->second.names);
    channel->set_variable("ODBC_FETCH_STATUS", "SUCCESS");
    return text;
}

dialplan::AppResult finish(Channel& channel, std::string_view id) {
    if (auto* kept = channel.find_extra<KeptRows>())
        if (const auto found = kept->results.find(id); found != kept->results.end()) kept->results.erase(found);
    return dialplan::AppResult::go_on();
}

Text escape_quotes(FunctionCall& call) { return replace_text(call.args, "'", "''"); }
Text escape_backslashes(FunctionCall& call) { return replace_text(replace_text(call.args, "\\", "\\\\"), "'", "''"); }

Databases find_databases(const std::vector<std::string>& names, const store::OdbcDatabases& all,
                         const config::Origin& origin, config::Report& report) {
    Databases found;
    for (const auto& name : names) {
        const auto at = all.find(name);
        if (at == all.end())
            report.warning(origin, "res_odbc.conf has no '" + name + "'");
        else if (found.size() < max_handles)
            found.push_back(at->second);
    }
    return found;
}

}  // namespace

void OdbcFunctions::remove_all() {
    for (const auto& name : names_) pbx_.functions->remove(name);
    names_.clear();
    pbx_.applications->remove("ODBCFinish");
}

void OdbcFunctions::configure(const config::File* file, const store::OdbcDatabases& databases, config::Report& report) {
    std::vector<dialplan::Function> made;
    for (const auto& section : file ? file->sections() : std::vector<config::Section>{}) {
        if (config::equal_nocase(section.name, "general")) continue;
        const auto query = std::make_shared<Query>();
        query->section = read_section(section, report);
        auto& s = query->section;
        if (s.read_sql.empty() && s.write_sql.empty()) {
            report.error(section.origin, "function " + section.name + " needs readsql or writesql");
            continue;
        }
        query->writers =
            find_databases(s.write_handles.empty() ? s.dsn : s.write_handles, databases, section.origin, report);
        auto reading = s.read_handles.empty() ? s.dsn : s.read_handles;
        if (reading.empty()) reading = s.write_handles;
        query->readers = find_databases(reading, databases, section.origin, report);
        const auto name = upper(s.prefix) + "_" + section.name;
        dialplan::Function function{.name = name,
                                    .synopsis = s.synopsis.empty() ? "runs a statement of func_odbc.conf" : s.synopsis,
                                    .syntax = name + "(" + s.syntax + ")",
                                    .module = "func_odbc"};
        if (!s.read_sql.empty()) function.read_later = [query](FunctionCall call) { return query_read(query, call); };
        if (!s.write_sql.empty())
            function.write_later = [query](FunctionCall call, std::string value) {
                return query_write(query, call, std::move(value));
            };
        made.push_back(std::move(function));
    }
    if (!report.ok()) return;
    remove_all();
    if (made.empty()) return;
    made.push_back({.name = "ODBC_FETCH",
                    .synopsis = "the next row of a multirow result",
                    .syntax = "ODBC_FETCH(result-id)",
                    .read = fetch,
                    .module = "func_odbc"});
    made.push_back({.name = "SQL_ESC",
                    .synopsis = "with quotes doubled, for a statement",
                    .syntax = "SQL_ESC(string)",
                    .read = escape_quotes,
                    .module = "func_odbc"});
    made.push_back({.name = "SQL_ESC_BACKSLASHES",
                    .synopsis = "with quotes and backslashes doubled, for a statement",
                    .syntax = "SQL_ESC_BACKSLASHES(string)",
                    .read = escape_backslashes,
                    .module = "func_odbc"});
    for (auto& function : made) {
        names_.push_back(function.name);
        pbx_.functions->add(std::move(function));
    }
    pbx_.applications->add({.name = "ODBCFinish",
                            .synopsis = "forget a multirow result",
                            .syntax = "ODBCFinish(result-id)",
                            .run_now = finish,
                            .module = "func_odbc"});
}

}  // namespace asterism::functions
