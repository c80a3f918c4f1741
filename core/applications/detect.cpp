// WaitForSilence, WaitForNoise, WaitForTone, ToneScan, BackgroundDetect, AMD: what the party, or its network, lets
// hear.
#include <algorithm>
#include <cstdlib>

#include "asterism/applications/machine_detection.hpp"
#include "asterism/config/options.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/hearing.hpp"

namespace asterism::applications {
namespace {

using media::Heard;
using media::Millis;
using EventKind = Hearing::Event::Kind;

Millis millis_or(std::string_view text, long otherwise) {
    const auto number = functions::parse_number(text);
    return Millis(number && *number > 0 ? static_cast<long>(std::min(*number, 1e9)) : otherwise);
}

AppResult over(Channel& channel) { return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on(); }

Task<AppResult> wait_for_level(Channel& channel, std::string data, bool noise) {
    const Arguments args(data, ',', 3);
    answer(channel);
    const int iterations = std::max(to_int(args[1]), 1);
    const int timeout = to_int(args[2]);
    media::LevelWatch watch;
    (noise ? watch.sound_after : watch.silence_after) = millis_or(args[0], 1000);
    std::optional<TimePoint> deadline;
    if (timeout > 0) deadline = channel.pbx().loop->now() + std::chrono::seconds(timeout);
    Hearing hearing(channel, {.what = watch});
    for (int found = 0; found < iterations;) {
        const auto event = co_await hearing.next(deadline);
        if (event.kind == EventKind::over) {
            channel.set_variable("WAITSTATUS", "HANGUP");
            co_return over(channel);
        }
        if (event.kind == EventKind::timeout) {
            channel.set_variable("WAITSTATUS", "TIMEOUT");
            co_return AppResult::go_on();
        }
        ++found;
    }
    channel.set_variable("WAITSTATUS", noise ? "NOISE" : "SILENCE");
    co_return AppResult::go_on();
}
Task<AppResult> wait_for_silence(Channel& channel, std::string data) {
    return wait_for_level(channel, std::move(data), false);
}
Task<AppResult> wait_for_noise(Channel& channel, std::string data) {
    return wait_for_level(channel, std::move(data), true);
}

Task<AppResult> wait_for_tone(Channel& channel, std::string data) {
    const Arguments args(data, ',', 5);
    const int frequency = to_int(args[0]);
    const auto fail = [&](std::string_view why) {
        log::warning("WaitForTone: {}", why);
        channel.set_variable("WAITFORTONESTATUS", "ERROR");
        return AppResult::go_on();
    };
    if (frequency < 1 || frequency > 3999) co_return fail("the frequency is to be between 1 and 3999 Hz");
    const OptionLetters options(args[4]);
    media::ToneWatch watch{.frequency = static_cast<unsigned>(frequency), .duration = millis_or(args[1], 500)};
    if (const auto margin = functions::parse_number(options.argument('d'))) watch.margin_db = *margin;
    watch.swallow = options.has('s');
    const int times = args.has(3) ? to_int(args[3]) : 1;
    if (times < 1) co_return fail("the number of times is to be positive");
    std::optional<TimePoint> deadline;
    if (const auto time = functions::parse_number(args[2]); time && *time > 0)
        deadline = channel.pbx().loop->now() + from_seconds(*time);
    Hearing hearing(channel, {.what = watch});
    for (int found = 0; found < times;) {
        const auto event = co_await hearing.next(deadline);
        if (event.kind == EventKind::over) {
            channel.set_variable("WAITFORTONESTATUS", "HANGUP");
            co_return over(channel);
        }
        if (event.kind == EventKind::timeout) {
            channel.set_variable("WAITFORTONESTATUS", "TIMEOUT");
            co_return AppResult::go_on();
        }
        if (event.heard.kind == Heard::Kind::tone_begin) ++found;
    }
    channel.set_variable("WAITFORTONESTATUS", "SUCCESS");
    co_return AppResult::go_on();
}

Task<AppResult> tone_scan(Channel& channel, std::string data) {
    const Arguments args(data, ',', 4);
    const OptionLetters options(args[3]);
    const int threshold = std::max(args.has(2) ? to_int(args[2]) : 1, 1);
    std::optional<TimePoint> deadline;
    if (const auto time = functions::parse_number(args[1]); time && *time > 0)
        deadline = channel.pbx().loop->now() + from_seconds(*time);
    media::ProgressWatch watch{.fax = options.has('f'), .voice = options.has('v')};
    Hearing hearing(channel, {.what = watch}, std::string(any_digit));
    std::vector<std::pair<std::string, int>> hits;
    for (;;) {
        const auto event = co_await hearing.next(deadline);
        std::string status;
        if (event.kind == EventKind::over) {
            status = "HANGUP";
        } else if (event.kind == EventKind::timeout) {
            status = "TIMEOUT";
        } else if (event.kind == EventKind::digit) {
            status = "DTMF";
        } else {
            auto found = std::ranges::find(hits, event.heard.text, &std::pair<std::string, int>::first);
            if (found == hits.end()) found = hits.insert(hits.end(), {event.heard.text, 0});
            if (++found->second >= threshold) status = event.heard.text;
        }
        if (status.empty()) continue;
        channel.set_variable("TONESCANSTATUS", status);
        co_return over(channel);
    }
}

/// What BackgroundDetect found, seen by its handler while it plays.
struct TalkFound {
    std::optional<Millis> talked;
};

Task<AppResult> background_detect(Channel& channel, std::string data) {
    const Arguments args(data, ',', 5);
    if (!args.has(0)) co_return requires_argument("BackgroundDetect", "filename");
    const auto silence = millis_or(args[1], 1000), least = millis_or(args[2], 100);
    const auto most = millis_or(args[3], 1'000'000'000), analysis = millis_or(args[4], 1'000'000'000);
    answer(channel);
    Pbx& pbx = channel.pbx();
    const auto until = pbx.loop->now() + analysis;
    auto found = std::make_shared<TalkFound>();
    const auto heard = [&pbx, id = channel.id(), found, least, most, until](const Heard& what) {
        auto* still = pbx.channels->find(id);
        if (!still || found->talked || what.sounded.count() == 0 || pbx.loop->now() > until) return;
        if (what.sounded < least || what.sounded > most) {
            log::debug(1, "Sound of {} ms is no talk", what.sounded.count());
            return;
        }
        found->talked = what.sounded;
        (void)control_play(*still, {.kind = media::OpControl::Kind::stop});
    };
    const auto op = pbx.media->listen(channel.leg(), {.what = media::LevelWatch{.silence_after = silence}}, heard,
                                      [](const media::OpEnd&) {});
    struct Stop {
        Pbx& pbx;
        media::OpId op;
        ~Stop() { pbx.media->stop(op); }
    } const stop{pbx, op};
    PlayOptions how;
    how.stop_digits = any_digit;
    const auto end = co_await play(channel, split_names(args[0]), std::move(how));
    if (end.over()) co_return after(end);
    if (end.end == End::digit) co_return AppResult::typed(end.digit);
    if (end.end == End::failed) log::warning("BackgroundDetect: {}", end.error);
    if (found->talked) {
        channel.set_variable("TALK_DETECTED", std::to_string(found->talked->count()));
        const Location talk{channel.location().context, "talk", 1};
        if (dialplan::exists(channel, talk)) dialplan::go_to(channel, talk);
    }
    co_return AppResult::go_on();
}

struct MachineConfig {
    media::MachineWatch watch;
    std::string playback_file;
};

const config::Options<MachineConfig>& machine_options() {
    using namespace config;
    const auto ms = [](const char* name, const char* value, const char* meaning, Millis media::MachineWatch::* member) {
        return custom(name, "ms", value, meaning, [member](MachineConfig& c, std::string_view text) -> Set {
            const auto number = parse_int(text);
            if (!number || *number < 0 || *number > 3'600'000) return std::unexpected("is no number of milliseconds");
            c.watch.*member = Millis(*number);
            return {};
        });
    };
    const auto count = [](const char* name, const char* value, const char* meaning, int media::MachineWatch::* member) {
        return custom(name, "int", value, meaning, [member](MachineConfig& c, std::string_view text) -> Set {
            const auto number = parse_int(text);
            if (!number || *number < 0 || *number > 32767) return std::unexpected("is no number from 0 to 32767");
            c.watch.*member = static_cast<int>(*number);
            return {};
        });
    };
    using W = media::MachineWatch;
    static const Options<MachineConfig> table(
        "amd.conf", "general",
        {ms("initial_silence", "2500", "silence before the first word that means a machine", &W::initial_silence),
         ms("greeting", "1500", "longest greeting of a person", &W::greeting),
         ms("after_greeting_silence", "800", "silence after the greeting that means a person",
            &W::after_greeting_silence),
         ms("total_analysis_time", "5000", "after which it is not sure", &W::total_time),
         ms("min_word_length", "100", "shortest sound that is a word", &W::min_word),
         ms("maximum_word_length", "5000", "longest word of a person", &W::max_word),
         ms("between_words_silence", "50", "silence that parts two words", &W::between_words),
         count("maximum_number_of_words", "2", "more words mean a machine", &W::max_words),
         count("silence_threshold", "256", "mean amplitude below which it is silence", &W::level),
         custom("playback_file", "string", "", "prompt that plays meanwhile",
                [](MachineConfig& c, std::string_view text) -> Set {
                    c.playback_file = text;
                    return {};
                })});
    return table;
}

/// amd.conf as it is now; its defaults where there is none.
MachineConfig read_machine_config(const config::ReadOptions& where) {
    config::Report report;
    MachineConfig made = machine_options().defaults();
    config::DiskSource disk;
    const auto file = config::read(disk, "amd.conf", where, report);
    if (file) {
        if (const auto* general = file->find("general")) machine_options().apply(*general, made, report);
    }
    return made;
}

Task<AppResult> amd(Channel& channel, std::string data) {
    const Arguments args(data, ',', 10);
    Pbx& pbx = channel.pbx();
    auto found =
        co_await run_blocking(*pbx.loop, [where = pbx.settings->read_options()] { return read_machine_config(where); });
    auto& watch = found.watch;
    const auto take = [&args](std::size_t i, Millis& into) {
        if (args.has(i)) into = Millis(std::max(to_int(args[i]), 0));
    };
    take(0, watch.initial_silence);
    take(1, watch.greeting);
    take(2, watch.after_greeting_silence);
    take(3, watch.total_time);
    take(4, watch.min_word);
    take(5, watch.between_words);
    if (args.has(6)) watch.max_words = to_int(args[6]);
    if (args.has(7)) watch.level = to_int(args[7]);
    take(8, watch.max_word);
    const std::string prompt = args.has(9) ? args[9] : found.playback_file;
    answer(channel);
    const auto tell = [&channel](std::string_view status, std::string_view cause) {
        channel.set_variable("AMDSTATUS", status);
        channel.set_variable("AMDCAUSE", cause);
    };
    if (channel.ended() || !channel.leg()) {
        tell("HANGUP", "");
        co_return over(channel);
    }
    Hearing hearing(channel, {.what = watch});
    if (!prompt.empty())
        channel.tasks().spawn([](Channel& c, std::string name) -> Task<void> {
            (void)co_await play(c, {std::move(name)});
        }(channel, prompt));
    // Should nothing at all be heard (a channel whose media never came), time still passes.
    const auto deadline = pbx.loop->now() + watch.total_time + Millis(1000);
    const auto event = co_await hearing.next(deadline);
    if (!prompt.empty()) (void)control_play(channel, {.kind = media::OpControl::Kind::stop});
    switch (event.kind) {
        case EventKind::heard: tell(event.heard.text, event.heard.cause); break;
        case EventKind::over: tell("HANGUP", ""); break;
        default: tell("NOTSURE", "TOOLONG-" + std::to_string(watch.total_time.count())); break;
    }
    co_return over(channel);
}

}  // namespace

void check_machine_config(const config::File& file, config::Report& report) {
    if (const auto* general = file.find("general")) (void)machine_options().read(*general, report);
}

void add_detect_applications(dialplan::Applications& all) {
    const auto waits = [&all](const char* name, const char* what, Task<AppResult> (*run)(Channel&, std::string)) {
        all.add({.name = name,
                 .synopsis = std::string("wait for ") + what,
                 .syntax = std::string(name) + "([milliseconds[,iterations[,timeout]]])",
                 .parameters = {{"milliseconds", "of it without a break; 1000"},
                                {"iterations", "how often"},
                                {"timeout", "seconds to wait at most; WAITSTATUS tells"}},
                 .run = run,
                 .module = "app_waitforsilence"});
    };
    waits("WaitForSilence", "silence", wait_for_silence);
    waits("WaitForNoise", "sound", wait_for_noise);
    all.add({.name = "WaitForTone",
             .synopsis = "wait for a tone of one frequency",
             .syntax = "WaitForTone(freq[,duration_ms[,timeout[,times[,options]]]])",
             .parameters = {{"freq", "Hz"},
                            {"duration_ms", "that it lasts; 500"},
                            {"timeout", "seconds; nothing: for ever"},
                            {"times", "how often; WAITFORTONESTATUS tells"},
                            {"options", "d(x): dB above everything else, 16; s: others do not hear it"}},
             .run = wait_for_tone,
             .module = "res_tonedetect"});
    all.add({.name = "ToneScan",
             .synopsis = "wait for call progress tones",
             .syntax = "ToneScan([zone[,timeout[,threshold[,options]]]])",
             .parameters = {{"zone", "taken for compatibility: tones of all zones are known"},
                            {"timeout", "seconds; nothing: for ever"},
                            {"threshold", "how often it must be heard; TONESCANSTATUS tells"},
                            {"options", "f: fax too; v: voice too"}},
             .run = tone_scan,
             .module = "res_tonedetect"});
    all.add({.name = "BackgroundDetect",
             .synopsis = "play a file until the party talks",
             .syntax = "BackgroundDetect(filename[,sil[,min[,max[,analysistime]]]])",
             .parameters = {{"filename", "a digit ends it and begins an extension"},
                            {"sil", "ms of silence that end talk; 1000"},
                            {"min", "ms of the shortest talk; 100. It goes to the extension talk; TALK_DETECTED tells"},
                            {"max", "ms of the longest"},
                            {"analysistime", "ms after which it only plays"}},
             .run = background_detect,
             .module = "app_talkdetect"});
    all.add({.name = "AMD",
             .synopsis = "a person or an answering machine",
             .syntax = "AMD([initialSilence[,greeting[,afterGreetingSilence[,totalAnalysisTime[,miniumWordLength[,"
                       "betweenWordSilence[,maximumNumberOfWords[,silenceThreshold[,maximumWordLength[,audioFile]]]]]]]"
                       "]]])",
             .parameters = {{"...", "each in milliseconds, in place of amd.conf's; AMDSTATUS and AMDCAUSE tell"},
                            {"audioFile", "plays meanwhile"}},
             .run = amd,
             .module = "app_amd"});
}

}  // namespace asterism::applications
