// BridgeWait and BridgeAdd: into a bridge where one waits, or where others talk.
#include <map>
#include <memory>

#include "asterism/events/events.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// The holding bridges by name. Kept by the application's entry.
using Rooms = std::map<std::string, BridgeId, std::less<>>;

Bridge& room(Pbx& pbx, Rooms& rooms, const std::string& name) {
    if (const auto found = rooms.find(name); found != rooms.end())
        if (auto* bridge = pbx.bridges->find(found->second)) return *bridge;
    auto& made = pbx.bridges->create({.type = "base", .name = name, .creator = "BridgeWait", .mixing = false});
    rooms[name] = made.id();
    return made;
}

/// What one hears while waiting.
class Entertainment {
  public:
    Entertainment(Channel& channel, const OptionLetters& options) : pbx_(channel.pbx()), id_(channel.id()) {
        auto kind = options.argument('e').empty() ? 'm' : options.argument('e').front();
        if (options.has('m')) kind = 'm';
        switch (kind) {
            case 'm':
                start_music(channel, options.argument('m'));
                music_ = true;
                break;
            case 'h':
                start_music(channel, options.argument('m'));
                music_ = true;
                break;
            case 'r': play_tone(channel, "ring"); break;
            case 's': {
                media::PlaySpec silence;
                silence.silence = media::Millis::max();
                if (channel.leg())
                    op_ = pbx_.media->play(channel.leg(), std::move(silence), [](const media::OpEnd&) {});
                break;
            }
            default: break;
        }
    }
    Entertainment(const Entertainment&) = delete;
    Entertainment& operator=(const Entertainment&) = delete;
    ~Entertainment() {
        if (op_) pbx_.media->stop(op_);
        if (auto* channel = music_ ? pbx_.channels->find(id_) : nullptr) stop_music(*channel);
    }

  private:
    void play_tone(Channel& channel, std::string_view name) {
        auto tone = pbx_.indications ? pbx_.indications->tone(name) : std::nullopt;
        if (!tone || !channel.leg()) return;
        op_ = pbx_.media->tone(channel.leg(), *std::move(tone), [](const media::OpEnd&) {});
        if (!pbx_.bus->wanted(EventKind::test)) return;
        TestEvent event;
        event.state = "RINGING_INBAND";
        event.headers = {{"Channel", channel.name()}};
        pbx_.bus->publish(std::move(event));
    }
    Pbx& pbx_;
    ChannelId id_;
    media::OpId op_;
    bool music_ = false;
};

Task<AppResult> bridge_wait(Channel& channel, std::string data, std::shared_ptr<Rooms> rooms) {
    const Arguments args(data, ',', 3);
    const std::string name = args.has(0) ? args[0] : "default";
    const bool announcer = functions::lower(args[1]) == "announcer";
    if (args.has(1) && !announcer && functions::lower(args[1]) != "participant") {
        log::warning("BridgeWait: role '{}' is neither participant nor announcer", args[1]);
        co_return AppResult::hang_up();
    }
    const OptionLetters options(args[2]);
    if (!options.has('n')) answer(channel);
    Pbx& pbx = channel.pbx();
    auto& bridge = room(pbx, *rooms, name);
    const auto id = bridge.id();
    bridge.add(channel, announcer ? BridgeRole::announcer : BridgeRole::participant);
    Timer limit(*pbx.loop);
    if (const auto time = parse_time(options.argument('S')); options.has('S') && time && *time > Duration::zero())
        limit.start(*time, [&pbx, id, channel_id = channel.id()] {
            auto* still = pbx.channels->find(channel_id);
            auto* in = pbx.bridges->find(id);
            if (still && in && in->has(channel_id)) in->remove(*still);
        });
    {
        std::optional<Entertainment> entertainment;
        if (!announcer) entertainment.emplace(channel, options);
        co_await features::stay_in_bridge(channel, id);
    }
    if (auto* still = pbx.bridges->find(id); still && still->members().empty()) {
        rooms->erase(name);
        still->destroy();
    }
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

Task<AppResult> bridge_add(Channel& channel, std::string data) {
    Pbx& pbx = channel.pbx();
    const auto tell = [&channel](const char* result) {
        channel.set_variable("BRIDGERESULT", result);
        return AppResult::go_on();
    };
    const auto name = functions::trim(data);
    if (name.empty()) co_return requires_argument("BridgeAdd", "channel");
    auto* other = pbx.channels->find(name);
    if (!other) {
        // As Asterisk: the beginning of a name will do.
        for (const auto id : pbx.channels->ids()) {
            auto* one = pbx.channels->find(id);
            if (one && functions::lower(one->name()).starts_with(functions::lower(name))) {
                other = one;
                break;
            }
        }
    }
    if (!other) {
        log::warning("BridgeAdd: there is no channel {}", name);
        co_return tell("NONEXISTENT");
    }
    if (other == &channel) co_return tell("LOOP");
    auto* bridge = pbx.bridges->find(other->bridge());
    if (!bridge) {
        log::warning("BridgeAdd: {} is in no bridge", other->name());
        co_return tell("FAILURE");
    }
    const auto id = bridge->id();
    answer(channel);
    bridge->add(channel);
    co_await features::stay_in_bridge(channel, id);
    (void)tell("SUCCESS");
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

}  // namespace

void add_waiting_room_applications(dialplan::Applications& all) {
    all.add({.name = "BridgeWait",
             .synopsis = "wait in a holding bridge",
             .syntax = "BridgeWait([name[,role[,options]]])",
             .parameters = {{"name", "of the bridge; default"},
                            {"role", "participant: hears the entertainment; announcer"},
                            {"options",
                             "e(x): entertainment, m music, r ringing, s silence, h hold, n nothing; m(class): music; "
                             "n: does not answer; S(s): leaves after s seconds"}},
             .run = [rooms = std::make_shared<Rooms>()](
                        Channel& channel, std::string data) { return bridge_wait(channel, std::move(data), rooms); },
             .module = "app_bridgewait"});
    all.add({.name = "BridgeAdd",
             .synopsis = "join the bridge that a channel is in",
             .syntax = "BridgeAdd(channel)",
             .parameters = {{"channel", "its name, the beginning of it, or its unique id; BRIDGERESULT tells"}},
             .run = bridge_add,
             .module = "app_bridgeaddchan"});
}

}  // namespace asterism::applications
