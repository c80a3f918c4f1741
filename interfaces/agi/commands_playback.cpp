// Playing and recording.
#include <algorithm>
#include <cmath>
#include <limits>

#include "asterism/applications/control_playback.hpp"
#include "asterism/applications/recording.hpp"
#include "interfaces/agi/arguments.hpp"
#include "interfaces/agi/commands.hpp"
#include "interfaces/agi/session.hpp"

namespace asterism::agi {
namespace {

/// Scripts count at 8 kHz.
std::chrono::milliseconds samples(long count) { return std::chrono::milliseconds(std::max(count, 0L) / 8); }

Task<void> stream_file(Session& session) {
    PlayOptions options;
    options.stop_digits = session.word(3);
    if (session.words().size() > 4) {
        const auto offset = number(session.word(4));
        if (!offset) co_return;
        options.offset = samples(*offset);
    }
    const auto end = co_await play(session.channel(), {std::string(session.word(2))}, std::move(options));
    session.reply_format("200 result={} endpos={}", outcome(end), end.end == End::failed ? 0 : end.samples);
}

Task<void> control_stream_file(Session& session) {
    PlayOptions options;
    options.stop_digits = session.word(4);
    if (session.words().size() > 5) {
        const auto skip = number(session.word(5));
        if (!skip) co_return;
        options.skip = std::chrono::milliseconds(std::max(*skip, 0L));
    }
    auto key = [&](std::size_t word, std::string_view usual) {
        return session.words().size() > word ? std::string(session.word(word)) : std::string(usual);
    };
    options.forward_digits = key(6, "#");
    options.reverse_digits = key(7, "*");
    options.pause_digits = key(8, "");
    if (session.words().size() > 9) options.offset = std::chrono::milliseconds(number(session.word(9)).value_or(0));
    auto& channel = session.channel();
    const auto end = co_await play(channel, {std::string(session.word(3))}, std::move(options));

    const auto position = applications::tell_control_playback(channel, end);
    session.reply_format("200 result={} endpos={}", outcome(end), position);
}

struct RecordArguments {
    RecordOptions options;
    bool valid = false;
};

/// The time limit as Asterisk reads it: what is too large for an int is none.
std::optional<long> record_limit(std::string_view text) {
    const auto limit = number(text);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (limit ? *limit > std::numeric_limits<int>::max() : !text.empty() && std::ranges::all_of(text, digit)) return -1;
    return limit;
}

RecordArguments record_arguments(Session& session) {
    RecordArguments result;
    auto& spec = result.options.spec;
    spec.format = session.word(3);
    result.options.stop_digits = session.word(4);
    const auto limit = record_limit(session.word(5));
    if (!limit) return result;
    if (*limit > 0) spec.max_duration = std::chrono::milliseconds(*limit);

    std::size_t next = 6;
    if (const auto offset = number(session.word(next)); session.words().size() > next && offset) {
        if (*offset > 0) spec.existing = media::RecordSpec::Existing::append;
        ++next;
    }
    for (; next < session.words().size(); ++next) {
        const auto word = session.word(next);
        if (word.size() == 4 && (word[0] | 32) == 'b') {
            result.options.beep = true;
        } else if (word.starts_with("s=") || word.starts_with("S=")) {
            const auto seconds = number(word.substr(2));
            if (!seconds || *seconds < 0) return result;
            spec.max_silence = std::chrono::seconds(*seconds);
        } else {
            return result;
        }
    }
    spec.path = applications::recording_path(session.pbx(), session.word(2), spec.format);
    result.valid = true;
    return result;
}

Task<void> record_file(Session& session) {
    auto arguments = record_arguments(session);
    if (!arguments.valid) co_return;
    const auto end = co_await record(session.channel(), std::move(arguments.options));
    const auto place = end.how.samples;
    switch (end.how.end) {
        case End::failed: session.reply("200 result=-1 (writefile)"); break;
        case End::digit: session.reply_format("200 result={} (dtmf) endpos={}", outcome(end.how), place); break;
        case End::hangup:
        case End::interrupted: session.reply_format("200 result=-1 (hangup) endpos={}", place); break;
        default: session.reply_format("200 result=0 (timeout) endpos={}", place);
    }
}

constexpr Command table[] = {
    {"CONTROL STREAM FILE", "filename escape_digits [skipms] [ffchar] [rewchr] [pausechr] [offsetms]", 2, 7, false,
     "play a file with keys to move in it",
     "Gives 0 at the end, the digit that ended it as ASCII, or -1; endpos in milliseconds. "
     "Sets CPLAYBACKSTATUS, CPLAYBACKOFFSET and CPLAYBACKSTOPKEY.",
     control_stream_file},
    {"RECORD FILE", "filename format escape_digits timeout [offset_samples] [beep] [s=silence]", 4, 7, false,
     "record until a key, silence or time",
     "Times are milliseconds (-1: no limit), silence is seconds. Gives 0, the digit as ASCII, or -1, with what ended "
     "it "
     "and how many samples there are.",
     record_file},
    {"STREAM FILE", "filename escape_digits [sample offset]", 2, 3, false, "play a file",
     "Gives 0 at the end, the digit that ended it as ASCII, or -1; endpos in samples.", stream_file},
};

}  // namespace

std::span<const Command> playback_commands() { return table; }

}  // namespace asterism::agi
