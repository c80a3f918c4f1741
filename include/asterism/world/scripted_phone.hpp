// A channel technology without a protocol: parties that do what a test or the simulator makes them do.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"

namespace asterism {

class ScriptedTechnology;

/// One party's side of a channel. Owned by the channel; its technology outlives it.
class ScriptedPhone final : public ChannelDriver {
  public:
    explicit ScriptedPhone(ScriptedTechnology& technology) : technology_(technology) {}
    /// The channel that owns it: opens its media.
    void attach(Channel& channel);
    [[nodiscard]] std::string_view technology() const override;
    void call() override;
    void answer() override;
    bool indicate(Indication indication) override;
    void hangup() override;
    bool send_text(std::string_view text, std::string_view content_type) override;
    bool transfer(std::string_view destination) override;
    [[nodiscard]] media::LegId leg() const override { return leg_; }

  private:
    ScriptedTechnology& technology_;
    Channel* channel_ = nullptr;
    media::LegId leg_;
};

/// Every destination is reachable, but for "nobody" unless `refuse` says otherwise.
class ScriptedTechnology final : public Technology {
  public:
    explicit ScriptedTechnology(Pbx& pbx, std::string name = "Test", std::string description = "Parties of a test")
        : pbx_(pbx), name_(std::move(name)), description_(std::move(description)) {}

    /// What one of its channels is told, as it is told: "call", "answer", "ringing", "hangup 16", "text hello". It must
    /// not end the channel at once.
    std::function<void(Channel&, const std::string&)> on_told;
    /// Why there is no channel for a wish; nothing: there is one.
    std::function<std::optional<Cause>(const ChannelRequest&)> refuse;
    /// A channel was made for a wish.
    std::function<void(Channel&, const ChannelRequest&)> on_request;
    /// Whether a transfer that is asked of a party is tried; null: no. It tells what comes of it
    /// (Channel::transferred).
    std::function<bool(Channel&, std::string_view)> on_transfer;
    /// State of the device behind "NAME/"; null: it has none.
    std::function<std::string(std::string_view)> on_state;
    bool takes_text = false;

    /// All that its channels were told, in order: "Test/a-00000000 call".
    std::vector<std::string> log;
    [[nodiscard]] bool told(const std::string& what) const;

    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] std::string_view description() const override { return description_; }
    std::expected<Channel*, Cause> request(const ChannelRequest& request) override;
    [[nodiscard]] std::string device_state(std::string_view device) const override;
    [[nodiscard]] bool has_device_state() const override { return static_cast<bool>(on_state); }

    /// A party that calls in: a channel in state Ring at `exten` of `context`, its dialplan started.
    Channel& call_in(const std::string& who, const std::string& context, const std::string& exten,
                     const std::string& number = "1000");
    /// The same without starting its dialplan; `setup`'s name is what follows the slash.
    Channel& make(ChannelSetup setup);

  private:
    friend class ScriptedPhone;
    void note(Channel& channel, const std::string& what);
    Pbx& pbx_;
    std::string name_, description_;
};

}  // namespace asterism
