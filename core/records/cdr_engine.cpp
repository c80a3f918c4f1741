#include "core/records/cdr_engine.hpp"

#include <algorithm>

#include "asterism/dialplan/executor.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::records {

namespace {

using State = Cdr::State;

bool open(const Cdr& record) { return record.state != State::finalized; }

/// What dialling shows as a channel's application is no application.
bool is_dial_mark(std::string_view application) { return application.starts_with("AppDial"); }

void put(std::vector<std::pair<std::string, std::string>>& all, std::string_view name, std::string_view value) {
    const auto found = std::ranges::find(all, name, &std::pair<std::string, std::string>::first);
    if (found != all.end())
        found->second = value;
    else
        all.emplace_back(name, value);
}

}  // namespace

CdrEngine::CdrEngine(Pbx& pbx) : pbx_(pbx), batch_timer_(*pbx.loop) {}

CdrEngine::~CdrEngine() = default;

WallTime CdrEngine::now() const { return pbx_.loop->clock().wall(); }

// ---- settings and back ends ----

void CdrEngine::apply(CdrSettings settings) {
    settings_ = settings;
    if (!settings_.batch) flush();
    if (!settings_.enabled) {
        subscription_.end();
        chains_.clear();
        return;
    }
    subscription_ = pbx_.bus->subscribe([this](const Event& event) { on(event); });
    subscription_.want_all(false);
    for (const EventKind kind :
         {EventKind::channel_created, EventKind::channel_answered, EventKind::channel_application,
          EventKind::channel_hangup_request, EventKind::channel_hangup, EventKind::dial_begin, EventKind::dial_end,
          EventKind::bridge_enter, EventKind::bridge_leave}) {
        subscription_.want(kind, true);
    }
}

void CdrEngine::set_backend(std::string_view name, std::unique_ptr<CdrBackend> backend) {
    std::erase_if(backends_, [name](const auto& other) { return other->name() == name; });
    if (backend) backends_.push_back(std::move(backend));
}

std::vector<std::string_view> CdrEngine::backends() const {
    std::vector<std::string_view> names;
    for (const auto& backend : backends_) names.push_back(backend->name());
    return names;
}

void CdrEngine::post(CdrPtr record) {
    if (!settings_.batch) {
        for (const auto& backend : backends_) backend->write(*record);
        return;
    }
    batch_.push_back(std::move(record));
    if (batch_.size() >= settings_.batch_size) return flush();
    if (batch_.size() == 1) batch_timer_.start(settings_.batch_time, [this] { flush(); });
}

void CdrEngine::flush() {
    batch_timer_.cancel();
    for (const auto& record : std::exchange(batch_, {})) {
        for (const auto& backend : backends_) backend->write(*record);
    }
}

// ---- what happens ----

void CdrEngine::on(const Event& event) {
    switch (event.kind) {
        case EventKind::channel_created: created(as<ChannelCreated>(event).channel); break;
        case EventKind::channel_answered: answered(as<ChannelAnswered>(event).channel); break;
        case EventKind::channel_application:
            if (Chain* chain = find(as<ChannelApplication>(event).channel)) {
                place(*chain, *as<ChannelApplication>(event).channel);
            }
            break;
        case EventKind::channel_hangup_request: {
            const auto& request = as<ChannelHangupRequest>(event);
            if (request.soft == SoftHangup::dialplan_end) {
                dialplan_ended(request.channel);
            } else if (Chain* chain = find(request.channel)) {
                if (request.cause) chain->known_cause = static_cast<int>(*request.cause);
            }
            break;
        }
        case EventKind::channel_hangup: hung_up(as<ChannelHangup>(event)); break;
        case EventKind::dial_begin: dial_begins(as<DialBegin>(event)); break;
        case EventKind::dial_end: dial_ends(as<DialEnd>(event)); break;
        case EventKind::bridge_enter: enters(as<BridgeEnter>(event)); break;
        case EventKind::bridge_leave: leaves(as<BridgeLeave>(event)); break;
        default: break;
    }
}

