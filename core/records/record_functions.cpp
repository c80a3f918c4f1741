// ForkCDR, ResetCDR, CELGenUserEvent; CDR() and CDR_PROP().
#include "asterism/config/options.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/records/records.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"
#include "core/records/cdr_engine.hpp"
#include "core/records/cel.hpp"

namespace asterism::records {

namespace {

using dialplan::AppResult;
using dialplan::Arguments;
using dialplan::FunctionCall;

bool has(std::string_view options, char option) { return options.find(option) != std::string_view::npos; }

AppResult fork(Channel& channel, std::string_view options) {
    const ForkOptions how{.end_original = has(options, 'e'),
                          .answer_now = has(options, 'a'),
                          .reset = has(options, 'r'),
                          .drop_variables = has(options, 'v')};
    Records* records = channel.pbx().records;
    if (records == nullptr || !records->cdr().fork(channel, how)) {
        log::warning("Failed to fork CDR for channel {}", channel.name());
    }
    return AppResult::go_on();
}

AppResult reset(Channel& channel, std::string_view options) {
    Records* records = channel.pbx().records;
    if (records == nullptr || !records->cdr().reset(channel, has(options, 'v'))) {
        log::warning("Failed to reset CDR for channel {}", channel.name());
    }
    return AppResult::go_on();
}

AppResult user_event(Channel& channel, std::string_view data) {
    const Arguments args(data, ',', 2);
    if (args[0].empty()) log::warning("CELGenUserEvent requires an event name");
    if (!args[0].empty() && channel.pbx().records != nullptr) {
        channel.pbx().records->cel().user_event(channel, args[0], args[1]);
    }
    return AppResult::go_on();
}

std::optional<std::string> cdr_read(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    const Cdr* record = call.channel != nullptr && call.pbx.records != nullptr
                            ? call.pbx.records->cdr().current(*call.channel)
                            : nullptr;
    if (args[0].empty()) {
        log::warning("CDR requires a field");
        return std::nullopt;
    }
    if (record == nullptr) return std::string();
    return record->field(args[0], call.pbx.loop->clock().wall(), has(args[1], 'u'), has(args[1], 'f')).value_or("");
}

/// "BILLING" or a number.
std::optional<int> parse_ama(std::string_view text) {
    if (config::equal_nocase(text, "omit")) return 1;
    if (config::equal_nocase(text, "billing")) return 2;
    if (config::equal_nocase(text, "documentation") || config::equal_nocase(text, "default")) return 3;
    const auto number = config::parse_int(text);
    return number && *number >= 1 && *number <= 3 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

bool cdr_write(FunctionCall& call, std::string_view value) {
    const Arguments args(call.args, ',', 2);
    const std::string& name = args[0];
    if (call.channel == nullptr || call.pbx.records == nullptr || name.empty()) return false;
    static constexpr std::string_view fixed[]{"clid",    "src",         "dst",      "dcontext", "channel", "dstchannel",
                                              "lastapp", "lastdata",    "start",    "answer",   "end",     "duration",
                                              "billsec", "disposition", "uniqueid", "sequence", "linkedid"};
    if (std::ranges::find(fixed, std::string_view(name)) != std::end(fixed)) {
        log::warning("CDR variable {} is read-only", name);
        return false;
    }
    CdrEngine& engine = call.pbx.records->cdr();
    if (name == "accountcode")
        call.channel->set_account_code(value);
    else if (name == "peeraccount")
        call.channel->set_peer_account(value);
    else if (name == "userfield")
        engine.set_user_field(*call.channel, value);
    else if (name == "amaflags") {
        const auto flags = parse_ama(value);
        if (!flags) {
            log::warning("'{}' are no AMA flags", value);
            return false;
        }
        call.channel->set_ama_flags(*flags);
    } else
        engine.set_variable(*call.channel, name, value);
    return true;
}

bool prop_write(FunctionCall& call, std::string_view value) {
    if (call.channel == nullptr || call.pbx.records == nullptr) return false;
    const bool on = config::parse_bool(value).value_or(false);
    CdrEngine& engine = call.pbx.records->cdr();
    if (config::equal_nocase(call.args, "party_a"))
        engine.set_party_a(*call.channel, on);
    else if (config::equal_nocase(call.args, "disable"))
        engine.set_disabled(*call.channel, on);
    else {
        log::warning("Unknown CDR property {} was attempted to be set", call.args);
        return false;
    }
    return true;
}

}  // namespace

void add_applications(Pbx& pbx) {
    auto& all = *pbx.applications;
    all.add({.name = "ForkCDR",
             .synopsis = "go on with a second record",
             .syntax = "ForkCDR([options])",
             .parameters = {{"a", "the new one is answered now"},
                            {"e", "the old one ends"},
                            {"r", "the new one starts now"},
                            {"v", "the new one has none of the old one's variables"}},
             .run_now = fork,
             .module = "app_forkcdr"});
    all.add({.name = "ResetCDR",
             .synopsis = "start the record again",
             .syntax = "ResetCDR([options])",
             .parameters = {{"v", "keep its variables"}},
             .run_now = reset,
             .module = "app_cdr"});
    all.add({.name = "CELGenUserEvent",
             .synopsis = "log a channel event of one's own",
             .syntax = "CELGenUserEvent(event-name[,extra])",
             .parameters = {{"event-name", "its name"}, {"extra", "a text"}},
             .run_now = user_event,
             .module = "app_celgenuserevent"});
}

void add_functions(Pbx& pbx) {
    auto& all = *pbx.functions;
    all.add({.name = "CDR",
             .synopsis = "a field or variable of the call detail record",
             .syntax = "CDR(name[,options])",
             .parameters = {{"name",
                             "clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, start, answer, "
                             "end, duration, billsec, disposition, amaflags, accountcode, uniqueid, userfield, "
                             "sequence, linkedid, or a name of one's own"},
                            {"options", "f: fractions of seconds, u: numbers instead of texts"}},
             .read = cdr_read,
             .write = cdr_write,
             .module = "func_cdr"});
    all.add({.name = "CDR_PROP",
             .synopsis = "how the channel's record is made",
             .syntax = "CDR_PROP(name)",
             .parameters = {{"name", "party_a: it is about this channel, disable: there is none"}},
             .write = prop_write,
             .module = "func_cdr"});
}

}  // namespace asterism::records
