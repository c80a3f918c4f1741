#include <strings.h>

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "asterism/events/events.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/pbx.hpp"

namespace asterism {

namespace {

/// Channel names are found without case.
std::string folded(std::string_view name) {
    std::string low(name);
    std::ranges::transform(low, low.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return low;
}

/// "alice" of "PJSIP/alice-00000001"; empty if the name has another form.
std::string_view resource_of(std::string_view name) {
    const auto slash = name.find('/');
    const auto dash = name.rfind('-');
    if (slash == std::string_view::npos || dash == std::string_view::npos || dash < slash) return {};
    return name.substr(slash + 1, dash - slash - 1);
}

}  // namespace

ChannelRegistry::~ChannelRegistry() {
    // Nothing is told any more: main has hung up everything it wanted to. Coroutines go first, as they look at
    // channels other than their own while they are destroyed.
    for (auto& [id, channel] : channels_) channel->tasks_.cancel_all();
    channels_.clear();
}

std::string ChannelRegistry::new_uniqueid() {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(pbx_.loop->clock().wall().time_since_epoch()).count();
    const auto number = unique_++;
    if (pbx_.system_name.empty()) return fmt::format("{}.{}", seconds, number);
    return fmt::format("{}-{}.{}", pbx_.system_name, seconds, number);
}

Channel& ChannelRegistry::create(ChannelSetup setup, std::unique_ptr<ChannelDriver> driver) {
    const ChannelId id{++last_id_};
    const CallId call = setup.call ? setup.call : CallId{++last_call_};
    std::unique_ptr<Channel> owned(new Channel(pbx_, id, call));
    Channel& channel = *owned;
    channel.driver_ = std::move(driver);
    channel.created_ = pbx_.loop->clock().wall();
    channel.name_ = setup.exact_name ? std::move(setup.name) : fmt::format("{}-{:08x}", setup.name, next_sequence());
    channel.uniqueid_ = setup.uniqueid.empty() ? new_uniqueid() : std::move(setup.uniqueid);
    channel.linkedid_ = setup.linkedid.empty() ? channel.uniqueid_ : std::move(setup.linkedid);
    channel.state_ = setup.state;
    channel.caller_ = std::move(setup.caller);
    channel.connected_ = std::move(setup.connected);
    channel.dialed_ = std::move(setup.dialed);
    channel.language_ = std::move(setup.language);
    channel.account_code_ = std::move(setup.account_code);
    channel.music_class_ = std::move(setup.music_class);
    channel.tenant_id_ = std::move(setup.tenant_id);
    channel.location_ = std::move(setup.location);
    channel.internal_ = setup.internal;
    channels_.emplace(id, std::move(owned));
    by_name_[folded(channel.name_)] = id;
    by_uniqueid_[channel.uniqueid_] = id;
    ++live_;
    if (pbx_.endpoints != nullptr) {
        pbx_.endpoints->channel_created(channel.technology(), resource_of(channel.name_), channel.uniqueid_);
    }
    if (pbx_.bus->wanted(EventKind::channel_created)) {
        ChannelCreated event;
        event.channel = channel.snapshot();
        pbx_.bus->publish(std::move(event));
    }
    return channel;
}

Channel* ChannelRegistry::any(ChannelId id) const {
    const auto found = channels_.find(id);
    return found == channels_.end() ? nullptr : found->second.get();
}

Channel* ChannelRegistry::find(ChannelId id) const {
    Channel* channel = any(id);
    return channel != nullptr && !channel->ended() ? channel : nullptr;
}

Channel* ChannelRegistry::find_uniqueid(std::string_view uniqueid) const {
    const auto found = by_uniqueid_.find(std::string(uniqueid));
    return found == by_uniqueid_.end() ? nullptr : find(found->second);
}

Channel* ChannelRegistry::find(std::string_view name_or_uniqueid) const {
    const auto found = by_name_.find(folded(name_or_uniqueid));
    if (found != by_name_.end()) return find(found->second);
    return find_uniqueid(name_or_uniqueid);
}

std::vector<ChannelId> ChannelRegistry::ids() const {
    std::vector<ChannelId> all;
    all.reserve(live_);
    for (const auto& [id, channel] : channels_) {
        if (!channel->ended()) all.push_back(id);
    }
    std::ranges::sort(all);
    return all;
}

void ChannelRegistry::renamed(Channel& channel, const std::string& old_name) {
    by_name_.erase(folded(old_name));
    by_name_[folded(channel.name_)] = channel.id();
}

void ChannelRegistry::reap(Channel& channel) {
    --live_;
    by_name_.erase(folded(channel.name_));
    by_uniqueid_.erase(channel.uniqueid_);
    if (pbx_.endpoints != nullptr) {
        pbx_.endpoints->channel_ended(channel.technology(), resource_of(channel.name_), channel.uniqueid_);
    }
    // Twice deferred: what is ready now (a controller that sees `ended`) still finds the object whole.
    pbx_.loop->defer([this, id = channel.id()] {
        pbx_.loop->defer([this, id] {
            const auto found = channels_.find(id);
            if (found == channels_.end()) return;
            auto last = std::move(found->second);
            // Still in the map while its tasks end: their Observations look it up.
            last->tasks_.cancel_all();
            channels_.erase(id);
        });
    });
}

}  // namespace asterism
