// Dial: calls one or several destinations at once, and joins the caller with the first that answers.
#include "core/applications/dial.hpp"

#include <charconv>

#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/features/hangup_causes.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::applications {

using dialplan::AppResult;
using features::DialStatus;
using Kind = ChannelSignal::Kind;

namespace {

std::optional<long> to_number(std::string_view text) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    return value;
}

/// One channel that is being called.
struct Leg {
    ChannelId id;
    std::string dial_string;  ///< behind the technology: DIALEDPEERNUMBER
    Channel::Hold hold;
    Observation watch;
    bool knew_identity = false;  ///< its technology says who it is; else the dialled extension stands in
};

/// Seconds and milliseconds since `since`, as the variables NAME and NAME_MS.
void set_time(Channel& channel, const std::string& name, std::optional<TimePoint> since) {
    if (!since) return;
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(channel.pbx().loop->now() - *since).count();
    channel.set_variable(name, std::to_string(passed / 1000));
    channel.set_variable(name + "_MS", std::to_string(passed));
}

/// One run of Dial. Lives in the coroutine on the caller's channel.
class Dialling {
  public:
    Dialling(Channel& caller, const std::string& data)
        : caller_(caller),
          pbx_(caller.pbx()),
          args_(data, ',', 4),
          options_(args_[2]),
          box_(*pbx_.loop),
          watch_caller_(caller, box_, options_.has('d') || options_.has('H')) {}

    Task<AppResult> run();

  private:
    Task<void> start(const std::string& technology, const std::string& data, std::string_view forwarded_by);
    Task<void> start_all();
    Task<void> forward(Leg& leg, const std::string& destination);
    Task<DialStatus> wait();
    Task<AppResult> answered();
    Task<AppResult> talk(Leg winner);
    void finish(Leg& leg, std::string_view status, Cause cause);
    void cancel_all(std::string_view status, Cause cause);
    void count(Cause cause);
    void count(DialStatus status);
    void ring();
    void early_media(Channel& callee);
    [[nodiscard]] Leg* leg_of(ChannelId id);
    [[nodiscard]] AppResult conclude(DialStatus status);
    [[nodiscard]] std::optional<features::BridgeLimits> limits() const;
    [[nodiscard]] std::string gosub_text(char option) const;

    Channel& caller_;
    Pbx& pbx_;
    const dialplan::Arguments args_;
    const dialplan::OptionLetters options_;
    Mailbox<ChannelSignal> box_;
    Observation watch_caller_;

    std::vector<Leg> legs_;
    std::size_t attempted_ = 0;
    int busy_ = 0, congested_ = 0, unavailable_ = 0, forwards_ = 0;
    std::optional<ChannelId> winner_;
    std::optional<TimePoint> begun_, answered_;
    std::optional<char> typed_;
    bool told_ringing_ = false, media_joined_ = false, music_ = false, ring_time_set_ = false,
         progress_time_set_ = false;
};

std::string Dialling::gosub_text(char option) const {
    // b(ctx^exten^prio(arg1^arg2)): carets stand for the commas of Gosub.
    std::string text(options_.argument(option));
    for (char& c : text) {
        if (c == '^') c = ',';
    }
    return text;
}

Leg* Dialling::leg_of(ChannelId id) {
    for (auto& leg : legs_) {
        if (leg.id == id) return &leg;
    }
    return nullptr;
}

void Dialling::count(DialStatus status) {
    if (status == DialStatus::busy) ++busy_;
    if (status == DialStatus::congestion) ++congested_;
    if (status == DialStatus::chan_unavail) ++unavailable_;
}

void Dialling::count(Cause cause) { count(features::status_of(cause)); }

