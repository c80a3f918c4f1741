// SRVQUERY, SRVRESULT, ENUMLOOKUP, ENUMQUERY, ENUMRESULT, TXTCIDNAME: what DNS says of services and numbers.
#include <algorithm>
#include <map>
#include <tuple>

#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/dns.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/runtime/whole.hpp"
#include "core/functions/enum.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

constexpr std::string_view usual_zone = "e164.arpa";
/// A channel keeps so many answers; then the oldest go.
constexpr std::size_t max_kept = 100;

/// Answers that a channel has asked for, by what SRVQUERY and ENUMQUERY gave it.
struct DnsAnswers : ChannelExtra {
    std::map<std::string, DnsRecords, std::less<>> services;
    std::map<std::string, std::vector<EnumResult>, std::less<>> numbers;
    unsigned next_id = 1;
};

Task<std::expected<DnsRecords, std::string>> ask(const FunctionCall& call, DnsQuery query, std::string name,
                                                 DnsType type) {
    co_return co_await run_blocking(
        *call.pbx.loop, [query = std::move(query), name = std::move(name), type] { return query(name, type); });
}

/// RFC 2782: by priority, within it by chance, heavier ones more often first.
void order_services(DnsRecords& records, Random& random) {
    std::ranges::sort(records, {},
                      [](const DnsRecord& r) { return std::tuple(r.first, r.second != 0, r.target, r.port); });
    for (std::size_t i = 0; i < records.size(); ++i) {
        std::uint64_t sum = 0;
        std::size_t end = i;
        for (; end < records.size() && records[end].first == records[i].first; ++end) sum += records[end].second;
        auto choice = sum ? random.below(sum + 1) : 0;
        std::size_t chosen = i;
        while (chosen + 1 < end && choice > records[chosen].second) choice -= records[chosen++].second;
        std::rotate(records.begin() + static_cast<std::ptrdiff_t>(i),
                    records.begin() + static_cast<std::ptrdiff_t>(chosen),
                    records.begin() + static_cast<std::ptrdiff_t>(chosen) + 1);
    }
}

Task<Text> srv_query(DnsQuery query, FunctionCall call) {
    auto* channel = channel_of(call);
    if (!channel) co_return std::nullopt;
    if (call.args.empty()) co_return failed(call, "needs the name of a service");
    const auto id = channel->id();
    auto records = co_await ask(call, std::move(query), std::string(call.args), DnsType::srv);
    if (!records) co_return failed(call, records.error());
    channel = call.pbx.channels->find(id);
    if (!channel) co_return std::nullopt;
    order_services(*records, *call.pbx.random);
    auto& kept = channel->extra<DnsAnswers>().services;
    if (kept.size() >= max_kept) kept.erase(kept.begin());
    kept.insert_or_assign(std::string(call.args), std::move(*records));
    co_return std::string(call.args);
}

/// Which of `count` results "3" names, from 0.
std::optional<std::size_t> place(const std::string& text, std::size_t count) {
    const auto number = parse_whole<std::size_t>(text);
    if (!number || *number < 1 || *number > count) return std::nullopt;
    return *number - 1;
}

Text srv_result(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    if (!args.has(0) || !args.has(1)) return failed(call, "needs what SRVQUERY gave and a number");
    const auto* answers = channel->find_extra<DnsAnswers>();
    const auto found = answers ? answers->services.find(args[0]) : decltype(answers->services.begin()){};
    if (!answers || found == answers->services.end()) return failed(call, "that was not asked");
    if (lower(args[1]) == "getnum") return std::to_string(found->second.size());
    const auto which = place(args[1], found->second.size());
    if (!which) return failed(call, "there is no such result");
    const auto& record = found->second[*which];
    const auto field = lower(args[2]);
    if (field.empty() || field == "host") return record.target;
    if (field == "port") return std::to_string(record.port);
    if (field == "priority") return std::to_string(record.first);
    if (field == "weight") return std::to_string(record.second);
    return failed(call, "only host, port, priority and weight are known");
}

/// Of a service that was not asked for yet: asks first.
Task<Text> srv_result_later(DnsQuery query, FunctionCall call) {
    const Arguments args(call.args, ',', 3);
    const auto* answers = call.channel ? call.channel->find_extra<DnsAnswers>() : nullptr;
    if (call.channel && args.has(0) && args.has(1) && (!answers || !answers->services.contains(args[0]))) {
        const auto id = call.channel->id();
        auto question = call;
        question.args = args[0];
        if (!co_await srv_query(std::move(query), question)) co_return std::nullopt;
        call.channel = call.pbx.channels->find(id);
    }
    co_return srv_result(call);
}

struct EnumQuestion {
    std::string number, service = "sip", options, zone = std::string(usual_zone);
    [[nodiscard]] std::string name() const {
        if (options.contains('s')) return isn_name(number, zone);
        return enum_name(number, options.contains('i') ? "i." + zone : zone, options.contains('d'));
    }
};

Task<std::expected<std::vector<EnumResult>, std::string>> enum_ask(const FunctionCall& call, DnsQuery query,
                                                                   const EnumQuestion& question) {
    const auto records = co_await ask(call, std::move(query), question.name(), DnsType::naptr);
    if (!records) co_return std::unexpected(records.error());
    co_return of_service(enum_results(question.number, *records), question.service);
}

