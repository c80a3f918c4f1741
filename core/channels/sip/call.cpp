#include "call.hpp"

#include <fmt/format.h>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/party_updates.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/sip/cause.hpp"
#include "diversion.hpp"
#include "functions.hpp"
#include "identity.hpp"
#include "qos.hpp"
#include "technology.hpp"

namespace asterism::pjsip {

Call* call_of(Channel& channel) {
    return channel.technology() == "PJSIP" ? static_cast<Call*>(&channel.driver()) : nullptr;
}

void set_endpoint_variable(Channel& channel, const std::string& name, const std::string& value) {
    if (name.find('(') != std::string::npos && channel.pbx().functions)
        dialplan::set_variable(channel.pbx(), &channel, name, value);
    else
        channel.set_variable(name, value);
}

Call::Call(Pjsip& technology, EndpointPtr endpoint)
    : technology_(technology), endpoint_(std::move(endpoint)), dtmf_(endpoint_->dtmf) {}

Call::~Call() {
    *alive_ = false;
    channel_ = nullptr;
    if (among_) {
        count();
        technology_.remove_call(*this);
    }
    if (session_) {
        if (!ended_ && !hanging_up_) session_->end(503);  // the PBX stops
        session_->detach();
    }
    ended_ = true;
    if (leg_) technology_.pbx().media->close(std::exchange(leg_, {}));
}

void Call::bind(Channel& channel) {
    channel_ = &channel;
    among_ = &technology_.add_call(*this);
    count();
}

DeviceUse Call::use() const {
    if (!channel_ || channel_->ended()) return DeviceUse::none;
    switch (channel_->state()) {
        case ChannelState::down: return DeviceUse::none;
        case ChannelState::ringing:
        case ChannelState::pre_ring: return DeviceUse::ringing;
        case ChannelState::busy: return DeviceUse::busy;
        // On hold is who hears the music, not who pressed the key.
        default: return told_hold_ ? DeviceUse::on_hold : DeviceUse::talking;
    }
}

void Call::count() {
    const DeviceUse now = use();
    if (!among_ || now == counted_) return;
    if (counted_ != DeviceUse::none) --among_->uses[static_cast<std::size_t>(counted_)];
    if (now != DeviceUse::none) ++among_->uses[static_cast<std::size_t>(now)];
    counted_ = now;
}

void Call::aim(CallTarget target, std::vector<std::string> formats) {
    incoming_ = false;
    target_ = std::move(target);
    // outgoing_call_offer_pref: whose order, and whether only what both have.
    if (formats.empty() || endpoint_->outgoing_offer_pref <= 0) return;
    const auto wanted = [&formats](const sip::Codec& codec) {
        return std::find(formats.begin(), formats.end(), codec.name) != formats.end();
    };
    const int pref = endpoint_->outgoing_offer_pref;
    const bool remote_order = pref >= 3;
    const bool merge = pref == 1 || pref == 4;
    std::vector<sip::Codec> common;
    if (remote_order) {
        for (const auto& name : formats)
            for (const auto& codec : endpoint_->codecs)
                if (codec.name == name) common.push_back(codec);
    } else {
        for (const auto& codec : endpoint_->codecs)
            if (wanted(codec)) common.push_back(codec);
    }
    if (merge || common.empty()) {
        for (const auto& codec : endpoint_->codecs)
            if (!wanted(codec)) common.push_back(codec);
    } else if (pref == 2 || pref == 5) {
        common.resize(1);
    }
    codecs_ = std::move(common);
}

std::string Call::our_host() const {
    const sip::Flow& flow = session_ && session_->dialog().flow() ? session_->dialog().flow() : flow_;
    if (!flow) return "localhost";
    std::string_view host = flow.transport->advertised(flow.remote);
    // The port goes, the brackets of an IPv6 address stay.
    if (const auto colon = host.rfind(':');
        colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos)
        host = host.substr(0, colon);
    return std::string(host);
}

// ---- outgoing ----

void Call::call() {
    if (called_ || incoming_ || ended_) return;
    called_ = true;
    const std::string& hop = !target_.routes.empty()               ? target_.routes.front()
                             : !endpoint_->session->routes.empty() ? endpoint_->session->routes.front()
                                                                   : target_.uri;
    technology_.ways().route(hop, {.transport = endpoint_->transport, .flow = target_.flow},
                             [this, alive = alive_](std::expected<sip::Flow, std::string> flow) {
                                 if (!*alive || ended_) return;
                                 if (flow) return start(*flow);
                                 log::error("Cannot call '{}' of endpoint '{}': {}", target_.uri, endpoint_->name,
                                            flow.error());
                                 fail(Cause::no_route_destination, "SIP 503 Service Unavailable");
                             });
}

void Call::start(const sip::Flow& flow) {
    flow_ = flow;
    if (!open_leg()) return fail(Cause::normal_circuit_congestion, "no RTP port");
    const std::string host = our_host();
    const PartyId& party = shown_party();
    const std::string& default_user = technology_.config().global->default_from_user;
    sip::Call call;
    call.uri = target_.uri;
    if (endpoint_->user_eq_phone) add_user_phone(call.uri);
    call.from = from_address(party, *endpoint_, host, default_user);
    for (const auto& [of_uri, name, value] : from_parameters_)
        call.from.insert(of_uri ? call.from.rfind('>') : call.from.size(), ";" + name + "=" + value);
    call.settings = endpoint_->session;
    const bool by_number =
        technology_.config().global->use_callerid_contact && endpoint_->contact_user.empty() && party.number.valid;
    if (!target_.routes.empty() || by_number) {
        auto settings = std::make_shared<sip::SessionSettings>(*endpoint_->session);
        if (!target_.routes.empty()) settings->routes = target_.routes;
        if (by_number)
            settings->contact_user = may_show(party) ? sip::escape_user(party.number.text) : std::string("anonymous");
        call.settings = std::move(settings);
    }
    call.hint = {.transport = endpoint_->transport, .flow = flow};
    add_identity(call.headers, party, *endpoint_, host, true);
    add_redirecting(call.headers, channel_->redirecting(), *endpoint_, host, call.uri, false);
    for (auto& header : technology_.security_headers(*endpoint_)) call.headers.push_back(std::move(header));
    for (auto& header : inherited_headers(*channel_)) call.headers.push_back(std::move(header));
    if (const auto* by = channel_->variable("SIPREFERREDBYHDR");
        by && !by->empty() && by->find_first_of("\r\n") == std::string::npos)
        call.headers.push_back({"Referred-By", *by});
    for (const auto& header : extra_headers_) call.headers.push_back(header);
    call.offer = new_offer();
    session_ = sip::InviteSession::call(technology_.stack(), std::move(call), *this);
    if (channel_->state() == ChannelState::down) channel_->set_state(ChannelState::dialing);
}

void Call::fail(Cause cause, std::string_view text) {
    if (!channel_ || channel_->ended()) return;
    channel_->set_technology_cause(text);
    channel_->party_hung_up(cause);
}

void Call::on_sent(sip::InviteSession&) {}

void Call::on_progress(sip::InviteSession&, int code, const sip::MessagePtr& message) {
    if (!channel_) return;
    const log::CallScope scope(channel_->call());
    if (code > 100) {
        learn_party(*message);
        channel_->set_technology_cause(fmt::format("SIP {} {}", code, message->reason()));
    }
    const bool sdp = !message->sdp().empty();
    switch (code) {
        case 100: break;
        case 180:
            channel_->indicated(ChannelSignal::Kind::ringing);
            if (sdp) channel_->indicated(ChannelSignal::Kind::progress);
            break;
        case 183:
            if (sdp || !endpoint_->ignore_183_without_sdp) channel_->indicated(ChannelSignal::Kind::progress);
            break;
        case 181:
            learn_redirecting(*message);
            channel_->indicated(ChannelSignal::Kind::redirecting);
            break;
        default: break;
    }
}

/// The far end sends the call on (302), or says that it does (181).
void Call::learn_redirecting(const sip::Message& message) {
    auto now = redirecting_in(message);
    if (!now) {
        // Who answers with a 302 is who sends the call on; a 181 without a word may speak of anybody.
        if (message.status() < 300) return;
        now.emplace();
        now->to = contact_party(message);
        now->reason.code = features::unconditional_forward;
    }
    if (!now->from.number.valid) now->from = channel_->caller().id;
    channel_->set_redirecting(features::sent_on(channel_->redirecting(), std::move(*now)));
}

void Call::on_answered(sip::InviteSession&, const sip::MessagePtr& message) {
    if (!channel_) return;
    const log::CallScope scope(channel_->call());
    learn_party(*message);
    channel_->set_technology_cause(fmt::format("SIP {} {}", message->status(), message->reason()));
    channel_->answered();
}

/// The far end says who it is; believed only from those whom we trust.
void Call::learn_party(const sip::Message& message) {
    if (!endpoint_->trust_id_inbound || !endpoint_->trust_connected_line) return;
    const auto party = asserted_in(message);
    if (!party || *party == channel_->caller().id) return;
    CallerParty caller = channel_->caller();
    caller.id = *party;
    caller.ani = *party;
    channel_->set_caller(std::move(caller));
    channel_->indicated(ChannelSignal::Kind::connected_line);  // whoever talks with it learns it at once
}

void Call::redirected(const sip::Message& message) {
    learn_redirecting(message);
    const bool plain_users = technology_.config().global->ignore_uri_user_options;
    std::string destination;
    message.each(sip::HeaderId::contact, [&](std::string_view value) {
        if (!destination.empty()) return;
        const auto contact = sip::Address::parse(value);
        if (!contact || contact->star || !contact->uri.is_sip()) return;
        switch (endpoint_->redirect_method) {
            case RedirectMethod::user:
                destination = "Local/" +
                              (plain_users ? without_options(contact->uri.user_text()) : contact->uri.user_text()) +
                              "@" + endpoint_->context;
                break;
            case RedirectMethod::uri_core:
            case RedirectMethod::uri_pjsip:
                destination = "PJSIP/" + endpoint_->name + "/" + std::string(contact->uri.text);
                break;
        }
    });
    if (!destination.empty()) channel_->forwarded(destination);
}

// ---- incoming ----

/// Whom the party is shown: without send_connected_line the one who was known first.
const PartyId& Call::shown_party() const {
    const PartyId& party = channel_->connected().id;
    if (endpoint_->send_connected_line) return party;
    if (!first_party_ && party.number.valid) first_party_ = party;
    return first_party_ ? *first_party_ : party;
}

sip::Headers Call::response_headers(int code) const {
    sip::Headers headers;
    if (code >= 180) add_identity(headers, shown_party(), *endpoint_, our_host(), false);
    if (code == 181) {
        const auto& invite = session_->last_message();
        const auto uri = invite && invite->is_request() ? invite->request_uri() : std::string_view{};
        add_redirecting(headers, channel_->redirecting(), *endpoint_, our_host(), uri, true);
    }
    for (const auto& header : extra_headers_) headers.push_back(header);
    return headers;
}

void Call::answer() {
    if (!incoming_ || ended_ || !session_ || !channel_ || channel_->up()) return;
    const std::string& sdp = local_description();
    if (sdp.empty()) {
        log::warning("'{}' cannot be answered: {}", channel_->name(),
                     leg_failed_ ? "there is no RTP port" : "no codec is common");
        session_->end(leg_failed_ ? 503 : 488);
        return;
    }
    if (!session_->answer(sdp, response_headers(200))) return;
    channel_->set_state(ChannelState::up);
}

bool Call::indicate(Indication indication) {
    if (!session_ || !channel_ || ended_) return false;
    const bool early = incoming_ && !channel_->up();
    switch (indication) {
        case Indication::proceeding:
            if (early && !ringing_sent_ && !progress_sent_) session_->trying();
            return true;
        case Indication::ringing:
            if (!early) return false;
            if (endpoint_->inband_progress) {
                indicate(Indication::progress);
                return false;
            }
            if (progress_sent_ && !technology_.config().global->allow_180_after_183) return false;
            if (!std::exchange(ringing_sent_, true)) {
                session_->progress(180, {}, response_headers(180));
                channel_->set_state(ChannelState::ring);
            }
            return true;
        case Indication::progress: {
            if (!early) return true;
            if (std::exchange(progress_sent_, true)) return true;
            const std::string& sdp = local_description();
            if (sdp.empty()) return false;
            session_->progress(183, sdp, response_headers(183));
            return true;
        }
        case Indication::busy:
        case Indication::congestion: {
            if (!early) return false;
            const bool busy = indication == Indication::busy;
            channel_->set_state(ChannelState::busy);
            forced_code_ = busy ? 486 : 503;
            session_->end(forced_code_, reason_headers(busy ? Cause::user_busy : Cause::normal_circuit_congestion));
            return true;
        }
        case Indication::hold:
        case Indication::unhold:
            told_hold_ = indication == Indication::hold;
            count();
            if (auto* states = technology_.pbx().device_states) states->changed("PJSIP/" + endpoint_->name);
            if (!music_passthrough() || !channel_->up()) return false;
            we_hold_ = indication == Indication::hold;
            return refresh(false);
        case Indication::connected_line: update_connected_line(); return true;
        case Indication::redirecting:
            if (early) session_->progress(181, {}, response_headers(181));
            return true;
        case Indication::stop_tone: return true;
    }
    return false;
}

/// Tells the party whom it is connected with, if the endpoint wants to know: P-Asserted-Identity or Remote-Party-ID in
/// a re-INVITE or UPDATE, or before the answer in another 18x.
void Call::update_connected_line() {
    if (!endpoint_->send_connected_line || (!endpoint_->send_pai && !endpoint_->send_rpid)) return;
    const PartyId& party = channel_->connected().id;
    if (!party.number.valid || (!may_show(party) && !endpoint_->trust_id_outbound)) return;
    if (channel_->up()) {
        const bool update = endpoint_->connected_line_method == 2 && session_->peer_allows(sip::Method::update);
        refresh(update);
    } else if (incoming_ && endpoint_->rpid_immediate) {
        // As the option promises, even before anything rings anywhere.
        ringing_sent_ = ringing_sent_ || !progress_sent_;
        if (progress_sent_)
            session_->progress(183, local_sdp_, response_headers(183));
        else
            session_->progress(180, {}, response_headers(180));
    }
}

bool Call::refresh(bool by_update) {
    if (!session_ || session_->state() != sip::InviteSession::State::confirmed) return false;
    sip::Headers headers;
    add_identity(headers, shown_party(), *endpoint_, our_host(), !incoming_);
    local_sdp_ = new_offer();
    return session_->offer(local_sdp_, by_update, headers);
}

// ---- ending ----

sip::Headers Call::reason_headers(Cause cause) const {
    if (endpoint_->suppress_q850) return {};
    return {{"Reason", sip::reason_header(static_cast<int>(cause))}};
}

void Call::hangup() {
    if (std::exchange(hanging_up_, true)) return;
    count();
    if (Pbx& pbx = technology_.pbx(); pbx.bus->wanted(EventKind::test)) {
        TestEvent event;
        event.state = "SESSION_DESTROYING";
        event.headers = {
            {"Endpoint", endpoint_->name}, {"AOR", target_.aor}, {"Contact", incoming_ ? std::string() : target_.uri}};
        pbx.bus->publish(std::move(event));
    }
    if (leg_) technology_.pbx().media->close(std::exchange(leg_, {}));
    if (session_ && !ended_) {
        const Cause cause = channel_->cause();
        const int code = forced_code_ != 0 ? forced_code_ : sip::response_of_cause(static_cast<int>(cause));
        if (has_transferred_)
            session_->end_later(transfer_patience, code, reason_headers(cause));
        else
            session_->end(code, reason_headers(cause));
    }
    ended_ = true;
    if (session_) session_->detach();
}

void Call::hang_up_with(int code) {
    forced_code_ = code;
    channel_->request_hangup(static_cast<Cause>(sip::cause_of_response(code)));
}

void Call::on_ended(sip::InviteSession&, const sip::SessionEnd& end) {
    const bool was_up = channel_ && channel_->up();
    ended_ = true;
    if (!channel_ || hanging_up_) return;
    const log::CallScope scope(channel_->call());
    using By = sip::SessionEnd::By;
    Cause cause = Cause::normal_clearing;
    if (end.by == By::local) {
        cause = static_cast<Cause>(sip::cause_of_response(forced_code_ != 0 ? forced_code_ : 603));
        if (forced_code_ == 0) cause = Cause::normal_clearing;
    } else if (end.code != 0) {
        cause = static_cast<Cause>(sip::cause_of_response(end.code));
        if (end.code >= 300 && end.code < 400 && end.message) redirected(*end.message);
        channel_->set_technology_cause(
            fmt::format("SIP {} {}", end.code, end.message ? end.message->reason() : sip::reason_phrase(end.code)));
    } else if (end.by == By::timeout) {
        cause = was_up ? Cause::recovery_on_timer_expire : Cause::no_user_response;
    } else if (end.by == By::transport) {
        cause = Cause::network_out_of_order;
    } else if (incoming_ && !was_up) {
        cause = Cause::interworking;  // CANCEL: 487 stands for no Q.850 cause
        channel_->set_technology_cause("SIP 487 Request Terminated");
    }
    if (end.message) {
        if (const auto reason = sip::cause_in(*end.message)) cause = static_cast<Cause>(*reason);
    }
    if (end.by != By::remote && !end.text.empty()) log::notice("Call of '{}' ended: {}", channel_->name(), end.text);
    const auto said = cause == Cause::not_defined ? std::nullopt : std::optional(cause);
    if (!was_up || !leg_) {
        channel_->party_hung_up(said);
        return;
    }
    // The figures of the RTP stream become variables before the dialplan's h extension could ask for them.
    Pbx& pbx = technology_.pbx();
    pbx.media->stats(leg_, [&pbx, id = channel_->id(), said](const media::RtpStats& stats) {
        Channel* channel = pbx.channels->find(id);
        if (!channel) return;
        set_qos_variables(*channel, stats);
        if (Call* call = call_of(*channel)) call->last_stats_ = stats;
        channel->party_hung_up(said);
    });
}

std::string Call::protocol_id() const { return session_ ? session_->dialog().call_id() : std::string(); }

}  // namespace asterism::pjsip