Task<void> Dialling::start(const std::string& technology_name, const std::string& data, std::string_view forwarded_by) {
    Technology* technology = pbx_.technologies->find(technology_name);
    ++attempted_;
    if (technology == nullptr) {
        log::warning("Unable to create channel of type '{}' (cause {} - {})", technology_name,
                     static_cast<int>(Cause::chan_not_implemented), cause_text(Cause::chan_not_implemented));
        caller_.set_cause(Cause::chan_not_implemented);
        ++unavailable_;
        co_return;
    }
    ChannelRequest request;
    request.data = data;
    request.requestor = caller_.id();
    request.formats = {caller_.driver().native_formats()};
    request.language = caller_.language();
    const auto made = technology->request(request);
    if (!made) {
        log::warning("Unable to create channel of type '{}' (cause {} - {})", technology_name,
                     static_cast<int>(made.error()), cause_text(made.error()));
        caller_.set_cause(made.error());
        count(made.error());
        if (features::status_of(made.error()) == DialStatus::no_answer) ++unavailable_;
        co_return;
    }
    Channel& callee = **made;
    legs_.push_back(
        {callee.id(), data, Channel::Hold(callee), Observation(callee, box_, false), callee.caller().id.number.valid});

    for (const auto& entry : caller_.variables().inherited().all()) {
        callee.set_variable(std::string(static_cast<std::size_t>(entry.inheritance), '_') + entry.name, entry.value);
    }
    callee.set_variable("DIALEDPEERNUMBER", data);
    if (!forwarded_by.empty()) callee.set_variable("FORWARDERNAME", forwarded_by);
    callee.set_peer_account(caller_.account_code());
    if (callee.music_class().empty()) callee.set_music_class(caller_.music_class());
    callee.set_location(caller_.location());
    callee.set_application("AppDial", "(Outgoing Line)");
    if (!callee.caller().id.number.valid) {
        CallerParty party = callee.caller();
        party.id = PartyId::of(caller_.caller().id.name.text, caller_.location().exten);
        callee.set_caller(std::move(party));
    }
    ConnectedParty connected = callee.connected();
    connected.id = caller_.caller().id;
    connected.ani = caller_.caller().ani;
    if (options_.has('o') && !options_.argument('o').empty()) connected.id = parse_caller_id(options_.argument('o'));
    if (options_.has('f') && !options_.argument('f').empty()) connected.id = parse_caller_id(options_.argument('f'));
    callee.set_connected(std::move(connected));
    callee.set_dialed(caller_.dialed());
    callee.set_redirecting(caller_.redirecting());

    const ChannelId id = callee.id();
    if (options_.has('b')) {
        co_await dialplan::run_gosub(callee, gosub_text('b'));
        if (pbx_.channels->find(id) == nullptr || caller_.hangup_requested()) co_return;
    }
    callee.driver().call();
    features::publish_dial_begin(&caller_, callee, data);
}

Task<void> Dialling::start_all() {
    for (const auto& one : dialplan::split_arguments(args_[0], '&')) {
        if (one.empty()) continue;
        const auto destination = features::parse_destination(one);
        if (!destination) {
            log::warning("Dial argument takes format (technology/resource)");
            continue;
        }
        co_await start(destination->technology, destination->data, {});
    }
}

void Dialling::finish(Leg& leg, std::string_view status, Cause cause) {
    if (Channel* callee = pbx_.channels->find(leg.id)) {
        features::publish_dial_end(&caller_, *callee, status);
        if (callee->cause() == Cause::not_defined) callee->set_cause(cause);
        caller_.extra<features::HangupCauses>().set(callee->name(), callee->technology_cause(), callee->cause());
        callee->end(cause);
    }
    std::erase_if(legs_, [id = leg.id](const Leg& other) { return other.id == id; });
}

void Dialling::cancel_all(std::string_view status, Cause cause) {
    while (!legs_.empty()) finish(legs_.back(), status, cause);
}

void Dialling::ring() {
    if (told_ringing_ || music_) return;
    told_ringing_ = true;
    // An answered caller hears the tone: indicate() plays it where the technology can no longer say it.
    indicate(caller_, Indication::ringing);
}

void Dialling::early_media(Channel& callee) {
    if (media_joined_ || options_.has('r') || music_ || legs_.size() != 1 || !callee.leg()) return;
    media_joined_ = true;
    indicate(caller_, Indication::stop_tone);
    if (!caller_.up()) indicate(caller_, Indication::progress);
    if (caller_.leg()) pbx_.media->connect(caller_.leg(), callee.leg());
}

Task<void> Dialling::forward(Leg& leg, const std::string& destination) {
    Channel* callee = pbx_.channels->find(leg.id);
    if (callee == nullptr) co_return;
    const std::string forwarder = callee->name();
    if (options_.has('i') || ++forwards_ > 10) {
        finish(leg, "NOANSWER", Cause::redirected_to_new_destination);
        co_return;
    }
    auto where = features::parse_destination(destination);
    if (!where) where = features::Destination{"Local", destination + "@" + caller_.location().context};
    features::publish_dial_end(&caller_, *callee, "CANCEL", where->technology + "/" + where->data);
    callee->end(Cause::redirected_to_new_destination);
    std::erase_if(legs_, [id = leg.id](const Leg& other) { return other.id == id; });
    co_await start(where->technology, where->data, forwarder);
}

