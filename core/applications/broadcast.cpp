// Broadcast and StreamEcho: audio for many, and for oneself.
#include <algorithm>

#include "asterism/dialplan/executor.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// A mixer in which the caller and a tap of each target are.
struct Studio {
    Studio(Pbx& p, media::LegId caller) : pbx(p), leg(caller), mixer(p.media->open_mixer({.digits_pass = false})) {}
    Studio(const Studio&) = delete;
    Studio& operator=(const Studio&) = delete;
    ~Studio() {
        pbx.media->disconnect(leg);
        for (const auto tap : taps) pbx.media->close(tap);
        pbx.media->close_mixer(mixer);
    }
    Pbx& pbx;
    media::LegId leg;
    media::MixerId mixer;
    std::vector<media::LegId> taps;
};

Task<AppResult> broadcast(Channel& channel, std::string data) {
    const Arguments args(data, ',');
    const OptionLetters options(args[0]);
    auto& pbx = channel.pbx();
    answer(channel);
    if (!channel.leg()) co_return AppResult::go_on();
    const bool hears = options.has('s'), speaks = options.has('w') || !hears;
    using media::MixRole;
    Studio studio(pbx, channel.leg());
    std::vector<ChannelId> targets;
    for (std::size_t i = 1; i < args.size(); ++i) {
        auto* target = pbx.channels->find(args[i]);
        if (!target || target == &channel || !target->leg()) {
            log::warning("Broadcast: there is no channel {}", args[i]);
            continue;
        }
        const media::TapOptions tap{
            .spy_in = hears, .spy_out = hears, .whisper_in = speaks && options.has('b'), .whisper_out = speaks};
        const auto leg = pbx.media->open_tap(target->leg(), tap, [](media::LegId, const media::LegEvent&) {});
        pbx.media->mixer_add(studio.mixer, leg,
                             hears && speaks ? MixRole::normal
                             : hears         ? MixRole::talk_only
                                             : MixRole::listen_only);
        studio.taps.push_back(leg);
        targets.push_back(target->id());
    }
    if (targets.empty()) co_return AppResult::go_on();
    pbx.media->mixer_add(studio.mixer, channel.leg(), MixRole::normal);
    // It lasts until the caller or the last of the targets has gone.
    while (std::ranges::any_of(targets, [&](ChannelId id) { return pbx.channels->find(id) != nullptr; })) {
        const auto end = co_await wait(channel, std::chrono::seconds(1));
        if (end.over()) co_return after(end);
    }
    co_return AppResult::go_on();
}

Task<AppResult> stream_echo(Channel& channel, std::string) {
    co_return co_await dialplan::execute(channel, "Echo", {});
}

}  // namespace

void add_broadcast_applications(dialplan::Applications& all) {
    all.add({.name = "Broadcast",
             .synopsis = "speak to many channels, and hear them",
             .syntax = "Broadcast([options],channel[,channel...])",
             .parameters = {{"options",
                             "b: the channels' parties in bridges hear it too; s: hears the channels; w: "
                             "speaks to them. With both they hear each other"},
                            {"channel", "its name"}},
             .run = broadcast,
             .module = "app_broadcast"});
    all.add({.name = "StreamEcho",
             .synopsis = "let the party hear itself, stream by stream",
             .syntax = "StreamEcho([num[,type]])",
             .parameters = {{"num", "of streams; a call has one here"}, {"type", "audio"}},
             .run = stream_echo,
             .module = "app_stream_echo"});
}

}  // namespace asterism::applications
