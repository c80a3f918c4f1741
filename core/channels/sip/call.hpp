// One PJSIP channel's driver: an invite session on one side, the channel and its RTP leg on the other.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asterism/events/events.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/sip/offer_answer.hpp"
#include "asterism/sip/session.hpp"
#include "objects.hpp"

namespace asterism::pjsip {

class Pjsip;
class Call;

/// Where an outgoing call goes.
struct CallTarget {
    std::string uri;  ///< Request-URI
    std::string aor;  ///< whose contact it is; may be empty
    std::string contact_id;
    sip::Flow flow;  ///< where the contact registered from
    Names routes;    ///< its Path
};

/// What a call makes of its endpoint's device.
enum class DeviceUse : std::uint8_t { none, ringing, busy, talking, on_hold };
/// The calls of one endpoint: what its device state is made of, without a look at each of them.
struct EndpointCalls {
    std::vector<Call*> list;  ///< oldest first
    std::array<std::size_t, 5> uses{};
    [[nodiscard]] std::size_t count(DeviceUse use) const { return uses[static_cast<std::size_t>(use)]; }
};

/// Owned by its channel. Ended by hangup(), or by the session's end, which ends the channel.
class Call final : public ChannelDriver, public sip::SessionEvents {
  public:
    Call(Pjsip& technology, EndpointPtr endpoint);
    ~Call() override;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    /// Incoming: the session that was accepted with this as its listener.
    void take(sip::InviteSessionPtr session) { session_ = std::move(session); }
    /// Outgoing: called before call().
    void aim(CallTarget target, std::vector<std::string> formats);
    /// The channel that owns this; set right after it was made.
    void bind(Channel& channel);
    /// Incoming: why the INVITE's offer cannot be answered: 400 (unreadable), 415 (it has a part that must be
    /// understood and is not), 488 (nothing common); 0 if it can.
    [[nodiscard]] int refusal();

    // ---- ChannelDriver ----
    [[nodiscard]] std::string_view technology() const override { return "PJSIP"; }
    void call() override;
    void answer() override;
    bool indicate(Indication indication) override;
    void hangup() override;
    void signal_digit(char digit, std::chrono::milliseconds duration) override;
    bool send_text(std::string_view text, std::string_view content_type) override;
    bool transfer(std::string_view destination) override;
    bool transfer_progress(std::string_view state) override;
    [[nodiscard]] media::LegId leg() const override;
    [[nodiscard]] std::optional<std::string> read(std::string_view item) const override;
    bool write(std::string_view item, std::string_view value) override;
    [[nodiscard]] std::string protocol_id() const override;
    [[nodiscard]] std::string native_format() const override;
    [[nodiscard]] std::string native_formats() const override;

    // ---- dialplan functions, transfers, console ----
    /// Headers that go into the INVITE of an outgoing call, or into responses to an incoming one.
    [[nodiscard]] sip::Headers& extra_headers() { return extra_headers_; }
    [[nodiscard]] const sip::InviteSessionPtr& session() const { return session_; }
    [[nodiscard]] const EndpointConfig& endpoint() const { return *endpoint_; }
    [[nodiscard]] const EndpointPtr& endpoint_ptr() const { return endpoint_; }
    [[nodiscard]] Channel* channel() const { return channel_; }
    /// Keeps EndpointCalls::uses right: called whenever the state of the channel has changed.
    void count();
    [[nodiscard]] const CallTarget& target() const { return target_; }
    [[nodiscard]] bool incoming() const { return incoming_; }
    /// PJSIP_DTMF_MODE.
    void set_dtmf_mode(media::DtmfMode mode);
    [[nodiscard]] media::DtmfMode dtmf_mode() const { return dtmf_; }
    /// PJSIP_TRANSFER_HANDLING=ari-only: a REFER is only told to applications, which carry it out.
    void set_ari_transfers(bool on) { ari_transfers_ = on; }
    [[nodiscard]] bool ari_transfers() const { return ari_transfers_; }
    /// PJSIP_MOH_PASSTHROUGH: the endpoint's moh_passthrough, or what the call was told.
    void set_music_passthrough(bool on) { music_passthrough_ = on; }
    [[nodiscard]] bool music_passthrough() const { return music_passthrough_.value_or(endpoint_->moh_passthrough); }
    /// PJSIP_MEDIA_OFFER: codecs of the next offer.
    [[nodiscard]] const std::vector<sip::Codec>& offered_codecs() const {
        return codecs_.empty() ? endpoint_->codecs : codecs_;
    }
    void offer_codecs(std::vector<sip::Codec> codecs) {
        codecs_ = std::move(codecs);
        codecs_chosen_ = true;
    }
    /// PJSIP_HEADER_PARAM: parameters that From of an outgoing INVITE gets, in its URI or behind it.
    struct FromParameter {
        bool of_uri = false;
        std::string name, value;
    };
    [[nodiscard]] std::vector<FromParameter>& from_parameters() { return from_parameters_; }
    /// A re-INVITE or UPDATE with the present description (PJSIP_SEND_SESSION_REFRESH).
    bool refresh(bool by_update);
    /// A NOTIFY within the call. False: there is no dialog yet, or no more.
    bool send_notify(const sip::Headers& headers, std::string_view content_type, std::string_view body);
    /// Final response with a SIP code of its own (PJSIPHangup).
    void hang_up_with(int code);
    [[nodiscard]] std::string codec_in_use() const;
    /// Whether the party was told that whom it talks with holds: its device is "on hold" then.
    [[nodiscard]] bool on_hold() const { return told_hold_; }

