// Transfers of a call, asked for by either side.
#include <fmt/format.h>

#include "asterism/events/events.hpp"
#include "asterism/features/transfer.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/runtime/log.hpp"
#include "call.hpp"
#include "diversion.hpp"
#include "functions.hpp"
#include "identity.hpp"
#include "technology.hpp"

namespace asterism::pjsip {

bool Call::transfer(std::string_view destination) {
    if (!session_ || ended_ || !channel_) return false;
    std::string to(destination);
    if (sip::iequals(std::string_view(to).substr(0, 6), "PJSIP/")) to.erase(0, 6);
    if (!to.starts_with("sip:") && !to.starts_with("sips:")) {
        // An endpoint's contact, else an extension at the peer.
        const auto found = technology_.find_target(to);
        to = found ? found->second.uri
                   : "sip:" + sip::escape_user(to) + "@" +
                         std::string(sip::Uri::parse(session_->dialog().target()).value_or(sip::Uri{}).host_port());
    }
    if (channel_->up()) {
        send_refer(to);
        return true;
    }
    if (!incoming_) return false;
    sip::Headers headers{{"Contact", "<" + to + ">"}};
    for (auto& header : reason_headers(channel_->cause())) headers.push_back(std::move(header));
    forced_code_ = 302;
    session_->end(302, headers);
    channel_->transferred(0);
    return true;
}

/// RFC 3515: the peer is asked to call somebody else. It tells by NOTIFY what came of that, or refuses at once.
void Call::send_refer(const std::string& to) {
    sip::Headers headers{{"Event", "refer"},
                         {"Expires", "600"},
                         {"Supported", std::string(sip::supported_extensions)},
                         {"Accept", "message/sipfrag;version=2.0"},
                         {"Allow-Events", std::string(sip::allowed_events)}};
    // Without brackets, as pjproject writes it, unless parameters would be taken for the header's own (RFC 3261 20).
    const bool plain = to.find_first_of(";,?") == std::string::npos;
    headers.push_back({"Refer-To", plain ? to : "<" + to + ">"});
    headers.push_back({"Referred-By", session_->dialog().local()});
    refers_ = true;
    session_->request("REFER", headers, {}, {}, [this, alive = alive_](const sip::RequestResult& result) {
        if (!*alive || !refers_) return;
        const bool no_news = result.message && result.message->header("Refer-Sub").value_or("") == "false";
        if (result.code >= 300) referred(result.code);
        if (result.code < 300 && no_news) referred(200);  // RFC 4488
    });
}

void Call::referred(int code) {
    refers_ = false;
    if (channel_) channel_->transferred(code < 300 ? 0 : code);
}

/// What a call says that we asked for with REFER: "SIP/2.0 180 Ringing" (RFC 3515 2.4.5), or a NOTIFY of something
/// else.
void Call::on_notify(const sip::ServerTransactionPtr& transaction) {
    const sip::MessagePtr request = transaction->request();
    if (!request->header(sip::HeaderId::event).value_or("").starts_with("refer")) {
        transaction->respond(489);
        return;
    }
    transaction->respond(200);
    if (!refers_) return;
    const auto body = request->body();
    const auto code = body.starts_with("SIP/2.0 ") ? sip::number(body.substr(8, 3), 699).value_or(0) : 0;
    const bool over = request->header("Subscription-State").value_or("").starts_with("terminated");
    if (code >= 200)
        referred(static_cast<int>(code));
    else if (over)
        referred(503);  // it does not know, or does not say
}

void Call::notify_refer(int code, bool last) {
    if (!session_ || ended_) return;
    sip::Headers headers{{"Event", "refer"},
                         {"Subscription-State", last ? "terminated;reason=noresource" : "active;expires=599"},
                         {"Allow-Events", std::string(sip::allowed_events)}};
    session_->request("NOTIFY", headers, "message/sipfrag;version=2.0",
                      fmt::format("SIP/2.0 {} {}\r\n", code, sip::reason_phrase(code)));
}

namespace {

/// Digium's phones say with REFER that the caller is to go to the voicemail of the extension: the dialplan there sees
/// it in REDIRECTING(reason) and in the header.
void take_voicemail_wish(const sip::Message& request, Channel& other) {
    static constexpr std::string_view header = "X-Digium-Call-Feature", wish = "feature_send_to_vm";
    if (request.header(header) == wish) add_header(other, header, wish);
    const auto diverted = redirecting_in(request);
    constexpr int send_to_vm = 12;
    if (!diverted || diverted->reason.code != send_to_vm) return;
    RedirectingParty redirecting = other.redirecting();
    redirecting.reason = diverted->reason;
    other.set_redirecting(std::move(redirecting));
}

}  // namespace

/// RFC 3515: the peer sends whom it talks with somewhere else, or (Replaces) into another of its calls.
void Call::on_refer(const sip::ServerTransactionPtr& transaction) {
    const sip::MessagePtr request = transaction->request();
    const auto header = request->header(sip::HeaderId::refer_to);
    const auto to = header ? sip::Address::parse(*header) : std::unexpected(sip::ParseError{"no Refer-To"});
    if (!to || !to->uri.is_sip()) {
        transaction->respond(400);
        return;
    }
    if (!endpoint_->allow_transfer) {
        transaction->respond(603);
        return;
    }
    Pbx& pbx = technology_.pbx();
    sip::Headers headers{{"Expires", "600"},
                         {"Contact", session_->local_contact()},
                         {"Allow", std::string(sip::allow_methods)},
                         {"Supported", std::string(sip::supported_extensions)}};
    transaction->respond({.code = 202, .headers = std::move(headers)});
    notify_refer(100, false);

    // Attended: Refer-To: <sip:..?Replaces=call-id%3Bto-tag%3D..%3Bfrom-tag%3D..>
    std::string replaces_text;
    for (std::string_view rest = to->uri.headers; !rest.empty();) {
        const auto end = rest.find('&');
        const auto one = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (sip::iequals(one.substr(0, 9), "Replaces=")) replaces_text = sip::unescape(one.substr(9));
    }
    const auto replaces = sip::Replaces::parse(replaces_text);
    Channel* second = nullptr;
    if (!replaces_text.empty() && replaces) {
        for (Call* call : technology_.calls()) {
            if (!call->session_ || call->ended_) continue;
            const sip::Dialog& dialog = call->session_->dialog();
            if (dialog.call_id() == replaces->call_id && dialog.local_tag() == replaces->to_tag &&
                dialog.remote_tag() == replaces->from_tag)
                second = call->channel();
        }
    }
    if (ari_transfers_) {
        transfer_ = std::make_unique<TransferRequested>();
        transfer_->destination = to->uri.user_text();
        if (!replaces_text.empty() && replaces) {
            transfer_->protocol_id = replaces->call_id;
            transfer_->params = {{"from", std::string(replaces->from_tag)}, {"to", std::string(replaces->to_tag)}};
        }
        other_leg_ = second ? second->id() : ChannelId{};
        publish_transfer({});
        return;
    }
    using features::TransferResult;
    // The transferer ends its call itself (RFC 5589, 6); one that does not is helped.
    const auto leave_later = [&pbx, id = channel_->id()] {
        pbx.loop->timers().schedule(pbx.loop->now() + transfer_patience, [&pbx, id] {
            if (Channel* left = pbx.channels->find(id); left && !left->bridge())
                hang_up(*left, Cause::normal_clearing, {});
        });
    };
    if (!replaces_text.empty()) {
        if (!second || second == channel_) return notify_refer(481, true);
        // Told first: with the transfer may come the BYE that ends this call.
        Bridge* bridge = pbx.bridges->find(channel_->bridge());
        Bridge* other = pbx.bridges->find(second->bridge());
        if (!bridge && !other) return notify_refer(400, true);
        notify_refer(200, true);
        has_transferred_ = true;
        features::attended_transfer(*channel_, *second);
        leave_later();
        return;
    }
    const std::string exten = to->uri.user_text();
    const std::string* chosen = channel_->variable("TRANSFER_CONTEXT");
    const std::string context = chosen && !chosen->empty() ? *chosen : endpoint_->context;
    const auto prepare = [&](Channel& other) {
        other.set_variable("BLINDTRANSFER", channel_->name());
        other.set_variable("TRANSFERERNAME", channel_->name());
        other.set_variable("SIPTRANSFER", "yes");
        other.set_variable("SIPREFERRINGCONTEXT", context);
        other.set_variable("SIPREFERTOHDR", std::string(to->uri.text));
        if (const auto by = request->header(sip::HeaderId::referred_by)) other.set_variable("_SIPREFERREDBYHDR", *by);
        take_voicemail_wish(*request, other);
    };
    const auto result = features::blind_transfer(*channel_, context, exten, prepare);
    has_transferred_ = result == TransferResult::success;
    notify_refer(result == TransferResult::success ? 200 : result == TransferResult::invalid ? 404 : 400, true);
    if (result == TransferResult::success) leave_later();
}

void Call::publish_transfer(std::string_view state) {
    Pbx& pbx = technology_.pbx();
    TransferRequested event = *transfer_;
    event.state = state;
    const auto fill = [&pbx](Channel& leg, ChannelShot& shot, ChannelShot& peer_shot, BridgeShot& bridge_shot) {
        shot = leg.snapshot();
        Bridge* bridge = pbx.bridges->find(leg.bridge());
        if (!bridge) return;
        bridge_shot = bridge->snapshot();
        if (Channel* peer = bridge->peer_of(leg)) peer_shot = peer->snapshot();
    };
    fill(*channel_, event.source, event.source_peer, event.source_bridge);
    if (Channel* other = pbx.channels->find(other_leg_))
        fill(*other, event.other, event.other_peer, event.other_bridge);
    pbx.bus->publish(std::move(event));
}

bool Call::transfer_progress(std::string_view state) {
    if (!transfer_ || !channel_ || ended_) return false;
    publish_transfer(state);
    // "channel_progress" says no more than the 100 that has gone out.
    if (state == "channel_progress") return true;
    notify_refer(state == "channel_answered" ? 200 : state == "channel_declined" ? 603 : 503, true);
    transfer_.reset();
    return true;
}

}  // namespace asterism::pjsip
