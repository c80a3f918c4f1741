// Page: speak to many at once.
#include <algorithm>
#include <memory>

#include "asterism/applications/recording.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/features/announcer.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

std::string gosub_of(std::string_view text) {
    std::string place(text);
    std::ranges::replace(place, '^', ',');
    return place;
}

/// On each device that answers: the announcement, then the bridge until it ends.
Task<void> attend(Channel& channel, BridgeId id, bool talks, std::string announcement) {
    auto& bridges = *channel.pbx().bridges;
    if (!announcement.empty()) {
        const auto end = co_await play(channel, {std::move(announcement)});
        if (end.over()) co_return;
    }
    auto* bridge = bridges.find(id);
    if (!bridge) co_return;
    bridge->add(channel, talks ? BridgeRole::participant : BridgeRole::listener);
    co_await features::stay_in_bridge(channel, id);
}

/// Those who were called; whoever has not answered when the page ends is not called any longer.
struct Called {
    explicit Called(Pbx& p) : pbx(p) {}
    Called(const Called&) = delete;
    Called& operator=(const Called&) = delete;
    ~Called() {
        for (const auto id : channels)
            if (auto* channel = pbx.channels->find(id)) hang_up(*channel, Cause::normal_clearing, {});
    }
    Pbx& pbx;
    std::vector<ChannelId> channels;
};

std::size_t call_all(Channel& channel, Called& called, const Arguments& args, const OptionLetters& options,
                     BridgeId bridge) {
    Pbx& pbx = channel.pbx();
    for (const auto& device : split_names(args[0])) {
        if (!features::parse_destination(device)) {
            log::warning("Incomplete destination '{}' supplied to Page", device);
            continue;
        }
        if (options.has('s') && pbx.device_states && pbx.device_states->state(device) != DeviceState::not_in_use) {
            log::warning("Page skips {}: it is not idle", device);
            continue;
        }
        features::OriginateRequest request;
        request.destination = device;
        request.originator = channel.id();
        request.caller_id = channel.caller().id;
        const auto time = parse_time(args[2]);
        request.timeout = time && *time > Duration::zero() ? *time : std::chrono::hours(24);
        if (options.has('b')) request.before_call = gosub_of(options.argument('b'));
        request.run = [bridge, talks = options.has('d'), announcement = std::string(options.argument('A'))](
                          Channel& answered) { return attend(answered, bridge, talks, announcement); };
        const auto made = features::originate(pbx, std::move(request));
        if (made)
            called.channels.push_back((*made)->id());
        else
            log::warning("Page cannot call {}", device);
    }
    return called.channels.size();
}

Task<AppResult> page(Channel& channel, std::string data) {
    const Arguments args(data, ',', 3);
    const OptionLetters options(args[1]);
    Pbx& pbx = channel.pbx();
    if (options.has('B')) {
        (void)co_await dialplan::run_gosub(channel, gosub_of(options.argument('B')));
        if (channel.hangup_requested()) co_return AppResult::hang_up();
    }
    auto& bridge = pbx.bridges->create({.type = "base", .name = "page", .creator = "Page", .digits_pass = false});
    const auto id = bridge.id();
    const auto announcer = features::add_announcer(bridge, pbx, channel.uniqueid()).id();
    struct End {
        Pbx& pbx;
        BridgeId id;
        ChannelId announcer;
        ~End() {
            if (auto* still = pbx.bridges->find(id)) still->destroy();
            if (auto* still = pbx.channels->find(announcer)) still->end(Cause::normal_clearing);
        }
    } const end{pbx, id, announcer};
    Called called(pbx);
    if (call_all(channel, called, args, options, id) == 0) {
        if (!options.has('q')) (void)co_await play(channel, {"beeperr"});
        co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
    }
    answer(channel);
    if (options.has('A') && !options.has('n')) {
        const auto played = co_await play(channel, {std::string(options.argument('A'))});
        if (played.over()) co_return after(played);
    } else if (!options.has('q')) {
        const auto played = co_await play(channel, {"beep"});
        if (played.over()) co_return after(played);
    }
    auto* still = pbx.bridges->find(id);
    if (!still) co_return AppResult::go_on();
    still->add(channel);
    if (options.has('r')) {
        media::RecordSpec spec;
        spec.path = recording_path(pbx, "confbridge-page-" + channel.uniqueid(), "wav");
        pbx.media->record(still->mixer(), spec, [](const media::OpEnd& how) {
            if (how.why == media::OpEnd::Why::failed) log::warning("Page: {}", how.error);
        });
    }
    co_await features::stay_in_bridge(channel, id);
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

}  // namespace

void add_page_application(dialplan::Applications& all) {
    all.add({.name = "Page",
             .synopsis = "speak to many devices at once",
             .syntax = "Page([Technology/Resource[&...]][,options[,timeout]])",
             .parameters = {{"Technology/Resource", "whom to call, joined by &"},
                            {"options",
                             "A(x): an announcement to all first, n: not to the caller; b(place), B(place): a "
                             "subroutine on each device, on the caller; d: they may speak; i: forwards are not "
                             "followed; q: no beep; r: record; s: only idle devices"},
                            {"timeout", "seconds to let them ring"}},
             .run = page,
             .module = "app_page"});
}

}  // namespace asterism::applications
