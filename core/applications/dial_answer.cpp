// Dial, from the answer on.
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/dial_run.hpp"

namespace asterism::applications {

std::optional<features::BridgeLimits> Dialling::limits() const {
    features::BridgeLimits limits;
    if (options_.has('L')) {
        const auto parts = dialplan::split_arguments(options_.argument('L'), ':');
        const auto ms = [&parts](std::size_t i) {
            return std::chrono::milliseconds(i < parts.size() ? leading_number(parts[i]).value_or(0) : 0);
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
        if (const std::string* file = caller_.variable("LIMIT_CONNECT_FILE")) limits.connect_file = *file;
        if (const std::string* file = caller_.variable("LIMIT_TIMEOUT_FILE")) limits.end_file = *file;
    } else if (options_.has('S')) {
        limits.max = std::chrono::seconds(leading_number(options_.argument('S')).value_or(0));
    }
    if (limits.max <= Duration::zero()) return std::nullopt;
    return limits;
}

Task<AppResult> Dialling::talk(DialLeg winner) {
    Channel* callee = pbx_.channels->find(winner.id);
    features::CallOptions call;
    call.caller = {.hang_up = options_.has('H'),
                   .transfer = options_.has('T'),
                   .record = options_.has('W'),
                   .park = options_.has('K'),
                   .automixmon = options_.has('X')};
    call.callee = {.hang_up = options_.has('h'),
                   .transfer = options_.has('t'),
                   .record = options_.has('w'),
                   .park = options_.has('k'),
                   .automixmon = options_.has('x')};
    call.callee_runs_h = options_.has('e');
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
    status_ = DialStatus::answer;
    using features::CallEnd;
    if (end == CallEnd::caller_hung_up || caller_.hangup_requested()) co_return AppResult::hang_up();
    if (end == CallEnd::caller_taken || options_.has('g')) co_return AppResult::go_on();
    co_return AppResult::hang_up();
}

/// A(x:y): x to the callee, y to the caller, at the same time.
Task<void> Dialling::announce(Channel& callee) {
    const auto files = dialplan::split_arguments(options_.argument('A'), ':');
    const bool to_callee = !files.empty() && !files[0].empty();
    if (files.size() < 2 || files[1].empty()) {
        if (to_callee) (void)co_await play(callee, {files[0]});
        co_return;
    }
    answer(caller_);
    Mailbox<bool> played(*pbx_.loop);
    TaskScope beside(*pbx_.loop);
    if (to_callee) {
        beside.spawn([](Channel& channel, std::string file, Mailbox<bool>& done) -> Task<void> {
            (void)co_await play(channel, {std::move(file)});
            done.send(true);
        }(callee, files[0], played));
    }
    (void)co_await play(caller_, {files[1]});
    if (to_callee && !caller_.hangup_requested()) (void)co_await played.next();
}

AppResult Dialling::give_up(DialStatus status) {
    if (Channel* callee = pbx_.channels->find(*winner_)) callee->end(Cause::normal_clearing);
    set_time(caller_, "DIALEDTIME", begun_);
    return conclude(caller_.hangup_requested() ? DialStatus::cancel : status);
}

/// U(x^arg): subroutine x on the callee, from s,1; GOSUB_RESULT says what it wants.
Task<std::optional<AppResult>> Dialling::ask_subroutine() {
    Channel* callee = pbx_.channels->find(*winner_);
    if (callee == nullptr || callee->hangup_requested()) co_return std::nullopt;
    const auto parts = dialplan::split_arguments(options_.argument('U'), '^');
    std::string target = (parts.empty() ? std::string() : parts[0]) + ",s,1(";
    for (std::size_t i = 1; i < parts.size(); ++i) target += (i > 1 ? "," : "") + parts[i];
    co_await dialplan::run_gosub(*callee, target + ")");
    callee = pbx_.channels->find(*winner_);
    const std::string* result = callee != nullptr ? callee->variable("GOSUB_RESULT") : nullptr;
    if (result == nullptr || result->empty()) co_return std::nullopt;
    if (*result == "ABORT") {
        callee->end(Cause::normal_clearing);
        co_return AppResult::hang_up();
    }
    const bool refused = *result == "CONGESTION" || *result == "BUSY";
    if (!refused && *result != "CONTINUE" && !result->starts_with("GOTO:")) co_return std::nullopt;
    if (refused) caller_.set_variable("DIALSTATUS", *result);
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

Task<AppResult> Dialling::answered() {
    DialLeg winner = std::move(*leg_of(*winner_));
    std::erase_if(legs_, [this](const DialLeg& leg) { return leg.id == *winner_; });
    Channel* callee = pbx_.channels->find(*winner_);
    answered_ = pbx_.loop->now();
    caller_.set_cause(Cause::not_defined);  // what others were, busy perhaps, is over
    const Cause elsewhere = options_.has('Q') ? parse_cause(options_.argument('Q')).value_or(Cause::answered_elsewhere)
                                              : Cause::answered_elsewhere;
    if (winner.knew_identity) {
        co_await tell_caller(*callee);
        callee = pbx_.channels->find(*winner_);
    }
    cancel_all("CANCEL", elsewhere);
    stop_ringing();
    caller_.set_variable("DIALSTATUS", "ANSWER");
    caller_.set_variable("DIALEDPEERNAME", callee->name());
    caller_.set_variable("DIALEDPEERNUMBER", winner.dial_string);
    features::publish_dial_end(&caller_, *callee, "ANSWER");
    if (media_joined_) pbx_.media->disconnect(caller_.leg());

    if (options_.has('a')) answer(caller_);
    if (privacy_) {
        const auto refused = co_await screen(*callee);
        if (refused) co_return give_up(*refused);
    }
    callee = pbx_.channels->find(*winner_);
    if (callee != nullptr && options_.has('A')) co_await announce(*callee);
    callee = pbx_.channels->find(*winner_);
    if (callee != nullptr && options_.has('D')) {
        if (const auto digits = digits_option(0); !digits.empty()) co_await send_dtmf(*callee, digits);
        if (const auto digits = digits_option(1); !digits.empty()) co_await send_dtmf(caller_, digits);
    }
    if (options_.has('U')) {
        if (const auto over = co_await ask_subroutine()) co_return *over;
    }
    callee = pbx_.channels->find(*winner_);
    if (caller_.hangup_requested()) {
        if (callee != nullptr) callee->end(Cause::normal_clearing);
        co_return AppResult::hang_up();
    }
    if (callee == nullptr || callee->hangup_requested()) {
        if (callee != nullptr) answer(caller_);  // it was a call, if a short one
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

}  // namespace asterism::applications