Task<DialStatus> Dialling::wait() {
    const auto seconds = to_number(args_[1]);
    const std::optional<TimePoint> deadline =
        seconds && *seconds > 0 ? std::optional(*begun_ + std::chrono::seconds(*seconds)) : std::nullopt;
    for (;;) {
        if (caller_.hangup_requested()) {
            cancel_all("CANCEL", Cause::normal_clearing);
            co_return DialStatus::cancel;
        }
        if (caller_.interrupted()) {
            cancel_all("CANCEL", Cause::normal_clearing);
            co_return DialStatus::cancel;
        }
        if (typed_) {
            cancel_all("CANCEL", Cause::normal_clearing);
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
        for (std::size_t i = 0; i < legs_.size();) {
            Channel* callee = pbx_.channels->find(legs_[i].id);
            if (callee != nullptr && !callee->hangup_requested()) {
                ++i;
                continue;
            }
            const Cause cause = callee != nullptr ? callee->cause() : Cause::not_defined;
            count(cause);
            if (cause != Cause::not_defined) caller_.set_cause(cause);
            finish(legs_[i], features::to_string(features::status_of(cause)), cause);
        }
        if (legs_.empty()) {
            const auto failed = static_cast<std::size_t>(busy_ + congested_ + unavailable_);
            if (busy_ > 0 && failed >= attempted_) co_return DialStatus::busy;
            if (congested_ > 0 && failed >= attempted_) co_return DialStatus::congestion;
            if (unavailable_ > 0 && failed >= attempted_) co_return DialStatus::chan_unavail;
            co_return DialStatus::no_answer;
        }
        std::optional<ChannelSignal> signal;
        if (deadline) {
            signal = co_await box_.next_before(*deadline);
        } else {
            signal = co_await box_.next();
        }
        if (!signal) {
            cancel_all("NOANSWER", Cause::no_answer);
            co_return DialStatus::no_answer;
        }
        if (signal->channel == caller_.id()) {
            if (signal->kind == Kind::digit && options_.has('H') && signal->digit == '*') typed_ = 0;
            if (signal->kind == Kind::digit && options_.has('d')) {
                const std::string* context = caller_.variable("EXITCONTEXT");
                const Location exit{context != nullptr ? *context : caller_.location().context,
                                    std::string(1, signal->digit), 1};
                if (dialplan::exists(caller_, exit)) {
                    dialplan::go_to(caller_, exit);
                    typed_ = signal->digit;
                }
            }
            continue;
        }
        Leg* leg = leg_of(signal->channel);
        Channel* callee = pbx_.channels->find(signal->channel);
        if (leg == nullptr || callee == nullptr) continue;
        switch (signal->kind) {
            case Kind::proceeding: features::publish_dial_state(&caller_, *callee, "PROCEEDING"); break;
            case Kind::ringing:
                features::publish_dial_state(&caller_, *callee, "RINGING");
                if (!std::exchange(ring_time_set_, true)) set_time(caller_, "RINGTIME", begun_);
                ring();
                break;
            case Kind::progress:
                features::publish_dial_state(&caller_, *callee, "PROGRESS");
                if (!std::exchange(progress_time_set_, true)) set_time(caller_, "PROGRESSTIME", begun_);
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
            case Kind::connected_line: leg->knew_identity = true; break;
            case Kind::forwarded: co_await forward(*leg, signal->text); break;
            default: break;
        }
    }
}

std::optional<features::BridgeLimits> Dialling::limits() const {
    features::BridgeLimits limits;
    if (options_.has('L')) {
        const auto parts = dialplan::split_arguments(options_.argument('L'), ':');
        const auto ms = [&parts](std::size_t i) {
            return std::chrono::milliseconds(i < parts.size() ? to_number(parts[i]).value_or(0) : 0);
        };
        limits.max = ms(0);
        limits.warn_at = ms(1);
        limits.warn_every = ms(2);
        const auto yes = [this](const char* name, bool otherwise) {
            const std::string* value = caller_.variable(name);
            return value == nullptr ? otherwise : *value == "yes" || *value == "true" || *value == "1";
        };
        limits.caller_hears = yes("LIMIT_PLAYAUDIO_CALLER", true);
        limits.callee_hears = yes("LIMIT_PLAYAUDIO_CALLEE", false);
        if (const std::string* file = caller_.variable("LIMIT_WARNING_FILE")) limits.warn_file = *file;
    } else if (options_.has('S')) {
        limits.max = std::chrono::seconds(to_number(options_.argument('S')).value_or(0));
    }
    if (limits.max <= Duration::zero()) return std::nullopt;
    return limits;
}

Task<AppResult> Dialling::talk(Leg winner) {
    Channel* callee = pbx_.channels->find(winner.id);
    features::CallOptions call;
    call.caller.hang_up = options_.has('H');
    call.callee.hang_up = options_.has('h');
    call.limits = limits();
    if (options_.has('F')) {
        if (options_.argument('F').empty()) {
            Location next = caller_.location();
            ++next.priority;
            call.callee_goes_to = next;
        } else if (auto where = dialplan::parse_location(caller_, gosub_text('F'))) {
            call.callee_goes_to = *where;
        }
    }
    winner.watch.end();
    watch_caller_.end();
    const auto end = co_await features::bridge_call(caller_, callee->id(), std::move(winner.hold), std::move(call));
    set_time(caller_, "ANSWEREDTIME", answered_);
    set_time(caller_, "DIALEDTIME", begun_);
    caller_.set_variable("DIALSTATUS", "ANSWER");
    using features::CallEnd;
    if (end == CallEnd::caller_hung_up || caller_.hangup_requested()) co_return AppResult::hang_up();
    if (end == CallEnd::caller_taken || options_.has('g')) co_return AppResult::go_on();
    co_return AppResult::hang_up();
}

Task<AppResult> Dialling::answered() {
    Leg winner = std::move(*leg_of(*winner_));
    std::erase_if(legs_, [this](const Leg& leg) { return leg.id == *winner_; });
    Channel* callee = pbx_.channels->find(*winner_);
    answered_ = pbx_.loop->now();
    const Cause elsewhere = options_.has('Q') ? parse_cause(options_.argument('Q')).value_or(Cause::answered_elsewhere)
                                              : Cause::answered_elsewhere;
    cancel_all("CANCEL", elsewhere);
    if (music_) stop_music(caller_);
    indicate(caller_, Indication::stop_tone);
    caller_.set_variable("DIALSTATUS", "ANSWER");
    caller_.set_variable("DIALEDPEERNAME", callee->name());
    caller_.set_variable("DIALEDPEERNUMBER", winner.dial_string);
    features::publish_dial_end(&caller_, *callee, "ANSWER");
    if (media_joined_) pbx_.media->disconnect(caller_.leg());
    if (winner.knew_identity && !options_.has('I')) {
        ConnectedParty connected = caller_.connected();
        connected.id = callee->caller().id;
        caller_.set_connected(std::move(connected), true);
    }

    if (options_.has('A')) {
        const auto files = dialplan::split_arguments(options_.argument('A'), ':');
        if (!files.empty() && !files[0].empty()) co_await play(*callee, {files[0]});
    }
    if (options_.has('D')) {
        const auto digits = dialplan::split_arguments(options_.argument('D'), ':');
        if (!digits.empty() && !digits[0].empty() && pbx_.channels->find(*winner_) != nullptr) {
            co_await send_dtmf(*callee, digits[0]);
        }
        if (digits.size() > 1 && !digits[1].empty()) co_await send_dtmf(caller_, digits[1]);
    }
    if (options_.has('U') && pbx_.channels->find(*winner_) != nullptr && !callee->hangup_requested()) {
        // U(x^arg): subroutine x, from s,1.
        const auto parts = dialplan::split_arguments(options_.argument('U'), '^');
        std::string target = (parts.empty() ? std::string() : parts[0]) + ",s,1(";
        for (std::size_t i = 1; i < parts.size(); ++i) target += (i > 1 ? "," : "") + parts[i];
        co_await dialplan::run_gosub(*callee, target + ")");
        callee = pbx_.channels->find(*winner_);
        const std::string* result = callee != nullptr ? callee->variable("GOSUB_RESULT") : nullptr;
        if (result != nullptr && !result->empty()) {
            if (*result == "ABORT") {
                callee->end(Cause::normal_clearing);
                co_return AppResult::hang_up();
            }
            if (*result == "CONGESTION" || *result == "BUSY" || *result == "CONTINUE" || result->starts_with("GOTO:")) {
                if (*result == "CONGESTION" || *result == "BUSY") caller_.set_variable("DIALSTATUS", *result);
                if (result->starts_with("GOTO:")) {
                    std::string where = result->substr(5);
                    for (char& c : where) {
                        if (c == '^') c = ',';
                    }
                    dialplan::go_to(caller_, where);
                }
                callee->end(Cause::normal_clearing);
                co_return AppResult::go_on();
            }
        }
    }
    callee = pbx_.channels->find(*winner_);
    if (caller_.hangup_requested()) {
        if (callee != nullptr) callee->end(Cause::normal_clearing);
        co_return AppResult::hang_up();
    }
    if (callee == nullptr || callee->hangup_requested()) {
        if (callee != nullptr) callee->end();
        co_return options_.has('g') ? AppResult::go_on() : AppResult::hang_up();
    }
    if (options_.has('G')) {
        if (auto where = dialplan::parse_location(caller_, gosub_text('G'))) {
            Location next = *where;
            ++next.priority;
            answer(caller_);
            dialplan::go_to(caller_, *where);
            callee->redirect(next);
            co_return AppResult::go_on();
        }
    }
    answer(caller_);
    co_return co_await talk(std::move(winner));
}

AppResult Dialling::conclude(DialStatus status) {
    if (music_) stop_music(caller_);
    indicate(caller_, Indication::stop_tone);
    if (media_joined_ && caller_.leg()) pbx_.media->disconnect(caller_.leg());
    set_time(caller_, "DIALEDTIME", begun_);
    caller_.set_variable("DIALSTATUS", features::to_string(status));
    if (caller_.hangup_requested()) return AppResult::hang_up();
    if (typed_ && *typed_ == 0) return AppResult::hang_up();
    return AppResult::go_on();
}

Task<AppResult> Dialling::run() {
    for (const char* name :
         {"DIALSTATUS", "DIALEDPEERNUMBER", "DIALEDPEERNAME", "ANSWEREDTIME", "ANSWEREDTIME_MS", "DIALEDTIME",
          "DIALEDTIME_MS", "RINGTIME", "RINGTIME_MS", "PROGRESSTIME", "PROGRESSTIME_MS"}) {
        caller_.set_variable(name, "");
    }
    caller_.drop_extra<features::HangupCauses>();
    if (args_[0].empty()) {
        log::warning("Dial requires an argument (technology/resource)");
        caller_.set_variable("DIALSTATUS", "INVALIDARGS");
        co_return AppResult::go_on();
    }
    begun_ = pbx_.loop->now();
    if (options_.has('B')) {
        co_await dialplan::run_gosub(caller_, gosub_text('B'));
        if (caller_.hangup_requested()) co_return AppResult::hang_up();
    }
    if (options_.has('a')) answer(caller_);
    co_await start_all();
    if (!legs_.empty()) {
        if (options_.has('m')) {
            music_ = true;
            if (!caller_.up()) indicate(caller_, Indication::progress);
            start_music(caller_, options_.argument('m'));
        } else if (options_.has('r') || options_.has('R')) {
            ring();
        }
    }
    const DialStatus status = co_await wait();
    if (status == DialStatus::answer) co_return co_await answered();
    co_return conclude(status);
}

Task<AppResult> dial(Channel& channel, std::string data) {
    // On the heap of this frame: the legs' observations point into it.
    Dialling dialling(channel, data);
    co_return co_await dialling.run();
}

}  // namespace

