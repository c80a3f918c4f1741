// Record.
#include <unistd.h>

#include "asterism/applications/recording.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {

std::string recording_path(const Pbx& pbx, std::string_view name, std::string_view format) {
    std::string path(name);
    if (!path.starts_with('/')) path = pbx.settings->sounds_dir() + "/" + path;
    return path + "." + std::string(format);
}

namespace {

struct RecordingInfo : ChannelExtra {
    std::chrono::milliseconds duration{0};
};

const char* status_of(const RecordResult& result) {
    switch (result.how.end) {
        case End::digit: return "DTMF";
        case End::hangup:
        case End::interrupted: return "HANGUP";
        case End::failed: return "ERROR";
        default: break;
    }
    return result.why == media::OpEnd::Why::silence ? "SILENCE" : "TIMEOUT";
}

struct FileName {
    std::string name, format;
};
/// "name.format" or "name:format".
std::optional<FileName> parse_file(const std::string& text) {
    auto mark = text.rfind(':');
    if (mark == std::string::npos) mark = text.rfind('.');
    if (mark == std::string::npos || mark == 0 || mark + 1 == text.size()) return std::nullopt;
    return FileName{text.substr(0, mark), text.substr(mark + 1)};
}

std::string stop_digits(const OptionLetters& options) {
    if (options.has('y')) return std::string(any_digit);
    std::string digits = options.has('x') ? "" : options.has('t') ? "*" : "#";
    if (options.has('o')) digits += '0';
    return digits;
}

Task<AppResult> record_(Channel& channel, std::string data) {
    const Arguments args(data, ',', 4);
    const auto file = parse_file(args[0]);
    if (!file) {
        log::warning("Record requires an argument (filename.format)");
        channel.set_variable("RECORD_STATUS", "ERROR");
        co_return AppResult::hang_up();
    }
    const OptionLetters options(args[3]);
    if (!channel.up()) {
        if (options.has('s')) {
            channel.set_variable("RECORD_STATUS", "SKIP");
            co_return AppResult::go_on();
        }
        if (!options.has('n')) answer(channel);
    }
    auto& pbx = channel.pbx();
    RecordOptions how;
    how.beep = !options.has('q');
    how.stop_digits = stop_digits(options);
    how.spec.path = recording_path(pbx, file->name, file->format);
    how.spec.format = file->format;
    if (options.has('a')) how.spec.existing = media::RecordSpec::Existing::append;
    how.spec.drop_silence = !options.has('u');
    how.spec.max_silence = std::chrono::seconds(std::max(to_int(args[1]), 0));
    how.spec.max_duration = std::chrono::seconds(std::max(to_int(args[2]), 0));
    const auto path = how.spec.path;
    channel.set_variable("RECORDED_FILE", file->name);

    const auto result = co_await record(channel, std::move(how));
    channel.extra<RecordingInfo>().duration = result.how.position;
    if (result.how.end == End::hangup && !options.has('k'))
        pbx.loop->blocking([path] { (void)::unlink(path.c_str()); }, [] {});
    if (result.how.end == End::failed) log::warning("Record to {} failed: {}", path, result.how.error);
    const bool operator_wanted = result.how.end == End::digit && options.has('o') && result.how.digit == '0';
    channel.set_variable("RECORD_STATUS", operator_wanted ? "OPERATOR" : status_of(result));
    co_return after(result.how);
}

std::optional<std::string> recording_info(dialplan::FunctionCall& call) {
    if (!call.channel) return std::nullopt;
    if (functions::lower(call.args) != "duration") {
        log::warning("RECORDING_INFO knows only duration");
        return std::nullopt;
    }
    const auto* info = call.channel->find_extra<RecordingInfo>();
    return std::to_string(info ? info->duration.count() : 0);
}

}  // namespace

void add_recording_info(dialplan::Functions& all) {
    all.add({.name = "RECORDING_INFO",
             .synopsis = "about the channel's latest Record",
             .syntax = "RECORDING_INFO(property)",
             .parameters = {{"property", "duration, in milliseconds"}},
             .read = recording_info,
             .module = "app_record"});
}

void add_record_applications(dialplan::Applications& all) {
    all.add({.name = "Record",
             .synopsis = "record what the party says",
             .syntax = "Record(filename.format[,silence[,maxduration[,options]]])",
             .parameters = {{"filename", "absolute, or among the sounds; RECORDED_FILE and RECORD_STATUS tell"},
                            {"format", "wav, ulaw, alaw, sln, gsm..."},
                            {"silence", "seconds of it end the recording"},
                            {"maxduration", "seconds"},
                            {"options",
                             "a: append; k: keep the file on hangup; n: does not answer; o: 0 ends it too; "
                             "q: no beep; s: not from a channel that is not up; t: * ends it instead of #; "
                             "u: keep the silence at the end; x: no digit ends it; y: any digit does"}},
             .run = record_,
             .module = "app_record"});
}

}  // namespace asterism::applications
