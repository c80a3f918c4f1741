// Channels that are only media: one that listens to another (snoop), and one to a media server (external media).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/media/engine.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/driver.hpp"

namespace asterism::ari {

/// The driver of a channel without signalling: it is up when it is called, and its leg ends with it.
class LegDriver final : public ChannelDriver {
  public:
    LegDriver(Pbx& pbx, std::string_view technology) : pbx_(pbx), technology_(technology) {}
    /// Called once, when channel and leg exist.
    void attach(Channel& channel, media::LegId leg) {
        channel_ = &channel;
        leg_ = leg;
    }
    [[nodiscard]] std::string_view technology() const override { return technology_; }
    void call() override;
    void answer() override;
    bool indicate(Indication) override { return true; }
    void hangup() override;
    [[nodiscard]] media::LegId leg() const override { return leg_; }
    [[nodiscard]] std::string native_format() const override { return format_; }
    void set_format(std::string format) { format_ = std::move(format); }

  private:
    Pbx& pbx_;
    std::string_view technology_;
    Channel* channel_ = nullptr;
    media::LegId leg_;
    std::string format_ = "slin";
};

/// "UnicastRTP/host:port/c(codec)": RTP to a fixed address. Its local port is in UNICASTRTP_LOCAL_PORT.
class UnicastRtp final : public Technology {
  public:
    explicit UnicastRtp(Pbx& pbx) : pbx_(pbx) {}
    [[nodiscard]] std::string_view name() const override { return "UnicastRTP"; }
    [[nodiscard]] std::string_view description() const override { return "Unicast RTP Media Channel Driver"; }
    std::expected<Channel*, Cause> request(const ChannelRequest& request) override;

  private:
    Pbx& pbx_;
};

/// Makes a channel that hears `spied` and may whisper to it; in state Up, without a controller.
Channel& make_snoop(Pbx& pbx, Channel& spied, const media::TapOptions& options, std::string uniqueid);

/// The address that packets to `remote` would leave from; empty when there is no route.
[[nodiscard]] std::string local_address_towards(const media::Address& remote);

}  // namespace asterism::ari