void add_dial(dialplan::Applications& applications) {
    applications.add(
        {.name = "Dial",
         .synopsis = "Calls one or several destinations and joins the caller with the first that answers",
         .syntax = "Dial(Technology/Resource[&Technology2/Resource2[&...]][,timeout[,options[,URL]]])",
         .parameters = {{"Technology/Resource", "whom to call, several at once separated by &"},
                        {"timeout", "seconds to let it ring; empty: for ever"},
                        {"A(x:y)", "play x to the callee before the call begins"},
                        {"a", "answer the caller at once"},
                        {"b(context^exten^priority)", "subroutine on each called channel before it is called"},
                        {"B(context^exten^priority)", "subroutine on the caller before anybody is called"},
                        {"d", "let the caller leave by a digit that is an extension of EXITCONTEXT"},
                        {"D(called:calling)", "digits to send when answered"},
                        {"F(context^exten^priority)", "where the callee goes when the caller hangs up"},
                        {"g", "go on in the dialplan when the callee hangs up"},
                        {"G(context^exten^priority)", "when answered, caller to this priority and callee to the next"},
                        {"h, H", "the callee, the caller may hang up with *"},
                        {"i", "do not follow a forward of the callee"},
                        {"I", "do not tell the caller who answered"},
                        {"L(x:y:z)", "end after x ms, warn y ms before, and every z ms from then on"},
                        {"m(class)", "music instead of ringing"},
                        {"o(x)", "caller id shown to the callee"},
                        {"Q(cause)", "hangup cause for those that did not answer first"},
                        {"r, R", "tell the caller that it rings, at once"},
                        {"S(x)", "end the call after x seconds"},
                        {"U(x^arg)", "subroutine on the callee before the call begins"}},
         .run = dial,
         .module = "app_dial"});
}

}  // namespace asterism::applications
