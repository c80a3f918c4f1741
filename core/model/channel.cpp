#include "asterism/model/channel.hpp"
#include "asterism/model/hold_intercept.hpp"

#include <algorithm>

#include "asterism/events/events.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/end_hook.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/model/party_hooks.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism {

namespace {
constexpr std::size_t max_early_digits = 64;
}

Channel::Channel(Pbx& pbx, ChannelId id, CallId call) : pbx_(pbx), id_(id), call_(call), tasks_(*pbx.loop, call) {}

Channel::~Channel() { set_has_dialplan(false); }

void Channel::set_has_dialplan(bool on) {
    if (on == has_dialplan_) return;
    has_dialplan_ = on;
    if (on)
        ++pbx_.channels->calls_;
    else
        --pbx_.channels->calls_;
}

// ---- identity ----

const ChannelShot& Channel::snapshot() {
    if (shot_) return shot_;
    auto shot = std::make_shared<ChannelSnapshot>();
    shot->id = id_;
    shot->call = call_;
    shot->name = name_;
    shot->uniqueid = uniqueid_;
    shot->linkedid = linkedid_;
    shot->technology = driver_->technology();
    shot->protocol_id = driver_->protocol_id();
    shot->state = state_;
    shot->caller_name_valid = caller_.id.name.valid;
    shot->caller_number_valid = caller_.id.number.valid;
    shot->caller_name = caller_.id.name.text;
    shot->caller_number = caller_.id.number.text;
    shot->caller_ani = caller_.ani.number.text;
    shot->caller_rdnis = redirecting_.from.number.text;
    shot->caller_dnid = dialed_.number;
    shot->caller_subaddress = caller_.id.subaddress;
    shot->caller_presentation = caller_.id.name.presentation.allowed() ? caller_.id.number.presentation.value
                                                                       : caller_.id.name.presentation.value;
    shot->connected_name_valid = connected_.id.name.valid;
    shot->connected_number_valid = connected_.id.number.valid;
    shot->connected_name = connected_.id.name.text;
    shot->connected_number = connected_.id.number.text;
    shot->language = language_;
    shot->account_code = account_code_;
    shot->peer_account = peer_account_;
    shot->user_field = user_field_;
    shot->music_class = music_class_;
    shot->ama_flags = ama_flags_;
    shot->context = location_.context;
    shot->exten = location_.exten;
    shot->priority = location_.priority;
    shot->application = application_;
    shot->application_data = application_data_;
    shot->tenant_id = tenant_id_;
    shot->bridge = bridge_uniqueid_;
    shot->hangup_source = hangup_source_;
    shot->cause = cause_;
    shot->created = created_;
    shot->spy = internal_;
    if (pbx_.read_variable != nullptr) {
        for (const auto& name : pbx_.ami_channel_variables) {
            shot->ami_variables.emplace_back(name, pbx_.read_variable(*this, name));
        }
        for (const auto& name : pbx_.ari_channel_variables) {
            shot->ari_variables.emplace_back(name, pbx_.read_variable(*this, name));
        }
    }
    shot_ = std::move(shot);
    return shot_;
}

void Channel::set_linkedid(std::string_view linkedid) {
    linkedid_ = linkedid;
    touch();
}

void Channel::rename(std::string name) {
    if (name == name_) return;
    const std::string old = std::exchange(name_, std::move(name));
    touch();
    pbx_.channels->renamed(*this, old);
    if (!pbx_.bus->wanted(EventKind::channel_renamed)) return;
    ChannelRenamed event;
    event.channel = snapshot();
    event.old_name = old;
    pbx_.bus->publish(std::move(event));
}

namespace {

/// Publishes an event that has nothing but the channel.
template <class E>
void tell(Pbx& pbx, Channel& channel) {
    if (!pbx.bus->wanted(E::kind_of)) return;
    E event;
    event.channel = channel.snapshot();
    pbx.bus->publish(std::move(event));
}

}  // namespace

// ---- state ----

void Channel::set_state(ChannelState state) {
    if (state == state_) return;
    state_ = state;
    touch();
    tell<ChannelStateChanged>(pbx_, *this);
    if (state == ChannelState::up && !answered_at_) {
        answered_at_ = pbx_.loop->clock().wall();
        tell<ChannelAnswered>(pbx_, *this);
    }
}

