// Dictate: a dictation machine.
#include <filesystem>
#include <system_error>

#include "asterism/config/settings.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

std::string prompt(const char* name) { return std::string("dictate/") + name; }

/// Records at the end of the file until a key is pressed.
Task<OpResult> take_down(Channel& channel, const std::string& path) {
    RecordOptions how;
    how.spec.path = path + ".raw";
    how.spec.format = "raw";
    how.spec.existing = media::RecordSpec::Existing::append;
    how.stop_digits = std::string(any_digit);
    const auto result = co_await record(channel, std::move(how));
    co_return result.how;
}

/// One file; gives how the channel is when it is done with.
Task<OpResult> work_on(Channel& channel, std::string path) {
    bool recording = true, paused = true;
    std::chrono::milliseconds position{0};
    std::string say = prompt("forhelp");
    for (;;) {
        if (!say.empty()) {
            const auto said = co_await play(channel, {std::exchange(say, {})});
            if (said.over()) co_return said;
        }
        OpResult end;
        if (paused) {
            end = co_await wait_digit(channel, std::nullopt);
        } else if (recording) {
            end = co_await take_down(channel, path);
        } else {
            PlayOptions how;
            how.stop_digits = any_digit;
            how.offset = position;
            end = co_await play(channel, {path}, std::move(how));
            position = end.end == End::digit ? end.position : std::chrono::milliseconds(0);
            if (end.end != End::digit) paused = true;
        }
        if (end.over()) co_return end;
        if (end.end == End::failed) log::warning("Dictate: {}", end.error);
        if (end.end != End::digit) continue;
        switch (end.digit) {
            case '#': co_return end;
            case '*':
                paused = !paused;
                say = prompt(paused ? "paused" : recording ? "record" : "playback");
                break;
            case '0': say = prompt(recording ? "record_help" : "play_help"); break;
            case '1':
                recording = !recording;
                paused = true;
                position = {};
                say = prompt(recording ? "record_mode" : "playback_mode");
                break;
            case '7':
                if (!recording) position -= std::min(position, std::chrono::milliseconds(3000));
                break;
            case '8':
                if (recording) {
                    say = prompt("truncating_audio");
                    co_await run_blocking(*channel.pbx().loop, [file = path + ".raw"] {
                        std::error_code ignored;
                        return std::filesystem::remove(file, ignored);
                    });
                } else {
                    position += std::chrono::milliseconds(3000);
                }
                break;
            default: break;
        }
    }
}

Task<AppResult> dictate(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    const std::string folder = args.has(0) ? args[0] : channel.pbx().settings->spool_dir + "/dictate";
    co_await run_blocking(*channel.pbx().loop, [folder] {
        std::error_code ignored;
        return std::filesystem::create_directories(folder, ignored);
    });
    answer(channel);
    std::string name = args[1];
    for (;;) {
        if (name.empty()) {
            ReadOptions how;
            how.prompts = {prompt("enter_filename")};
            how.first_timeout = std::chrono::seconds(10);
            const auto typed = co_await read_digits(channel, std::move(how));
            if (typed.how.over() || typed.digits.empty()) co_return after(typed.how);
            name = typed.digits;
        }
        // A name is one file in the folder, whatever was given.
        for (char& c : name)
            if (c == '/') c = '_';
        const auto end = co_await work_on(channel, folder + "/" + std::exchange(name, {}));
        if (end.over()) co_return after(end);
    }
}

}  // namespace

void add_dictate_application(dialplan::Applications& all) {
    all.add({.name = "Dictate",
             .synopsis = "a dictation machine",
             .syntax = "Dictate([base_dir[,filename]])",
             .parameters = {{"base_dir", "where the files lie; the spool's folder dictate"},
                            {"filename",
                             "nothing: it is asked for. Keys: * pause, 0 help, 1 record or play, 7 and 8 "
                             "back and forward, 8 while recording erases, # the next file"}},
             .run = dictate,
             .module = "app_dictate"});
}

}  // namespace asterism::applications
