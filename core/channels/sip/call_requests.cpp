// Requests within a call: INFO, MESSAGE, REFER, OPTIONS; and those that we send.
#include <fmt/format.h>

#include <algorithm>

#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/mix_monitor.hpp"
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

/// INFO with Record: on or off (one_touch_recording). As Asterisk, which plays the feature's digits for it: refused if
/// the feature has none in features.conf.
void Call::on_record(const sip::ServerTransactionPtr& transaction, bool on) {
    Pbx& pbx = technology_.pbx();
    const auto where = pbx.settings ? pbx.settings->read_options() : config::ReadOptions{};
    auto code = std::make_shared<std::string>();
    pbx.loop->blocking(
        [code, where, feature = on ? endpoint_->record_on_feature : endpoint_->record_off_feature] {
            config::DiskSource disk;
            config::Report report;
            const auto file = config::read(disk, "features.conf", where, report);
            if (const auto* value = file ? file->value("featuremap", feature) : nullptr) *code = *value;
        },
        [this, alive = alive_, transaction, code, on] {
            transaction->respond(code->empty() ? 403 : 200);
            if (!code->empty() && *alive && channel_ && !channel_->ended()) record(on);
        });
}

/// Records what this party and the one it talks with say, on the other's channel; nothing where it talks with nobody.
void Call::record(bool on) {
    Pbx& pbx = technology_.pbx();
    if (!on) {
        Channel* recorded = pbx.channels->find(recorded_);
        if (recorded) features::stop_mix_monitor(*recorded, recording_);
        recorded_ = {};
        return;
    }
    const Bridge* bridge = pbx.bridges->find(channel_->bridge());
    Channel* peer = bridge ? bridge->peer_of(*channel_) : nullptr;
    if (!peer || pbx.channels->find(recorded_)) return;
    const auto touch = [this](const char* name) {
        const std::string* value = channel_->variable(name);
        return value ? *value : std::string();
    };
    const std::string format = touch("TOUCH_MIXMONITOR_FORMAT"), beep = touch("TOUCH_MIXMONITOR_BEEP");
    std::string name = touch("TOUCH_MIXMONITOR");
    if (name.empty()) name = channel_->caller().id.number.text + "-" + peer->caller().id.number.text;
    std::ranges::replace(name, '/', '-');
    const auto now = std::chrono::floor<std::chrono::seconds>(pbx.loop->clock().wall());
    const std::string file =
        fmt::format("auto-{}-{}.{}", now.time_since_epoch().count(), name, format.empty() ? "wav" : format);
    const auto started = features::start_mix_monitor(
        *peer, {.file = file, .options = beep.empty() ? std::string("b") : fmt::format("bB({})", beep)});
    if (!started) {
        log::warning("'{}' cannot be recorded: {}", peer->name(), started.error());
        return;
    }
    recorded_ = peer->id();
    recording_ = *started;
    for (Channel* one : {channel_, peer}) one->set_variable("TOUCH_MIXMONITOR_OUTPUT", file);
}

void Call::on_info(const sip::ServerTransactionPtr& transaction) {
    const sip::MessagePtr request = transaction->request();
    if (const auto wanted = request->header("Record")) {
        const bool on = sip::iequals(*wanted, "on");
        if (!endpoint_->one_touch_recording || (!on && !sip::iequals(*wanted, "off"))) {
            transaction->respond(403);
            return;
        }
        on_record(transaction, on);
        return;
    }
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
    transaction->respond(202);
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

bool Call::send_notify(const sip::Headers& headers, std::string_view content_type, std::string_view body) {
    if (!session_ || ended_ || session_->dialog().remote_tag().empty()) return false;
    session_->request("NOTIFY", headers, content_type, body);
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
    const auto referred_by = request->header(sip::HeaderId::referred_by);
    const auto result = features::blind_transfer(*channel_, context, exten,
                                                 [name = channel_->name(), referred_by, &request](Channel& other) {
                                                     other.set_variable("BLINDTRANSFER", name);
                                                     other.set_variable("TRANSFERERNAME", name);
                                                     other.set_variable("SIPTRANSFER", "yes");
                                                     if (referred_by)
                                                         other.set_variable("_SIPREFERREDBYHDR", *referred_by);
                                                     take_voicemail_wish(*request, other);
                                                 });
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
