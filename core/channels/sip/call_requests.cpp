// Requests within a call: INFO, MESSAGE, REFER, OPTIONS; and those that we send.
#include <fmt/format.h>

#include "asterism/dialplan/dialplan.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/runtime/log.hpp"
#include "call.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

constexpr std::string_view digits = "0123456789*#ABCD";

/// "Signal=5\r\nDuration=160" (application/dtmf-relay) or just "5" (application/dtmf).
struct Digit {
    char digit = 0;
    std::chrono::milliseconds duration{100};
};
Digit parse_digit(std::string_view body) {
    Digit found;
    bool named = false;
    while (!body.empty()) {
        const auto end = body.find_first_of("\r\n");
        const auto line = sip::trim(body.substr(0, end));
        body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
        const auto equals = line.find('=');
        std::string_view value = line;
        if (equals != std::string_view::npos) {
            named = true;
            const auto name = sip::trim(line.substr(0, equals));
            value = sip::trim(line.substr(equals + 1));
            if (sip::iequals(name, "Duration")) {
                if (const auto n = sip::number(value, 60000); n && *n > 0)
                    found.duration = std::chrono::milliseconds(*n);
                continue;
            }
            if (!sip::iequals(name, "Signal")) continue;
        } else if (named) {
            continue;
        }
        if (value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5') {
            found.digit = "*#ABCD"[value[1] - '0'];  // numbers of RFC 2833 events
        } else if (value.size() == 1) {
            const char c = static_cast<char>(value[0] >= 'a' && value[0] <= 'd' ? value[0] - 32 : value[0]);
            if (digits.find(c) != std::string_view::npos) found.digit = c;
        }
    }
    return found;
}

}  // namespace

void Call::on_request(sip::InviteSession&, sip::ServerTransactionPtr transaction) {
    if (!channel_) {
        transaction->respond(481);
        return;
    }
    const log::CallScope scope(channel_->call());
    switch (transaction->method()) {
        case sip::Method::info: return on_info(transaction);
        case sip::Method::message: return on_message(transaction);
        case sip::Method::refer: return on_refer(transaction);
        case sip::Method::options: transaction->respond({.code = 200, .headers = Pjsip::abilities()}); return;
        case sip::Method::notify:
            transaction->respond(
                transaction->request()->header(sip::HeaderId::event).value_or("").starts_with("refer") ? 200 : 489);
            return;
        default: transaction->respond(501);
    }
}

void Call::on_info(const sip::ServerTransactionPtr& transaction) {
    const sip::MessagePtr request = transaction->request();
    const bool relay = request->body_is("application", "dtmf-relay");
    const bool plain = request->body_is("application", "dtmf");
    if (!relay && !plain && !request->body().empty()) {
        transaction->respond(415);
        return;
    }
    transaction->respond(200);
    const Digit got = parse_digit(request->body());
    if (got.digit != 0 && leg()) technology_.pbx().media->digit_received(leg_, got.digit, got.duration);
}

void Call::on_message(const sip::ServerTransactionPtr& transaction) {
    const sip::MessagePtr request = transaction->request();
    const auto type = request->header(sip::HeaderId::content_type).value_or("");
    if (!type.starts_with("text/")) {
        transaction->respond(415);
        return;
    }
    transaction->respond(200);
    channel_->party_text(request->body());
}

void Call::signal_digit(char digit, std::chrono::milliseconds duration) {
    if (!session_ || ended_) return;
    session_->request("INFO", {}, "application/dtmf-relay",
                      fmt::format("Signal={}\r\nDuration={}\r\n", digit, duration.count()));
}

bool Call::send_text(std::string_view text, std::string_view content_type) {
    if (!session_ || ended_) return false;
    session_->request("MESSAGE", {}, content_type.empty() ? std::string_view("text/plain") : content_type, text);
    return true;
}