CdrEngine::Chain* CdrEngine::find(const ChannelShot& shot) {
    if (!shot) return nullptr;
    const auto found = chains_.find(shot->id);
    return found == chains_.end() ? nullptr : &found->second;
}

CdrEngine::Chain* CdrEngine::find(Channel& channel) {
    const auto found = chains_.find(channel.id());
    return found == chains_.end() ? nullptr : &found->second;
}

void CdrEngine::seen(Chain& chain, const ChannelShot& shot) {
    chain.shot = shot;
    chain.known_cause = static_cast<int>(shot->cause);
}

void CdrEngine::created(const ChannelShot& shot) {
    if (shot->spy) return;
    Chain& chain = chains_[shot->id];
    chain.id = shot->id;
    chain.order = ++order_;
    chain.shot = shot;
    chain.disabled = !settings_.default_enabled;
    begin(chain, shot->created);
}

void CdrEngine::answered(const ChannelShot& shot) {
    Chain* chain = find(shot);
    if (chain == nullptr) return;
    seen(*chain, shot);
    for (const auto& record : chain->all) {
        if (open(*record) && !record->answer) record->answer = now();
    }
}

/// The dialplan has ended; h comes next, whose priorities are not part of the call any more.
void CdrEngine::dialplan_ended(const ChannelShot& shot) {
    Chain* chain = find(shot);
    if (chain == nullptr) return;
    chain->shot = shot;  // but not its cause: that is known when the channel ends
    catch_up(*chain, *shot);
    place(*chain, *shot);
    for (const auto& record : chain->all) {
        if (open(*record)) record->dialed = false;
    }
    // With endbeforehexten=no what runs from here on (h, hangup handlers) is part of the call: a record of its own.
    chain->ended_dialplan = settings_.end_before_h;
    chain->over = true;
    Channel* channel = pbx_.channels->find(shot->id);
    const bool has_h =
        channel != nullptr && pbx_.dialplan != nullptr && dialplan::exists(*channel, {shot->context, "h", 1});
    if (settings_.end_before_h && has_h) close_all(*chain);
}

void CdrEngine::hung_up(const ChannelHangup& event) {
    Chain* chain = find(event.channel);
    if (chain == nullptr) return;
    seen(*chain, event.channel);
    if (!chain->ended_dialplan) place(*chain, *event.channel);
    for (const auto& weak : chain->as_b) {
        if (const CdrPtr record = weak.lock(); record && open(*record)) record->party_b = event.channel;
    }
    close_all(*chain);
    dispatch(*chain);
    chains_.erase(event.channel->id);
}

void CdrEngine::dial_begins(const DialBegin& event) {
    Chain* peer = find(event.peer);
    if (peer != nullptr) seen(*peer, event.peer);
    if (settings_.ignore_dials) {
        if (peer != nullptr && event.caller) peer->dialed = true;
        return;
    }
    Chain* caller = find(event.caller);
    if (!event.caller && peer != nullptr) {
        for (const auto& record : peer->all) {
            if (!open(*record) || record->state != State::single) continue;
            record->state = State::dial;
            record->disposition = Disposition::no_answer;
            place(*peer, *event.peer);
        }
    }
    if (caller == nullptr || peer == nullptr) return;
    peer->dialed = true;
    for (const auto& record : peer->all) record->dialed = true;
    seen(*caller, event.caller);
    if (caller->disabled) return;
    catch_up(*caller, *event.caller);
    place(*caller, *event.caller);
    const auto dial = [&](const CdrPtr& record) {
        record->state = State::dial;
        record->locked = true;
        record->disposition = Disposition::no_answer;
        set_party_b(record, *peer);
    };
    bool begun = false;
    for (const auto& record : caller->all) {
        if (record->state != State::single) continue;
        dial(record);
        begun = true;
    }
    if (begun) return;
    const CdrPtr record = begin(*caller, now());
    place(*caller, *event.caller);
    dial(record);
}

