#include "asterism/world/scripted_phone.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace asterism {

void ScriptedPhone::attach(Channel& channel) {
    channel_ = &channel;
    leg_ = channel.pbx().media->open_null(
        [this](media::LegId, const media::LegEvent& event) { channel_->media_event(event); });
}

std::string_view ScriptedPhone::technology() const { return technology_.name(); }

void ScriptedPhone::call() { technology_.note(*channel_, "call"); }

void ScriptedPhone::answer() {
    technology_.note(*channel_, "answer");
    channel_->set_state(ChannelState::up);
}

bool ScriptedPhone::indicate(Indication indication) {
    static constexpr std::array names{"proceeding", "ringing", "progress",       "busy",        "congestion",
                                      "hold",       "unhold",  "connected_line", "redirecting", "stop_tone"};
    technology_.note(*channel_, names.at(static_cast<std::size_t>(indication)));
    return !channel_->up() && indication <= Indication::congestion;
}

void ScriptedPhone::hangup() {
    technology_.note(*channel_, "hangup " + std::to_string(static_cast<int>(channel_->cause())));
    if (leg_) channel_->pbx().media->close(std::exchange(leg_, {}));
}

bool ScriptedPhone::send_text(std::string_view text, std::string_view) {
    if (!technology_.takes_text) return false;
    technology_.note(*channel_, "text " + std::string(text));
    return true;
}

bool ScriptedPhone::transfer(std::string_view destination) {
    return technology_.on_transfer && technology_.on_transfer(*channel_, destination);
}

bool ScriptedTechnology::told(const std::string& what) const {
    return std::ranges::any_of(log, [&](const std::string& line) { return line.find(what) != std::string::npos; });
}

std::expected<Channel*, Cause> ScriptedTechnology::request(const ChannelRequest& request) {
    if (refuse) {
        if (const auto cause = refuse(request)) return std::unexpected(*cause);
    } else if (request.data == "nobody") {
        return std::unexpected(Cause::no_route_destination);
    }
    ChannelSetup setup;
    setup.name = request.data;
    setup.uniqueid = request.uniqueid;
    if (Channel* requestor = pbx_.channels->find(request.requestor)) setup.linkedid = requestor->linkedid();
    Channel& channel = make(std::move(setup));
    if (on_request) on_request(channel, request);
    return &channel;
}

std::string ScriptedTechnology::device_state(std::string_view device) const {
    return on_state ? on_state(device) : "UNKNOWN";
}

Channel& ScriptedTechnology::call_in(const std::string& who, const std::string& context, const std::string& exten,
                                     const std::string& number) {
    ChannelSetup setup;
    setup.name = who;
    setup.state = ChannelState::ring;
    setup.location = {context, exten, 1};
    setup.caller.id = PartyId::of(who, number);
    setup.dialed.number = exten;
    Channel& channel = make(std::move(setup));
    pbx_.start_dialplan(channel);
    return channel;
}

Channel& ScriptedTechnology::make(ChannelSetup setup) {
    setup.name = name_ + "/" + setup.name;
    auto phone = std::make_unique<ScriptedPhone>(*this);
    ScriptedPhone* raw = phone.get();
    Channel& channel = pbx_.channels->create(std::move(setup), std::move(phone));
    raw->attach(channel);
    return channel;
}

void ScriptedTechnology::note(Channel& channel, const std::string& what) {
    log.push_back(channel.name() + " " + what);
    if (on_told) on_told(channel, what);
}

}  // namespace asterism