// ---- transfer ----

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
        session_->request("REFER", {{"Refer-To", "<" + to + ">"}, {"Referred-By", session_->dialog().local()}});
        return true;
    }
    if (!incoming_) return false;
    sip::Headers headers{{"Contact", "<" + to + ">"}};
    for (auto& header : reason_headers(channel_->cause())) headers.push_back(std::move(header));
    forced_code_ = 302;
    session_->end(302, headers);
    return true;
}

void Call::notify_refer(int code, bool last) {
    if (!session_ || ended_) return;
    sip::Headers headers{{"Event", "refer"},
                         {"Subscription-State", last ? "terminated;reason=noresource" : "active;expires=599"},
                         {"Allow-Events", std::string(sip::allowed_events)}};
    session_->request("NOTIFY", headers, "message/sipfrag;version=2.0",
                      fmt::format("SIP/2.0 {} {}\r\n", code, sip::reason_phrase(code)));
}

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

    Bridge* bridge = pbx.bridges->find(channel_->bridge());
    Channel* peer = bridge ? bridge->peer_of(*channel_) : nullptr;
    if (!peer) return notify_refer(400, true);
    const auto tell = [&](std::string_view result, std::string_view context, std::string_view exten) {
        BlindTransfer event;
        event.transferer = channel_->snapshot();
        event.transferee = peer->snapshot();
        event.bridge = bridge->snapshot();
        event.context = context;
        event.exten = exten;
        event.result = result;
        pbx.bus->publish(std::move(event));
    };

    // Attended: Refer-To: <sip:..?Replaces=call-id%3Bto-tag%3D..%3Bfrom-tag%3D..>
    for (std::string_view rest = to->uri.headers; !rest.empty();) {
        const auto end = rest.find('&');
        const auto one = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (!sip::iequals(one.substr(0, 9), "Replaces=")) continue;
        const std::string text = sip::unescape(one.substr(9));
        const auto replaces = sip::Replaces::parse(text);
        Call* other = nullptr;
        if (replaces) {
            for (Call* call : technology_.calls()) {
                if (!call->session_ || call->ended_) continue;
                const sip::Dialog& dialog = call->session_->dialog();
                if (dialog.call_id() == replaces->call_id && dialog.local_tag() == replaces->to_tag &&
                    dialog.remote_tag() == replaces->from_tag)
                    other = call;
            }
        }
        Channel* second = other ? other->channel() : nullptr;
        Bridge* second_bridge = second ? pbx.bridges->find(second->bridge()) : nullptr;
        Channel* target = second_bridge ? second_bridge->peer_of(*second) : nullptr;
        if (!target || target == peer) return notify_refer(target ? 400 : 481, true);
        AttendedTransfer event;
        event.first = channel_->snapshot();
        event.second = second->snapshot();
        event.transferee = peer->snapshot();
        event.target = target->snapshot();
        event.first_bridge = bridge->snapshot();
        event.second_bridge = second_bridge->snapshot();
        event.result = "Success";
        event.destination_type = "Bridge";
        pbx.bus->publish(std::move(event));
        features::bridge_channels(*peer, *target);
        notify_refer(200, true);
        return;
    }

    const std::string exten = to->uri.user_text();
    const std::string* chosen = channel_->variable("TRANSFER_CONTEXT");
    const std::string context = chosen && !chosen->empty() ? *chosen : endpoint_->context;
    const bool exists = !pbx.dialplan || pbx.dialplan->plan()->exists({.context = context,
                                                                       .exten = exten,
                                                                       .caller = peer->caller().id.number.text,
                                                                       .now = pbx.loop->clock().wall()});
    if (!exists) {
        tell("Invalid", context, exten);
        return notify_refer(404, true);
    }
    peer->set_variable("BLINDTRANSFER", channel_->name());
    peer->set_variable("TRANSFERERNAME", channel_->name());
    peer->set_variable("SIPTRANSFER", "yes");
    if (const auto by = request->header(sip::HeaderId::referred_by)) peer->set_variable("SIPREFERREDBYHDR", *by);
    tell("Success", context, exten);
    notify_refer(200, true);
    peer->redirect({context, exten, 1});
}

}  // namespace asterism::pjsip