Disposition CdrEngine::by_status(std::string_view status) const {
    if (status == "ANSWER") return Disposition::answered;
    if (status == "BUSY") return Disposition::busy;
    if (status == "CONGESTION") return settings_.congestion ? Disposition::congestion : Disposition::failed;
    if (status == "CHANUNAVAIL") return Disposition::failed;
    return Disposition::no_answer;
}

void CdrEngine::dial_ends(const DialEnd& event) {
    if (settings_.ignore_dials) return;
    Chain* peer = find(event.peer);
    if (peer != nullptr) seen(*peer, event.peer);
    Chain* chain = event.caller ? find(event.caller) : peer;
    if (chain == nullptr) return;
    for (const auto& record : chain->all) {
        if (record->state != State::dial) continue;
        if (event.caller ? !record->party_b || record->party_b->id != event.peer->id : record->party_b != nullptr) {
            continue;
        }
        if (record->party_b) record->party_b = event.peer;
        if (event.status == "ANSWER") {
            chain->dial_answered = now();
            record->disposition = event.caller ? Disposition::answered : Disposition::none;
            record->state = event.caller ? State::dialed : State::single;
        } else {
            record->disposition = by_status(event.status);
            if (event.caller) chain->shot = event.caller;
            close(*chain, *record);
        }
    }
}

// ---- bridges ----

/// A record of these two that exists already goes on in the bridge.
bool CdrEngine::join(Chain& a, const Chain& b, const std::string& bridge) {
    for (const auto& record : a.all) {
        if (!open(*record) || !record->party_b || record->party_b->id != b.id) continue;
        record->state = State::bridge;
        record->bridge = bridge;
        record->disposition = Disposition::none;
        return true;
    }
    return false;
}

void CdrEngine::pair(Chain& x, Chain& y, const std::string& bridge) {
    if (join(x, y, bridge) || join(y, x, bridge)) return;
    const bool x_first = x.party_a != y.party_a ? x.party_a : x.order < y.order;
    Chain& a = x_first ? x : y;
    Chain& b = x_first ? y : x;
    if (a.disabled) return;
    const auto alone = std::ranges::find_if(a.all, [&](const CdrPtr& record) {
        return !record->party_b &&
               (record->state == State::single || (record->state == State::bridge && record->bridge == bridge));
    });
    const CdrPtr record = alone != a.all.end() ? *alone : begin(a, now());
    record->state = State::bridge;
    record->bridge = bridge;
    record->locked = true;
    record->disposition = Disposition::none;
    set_party_b(record, b);
}

void CdrEngine::enters(const BridgeEnter& event) {
    Chain* chain = find(event.channel);
    if (chain == nullptr) return;
    seen(*chain, event.channel);
    chain->bridge = event.bridge->uniqueid;
    if (settings_.ignore_bridges || event.bridge->technology == "holding_bridge") return;
    catch_up(*chain, *event.channel);
    place(*chain, *event.channel);
    const auto is_open = [](const CdrPtr& record) { return open(*record); };
    if (!chain->disabled && std::ranges::none_of(chain->all, is_open)) begin(*chain, now());
    for (const auto& uniqueid : event.bridge->channels) {
        Channel* other = uniqueid == event.channel->uniqueid ? nullptr : pbx_.channels->find_uniqueid(uniqueid);
        Chain* with = other != nullptr ? find(*other) : nullptr;
        if (with != nullptr && with->bridge == chain->bridge) pair(*chain, *with, chain->bridge);
    }
    for (const auto& record : chain->all) {
        if (record->state != State::single) continue;
        record->state = State::bridge;
        record->bridge = chain->bridge;
        record->locked = true;
    }
}