Task<Text> enum_lookup(DnsQuery query, FunctionCall call) {
    const Arguments args(call.args, ',', 5);
    if (!args.has(0)) co_return failed(call, "needs a number");
    EnumQuestion question{.number = args[0], .options = args[2]};
    if (args.has(1)) question.service = args[1];
    if (args.has(4)) question.zone = args[4];
    auto record = args.has(3) ? args[3] : std::string("1");
    // An old form: the number of the record stands where the options do.
    if (!question.options.empty() && std::ranges::all_of(question.options, [](char c) { return c >= '0' && c <= '9'; }))
        record = std::exchange(question.options, {});
    const bool count = question.options.contains('c');
    const auto results = co_await enum_ask(call, std::move(query), question);
    if (!results) {
        failed(call, results.error());
        co_return count ? Text("-1") : std::nullopt;
    }
    if (count) co_return std::to_string(results->size());
    const auto which = place(record, results->size());
    if (!which) co_return std::string{};
    const auto& uri = (*results)[*which].uri;
    co_return question.options.contains('u') ? uri : without_scheme(uri);
}

Task<Text> enum_query(DnsQuery query, FunctionCall call) {
    const Arguments args(call.args, ',', 3);
    auto* channel = channel_of(call);
    if (!channel) co_return std::nullopt;
    if (!args.has(0)) co_return failed(call, "needs a number");
    EnumQuestion question{.number = args[0], .options = {}};
    if (args.has(1)) question.service = args[1];
    if (args.has(2)) question.zone = args[2];
    const auto id = channel->id();
    auto results = co_await enum_ask(call, std::move(query), question);
    if (!results) co_return failed(call, results.error());
    channel = call.pbx.channels->find(id);
    if (!channel) co_return std::nullopt;
    auto& answers = channel->extra<DnsAnswers>();
    if (answers.numbers.size() >= max_kept) answers.numbers.erase(answers.numbers.begin());
    auto name = std::to_string(answers.next_id++);
    answers.numbers.insert_or_assign(name, std::move(*results));
    co_return name;
}

Text enum_result(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    if (!args.has(0) || !args.has(1)) return failed(call, "needs what ENUMQUERY gave and a number");
    const auto* answers = channel->find_extra<DnsAnswers>();
    if (!answers || !answers->numbers.contains(args[0])) return failed(call, "that was not asked");
    const auto& results = answers->numbers.find(args[0])->second;
    if (lower(args[1]) == "getnum") return std::to_string(results.size());
    const auto which = place(args[1], results.size());
    return which ? Text(without_scheme(results[*which].uri)) : failed(call, "there is no such result");
}

Task<Text> txt_caller(DnsQuery query, FunctionCall call) {
    const Arguments args(call.args, ',', 2);
    if (!args.has(0)) co_return failed(call, "needs a number");
    const auto name = enum_name(args[0], args.has(1) ? args[1] : usual_zone);
    const auto records = co_await ask(call, std::move(query), name, DnsType::txt);
    if (!records) co_return failed(call, records.error());
    co_return records->empty() ? std::string{} : records->front().text;
}

}  // namespace

void add_dns_functions(dialplan::Functions& all, const DnsQuery& query) {
    const dialplan::Parameter number{"number", "in full: +49891234"};
    const dialplan::Parameter zone{"zone-suffix", "where numbers are registered; e164.arpa"};
    const dialplan::Parameter method{"method-type", "sip, tel, iax2, h323... or ALL; sip"};
    const dialplan::Parameter which{"resultnum", "from 1; getnum: how many there are"};
    all.add({.name = "SRVQUERY",
             .synopsis = "asks for the SRV records of a service",
             .syntax = "SRVQUERY(service)",
             .parameters = {{"service", "_sip._udp.example.com"}},
             .read_later = [query](FunctionCall call) { return srv_query(query, call); },
             .module = "func_srv"});
    all.add({.name = "SRVRESULT",
             .synopsis = "one result of SRVQUERY",
             .syntax = "SRVRESULT(id,resultnum[,field])",
             .parameters = {{"id", "what SRVQUERY gave"}, which, {"field", "host, port, priority or weight"}},
             .read = srv_result,
             .read_later = [query](FunctionCall call) { return srv_result_later(query, call); },
             .module = "func_srv"});
    all.add({.name = "ENUMLOOKUP",
             .synopsis = "what ENUM says of a number",
             .syntax = "ENUMLOOKUP(number[,method-type[,options[,record#[,zone-suffix]]]])",
             .parameters = {number,
                            method,
                            {"options", "c: how many; u: the whole URI; s: an ISN; i: infrastructure; d: as it stands"},
                            {"record#", "which of several, from 1"},
                            zone},
             .read_later = [query](FunctionCall call) { return enum_lookup(query, call); },
             .module = "func_enum"});
    all.add({.name = "ENUMQUERY",
             .synopsis = "asks ENUM for a number",
             .syntax = "ENUMQUERY(number[,method-type[,zone-suffix]])",
             .parameters = {number, method, zone},
             .read_later = [query](FunctionCall call) { return enum_query(query, call); },
             .module = "func_enum"});
    all.add({.name = "ENUMRESULT",
             .synopsis = "one result of ENUMQUERY",
             .syntax = "ENUMRESULT(id,resultnum)",
             .parameters = {{"id", "what ENUMQUERY gave"}, which},
             .read = enum_result,
             .module = "func_enum"});
    all.add({.name = "TXTCIDNAME",
             .synopsis = "a caller's name from a TXT record of the number",
             .syntax = "TXTCIDNAME(number[,zone-suffix])",
             .parameters = {number, zone},
             .read_later = [query](FunctionCall call) { return txt_caller(query, call); },
             .module = "func_enum"});
}

}  // namespace asterism::functions