void Channel::set_caller(CallerParty caller) {
    if (caller == caller_) return;
    const bool shown = caller.id != caller_.id;
    caller_ = std::move(caller);
    touch();
    if (shown) tell<ChannelCallerId>(pbx_, *this);
}

void Channel::set_connected(ConnectedParty connected, bool tell_party) {
    const bool shown = connected.id != connected_.id;
    connected_ = std::move(connected);
    touch();
    if (shown) tell<ChannelConnectedLine>(pbx_, *this);
    if (tell_party && !ended_) driver_->indicate(Indication::connected_line);
}

void Channel::set_dialed(DialedParty dialed) {
    dialed_ = std::move(dialed);
    touch();
}

void Channel::set_redirecting(RedirectingParty redirecting, bool tell_party) {
    redirecting_ = std::move(redirecting);
    touch();
    if (tell_party && !ended_) driver_->indicate(Indication::redirecting);
}

void Channel::set_language(std::string_view language) {
    language_ = language;
    touch();
}

void Channel::set_account_code(std::string_view code) {
    if (code == account_code_) return;
    ChannelAccountCode event;
    event.old_code = std::exchange(account_code_, std::string(code));
    touch();
    if (!pbx_.bus->wanted(EventKind::channel_account_code)) return;
    event.channel = snapshot();
    pbx_.bus->publish(std::move(event));
}

void Channel::set_peer_account(std::string_view code) {
    peer_account_ = code;
    touch();
}

void Channel::set_user_field(std::string_view field) {
    user_field_ = field;
    touch();
}

void Channel::set_music_class(std::string_view music_class) {
    music_class_ = music_class;
    touch();
}

void Channel::set_tenant_id(std::string_view tenant) {
    tenant_id_ = tenant;
    touch();
}

void Channel::set_ama_flags(int flags) {
    ama_flags_ = flags;
    touch();
}

// ---- dialplan ----

void Channel::set_location(Location location) {
    location_ = std::move(location);
    touch();
}

void Channel::set_application(std::string_view application, std::string_view data, bool announced) {
    application_ = application;
    application_data_ = data;
    touch();
    if (announced) tell<ChannelDialplan>(pbx_, *this);
}

void Channel::set_variable(std::string_view name, std::string_view value) {
    variables_.set(name, value);
    if (!pbx_.ami_channel_variables.empty() || !pbx_.ari_channel_variables.empty()) touch();
    if (!pbx_.bus->wanted(EventKind::channel_variable)) return;
    ChannelVariable event;
    event.channel = snapshot();
    event.name = name;
    event.value = value;
    pbx_.bus->publish(std::move(event));
}

// ---- what the party does ----

void Channel::answered() {
    if (ended_) return;
    set_state(ChannelState::up);
    signal({.channel = id_, .kind = ChannelSignal::Kind::answered});
}

void Channel::indicated(ChannelSignal::Kind kind) {
    if (ended_) return;
    if (kind == ChannelSignal::Kind::ringing && (state_ == ChannelState::down || state_ == ChannelState::dialing)) {
        set_state(ChannelState::ringing);
    }
    if (kind == ChannelSignal::Kind::connected_line) {
        // In a call of two, the other one is told whom it is talking to now.
        Bridge* bridge = pbx_.bridges->find(bridge_);
        if (Channel* peer = bridge != nullptr ? bridge->peer_of(*this) : nullptr) {
            ConnectedParty connected = peer->connected();
            connected.id = caller_.id;
            const bool later = has_send_sub(*peer);
            peer->set_connected(std::move(connected), !later);
            if (later) peer->signal({.channel = peer->id(), .kind = kind, .text = "peer"});
        }
    }
    signal({.channel = id_, .kind = kind});
}

void Channel::digit_begin(char digit) {
    if (ended_) return;
    if (pbx_.bus->wanted(EventKind::channel_dtmf_begin)) {
        ChannelDtmfBegin event;
        event.channel = snapshot();
        event.digit = digit;
        pbx_.bus->publish(std::move(event));
    }
    signal({.channel = id_, .kind = ChannelSignal::Kind::digit_begin, .digit = digit});
}

void Channel::digit_end(char digit, std::chrono::milliseconds duration) {
    if (ended_) return;
    if (pbx_.bus->wanted(EventKind::channel_dtmf_end)) {
        ChannelDtmfEnd event;
        event.channel = snapshot();
        event.digit = digit;
        event.milliseconds = duration.count();
        pbx_.bus->publish(std::move(event));
    }
    const bool taken = std::ranges::any_of(observers_, &Observer::takes_digits);
    if (!taken && early_digits_.size() < max_early_digits) early_digits_ += digit;
    signal({.channel = id_, .kind = ChannelSignal::Kind::digit, .digit = digit, .duration = duration});
}