void CdrEngine::leaves(const BridgeLeave& event) {
    Chain* chain = find(event.channel);
    if (chain == nullptr) return;
    seen(*chain, event.channel);
    const std::string bridge = std::exchange(chain->bridge, {});
    if (settings_.ignore_bridges) return;
    for (const auto& record : chain->all) {
        if (record->state == State::bridge && record->bridge == bridge) close(*chain, *record);
    }
    for (const auto& weak : chain->as_b) {
        const CdrPtr record = weak.lock();
        if (!record || record->state != State::bridge || record->bridge != bridge) continue;
        if (Chain* a = find(record->party_a)) close(*a, *record);
    }
    std::erase_if(chain->as_b, [](const auto& weak) { return weak.expired(); });
}

// ---- records ----

CdrEngine::CdrPtr CdrEngine::begin(Chain& chain, WallTime start) {
    auto record = std::make_shared<Cdr>();
    record->party_a = chain.shot;
    record->start = start;
    if (chain.shot->state == ChannelState::up) record->answer = start;
    record->sequence = sequence_++;
    record->disabled = chain.disabled;
    record->dialed = chain.dialed;
    record->rounds_up = settings_.initiated_seconds;
    if (!chain.all.empty()) {
        const Cdr& last = *chain.all.back();
        record->context = last.context;
        record->exten = last.exten;
        record->application = last.application;
        record->application_data = last.application_data;
    } else {
        record->context = chain.shot->context;
        record->exten = chain.shot->exten;
    }
    chain.all.push_back(record);
    return record;
}

void CdrEngine::place(Chain& chain, const ChannelSnapshot& shot) {
    if (chain.ended_dialplan) return;
    for (const auto& record : chain.all) {
        if (!open(*record) || record->locked) continue;
        if (!shot.application.empty() && (record->application.empty() || !is_dial_mark(shot.application))) {
            record->application = shot.application;
            record->application_data = shot.application_data;
        }
        if (shot.exten.empty()) continue;
        record->context = shot.context;
        record->exten = shot.exten;
    }
}

void CdrEngine::catch_up(Chain& chain, const ChannelSnapshot& shot) {
    if (chain.ended_dialplan || chain.disabled || chain.all.empty()) return;
    for (const auto& record : chain.all) {
        // A dial that was answered, and whose caller went on in the dialplan instead of into a bridge (Dial's G).
        if (record->state != State::dialed || shot.application == record->application || !chain.dial_answered) continue;
        close(chain, *record);
        record->end = *chain.dial_answered;
    }
    const auto is_open = [](const CdrPtr& record) { return open(*record); };
    if (std::ranges::any_of(chain.all, is_open)) return;
    const Cdr& last = *chain.all.back();
    if (shot.application.empty() || is_dial_mark(shot.application)) return;
    if (shot.application == last.application && shot.application_data == last.application_data &&
        shot.exten == last.exten && shot.context == last.context) {
        return;  // nothing has run since
    }
    if (!chain.over) chain.dialed = false;  // it has a dialplan of its own
    begin(chain, *last.end);
}

void CdrEngine::set_party_b(const CdrPtr& record, Chain& other) {
    record->party_b = other.shot;
    if (!other.all.empty()) {
        record->user_field_b = other.all.back()->user_field_a;
        record->variables_b = other.all.back()->variables_a;
    }
    other.as_b.push_back(record);
}

void CdrEngine::refresh(Cdr& record) {
    if (Chain* chain = find(record.party_a)) record.party_a = chain->shot;
    for (ChannelShot* shot : {&record.party_a, &record.party_b}) {
        Channel* channel = *shot ? pbx_.channels->find((*shot)->id) : nullptr;
        if (channel != nullptr) *shot = channel->snapshot();
    }
}

Disposition CdrEngine::by_cause(int cause) const {
    switch (static_cast<Cause>(cause)) {
        case Cause::user_busy: return Disposition::busy;
        case Cause::normal_circuit_congestion:
            return settings_.congestion ? Disposition::congestion : Disposition::failed;
        case Cause::normal_clearing:
        case Cause::no_answer: return Disposition::no_answer;
        default: return Disposition::failed;
    }
}

