// Dial, until somebody answers.
#include "asterism/applications/signalling.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/features/party_updates.hpp"
#include "asterism/features/pickup.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/dial_run.hpp"

namespace asterism::applications {
namespace {

constexpr int max_forwards = 10;

Task<void> send_digits(Channel& channel, std::string digits) { (void)co_await send_dtmf(channel, std::move(digits)); }

}  // namespace

void Dialling::count(DialStatus status) {
    if (status == DialStatus::busy) ++busy_;
    if (status == DialStatus::congestion) ++congested_;
    if (status == DialStatus::chan_unavail) ++unavailable_;
}

void Dialling::ring() {
    if (told_ringing_ || music_) return;
    told_ringing_ = true;
    if (const auto name = options_.argument('r'); !name.empty() && pbx_.indications != nullptr && caller_.leg()) {
        if (auto tone = pbx_.indications->tone(name)) {
            if (!caller_.up()) indicate(caller_, Indication::progress);
            tone_ = pbx_.media->tone(caller_.leg(), *std::move(tone), [](const media::OpEnd&) {});
            return;
        }
        log::warning("Dial: '{}' is no tone of indications.conf", name);
    }
    // An answered caller hears the tone: indicate() plays it where the technology can no longer say it.
    indicate(caller_, Indication::ringing);
}

void Dialling::stop_ringing() {
    if (tone_) pbx_.media->stop(std::exchange(tone_, {}));
    if (music_) stop_music(caller_);
    indicate(caller_, Indication::stop_tone);
}

void Dialling::early_media(Channel& callee) {
    if (media_joined_ || options_.has('r') || music_ || privacy_ || legs_.size() != 1 || !callee.leg()) return;
    media_joined_ = true;
    indicate(caller_, Indication::stop_tone);
    if (!caller_.up()) indicate(caller_, Indication::progress);
    if (caller_.leg()) pbx_.media->connect(caller_.leg(), callee.leg());
}

Task<void> Dialling::tell_caller(Channel& callee) {
    if (options_.has('I') || caller_.connected().id == callee.caller().id) co_return;
    ConnectedParty connected = caller_.connected();
    connected.id = callee.caller().id;
    co_await features::tell_connected(caller_, std::move(connected));
}

Task<void> Dialling::tell_callees() {
    std::vector<ChannelId> ids;
    for (const auto& leg : legs_) ids.push_back(leg.id);
    for (const ChannelId id : ids) {
        Channel* callee = pbx_.channels->find(id);
        if (callee == nullptr || callee->connected().id == caller_.caller().id) continue;
        ConnectedParty connected = callee->connected();
        connected.id = caller_.caller().id;
        co_await features::tell_connected(*callee, std::move(connected));
    }
}

Task<void> Dialling::tell_redirecting(Channel& callee) {
    if (options_.has('I')) co_return;
    co_await features::tell_redirecting(caller_, callee.redirecting());
}

Task<void> Dialling::forward(DialLeg& leg, std::string destination) {
    Channel* callee = pbx_.channels->find(leg.id);
    if (callee == nullptr) co_return;
    const std::string forwarder = callee->name();
    if (options_.has('i') || ++forwards_ > max_forwards) {
        finish(leg, "NOANSWER", Cause::redirected_to_new_destination);
        co_return;
    }
    auto where = features::parse_destination(destination);
    if (!where) {
        const std::string* context = callee->variable("FORWARD_CONTEXT");
        if (context == nullptr || context->empty()) context = caller_.variable("FORWARD_CONTEXT");
        const bool set = context != nullptr && !context->empty();
        where = features::Destination{"Local", destination + "@" + (set ? *context : caller_.location().context)};
    }
    if (options_.has('z')) deadline_.reset();
    // Its driver knows more than this of who sends the call on, and why.
    RedirectingParty redirecting = callee->redirecting();
    if (redirecting == caller_.redirecting()) {
        RedirectingParty next;
        next.from = callee->caller().id;
        next.to = PartyId::of({}, std::string_view(where->data).substr(0, where->data.find('@')));
        next.reason.code = features::unconditional_forward;
        redirecting = features::sent_on(redirecting, std::move(next));
    }
    features::publish_dial_end(&caller_, *callee, "CANCEL", where->technology + "/" + where->data);
    callee->end(Cause::redirected_to_new_destination);
    std::erase_if(legs_, [id = leg.id](const DialLeg& other) { return other.id == id; });
    if (options_.has('I')) {
        caller_.set_redirecting(std::move(redirecting));
    } else {
        co_await features::tell_redirecting(caller_, std::move(redirecting));
        if (caller_.hangup_requested()) co_return;
    }
    co_await start(where->technology, where->data, forwarder);
}

DialStatus Dialling::all_failed() const {
    const auto failed = static_cast<std::size_t>(busy_ + congested_ + unavailable_);
    if (busy_ > 0 && failed >= attempted_) return DialStatus::busy;
    if (congested_ > 0 && failed >= attempted_) return DialStatus::congestion;
    if (unavailable_ > 0 && failed >= attempted_) return DialStatus::chan_unavail;
    return DialStatus::no_answer;
}

/// Takes note of the legs that are over.
void Dialling::reap_failed() {
    reap(pbx_, legs_, [this](DialLeg& leg, Cause cause) {
        // DIALSTATUS tells more apart than DialEnd: a refusal (403, 404) is no lack of an answer.
        const bool silence = cause == Cause::no_answer || cause == Cause::normal_clearing;
        const DialStatus status = features::status_of(cause);
        count(status == DialStatus::no_answer && !silence ? DialStatus::chan_unavail : status);
        if (cause != Cause::not_defined) caller_.set_cause(cause);
        finish(leg, features::to_string(status), cause);
    });
}

void Dialling::caller_typed(char digit) {
    if (options_.has('H') && digit == '*') typed_ = 0;
    if (!options_.has('d')) return;
    const std::string* context = caller_.variable("EXITCONTEXT");
    const Location exit{context != nullptr ? *context : caller_.location().context, std::string(1, digit), 1};
    if (!dialplan::exists(caller_, exit)) return;
    dialplan::go_to(caller_, exit);
    typed_ = digit;
}

/// D's fourth and sixth part: MF and SF digits for the callee's network, as soon as there is early media.
void Dialling::send_tones(Channel& callee) {
    const std::string mf = digits_option(3), sf = digits_option(5);
    if (mf.empty() && sf.empty()) return;
    auto tones = !mf.empty() ? mf_tones(mf) : sf_tones(sf);
    if (!tones) {
        log::warning("Dial: {}", tones.error());
        return;
    }
    callee.tasks().spawn([](Channel& to, media::ToneSpec tone) -> Task<void> {
        (void)co_await play_tone(to, std::move(tone), std::nullopt);
    }(callee, *std::move(tones)));
}

Task<void> Dialling::heard(const ChannelSignal& signal) {
    if (signal.channel == caller_.id()) {
        if (signal.kind == Kind::connected_line) co_await tell_callees();
        if (signal.kind == Kind::digit) caller_typed(signal.digit);
        co_return;
    }
    DialLeg* leg = leg_of(signal.channel);
    Channel* callee = pbx_.channels->find(signal.channel);
    if (leg == nullptr || callee == nullptr) co_return;
    switch (signal.kind) {
        case Kind::proceeding: features::publish_dial_state(&caller_, *callee, "PROCEEDING"); break;
        case Kind::ringing:
            features::publish_dial_state(&caller_, *callee, "RINGING");
            if (!std::exchange(ring_time_set_, true)) set_time(caller_, "RINGTIME", begun_);
            ring();
            break;
        case Kind::progress:
            progress_deadline_.reset();
            features::publish_dial_state(&caller_, *callee, "PROGRESS");
            if (!std::exchange(progress_time_set_, true)) {
                set_time(caller_, "PROGRESSTIME", begun_);
                if (std::string digits = digits_option(2); !digits.empty())
                    callee->tasks().spawn(send_digits(*callee, std::move(digits)));
                send_tones(*callee);
            }
            early_media(*callee);
            break;
        case Kind::busy:
            ++busy_;
            caller_.set_cause(Cause::user_busy);
            finish(*leg, "BUSY", Cause::user_busy);
            break;
        case Kind::congestion:
            ++congested_;
            caller_.set_cause(Cause::normal_circuit_congestion);
            finish(*leg, "CONGESTION", Cause::normal_circuit_congestion);
            break;
        case Kind::connected_line:
            leg->knew_identity = true;
            // With several that ring, nobody knows yet whom the caller will talk to.
            if (attempted_ == 1) co_await tell_caller(*callee);
            break;
        case Kind::redirecting: co_await tell_redirecting(*callee); break;
        case Kind::forwarded: co_await forward(*leg, signal.text); break;
        default: break;
    }
}

/// Another channel took one of those that ring: it is the winner.
bool Dialling::take_picked_up() {
    for (auto& leg : legs_) {
        Channel* callee = pbx_.channels->find(leg.id);
        Channel* picker = callee != nullptr ? features::picked_up_by(*callee) : nullptr;
        if (picker == nullptr) continue;
        leg.id = picker->id();
        leg.hold = Channel::Hold(*picker);
        leg.watch = Observation(*picker, box_, false);
        winner_ = leg.id;
        if (callee->cause() == Cause::not_defined) callee->set_cause(Cause::answered_elsewhere);
        callee->end(Cause::answered_elsewhere);
        return true;
    }
    return false;
}

Task<DialStatus> Dialling::wait() {
    const Cause given_up = options_.has('c') ? Cause::answered_elsewhere : Cause::normal_clearing;
    for (;;) {
        if (caller_.hangup_requested() || caller_.interrupted() || typed_) {
            cancel_all("CANCEL", given_up);
            co_return DialStatus::cancel;
        }
        // Whoever is up already has won (a Local channel answers while it is being called).
        for (auto& leg : legs_) {
            const Channel* callee = pbx_.channels->find(leg.id);
            if (callee != nullptr && callee->up()) {
                winner_ = leg.id;
                co_return DialStatus::answer;
            }
        }
        if (take_picked_up()) co_return DialStatus::answer;
        reap_failed();
        if (legs_.empty()) co_return all_failed();
        std::optional<ChannelSignal> signal;
        std::optional<TimePoint> until = deadline_;
        if (progress_deadline_ && (!until || *progress_deadline_ < *until)) until = progress_deadline_;
        if (until) {
            signal = co_await box_.next_before(*until);
        } else {
            signal = co_await box_.next();
        }
        if (!signal) {
            cancel_all("NOANSWER", options_.has('c') ? Cause::answered_elsewhere : Cause::no_answer);
            co_return DialStatus::no_answer;
        }
        co_await heard(*signal);
    }
}

}  // namespace asterism::applications
