// What a channel technology (SIP, Local, ...) does for one channel, and how channels of it are made.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/media/engine.hpp"
#include "asterism/model/cause.hpp"
#include "asterism/model/party.hpp"
#include "asterism/model/signal.hpp"
#include "asterism/model/variables.hpp"

namespace asterism {

class Channel;

/// One channel's technology. Owned by its Channel, told to stop by hangup(), destroyed with it. A driver reports what
/// the party does through Channel: answered(), indicated(), party_hung_up(), digit()...
class ChannelDriver {
  public:
    virtual ~ChannelDriver() = default;
    /// "PJSIP", "Local": first part of the channel's name.
    [[nodiscard]] virtual std::string_view technology() const = 0;
    /// Starts the outgoing call that Technology::request prepared. Called once at most.
    virtual void call() = 0;
    /// Answers an incoming call. Does nothing on one that is up.
    virtual void answer() = 0;
    /// Tells the party. False: the technology has no way to say it, the caller may play a tone instead.
    virtual bool indicate(Indication indication) = 0;
    /// Ends the call towards the party, with Channel::cause(). Last call but for the destructor.
    virtual void hangup() = 0;
    /// Sends one digit by signalling (SIP INFO): asked by the media engine (LegEvent::dtmf_to_signal).
    virtual void signal_digit(char, std::chrono::milliseconds) {}
    /// Sends a text within the call. False: not possible.
    virtual bool send_text(std::string_view, std::string_view /*content_type*/) { return false; }
    /// Transfer of the party (SIP REFER or 302); what comes of it is told by Channel::transferred(). False: not
    /// possible.
    virtual bool transfer(std::string_view) { return false; }
    /// An ARI application tells how the transfer goes that the party asked for and that the application carries out:
    /// "channel_progress", "channel_answered", "channel_unavailable", "channel_declined". False: there is none.
    virtual bool transfer_progress(std::string_view) { return false; }
    /// The channel's media; null id while there is none.
    [[nodiscard]] virtual media::LegId leg() const = 0;
    /// CHANNEL(item) of the technology ("rtp,dest", "pjsip,call-id"), arguments as written; nothing if unknown.
    [[nodiscard]] virtual std::optional<std::string> read(std::string_view) const { return std::nullopt; }
    virtual bool write(std::string_view, std::string_view) { return false; }
    /// The technology's id of the call: SIP Call-ID. Empty: none.
    [[nodiscard]] virtual std::string protocol_id() const { return {}; }
    /// Name of the codec that the party is sent: "ulaw".
    [[nodiscard]] virtual std::string native_format() const { return "slin"; }
    /// The codecs agreed on, for CHANNEL(audionativeformat): "ulaw", "g722|gsm".
    [[nodiscard]] virtual std::string native_formats() const { return native_format(); }
};

/// A wish for an outgoing channel.
struct ChannelRequest {
    std::string data{};                  ///< what stands behind "TECH/" in a dial string
    ChannelId requestor;                 ///< whose call it is for; may be none
    std::vector<std::string> formats{};  ///< codecs wanted, by name; empty: whatever the endpoint allows
    std::string uniqueid{};              ///< asked for by Originate's ChannelId; empty: made here
    std::string other_uniqueid{};        ///< of the second half of a Local channel
    std::string linkedid{};              ///< empty: the requestor's, or a new one
    std::string account_code, language;
};

/// A kind of channel. Registered by its folder at start; outlives all its channels.
class Technology {
  public:
    virtual ~Technology() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::string_view description() const = 0;
    /// Makes a channel in state Down that does nothing until ChannelDriver::call(). The channel is in the registry and
    /// its creation published. Error: why not (unallocated: no such destination, chan_not_implemented...).
    virtual std::expected<Channel*, Cause> request(const ChannelRequest& request) = 0;
    /// "NOT_INUSE"... of a device behind "TECH/"; "INVALID" for an unknown one.
    [[nodiscard]] virtual std::string device_state(std::string_view) const { return "UNKNOWN"; }
    [[nodiscard]] virtual bool has_device_state() const { return false; }
    using Named = std::vector<std::pair<std::string, std::string>>;
    /// Sends a text out of any call (MessageSend, ARI sendMessage); `variables` go along as headers where the
    /// technology has such. `receiver`: who is named as its receiver; empty: as the destination `to`.
    virtual bool send_message(std::string_view /*to*/, std::string_view /*from*/, std::string_view /*body*/,
                              const Named& /*variables*/ = {}, std::string_view /*receiver*/ = {}) {
        return false;
    }
    /// Asks `to` to call `refer_to`, out of any call (ARI refer). False: no such destination, or not possible.
    virtual bool refer(std::string_view /*to*/, std::string_view /*from*/, std::string_view /*refer_to*/,
                       bool /*to_self*/, const Named& /*variables*/) {
        return false;
    }
};

/// All technologies, by name without case. Owned by main.
class Technologies {
  public:
    void add(Technology& technology) { all_.push_back(&technology); }
    [[nodiscard]] Technology* find(std::string_view name) const;
    [[nodiscard]] const std::vector<Technology*>& all() const { return all_; }

  private:
    std::vector<Technology*> all_{};
};

}  // namespace asterism