void CdrEngine::close(Chain& chain, Cdr& record) {
    if (!open(record)) return;
    refresh(record);
    record.end = now();
    if (record.disposition == Disposition::none) {
        record.disposition = record.answer ? Disposition::answered : by_cause(chain.known_cause);
    }
    record.state = State::finalized;
}

void CdrEngine::close_all(Chain& chain) {
    for (const auto& record : chain.all) close(chain, *record);
}

void CdrEngine::dispatch(Chain& chain) {
    for (auto& record : chain.all) {
        if (record->disabled || (record->dialed && !record->party_b)) continue;
        if (!settings_.unanswered && !record->party_b &&
            static_cast<int>(record->disposition) < static_cast<int>(Disposition::answered)) {
            continue;
        }
        post(std::move(record));
    }
}

// ---- for the dialplan ----

const Cdr* CdrEngine::current(Channel& channel) {
    Chain* chain = find(channel);
    if (chain == nullptr) return nullptr;
    const int cause = chain->known_cause;
    chain->shot = channel.snapshot();
    chain->known_cause = cause;
    catch_up(*chain, *chain->shot);
    place(*chain, *chain->shot);
    if (chain->all.empty()) return nullptr;
    Cdr& last = *chain->all.back();
    if (open(last)) refresh(last);
    return &last;
}

void CdrEngine::set_variable(Channel& channel, std::string_view name, std::string_view value) {
    if (current(channel) == nullptr) return;
    Chain& chain = *find(channel);
    for (const auto& record : chain.all) {
        if (open(*record) || record == chain.all.back()) put(record->variables_a, name, value);
    }
    for (const auto& weak : chain.as_b) {
        if (const CdrPtr record = weak.lock(); record && open(*record)) put(record->variables_b, name, value);
    }
}

void CdrEngine::set_user_field(Channel& channel, std::string_view value) {
    if (current(channel) == nullptr) return;
    Chain& chain = *find(channel);
    for (const auto& record : chain.all) {
        if (open(*record) || record == chain.all.back()) record->user_field_a = value;
    }
    for (const auto& weak : chain.as_b) {
        if (const CdrPtr record = weak.lock(); record && open(*record)) record->user_field_b = value;
    }
}

bool CdrEngine::fork(Channel& channel, ForkOptions options) {
    if (current(channel) == nullptr) return false;
    Chain& chain = *find(channel);
    const CdrPtr original = chain.all.back();
    auto record = std::make_shared<Cdr>(*original);
    if (options.end_original) {
        for (const auto& other : chain.all) close(chain, *other);
    }
    record->sequence = sequence_++;
    record->end.reset();
    if (!open(*record)) {
        record->state = State::single;
        record->locked = false;
        record->party_b.reset();
    }
    if (record->state == State::single) record->disposition = Disposition::none;
    if (options.reset) record->start = now();
    if ((options.answer_now || options.reset) && record->answer) record->answer = now();
    if (options.drop_variables) record->variables_a.clear();
    chain.all.push_back(std::move(record));
    return true;
}

bool CdrEngine::reset(Channel& channel, bool keep_variables) {
    if (current(channel) == nullptr) return false;
    for (const auto& record : find(channel)->all) {
        if (!open(*record)) continue;
        record->start = now();
        if (record->answer) record->answer = now();
        if (!keep_variables) {
            record->variables_a.clear();
            record->user_field_a.clear();
        }
    }
    return true;
}

void CdrEngine::set_party_a(Channel& channel, bool on) {
    if (Chain* chain = find(channel)) chain->party_a = on;
}

void CdrEngine::set_disabled(Channel& channel, bool on) {
    Chain* chain = find(channel);
    if (chain == nullptr) return;
    if (chain->disabled == on) return;
    chain->disabled = on;
    for (const auto& record : chain->all) {
        if (open(*record)) record->disabled = on;
    }
}

}  // namespace asterism::records
