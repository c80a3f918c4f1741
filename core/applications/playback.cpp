// Playback, BackGround, ControlPlayback.
#include "asterism/applications/control_playback.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/say_rules.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// Options that are words: "skip,noanswer" as well as "skip&noanswer".
bool has_word(std::string_view options, std::string_view word) { return functions::lower(options).contains(word); }

Task<AppResult> playback(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    if (!args.has(0)) co_return requires_argument("Playback", "filename");
    if (!channel.up()) {
        if (has_word(args[1], "skip")) {
            channel.set_variable("PLAYBACKSTATUS", "SUCCESS");
            co_return AppResult::go_on();
        }
        if (!has_word(args[1], "noanswer")) answer(channel);
    }
    bool all_played = true;
    const bool says = has_word(args[1], "say"), mixes = has_word(args[1], "mix");
    for (const auto& name : split_names(args[0])) {
        std::vector<std::string> prompts{name};
        if (says || (mixes && name.find(':') != std::string::npos)) {
            auto said = functions::say_text(channel.language(), name);
            if (!said) log::warning("Playback: nothing says how to say '{}'", name);
            prompts = std::move(said).value_or(functions::Prompts{});
            if (prompts.empty()) continue;
        }
        // One after the other: a file that is missing does not keep those behind it from being played.
        const auto end = co_await play(channel, std::move(prompts));
        if (end.over()) {
            all_played = false;
            channel.set_variable("PLAYBACKSTATUS", "FAILED");
            co_return after(end);
        }
        if (end.end == End::failed) {
            log::warning("Playback failed on {} for {}", channel.name(), data);
            all_played = false;
        }
    }
    channel.set_variable("PLAYBACKSTATUS", all_played ? "SUCCESS" : "FAILED");
    co_return AppResult::go_on();
}

/// The digits that are extensions of one digit: those that option m lets interrupt.
std::string one_digit_extensions(Channel& channel, const std::string& context) {
    std::string digits;
    for (char digit : any_digit)
        if (dialplan::exists(channel, {context, std::string(1, digit), 1})) digits += digit;
    return digits;
}

Task<AppResult> background(Channel& channel, std::string data) {
    const Arguments args(data, ',', 4);
    if (!args.has(0)) co_return requires_argument("BackGround", "filename");
    const OptionLetters options(args[1]);
    if (!channel.up()) {
        if (options.has('s')) {
            channel.set_variable("BACKGROUNDSTATUS", "SUCCESS");
            co_return AppResult::go_on();
        }
        if (!options.has('n')) answer(channel);
    }
    const auto context = args.has(3) ? args[3] : channel.location().context;
    PlayOptions how;
    how.language = args[2];
    if (options.has('m'))
        how.stop_digits = one_digit_extensions(channel, context);
    else if (!options.has('p'))
        how.stop_digits = any_digit;

    bool all_played = true;
    for (const auto& name : split_names(args[0])) {
        const auto end = co_await play(channel, {name}, how);
        if (end.over()) {
            channel.set_variable("BACKGROUNDSTATUS", "FAILED");
            co_return after(end);
        }
        if (end.end == End::failed) all_played = false;
        if (end.end != End::digit) continue;
        channel.set_variable("BACKGROUNDSTATUS", "SUCCESS");
        if (!args.has(3)) co_return AppResult::typed(end.digit);
        const auto typed = co_await dialplan::collect_extension(channel, context, std::string(1, end.digit),
                                                                channel.extra<dialplan::Timeouts>().digit);
        if (typed.over) co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
        dialplan::go_to(channel, Location{context, typed.digits, 1});
        co_return AppResult::go_on();
    }
    channel.set_variable("BACKGROUNDSTATUS", all_played ? "SUCCESS" : "FAILED");
    co_return AppResult::go_on();
}

Task<AppResult> control_playback(Channel& channel, std::string data) {
    const Arguments args(data, ',', 8);
    if (!args.has(0)) co_return requires_argument("ControlPlayback", "filename");
    const OptionLetters options(args[7]);
    auto key = [&](std::size_t i, std::string_view usual) { return args.has(i) ? args[i] : std::string(usual); };
    PlayOptions how;
    if (args.has(1)) how.skip = std::chrono::milliseconds(std::max(to_int(args[1]), 0));
    how.forward_digits = key(2, "#");
    how.reverse_digits = key(3, "*");
    how.stop_digits = args[4];
    how.pause_digits = args[5];
    how.restart_digits = args[6];
    how.offset = std::chrono::milliseconds(std::max(to_int(options.argument('o')), 0));
    const auto end = co_await play(channel, {args[0]}, std::move(how));

    (void)tell_control_playback(channel, end);
    co_return after(end);
}

}  // namespace

long tell_control_playback(Channel& channel, const OpResult& end) {
    const char* status = end.end == End::done      ? "SUCCESS"
                         : end.end == End::digit   ? "USERSTOPPED"
                         : end.end == End::stopped ? "REMOTESTOPPED"
                                                   : "ERROR";
    const bool whole = end.end == End::done || end.end == End::failed;
    const auto offset = whole ? -1 : static_cast<long>(end.position.count());
    channel.set_variable("CPLAYBACKSTATUS", status);
    channel.set_variable("CPLAYBACKSTOPKEY", end.end == End::digit ? std::string(1, end.digit) : std::string{});
    channel.set_variable("CPLAYBACKOFFSET", std::to_string(offset));
    return offset;
}

void add_playback_applications(dialplan::Applications& all) {
    const dialplan::Parameter files{"filename", "prompts without their extensions, joined by &"};
    all.add({.name = "Playback",
             .synopsis = "play prompts",
             .syntax = "Playback(filename[&...][,options])",
             .parameters = {files,
                            {"options",
                             "skip: not to a channel that is not up; noanswer: as early media; say: names are "
                             "sayings (num:12, digit:12, enum:3); mix: those with a colon are"}},
             .run = playback,
             .module = "app_playback"});
    all.add({.name = "BackGround",
             .synopsis = "play prompts while digits of an extension may be typed",
             .syntax = "BackGround(filename[&...][,options[,langoverride[,context]]])",
             .parameters = {files,
                            {"options",
                             "s: not to a channel that is not up; n: as early media; m: only digits that "
                             "are an extension interrupt; p: no digit does"},
                            {"langoverride", "language of the prompts"},
                            {"context", "where the extension is looked for"}},
             .run = background,
             .module = "pbx_builtins"});
    all.add({.name = "ControlPlayback",
             .synopsis = "play a prompt with keys to move in it",
             .syntax = "ControlPlayback(filename[,skipms[,ff[,rew[,stop[,pause[,restart[,options]]]]]]])",
             .parameters = {{"filename", "a prompt without its extension"},
                            {"skipms", "how far ff and rew go; 3000"},
                            {"ff", "#"},
                            {"rew", "*"},
                            {"stop", "keys that end it"},
                            {"pause", "key"},
                            {"restart", "key"},
                            {"options",
                             "o(ms): where it begins. CPLAYBACKSTATUS, CPLAYBACKOFFSET and "
                             "CPLAYBACKSTOPKEY tell"}},
             .run = control_playback,
             .module = "app_controlplayback"});
}

}  // namespace asterism::applications
