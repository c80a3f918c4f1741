// Read, ReadExten, Authenticate: digits from the party.
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/store/astdb.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// How one attempt of Read ended, as READSTATUS says it.
const char* status_of(const ReadResult& result) {
    switch (result.how.end) {
        case End::hangup: return "HANGUP";
        case End::interrupted: return "INTERRUPTED";
        case End::failed: return "ERROR";
        case End::timeout: return "TIMEOUT";
        default: return "OK";
    }
}

Task<AppResult> read(Channel& channel, std::string data) {
    const Arguments args(data, ',', 6);
    if (!args.has(0)) {
        log::warning(
            "Invalid! Usage: Read(variable[,filename[&filename2...]][,maxdigits][,option][,attempts][,timeout])");
        channel.set_variable("READSTATUS", "ERROR");
        co_return AppResult::go_on();
    }
    const OptionLetters options(args[3]);
    if (!channel.up()) {
        if (options.has('s')) {
            channel.set_variable("READSTATUS", "SKIPPED");
            co_return AppResult::go_on();
        }
        if (!options.has('n')) answer(channel);
    }
    ReadOptions how;
    if (const int most = to_int(args[2]); most > 0 && most <= 255) how.max_digits = static_cast<std::size_t>(most);
    if (options.has('t')) how.terminator = options.argument('t');
    if (options.has('i') && channel.pbx().indications)
        how.tone = channel.pbx().indications->tone(args.has(1) ? args[1] : "dial");
    else
        how.prompts = split_names(args[1]);
    const auto& timeouts = channel.extra<dialplan::Timeouts>();
    how.first_timeout = timeouts.response;
    how.digit_timeout = timeouts.digit;
    if (const auto time = parse_time(args[5]); time && *time > Duration::zero())
        how.first_timeout = how.digit_timeout = *time;

    ReadResult result;
    for (int attempts = std::max(to_int(args[4]), 1); attempts > 0; --attempts) {
        result = co_await read_digits(channel, how);
        if (result.how.over() || !result.digits.empty() || result.terminated) break;
    }
    // Option e tells a # alone from nothing at all.
    if (options.has('e') && result.terminated && result.digits.empty() && !how.terminator.empty())
        result.digits = how.terminator.front();
    channel.set_variable(args[0], result.digits);
    channel.set_variable("READSTATUS", status_of(result));
    co_return after(result.how);
}

Task<AppResult> read_exten(Channel& channel, std::string data) {
    const Arguments args(data, ',', 5);
    if (!args.has(0)) {
        log::warning("ReadExten requires an argument (variable)");
        channel.set_variable("READEXTENSTATUS", "ERROR");
        co_return AppResult::go_on();
    }
    const OptionLetters options(args[3]);
    if (!channel.up()) {
        if (options.has('s')) {
            channel.set_variable("READEXTENSTATUS", "SKIP");
            co_return AppResult::go_on();
        }
        if (!options.has('n')) answer(channel);
    }
    const auto context = args.has(2) ? args[2] : channel.location().context;
    std::string begun;
    if (args.has(1) && !options.has('i')) {
        PlayOptions how;
        how.stop_digits = any_digit;
        const auto end = co_await play(channel, split_names(args[1]), std::move(how));
        if (end.over()) co_return after(end);
        if (end.end == End::digit) begun = end.digit;
    }
    auto first = channel.extra<dialplan::Timeouts>().response;
    if (const auto time = parse_time(args[4]); time && *time > Duration::zero()) first = *time;
    const auto typed = co_await dialplan::collect_extension(channel, context, begun, first);
    if (typed.over) {
        channel.set_variable("READEXTENSTATUS", "HANGUP");
        co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
    }
    const bool known = dialplan::exists(channel, {context, typed.digits, 1});
    if (known) channel.set_variable(args[0], typed.digits);
    channel.set_variable("READEXTENSTATUS", known ? "OK" : typed.digits.empty() ? "TIMEOUT" : "INVALID");
    if (!known && !typed.digits.empty()) channel.set_variable("INVALID_EXTEN", typed.digits);
    co_return AppResult::go_on();
}

/// Whether what was typed is right: the password itself, or a key of the database under it.
bool accepted(Channel& channel, const Arguments& args, const OptionLetters& options, const std::string& typed) {
    if (!options.has('d')) return typed == args[0];
    auto path = std::string_view(args[0]);
    while (path.starts_with('/')) path.remove_prefix(1);
    const auto slash = path.find('/');
    const auto family = path.substr(0, slash);
    const auto key =
        (slash == std::string_view::npos ? std::string{} : std::string(path.substr(slash + 1)) + "/") + typed;
    if (!channel.pbx().db->exists(family, key)) return false;
    if (options.has('r')) (void)channel.pbx().db->del(family, key);
    return true;
}

Task<AppResult> authenticate(Channel& channel, std::string data) {
    const Arguments args(data, ',', 4);
    if (!args.has(0)) co_return requires_argument("Authenticate", "password");
    const OptionLetters options(args[1]);
    answer(channel);
    ReadOptions how;
    how.prompts = args.has(3) ? split_names(args[3]) : std::vector<std::string>{"agent-pass"};
    if (const int most = to_int(args[2]); most > 0 && most < 255) how.max_digits = static_cast<std::size_t>(most);
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto result = co_await read_digits(channel, how);
        if (result.how.over()) co_return after(result.how);
        if (!result.digits.empty() && accepted(channel, args, options, result.digits)) {
            if (options.has('a')) channel.set_account_code(result.digits);
            co_return after(co_await play(channel, {"auth-thankyou"}));
        }
        how.prompts = {"auth-incorrect"};
    }
    const auto end = co_await play(channel, {"vm-goodbye"});
    co_return end.end == End::interrupted ? AppResult::go_on() : AppResult::hang_up();
}

}  // namespace

void add_input_applications(dialplan::Applications& all) {
    const dialplan::Parameter files{"filename", "prompts joined by &"};
    all.add({.name = "Read",
             .synopsis = "collect digits into a variable",
             .syntax = "Read(variable[,filename[&...][,maxdigits[,options[,attempts[,timeout]]]]])",
             .parameters = {{"variable", "gets the digits; READSTATUS tells"},
                            files,
                            {"maxdigits", "ends the input; nothing: #"},
                            {"options",
                             "s: not from a channel that is not up; n: does not answer; i: filename is a "
                             "tone; t(digits): these end the input, t: none does; e: # alone gives #"},
                            {"attempts", "how often it is tried"},
                            {"timeout", "seconds between digits"}},
             .run = read,
             .module = "app_read"});
    all.add({.name = "ReadExten",
             .synopsis = "collect the digits of an extension into a variable",
             .syntax = "ReadExten(variable[,filename[,context[,options[,timeout]]]])",
             .parameters = {{"variable", "gets the extension; READEXTENSTATUS tells"},
                            files,
                            {"context", "where the extension must be"},
                            {"options", "s: not from a channel that is not up; n: does not answer"},
                            {"timeout", "seconds for the first digit"}},
             .run = read_exten,
             .module = "app_readexten"});
    all.add({.name = "Authenticate",
             .synopsis = "ask for a password, three times at most",
             .syntax = "Authenticate(password[,options[,maxdigits[,prompt[&...]]]])",
             .parameters = {{"password", "digits, or with option d a path of the database"},
                            {"options",
                             "a: it becomes the account code; d: it is a key of the database; r: which is "
                             "removed then"},
                            {"maxdigits", "ends the input; nothing: #"},
                            {"prompt", "agent-pass"}},
             .run = authenticate,
             .module = "app_authenticate"});
}

}  // namespace asterism::applications
