#include "asterism/model/bridge.hpp"

#include <algorithm>

#include "asterism/events/events.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/random.hpp"

namespace asterism {

Bridge::Bridge(Pbx& pbx, BridgeId id, BridgeSetup setup) : pbx_(pbx), id_(id), setup_(std::move(setup)) {
    uniqueid_ = setup_.uniqueid.empty() ? pbx.random->uuid() : setup_.uniqueid;
    technology_ = setup_.mixing ? "simple_bridge" : "holding_bridge";
    created_ = pbx.loop->clock().wall();
}

Bridge::~Bridge() {
    if (mixer_) pbx_.media->close_mixer(mixer_);
}

bool Bridge::has(ChannelId channel) const { return std::ranges::find(members_, channel) != members_.end(); }

const BridgeShot& Bridge::snapshot() {
    if (shot_) return shot_;
    auto shot = std::make_shared<BridgeSnapshot>();
    shot->id = id_;
    shot->uniqueid = uniqueid_;
    shot->type = setup_.type;
    shot->technology = technology_;
    shot->creator = setup_.creator;
    shot->name = setup_.name;
    for (const ChannelId member : members_) {
        if (const Channel* channel = pbx_.channels->find(member)) shot->channels.push_back(channel->uniqueid());
    }
    shot->video_mode = video_mode_;
    shot->video_source = video_source_;
    shot->created = created_;
    shot_ = std::move(shot);
    return shot_;
}

namespace {

/// Two in a call know each other's account; one that has none takes what the other has set for its peer.
void share_accounts(Channel& one, Channel& two) {
    for (auto [to, from] : {std::pair{&one, &two}, std::pair{&two, &one}}) {
        if (to->account_code().empty() && !from->peer_account().empty()) to->set_account_code(from->peer_account());
    }
    for (auto [to, from] : {std::pair{&one, &two}, std::pair{&two, &one}}) {
        if (!from->account_code().empty() && to->peer_account() != from->account_code()) {
            to->set_peer_account(from->account_code());
        }
    }
}

/// Channels that talk to each other are one call: the oldest one's linkedid is everybody's.
void link(Pbx& pbx, const std::vector<ChannelId>& members, const Channel& channel) {
    const Channel* oldest = &channel;
    bool differ = false;
    for (const ChannelId id : members) {
        const Channel* member = pbx.channels->find(id);
        if (member == nullptr) continue;
        differ = differ || member->linkedid() != channel.linkedid();
        if (member->created() < oldest->created() ||
            (member->created() == oldest->created() && member->id() < oldest->id())) {
            oldest = member;
        }
    }
    if (!differ) return;
    const std::string linkedid = oldest->linkedid();
    for (const ChannelId id : members) {
        Channel* member = pbx.channels->find(id);
        if (member != nullptr && member->linkedid() != linkedid) member->set_linkedid(linkedid);
    }
}

}  // namespace

void Bridge::add(Channel& channel, BridgeRole role, Channel* swap) {
    if (destroyed_ || channel.ended()) return;
    if (channel.bridge() == id_) {
        roles_[channel.id()] = role;
        rewire();
        return;
    }
    if (Bridge* other = pbx_.bridges->find(channel.bridge())) other->remove(channel);
    members_.push_back(channel.id());
    roles_[channel.id()] = role;
    channel.set_bridge(id_, uniqueid_);
    shot_.reset();
    if (swap != nullptr && has(swap->id())) {
        // The one that leaves is out before the one that comes is wired, without dissolving the bridge.
        std::erase(members_, swap->id());
        roles_.erase(swap->id());
        swap->set_bridge({}, {});
        shot_.reset();
    }
    rewire();
    // Those who only wait together are not talking to each other.
    if (setup_.mixing) {
        link(pbx_, members_, channel);
        if (Channel* peer = peer_of(channel)) share_accounts(channel, *peer);
    }
    BridgeEnter enter;
    enter.bridge = snapshot();
    enter.channel = channel.snapshot();
    if (swap != nullptr) enter.swap_uniqueid = swap->uniqueid();
    pbx_.bus->publish(std::move(enter));
    if (swap != nullptr) {
        BridgeLeave leave;
        leave.bridge = snapshot();
        leave.channel = swap->snapshot();
        pbx_.bus->publish(std::move(leave));
        pbx_.media->disconnect(swap->leg());
        swap->signal({.channel = swap->id(), .kind = ChannelSignal::Kind::left_bridge});
    }
}

void Bridge::remove(Channel& channel, bool tell) {
    const auto found = std::ranges::find(members_, channel.id());
    if (found == members_.end()) return;
    const Channel* peer = peer_of(channel);
    const bool held = peer != nullptr && peer->on_hold();
    members_.erase(found);
    roles_.erase(channel.id());
    channel.set_bridge({}, {});
    shot_.reset();
    if (channel.leg()) {
        std::erase(wired_, channel.leg());
        pbx_.media->disconnect(channel.leg());
    }
    rewire();
    BridgeLeave event;
    event.bridge = snapshot();
    event.channel = channel.snapshot();
    pbx_.bus->publish(std::move(event));
    // Whoever was put on hold by the other is no longer, wherever it goes.
    if (held && !channel.ended() && !channel.hangup_requested() && !channel.driver().indicate(Indication::unhold))
        stop_music(channel);
    if (tell) channel.signal({.channel = channel.id(), .kind = ChannelSignal::Kind::left_bridge});
    if (setup_.dissolves && !destroyed_) destroy();
}

void Bridge::destroy() {
    if (destroyed_) return;
    destroyed_ = true;
    while (!members_.empty()) {
        if (Channel* channel = pbx_.channels->find(members_.back())) {
            remove(*channel);
        } else {
            members_.pop_back();
        }
    }
    if (mixer_) pbx_.media->close_mixer(std::exchange(mixer_, {}));
    BridgeDestroyed event;
    event.bridge = snapshot();
    pbx_.bus->publish(std::move(event));
    pbx_.bridges->by_uniqueid_.erase(uniqueid_);
    const auto found = pbx_.bridges->bridges_.find(id_);
    if (found == pbx_.bridges->bridges_.end()) return;
    auto last = std::move(found->second);
    pbx_.bridges->bridges_.erase(found);
    pbx_.loop->reap(std::move(last));
}

media::MixerId Bridge::mixer() {
    needs_mixer_ = true;
    rewire();
    return mixer_;
}

void Bridge::set_mute(Channel& channel, bool in, bool on) {
    if (channel.leg()) pbx_.media->mute(channel.leg(), in ? media::Side::in : media::Side::out, on);
}

Channel* Bridge::peer_of(const Channel& channel) const {
    if (members_.size() != 2 || !has(channel.id())) return nullptr;
    return pbx_.channels->find(members_[0] == channel.id() ? members_[1] : members_[0]);
}

void Bridge::set_video(std::string mode, std::string source) {
    video_mode_ = std::move(mode);
    video_source_ = std::move(source);
    shot_.reset();
}

/// Gives the media what the members now are: nobody, two legs back to back, or a mixer.
void Bridge::rewire() {
    if (!setup_.mixing || destroyed_) return;
    std::vector<media::LegId> legs;
    bool special = false;
    for (const ChannelId member : members_) {
        const Channel* channel = pbx_.channels->find(member);
        if (channel == nullptr || !channel->leg()) continue;
        legs.push_back(channel->leg());
        special = special || roles_[member] != BridgeRole::participant;
    }
    const bool mixed = needs_mixer_ || special || members_.size() > 2;
    const std::string_view wanted = mixed ? "softmix" : "simple_bridge";
    if (technology_ != wanted && (mixed || members_.size() == 2)) {
        technology_ = wanted;
        shot_.reset();
        // In a mix of many nobody is on hold.
        if (mixed && members_.size() > 2) {
            for (const ChannelId member : members_) {
                if (Channel* channel = pbx_.channels->find(member)) stop_music(*channel);
            }
        }
    }
    if (mixed) {
        if (!mixer_) mixer_ = pbx_.media->open_mixer({.rate = setup_.rate, .digits_pass = setup_.digits_pass});
        for (const ChannelId member : members_) {
            const Channel* channel = pbx_.channels->find(member);
            if (channel == nullptr || !channel->leg()) continue;
            const BridgeRole role = roles_[member];
            pbx_.media->mixer_add(mixer_, channel->leg(),
                                  role == BridgeRole::announcer  ? media::MixRole::talk_only
                                  : role == BridgeRole::listener ? media::MixRole::listen_only
                                                                 : media::MixRole::normal);
        }
    } else if (legs.size() == 2 && legs != wired_) {
        if (mixer_) pbx_.media->close_mixer(std::exchange(mixer_, {}));
        pbx_.media->connect(legs[0], legs[1]);
    }
    wired_ = mixed ? std::vector<media::LegId>{} : std::move(legs);
}

BridgeRegistry::~BridgeRegistry() = default;

Bridge& BridgeRegistry::create(BridgeSetup setup) {
    const BridgeId id{++last_id_};
    std::unique_ptr<Bridge> owned(new Bridge(pbx_, id, std::move(setup)));
    Bridge& bridge = *owned;
    bridges_.emplace(id, std::move(owned));
    by_uniqueid_[bridge.uniqueid()] = id;
    BridgeCreated event;
    event.bridge = bridge.snapshot();
    pbx_.bus->publish(std::move(event));
    return bridge;
}

Bridge* BridgeRegistry::find(BridgeId id) const {
    const auto found = bridges_.find(id);
    return found == bridges_.end() ? nullptr : found->second.get();
}

Bridge* BridgeRegistry::find(std::string_view uniqueid) const {
    const auto found = by_uniqueid_.find(std::string(uniqueid));
    return found == by_uniqueid_.end() ? nullptr : find(found->second);
}

std::vector<BridgeId> BridgeRegistry::ids() const {
    std::vector<BridgeId> all;
    for (const auto& [id, bridge] : bridges_) all.push_back(id);
    std::ranges::sort(all);
    return all;
}

}  // namespace asterism
