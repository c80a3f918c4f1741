// A channel technology for tests: parties that do what the test tells them, in virtual time, without a protocol.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"

namespace asterism {

/// What one test channel was told, in order: "call", "answer", "ringing", "hangup 16"...
class TestPhone final : public ChannelDriver {
  public:
    TestPhone(Pbx& pbx, std::vector<std::string>& log) : pbx_(pbx), log_(log) {}
    ~TestPhone() override = default;
    void attach(Channel& channel) {
        channel_ = &channel;
        leg_ =
            pbx_.media->open_null([this](media::LegId, const media::LegEvent& event) { channel_->media_event(event); });
    }
    [[nodiscard]] std::string_view technology() const override { return "Test"; }
    void call() override { note("call"); }
    void answer() override {
        note("answer");
        channel_->set_state(ChannelState::up);
    }
    bool indicate(Indication indication) override {
        static constexpr const char* names[]{"proceeding", "ringing", "progress",       "busy",        "congestion",
                                             "hold",       "unhold",  "connected_line", "redirecting", "stop_tone"};
        note(names[static_cast<int>(indication)]);
        return !channel_->up() && indication <= Indication::congestion;
    }
    void hangup() override {
        note("hangup " + std::to_string(static_cast<int>(channel_->cause())));
        if (leg_) pbx_.media->close(std::exchange(leg_, {}));
    }
    [[nodiscard]] media::LegId leg() const override { return leg_; }

  private:
    void note(const std::string& what) { log_.push_back(channel_->name() + " " + what); }
    Pbx& pbx_;
    std::vector<std::string>& log_;
    Channel* channel_ = nullptr;
    media::LegId leg_;
};

/// "Test/alice": always reachable. "Test/nobody" does not exist.
class TestTechnology final : public Technology {
  public:
    explicit TestTechnology(Pbx& pbx) : pbx_(pbx) {}
    [[nodiscard]] std::string_view name() const override { return "Test"; }
    [[nodiscard]] std::string_view description() const override { return "Parties of a test"; }
    std::expected<Channel*, Cause> request(const ChannelRequest& request) override {
        if (request.data == "nobody") return std::unexpected(Cause::no_route_destination);
        ChannelSetup setup;
        setup.name = "Test/" + request.data;
        setup.uniqueid = request.uniqueid;
        if (Channel* requestor = pbx_.channels->find(request.requestor)) setup.linkedid = requestor->linkedid();
        return &make(std::move(setup));
    }
    /// A party that calls in: a channel in state Ring at `exten` of `context`, its dialplan started.
    Channel& call_in(const std::string& who, const std::string& context, const std::string& exten,
                     const std::string& number = "1000") {
        ChannelSetup setup;
        setup.name = "Test/" + who;
        setup.state = ChannelState::ring;
        setup.location = {context, exten, 1};
        setup.caller.id = PartyId::of(who, number);
        setup.dialed.number = exten;
        Channel& channel = make(std::move(setup));
        pbx_.start_dialplan(channel);
        return channel;
    }
    std::vector<std::string> log;
    [[nodiscard]] bool told(const std::string& what) const {
        for (const auto& line : log) {
            if (line.find(what) != std::string::npos) return true;
        }
        return false;
    }

  private:
    Channel& make(ChannelSetup setup) {
        auto phone = std::make_unique<TestPhone>(pbx_, log);
        TestPhone* raw = phone.get();
        Channel& channel = pbx_.channels->create(std::move(setup), std::move(phone));
        raw->attach(channel);
        return channel;
    }
    Pbx& pbx_;
};

}  // namespace asterism