    // ---- SessionEvents ----
    void on_sent(sip::InviteSession&) override;
    void on_progress(sip::InviteSession&, int code, const sip::MessagePtr& message) override;
    void on_answered(sip::InviteSession&, const sip::MessagePtr& message) override;
    void on_remote_offer(sip::InviteSession&, std::string_view sdp, const sip::MessagePtr& message) override;
    void on_remote_answer(sip::InviteSession&, std::string_view sdp, const sip::MessagePtr& message) override;
    void on_offer_refused(sip::InviteSession&, int code, const sip::MessagePtr& message) override;
    void on_request(sip::InviteSession&, sip::ServerTransactionPtr transaction) override;
    void on_ended(sip::InviteSession&, const sip::SessionEnd& end) override;

  private:
    // call_media.cpp
    bool open_leg() const;
    [[nodiscard]] sip::LocalMedia local_media() const;
    [[nodiscard]] bool in_use(const sip::Codec& codec) const;
    enum class Offered {
        in_use_first,  ///< so that it stays in use if the peer can choose
        in_use,        ///< nothing else
        configured     ///< in the order of the endpoint
    };
    [[nodiscard]] std::string new_offer(Offered codecs = Offered::in_use_first);
    [[nodiscard]] std::string media_host() const;
    /// The answer to the INVITE's offer, or our offer if it had none; made once. Empty: no common codec.
    const std::string& local_description();
    bool make_answer(std::string_view remote);
    bool make_answer(const sip::SessionDescription& remote);
    void apply(const sip::Negotiated& result);
    void configure();
    void take_hold(sip::Direction ours);
    void on_media(const media::LegEvent& event);
    // call.cpp
    [[nodiscard]] DeviceUse use() const;
    void start(const sip::Flow& flow);
    [[nodiscard]] const PartyId& shown_party() const;
    [[nodiscard]] sip::Headers response_headers(int code) const;
    [[nodiscard]] std::string our_host() const;
    [[nodiscard]] sip::Headers reason_headers(Cause cause) const;
    void update_connected_line();
    void learn_party(const sip::Message& message);
    void learn_redirecting(const sip::Message& message);
    void fail(Cause cause, std::string_view text);
    void redirected(const sip::Message& message);
    // call_requests.cpp
    void on_info(const sip::ServerTransactionPtr& transaction);
    void on_record(const sip::ServerTransactionPtr& transaction, bool on);
    void record(bool on);
    void on_message(const sip::ServerTransactionPtr& transaction);
    // call_transfer.cpp
    void send_refer(const std::string& to);
    bool refers_ = false;  // with REFER, and what comes of it is not known yet
    void referred(int code);
    void on_notify(const sip::ServerTransactionPtr& transaction);
    void on_refer(const sip::ServerTransactionPtr& transaction);
    /// How long a phone that has transferred its call may take to end it (RFC 5589, 6).
    static constexpr Duration transfer_patience = std::chrono::seconds(4);
    bool has_transferred_ = false;
    void notify_refer(int code, bool last);
    void publish_transfer(std::string_view state);

    Pjsip& technology_;
    EndpointPtr endpoint_;
    Channel* channel_ = nullptr;
    EndpointCalls* among_ = nullptr;
    DeviceUse counted_ = DeviceUse::none;
    sip::InviteSessionPtr session_;
    CallTarget target_;
    sip::Flow flow_;  // outgoing: before the session is there
    sip::OfferAnswer offer_answer_;
    bool codecs_chosen_ = false;                        // by the dialplan, order and all
    std::vector<sip::Codec> codecs_;                    // of an outgoing offer, in order; empty: the endpoint's
    std::optional<bool> music_passthrough_;             // PJSIP_MOH_PASSTHROUGH, where it was set
    std::string local_sdp_;                             // what was said last, until it is confirmed
    std::unique_ptr<sip::SessionDescription> offered_;  // the INVITE's, read once, until it is answered
    std::string first_codec_;                           // of what that answer will hold
    std::optional<sip::Negotiated> agreed_;
    sip::Headers extra_headers_;
    std::vector<FromParameter> from_parameters_;
    mutable media::LegId leg_;
    mutable std::uint16_t rtp_port_ = 0;
    std::unique_ptr<TransferRequested> transfer_;  // that an application carries out
    ChannelId other_leg_;                          // the call that it would replace
    std::optional<media::RtpStats> last_stats_;
    mutable std::optional<PartyId> first_party_;  // without send_connected_line: who is shown
    ChannelId recorded_;                          // where an INFO started
    std::string recording_;                       // this MixMonitor
    int forced_code_ = 0;
    media::DtmfMode dtmf_;
    bool ari_transfers_ = false;
    bool incoming_ = true, called_ = false, progress_sent_ = false, ringing_sent_ = false, we_hold_ = false,
         peer_holds_ = false, told_hold_ = false, ended_ = false, hanging_up_ = false;
    mutable bool leg_failed_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// One set_var of an endpoint: a variable, or a function that can be written (CALLERID(num)).
void set_endpoint_variable(Channel& channel, const std::string& name, const std::string& value);

/// The driver of a PJSIP channel; null for another's.
[[nodiscard]] Call* call_of(Channel& channel);

}  // namespace asterism::pjsip
