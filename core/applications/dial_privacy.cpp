// Dial's options p and P: the caller says who calls, and the callee hears it and chooses.
#include <sys/stat.h>
#include <unistd.h>

#include "asterism/applications/recording.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/media/files.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/store/astdb.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial_run.hpp"

namespace asterism::applications {
namespace {

constexpr std::string_view family = "privacy";
constexpr std::string_view folder = "priv-callerintros";
constexpr std::string_view intro_format = "sln";
constexpr Duration longest_intro = std::chrono::seconds(4), silence_that_ends_it = std::chrono::seconds(2);
constexpr Duration time_to_choose = std::chrono::seconds(10);
constexpr int tries = 2;

/// What was decided of this caller before.
std::optional<DialStatus> refusal(std::string_view decision) {
    if (decision == "deny") return DialStatus::no_answer;
    if (decision == "kill") return DialStatus::dont_call;
    if (decision == "torture") return DialStatus::torture;
    return std::nullopt;
}

/// A name as part of a file's name and a key.
std::string safe(std::string text) {
    for (char& c : text) {
        if (c == '/' || c == ':') c = '=';
    }
    return text;
}

}  // namespace

Task<std::optional<DialStatus>> Dialling::introduce() {
    const bool keeps = options_.has('P');
    if (!keeps && !options_.has('p')) co_return std::nullopt;
    const auto& number = caller_.caller().id.number;
    Privacy privacy{.key = {}, .intro = {}, .known = number.valid && !number.text.empty()};
    if (privacy.known && options_.has('N')) co_return std::nullopt;
    const std::string who =
        safe(privacy.known ? number.text : "NOCALLERID_" + caller_.location().exten + caller_.name());
    if (keeps) {
        const std::string_view base = options_.argument('P');
        privacy.key = (base.empty() ? caller_.location().exten : std::string(base)) + "/" + who;
        const auto decided = pbx_.db->get(family, privacy.key);
        if (decided && *decided == "allow") co_return std::nullopt;
        if (const auto refused = decided ? refusal(*decided) : std::nullopt) co_return refused;
    }
    privacy.intro = std::string(folder) + "/" + who;
    const std::string path = recording_path(pbx_, privacy.intro, intro_format);
    const std::string where = pbx_.settings->sounds_dir() + "/" + std::string(folder);
    const bool there = co_await run_blocking(*pbx_.loop, [path, where] {
        (void)::mkdir(where.c_str(), 0755);
        return ::access(path.c_str(), R_OK) == 0;
    });
    privacy_ = std::move(privacy);
    if (!there || options_.has('n')) {
        answer(caller_);
        OpResult end = co_await play(caller_, {"priv-recordintro"});
        if (!end.over()) {
            RecordOptions how{.spec = {}, .stop_digits = std::string(any_digit), .beep = true};
            how.spec.path = path;
            how.spec.format = intro_format;
            how.spec.max_duration = std::chrono::duration_cast<media::Millis>(longest_intro);
            how.spec.max_silence = std::chrono::duration_cast<media::Millis>(silence_that_ends_it);
            end = (co_await record(caller_, std::move(how))).how;
        }
        if (end.end == End::failed) log::warning("Dial: who calls cannot be recorded: {}", end.error);
        if (end.over()) {
            forget_introduction();
            co_return DialStatus::cancel;
        }
        if (pbx_.prompts != nullptr) pbx_.prompts->forget();
    }
    if (caller_.up()) (void)co_await play(caller_, {"vm-dialout"});
    if (caller_.hangup_requested()) co_return DialStatus::cancel;
    co_return std::nullopt;
}

void Dialling::remember(std::string_view decision) {
    if (privacy_ && !privacy_->key.empty()) (void)pbx_.db->put(family, privacy_->key, decision);
}

void Dialling::forget_introduction() {
    if (!privacy_ || privacy_->intro.empty()) return;
    pbx_.loop->blocking([path = recording_path(pbx_, privacy_->intro, intro_format)] { (void)::unlink(path.c_str()); },
                        [] {});
}

Task<std::optional<DialStatus>> Dialling::screen(Channel& callee) {
    const bool keeps = !privacy_->key.empty();
    const std::string choices = keeps ? "12345" : "1234";
    // The caller goes on hearing that it rings.
    if (options_.has('m'))
        start_music(caller_, options_.argument('m'));
    else
        indicate(caller_, Indication::ringing);
    const ChannelId id = callee.id();
    char choice = 0;
    OpResult end = co_await play(callee, {"priv-callpending", privacy_->intro}, {.stop_digits = choices});
    if (end.end == End::digit) choice = end.digit;
    for (int i = 0; i < tries && choice == 0 && !end.over() && !caller_.hangup_requested(); ++i) {
        end =
            co_await play(callee, {keeps ? "priv-callee-options" : "screen-callee-options"}, {.stop_digits = choices});
        if (end.end != End::digit && !end.over()) end = co_await wait_digit(callee, time_to_choose, choices);
        if (end.end == End::digit) choice = end.digit;
    }
    stop_ringing();
    const bool gone = pbx_.channels->find(id) == nullptr;
    if (options_.has('n') || !privacy_->known) forget_introduction();
    if (gone) co_return DialStatus::no_answer;
    switch (choice) {
        case '1': remember("allow"); co_return std::nullopt;
        case '2': remember("deny"); co_return DialStatus::no_answer;
        case '3': remember("torture"); co_return DialStatus::torture;
        case '4': remember("kill"); co_return DialStatus::dont_call;
        case '5': remember("allow"); co_return DialStatus::no_answer;
        default: co_return DialStatus::no_answer;
    }
}

}  // namespace asterism::applications