void Channel::party_held(bool on, std::string_view music_class) {
    if (ended_ || on == held_) return;
    held_ = on;
    touch();
    if (on) {
        ChannelHold event;
        event.channel = snapshot();
        event.music_class = music_class;
        pbx_.bus->publish(std::move(event));
    } else {
        tell<ChannelUnhold>(pbx_, *this);
    }
    if (find_extra<HoldIntercept>() != nullptr) return;
    signal({.channel = id_,
            .kind = on ? ChannelSignal::Kind::hold : ChannelSignal::Kind::unhold,
            .text = std::string(music_class)});
    // The others in its bridge hear music, or are told by their own technology.
    Bridge* bridge = pbx_.bridges->find(bridge_);
    Channel* peer = bridge != nullptr ? bridge->peer_of(*this) : nullptr;
    if (peer == nullptr || peer->driver().indicate(on ? Indication::hold : Indication::unhold)) return;
    if (on) {
        start_music(*peer, music_class);
    } else {
        stop_music(*peer);
    }
}

void Channel::party_text(std::string_view text) {
    signal({.channel = id_, .kind = ChannelSignal::Kind::text, .text = std::string(text)});
}

void Channel::transferred(int code) {
    if (ended_) return;
    signal({.channel = id_, .kind = ChannelSignal::Kind::transferred, .code = code});
}

void Channel::forwarded(std::string_view destination) {
    if (ended_) return;
    signal({.channel = id_, .kind = ChannelSignal::Kind::forwarded, .text = std::string(destination)});
}

void Channel::party_hung_up(std::optional<Cause> cause) {
    if (ended_ || hangup_requested_) return;
    if (pbx_.bus->wanted(EventKind::channel_hangup_request)) {
        ChannelHangupRequest event;
        event.channel = snapshot();
        event.cause = cause;
        pbx_.bus->publish(std::move(event));
    }
    request_hangup(cause.value_or(Cause::not_defined), name_);
}

void Channel::media_event(const media::LegEvent& event) {
    using Kind = media::LegEvent::Kind;
    if (ended_) return;
    switch (event.kind) {
        case Kind::dtmf_begin: digit_begin(event.digit); break;
        case Kind::dtmf_end: digit_end(event.digit, event.duration); break;
        case Kind::dtmf_to_signal: driver_->signal_digit(event.digit, event.duration); break;
        case Kind::rtp_timeout:
            log::notice("Disconnecting channel '{}' for lack of audio RTP activity in {} seconds", name_,
                        std::chrono::duration_cast<std::chrono::seconds>(event.duration).count());
            tell_hangup_request(*this, SoftHangup::explicit_request);
            request_hangup(Cause::requested_chan_unavail);
            break;
        case Kind::first_media:
            heard_ = true;
            signal({.channel = id_, .kind = ChannelSignal::Kind::heard});
            break;
        case Kind::talking_started: tell<ChannelTalkingStarted>(pbx_, *this); break;
        case Kind::talking_stopped: {
            ChannelTalkingStopped stopped;
            stopped.channel = snapshot();
            stopped.milliseconds = event.duration.count();
            pbx_.bus->publish(std::move(stopped));
            break;
        }
        default: break;
    }
}

// ---- ending and control ----

void Channel::signal(ChannelSignal signal) {
    // By index: sending only fills a mailbox, but an observer that ends meanwhile must not invalidate the walk.
    for (std::size_t i = 0; i < observers_.size(); ++i) observers_[i].box->send(signal);
}

void Channel::request_hangup(Cause cause, std::string_view source) {
    if (ended_) return;
    if (!hangup_requested_) {
        hangup_requested_ = true;
        if (cause_ == Cause::not_defined || cause != Cause::not_defined) cause_ = cause;
        if (hangup_source_.empty()) hangup_source_ = source;
        touch();
        signal({.channel = id_, .kind = ChannelSignal::Kind::hangup, .cause = cause_});
    }
    if (holds_ == 0) {
        pbx_.loop->defer([&pbx = pbx_, id = id_] {
            Channel* channel = pbx.channels->find(id);
            if (channel != nullptr && !channel->controlled()) channel->end();
        });
    }
}

