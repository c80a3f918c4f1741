// MusicOnHold, PlayTones, Milliwatt: sounds that last.
#include "asterism/media/engine.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

Task<AppResult> music_on_hold(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    auto time = parse_time(args[1]);
    if (time && *time == Duration::zero()) time.reset();
    answer(channel);
    start_music(channel, args[0]);
    const auto id = channel.id();
    auto& channels = *channel.pbx().channels;
    const auto end = co_await wait(channel, time);
    if (auto* still = channels.find(id)) stop_music(*still);
    co_return after(end);
}

AppResult start(Channel& channel, std::string_view data) {
    start_music(channel, data);
    return AppResult::go_on();
}
AppResult stop(Channel& channel, std::string_view) {
    stop_music(channel);
    return AppResult::go_on();
}

/// The tone that PlayTones plays beside the dialplan.
struct PlayedTone : ChannelExtra {
    media::OpId tone;
};

AppResult stop_tones(Channel& channel, std::string_view) {
    if (auto* played = channel.find_extra<PlayedTone>(); played && played->tone)
        channel.pbx().media->stop(std::exchange(played->tone, {}));
    return AppResult::go_on();
}

AppResult play_tones(Channel& channel, std::string_view data) {
    if (data.empty()) return requires_argument("PlayTones", "name or list of tones");
    auto* zones = channel.pbx().indications;
    auto tone = zones ? zones->tone(data) : std::nullopt;
    if (!tone) {
        log::warning("PlayTones: '{}' is neither a tone of indications.conf nor a list of tones", data);
        return AppResult::go_on();
    }
    (void)stop_tones(channel, {});
    if (channel.leg())
        channel.extra<PlayedTone>().tone =
            channel.pbx().media->tone(channel.leg(), *std::move(tone), [](const media::OpEnd&) {});
    return AppResult::go_on();
}

Task<AppResult> milliwatt(Channel& channel, std::string data) {
    const OptionLetters options(data);
    answer(channel);
    const auto tone = media::parse_tone(options.has('o') ? "1000" : options.has('m') ? "1004/9000,0/1000" : "1004");
    co_return after(co_await play_tone(channel, *tone, std::nullopt));
}

}  // namespace

void add_sound_applications(dialplan::Applications& all) {
    const dialplan::Parameter music_class{"class", "of musiconhold.conf; nothing: the channel's"};
    all.add({.name = "MusicOnHold",
             .synopsis = "play music",
             .syntax = "MusicOnHold([class][,duration])",
             .parameters = {music_class, {"duration", "seconds; nothing: for ever"}},
             .run = music_on_hold,
             .module = "res_musiconhold"});
    all.add({.name = "StartMusicOnHold",
             .synopsis = "play music and go on",
             .syntax = "StartMusicOnHold([class])",
             .parameters = {music_class},
             .run_now = start,
             .module = "res_musiconhold"});
    all.add({.name = "StopMusicOnHold",
             .synopsis = "stop the music",
             .syntax = "StopMusicOnHold()",
             .run_now = stop,
             .module = "res_musiconhold"});
    all.add({.name = "PlayTones",
             .synopsis = "play a tone and go on",
             .syntax = "PlayTones(arg)",
             .parameters = {{"arg", "a tone of indications.conf, or 440+480/2000,0/4000"}},
             .run_now = play_tones,
             .module = "app_playtones"});
    all.add({.name = "StopPlayTones",
             .synopsis = "stop PlayTones",
             .syntax = "StopPlayTones()",
             .run_now = stop_tones,
             .module = "app_playtones"});
    all.add({.name = "Milliwatt",
             .synopsis = "play a test tone",
             .syntax = "Milliwatt([options])",
             .parameters = {{"options", "o: 1000 Hz instead of 1004; m: with a second of silence in ten"}},
             .run = milliwatt,
             .module = "app_milliwatt"});
}

}  // namespace asterism::applications
