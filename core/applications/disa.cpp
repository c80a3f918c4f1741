// DISA: a caller from outside types a password and then dials as if from inside.
#include <fstream>

#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// What a password opens.
struct Access {
    std::string context = "disa", caller_id;
};

struct Line {
    std::string passcode, context, caller_id;
};

/// "password|context|caller id" or with commas, one a line; ; and # begin comments.
std::vector<Line> read_passcodes(const std::string& path) {
    std::vector<Line> lines;
    std::ifstream file(path);
    std::string text;
    while (lines.size() < 10'000 && std::getline(file, text)) {
        const auto line = functions::trim(text);
        if (line.empty() || line.front() == ';' || line.front() == '#') continue;
        const char mark = line.find('|') != std::string_view::npos ? '|' : ',';
        const auto parts = functions::split(line, mark);
        const auto part = [&parts](std::size_t i) {
            return i < parts.size() ? std::string(functions::trim(parts[i])) : std::string();
        };
        lines.push_back({part(0), part(1), part(2)});
    }
    return lines;
}

std::optional<Access> access_of(const Arguments& args, const std::vector<Line>* file, const std::string& typed) {
    Access access;
    if (args.has(1)) access.context = args[1];
    access.caller_id = args[2];
    if (!file) return typed == args[0] ? std::optional(access) : std::nullopt;
    for (const auto& line : *file) {
        if (line.passcode != typed && line.passcode != "no-password") continue;
        if (!line.context.empty()) access.context = line.context;
        if (!line.caller_id.empty()) access.caller_id = line.caller_id;
        return access;
    }
    return std::nullopt;
}

/// Digits to a # or a pause, with a dial tone before the first.
Task<ReadResult> ask(Channel& channel, std::string tone, std::size_t most) {
    const auto& timeouts = channel.extra<dialplan::Timeouts>();
    ReadOptions how;
    how.max_digits = most;
    how.first_timeout = timeouts.response;
    how.digit_timeout = timeouts.digit;
    if (channel.pbx().indications) how.tone = channel.pbx().indications->tone(tone);
    return read_digits(channel, std::move(how));
}

Task<AppResult> disa(Channel& channel, std::string data) {
    const Arguments args(data, ',', 5);
    if (!args.has(0)) co_return requires_argument("DISA", "passcode/passcode file");
    const OptionLetters options(args[4]);
    if (!options.has('n')) answer(channel);
    auto& pbx = channel.pbx();
    std::optional<std::vector<Line>> file;
    const bool no_password = functions::lower(args[0]) == "no-password";
    if (args[0].starts_with('/'))
        file = co_await run_blocking(*pbx.loop, [path = args[0]] { return read_passcodes(path); });

    std::optional<Access> access;
    if (no_password) {
        access = Access{.context = args.has(1) ? args[1] : "disa", .caller_id = args[2]};
    } else {
        const auto typed = co_await ask(channel, "dial", 64);
        if (typed.how.over()) co_return after(typed.how);
        access = access_of(args, file ? &*file : nullptr, typed.digits);
        if (!access) log::warning("DISA on {} got a bad password", channel.name());
    }
    std::string exten;
    if (access) {
        if (!access->caller_id.empty()) {
            auto caller = channel.caller();
            caller.id = parse_caller_id(access->caller_id);
            channel.set_caller(std::move(caller));
        }
        // With p only a # ends the number, else it ends as soon as no longer one could match.
        if (options.has('p')) {
            const auto typed = co_await ask(channel, "dial", 64);
            if (typed.how.over()) co_return after(typed.how);
            exten = typed.digits;
        } else {
            auto tone = pbx.indications ? pbx.indications->tone("dial") : std::nullopt;
            const auto& timeouts = channel.extra<dialplan::Timeouts>();
            std::string begun = channel.take_early_digits();
            if (begun.empty()) {
                OpResult first;
                if (tone)
                    first = co_await play_tone(channel, *std::move(tone), timeouts.response, std::string(any_digit));
                else
                    first = co_await wait_digit(channel, timeouts.response);
                if (first.over()) co_return after(first);
                if (first.end == End::digit) begun = first.digit;
            }
            if (!begun.empty()) {
                const auto typed =
                    co_await dialplan::collect_extension(channel, access->context, begun, timeouts.digit);
                if (typed.over) co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
                exten = typed.digits;
            }
        }
        const Location where{access->context, exten, 1};
        if (!exten.empty() && dialplan::exists(channel, where)) {
            dialplan::go_to(channel, where);
            co_return AppResult::go_on();
        }
        // An extension i takes what is not there.
        const Location invalid{access->context, "i", 1};
        if (!exten.empty() && dialplan::exists(channel, invalid)) {
            channel.set_variable("INVALID_EXTEN", exten);
            dialplan::go_to(channel, invalid);
            co_return AppResult::go_on();
        }
    }
    indicate(channel, Indication::congestion);
    const auto end = co_await wait(channel, std::chrono::seconds(10));
    co_return end.end == End::interrupted ? AppResult::go_on() : AppResult::hang_up();
}

}  // namespace

void add_disa_application(dialplan::Applications& all) {
    all.add({.name = "DISA",
             .synopsis = "let a caller from outside dial as if from inside",
             .syntax = "DISA(passcode|filename[,context[,cid[,mailbox[@context][,options]]]])",
             .parameters = {{"passcode",
                             "that is typed, with #; no-password for none; or a file of lines "
                             "passcode,context,cid"},
                            {"context", "where the number is looked for; disa"},
                            {"cid", "caller id to have from then on"},
                            {"mailbox", "taken for compatibility"},
                            {"options", "n: does not answer; p: only # ends the number"}},
             .run = disa,
             .module = "app_disa"});
}

}  // namespace asterism::applications