void Channel::end(Cause cause) {
    if (ended_) return;
    if (cause_ == Cause::not_defined) cause_ = cause;
    if (auto* hook = find_extra<EndHook>(); hook && hook->run && !afterlife_) {
        if (Bridge* bridge = pbx_.bridges->find(bridge_)) bridge->remove(*this, false);
        hangup_requested_ = true;
        std::exchange(hook->run, nullptr)(*this);
        return;
    }
    ended_ = true;
    touch();
    if (Bridge* bridge = pbx_.bridges->find(bridge_)) bridge->remove(*this, false);
    stop_music(*this);
    driver_->hangup();
    if (pbx_.bus->wanted(EventKind::channel_hangup)) {
        ChannelHangup event;
        event.channel = snapshot();
        event.cause = cause_;
        pbx_.bus->publish(std::move(event));
    }
    signal({.channel = id_, .kind = ChannelSignal::Kind::ended, .cause = cause_});
    pbx_.channels->reap(*this);
}

void Channel::redirect(Location where) {
    if (ended_) return;
    pending_location_ = std::move(where);
    pending_takeover_ = nullptr;
    if (holds_ > 0) {
        signal({.channel = id_, .kind = ChannelSignal::Kind::interrupted});
    } else {
        continue_elsewhere(*this);
    }
}

void Channel::take_over(Takeover what) {
    if (ended_) return;
    pending_takeover_ = std::move(what);
    pending_location_.reset();
    if (holds_ > 0) {
        signal({.channel = id_, .kind = ChannelSignal::Kind::interrupted});
    } else {
        continue_elsewhere(*this);
    }
}

std::optional<Location> Channel::take_pending_location() { return std::exchange(pending_location_, std::nullopt); }
Channel::Takeover Channel::take_pending_takeover() { return std::exchange(pending_takeover_, nullptr); }

void Channel::set_bridge(BridgeId bridge, std::string_view bridge_uniqueid) {
    bridge_ = bridge;
    bridge_uniqueid_ = bridge_uniqueid;
    touch();
}

std::string Channel::take_early_digits() { return std::exchange(early_digits_, {}); }

void Channel::put_back_digits(std::string_view digits) {
    early_digits_.insert(0, digits);
    if (early_digits_.size() > max_early_digits) early_digits_.resize(max_early_digits);
}

// ---- holds and observations ----

Channel::Hold::Hold(Channel& channel) : pbx_(&channel.pbx_), channel_(channel.id_) { ++channel.holds_; }

Channel::Hold::Hold(Hold&& other) noexcept : pbx_(std::exchange(other.pbx_, nullptr)), channel_(other.channel_) {}

Channel::Hold& Channel::Hold::operator=(Hold&& other) noexcept {
    if (this != &other) {
        release();
        pbx_ = std::exchange(other.pbx_, nullptr);
        channel_ = other.channel_;
    }
    return *this;
}

void Channel::Hold::release() {
    Pbx* pbx = std::exchange(pbx_, nullptr);
    if (pbx == nullptr) return;
    Channel* channel = pbx->channels->find(channel_);
    if (channel == nullptr || --channel->holds_ > 0) return;
    // At the end of the turn: another controller may take its Hold right after this one.
    pbx->loop->defer([pbx, id = channel_] {
        Channel* free = pbx->channels->find(id);
        if (free != nullptr && !free->controlled()) continue_elsewhere(*free);
    });
}

Observation::Observation(Channel& channel, Mailbox<ChannelSignal>& box, bool takes_digits)
    : pbx_(&channel.pbx_), channel_(channel.id_), box_(&box) {
    channel.observers_.push_back({&box, takes_digits});
}

Observation::Observation(Observation&& other) noexcept
    : pbx_(std::exchange(other.pbx_, nullptr)), channel_(other.channel_), box_(other.box_) {}

Observation& Observation::operator=(Observation&& other) noexcept {
    if (this != &other) {
        end();
        pbx_ = std::exchange(other.pbx_, nullptr);
        channel_ = other.channel_;
        box_ = other.box_;
    }
    return *this;
}

void Observation::end() {
    Pbx* pbx = std::exchange(pbx_, nullptr);
    if (pbx == nullptr) return;
    Channel* channel = pbx->channels->any(channel_);
    if (channel == nullptr) return;
    auto& all = channel->observers_;
    const auto found = std::ranges::find(all, box_, &Channel::Observer::box);
    if (found != all.end()) all.erase(found);
}

}  // namespace asterism
