#include "core/applications/follow_me_run.hpp"

#include <unistd.h>

#include <algorithm>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/features/party_updates.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial_run.hpp"

namespace asterism::applications {
namespace {

constexpr std::string_view name_format = "sln";
constexpr Duration longest_name = std::chrono::seconds(5), silence_after_name = std::chrono::seconds(3);

// What a callee has chosen, as the text of a signal.
constexpr std::string_view takes = "takes", declines = "declines", says_nothing = "nothing";

std::string gosub_of(std::string_view text) {
    std::string place(text);
    std::ranges::replace(place, '^', ',');
    return place;
}

}  // namespace

Following::Following(Channel& caller, const FollowMeProfile& profile, std::string_view options)
    : caller_(caller),
      pbx_(caller.pbx()),
      profile_(profile),
      options_(options),
      silent_(options_.has('N') && !caller.up()),
      box_(*pbx_.loop),
      watch_caller_(caller, box_, false) {}

Following::~Following() {
    if (recording_.empty()) return;
    pbx_.loop->blocking([path = recording_ + "." + std::string(name_format)] { (void)::unlink(path.c_str()); }, [] {});
}

Following::Leg* Following::leg_of(ChannelId id) {
    const auto found = std::ranges::find(legs_, id, &Leg::id);
    return found == legs_.end() ? nullptr : &*found;
}

Task<void> Following::record_name() {
    const std::string path = pbx_.settings->record_cache_dir + "/followme-" + caller_.uniqueid();
    const OpResult asked = co_await play(caller_, {"vm-rec-name"});
    if (asked.over()) co_return;
    RecordOptions how{.spec = {}, .stop_digits = std::string(any_digit), .beep = true};
    how.spec.path = path + "." + std::string(name_format);
    how.spec.format = name_format;
    how.spec.max_duration = std::chrono::duration_cast<media::Millis>(longest_name);
    how.spec.max_silence = std::chrono::duration_cast<media::Millis>(silence_after_name);
    const RecordResult done = co_await record(caller_, std::move(how));
    if (done.how.end == End::failed)
        log::warning("FollowMe: the caller's name cannot be recorded: {}", done.how.error);
    else
        recording_ = path;
}

Task<bool> Following::greet() {
    if (options_.has('B')) {
        co_await dialplan::run_gosub(caller_, gosub_of(options_.argument('B')));
        if (caller_.hangup_requested() || caller_.interrupted()) co_return false;
    }
    if (silent_) {
        indicate(caller_, Indication::ringing);
        co_return true;
    }
    answer(caller_);
    if (options_.has('s')) (void)co_await play(caller_, {profile_.status_prompt});
    if (options_.has('a') && !caller_.hangup_requested()) co_await record_name();
    if (!options_.has('d') && !caller_.hangup_requested()) (void)co_await play(caller_, {profile_.hold_prompt});
    co_return !caller_.hangup_requested() && !caller_.interrupted();
}

void Following::entertain(bool on) {
    if (silent_) return;
    if (on)
        start_music(caller_, profile_.music_class);
    else
        stop_music(caller_);
}

void Following::drop(ChannelId id, std::string_view status, Cause cause) {
    if (Channel* callee = pbx_.channels->find(id)) {
        if (!callee->up()) features::publish_dial_end(&caller_, *callee, status);
        callee->end(cause);
    }
    std::erase_if(legs_, [id](const Leg& leg) { return leg.id == id; });
}

void Following::drop_all(std::string_view status, Cause cause) {
    while (!legs_.empty()) drop(legs_.back().id, status, cause);
}

Task<void> Following::call(const std::string& number) {
    Technology* local = pbx_.technologies->find("Local");
    if (local == nullptr) co_return;
    ChannelRequest request;
    request.data = number.contains('@') ? number : number + "@" + profile_.context;
    if (options_.has('l')) request.data += "/n";
    request.requestor = caller_.id();
    request.formats = {caller_.driver().native_format()};
    request.language = caller_.language();
    const auto made = local->request(request);
    if (!made) {
        log::warning("FollowMe cannot call Local/{} (cause {})", request.data, static_cast<int>(made.error()));
        co_return;
    }
    Channel& callee = **made;
    const ChannelId id = callee.id();
    legs_.push_back({id, Channel::Hold(callee), Observation(callee, box_, false)});
    prepare_callee(caller_, callee, request.data);
    CallerParty party = callee.caller();
    party.id = PartyId::of(caller_.caller().id.name.text, caller_.location().exten);
    callee.set_caller(std::move(party));
    ConnectedParty connected = callee.connected();
    connected.id = caller_.caller().id;
    connected.ani = caller_.caller().ani;
    callee.set_connected(std::move(connected));
    callee.set_redirecting(caller_.redirecting());
    if (options_.has('b')) {
        co_await dialplan::run_gosub(callee, gosub_of(options_.argument('b')));
        if (pbx_.channels->find(id) == nullptr || caller_.hangup_requested()) co_return;
    }
    callee.driver().call();
    features::publish_dial_begin(&caller_, callee, request.data);
}

Task<void> Following::call_step(const FollowMeProfile::Step& step) {
    for (const auto& number : step.numbers) {
        co_await call(number);
        if (caller_.hangup_requested() || caller_.interrupted()) co_return;
    }
}

Task<void> Following::ask(Channel& callee) {
    Pbx& pbx = pbx_;
    const ChannelId id = callee.id();
    std::string choice;
    const std::string all = profile_.take_digits + profile_.decline_digits;
    std::vector<std::string> prompts = {recording_.empty() ? profile_.no_recording_prompt : profile_.call_from_prompt};
    if (!recording_.empty()) prompts.push_back(recording_);
    prompts.push_back(profile_.options_prompt);
    std::erase(prompts, std::string());
    // A code may have several digits: each one has its time.
    OpResult end = co_await play(callee, std::move(prompts), {.stop_digits = std::string(any_digit)});
    std::string_view chosen = says_nothing;
    for (;;) {
        if (end.end == End::digit) {
            choice += end.digit;
            if (choice.ends_with(profile_.take_digits)) chosen = takes;
            if (choice.ends_with(profile_.decline_digits)) chosen = declines;
            if (chosen != says_nothing || choice.size() > all.size()) break;
        } else if (end.end != End::done && end.end != End::failed) {
            break;
        }
        end = co_await wait_digit(callee, profile_.digit_timeout);
    }
    if (pbx.channels->find(id) == nullptr) co_return;
    if (chosen == takes && !profile_.connecting_prompt.empty()) {
        (void)co_await play(callee, {profile_.connecting_prompt});
    }
    box_.send({.channel = id, .kind = ChannelSignal::Kind::media, .text = std::string(chosen)});
}

Task<Following::Outcome> Following::wait(TimePoint until) {
    using Kind = ChannelSignal::Kind;
    for (;;) {
        if (caller_.hangup_requested() || caller_.interrupted()) co_return Outcome::caller_gone;
        reap(pbx_, legs_, [this](const Leg& leg, Cause cause) {
            drop(leg.id, features::to_string(features::status_of(cause)), cause);
        });
        for (auto& leg : legs_) {
            Channel* callee = pbx_.channels->find(leg.id);
            if (!callee->up() || leg.asked) continue;
            leg.asked = true;
            features::publish_dial_end(&caller_, *callee, "ANSWER");
            if (!profile_.asks_callee) {
                winner_ = leg.id;
                co_return Outcome::taken;
            }
            callee->tasks().spawn(ask(*callee));
        }
        if (legs_.empty()) co_return Outcome::unreachable;
        // Whoever is being asked may finish after the step's time.
        const bool asking = std::ranges::any_of(legs_, &Leg::asked);
        std::optional<ChannelSignal> signal;
        if (asking)
            signal = co_await box_.next();
        else
            signal = co_await box_.next_before(until);
        if (!signal) co_return Outcome::unreachable;
        if (leg_of(signal->channel) == nullptr) continue;
        Channel* callee = pbx_.channels->find(signal->channel);
        switch (signal->kind) {
            case Kind::busy: drop(signal->channel, "BUSY", Cause::user_busy); break;
            case Kind::congestion: drop(signal->channel, "CONGESTION", Cause::normal_circuit_congestion); break;
            case Kind::ringing:
                if (callee) features::publish_dial_state(&caller_, *callee, "RINGING");
                break;
            case Kind::media:
                if (signal->text == takes) {
                    winner_ = signal->channel;
                    co_return Outcome::taken;
                }
                if (signal->text == declines) co_return Outcome::declined;
                if (signal->text == says_nothing) drop(signal->channel, "NOANSWER", Cause::normal_clearing);
                break;
            default: break;
        }
    }
}

Task<Following::Outcome> Following::follow() {
    for (const auto& step : profile_.steps) {
        co_await call_step(step);
        const Outcome outcome = co_await wait(pbx_.loop->now() + step.timeout);
        if (outcome == Outcome::taken) {
            const Leg* winner = leg_of(*winner_);
            for (std::size_t i = 0; i < legs_.size();) {
                if (&legs_[i] == winner) {
                    ++i;
                    continue;
                }
                drop(legs_[i].id, "CANCEL", Cause::answered_elsewhere);
                winner = leg_of(*winner_);
            }
            co_return outcome;
        }
        drop_all(outcome == Outcome::unreachable ? "NOANSWER" : "CANCEL",
                 outcome == Outcome::unreachable ? Cause::no_answer : Cause::normal_clearing);
        if (outcome != Outcome::unreachable) co_return outcome;
    }
    co_return Outcome::unreachable;
}

Task<AppResult> Following::join() {
    answer(caller_);
    Leg winner = std::move(legs_.front());
    legs_.clear();
    Channel* callee = pbx_.channels->find(winner.id);
    if (callee == nullptr || callee->hangup_requested()) {
        if (callee != nullptr) callee->end();
        co_return AppResult::hang_up();
    }
    if (!options_.has('I') && callee->caller().id.number.valid && caller_.connected().id != callee->caller().id) {
        ConnectedParty connected = caller_.connected();
        connected.id = callee->caller().id;
        co_await features::tell_connected(caller_, std::move(connected));
        callee = pbx_.channels->find(winner.id);
        if (callee == nullptr) co_return AppResult::hang_up();
    }
    caller_.set_variable("DIALEDPEERNAME", callee->name());
    winner.watch.end();
    watch_caller_.end();
    const auto end = co_await features::bridge_call(caller_, winner.id, std::move(winner.hold), {});
    if (end == features::CallEnd::caller_taken) co_return AppResult::go_on();
    co_return AppResult::hang_up();
}

Task<AppResult> Following::give_up() {
    if (silent_ || options_.has('n')) {
        answer(caller_);
        (void)co_await play(caller_, {profile_.sorry_prompt});
    }
    co_return caller_.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

Task<AppResult> Following::run() {
    if (!co_await greet()) co_return caller_.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
    entertain(true);
    const Outcome outcome = co_await follow();
    if (!caller_.ended()) entertain(false);
    if (outcome == Outcome::taken) co_return co_await join();
    drop_all("CANCEL", Cause::normal_clearing);
    if (outcome == Outcome::caller_gone) {
        co_return caller_.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
    }
    co_return co_await give_up();
}

namespace {

Task<AppResult> follow_me(Channel& channel, std::string data, FollowMeSource source) {
    const Arguments args(data, ',', 2);
    if (!args.has(0)) co_return requires_argument("FollowMe", "followmeid");
    const auto profiles = *source;  // a reload takes it away from nobody
    const auto found = profiles->find(args[0]);
    if (found == profiles->end()) {
        log::warning("FollowMe: there is no profile '{}' in followme.conf", args[0]);
        co_return AppResult::go_on();
    }
    Following following(channel, found->second, args[1]);
    co_return co_await following.run();
}

}  // namespace

void add_follow_me(dialplan::Applications& all, FollowMeSource profiles) {
    all.add({.name = "FollowMe",
             .synopsis = "Calls the numbers of a profile of followme.conf step by step until one takes the call",
             .syntax = "FollowMe(followmeid[,options])",
             .parameters = {{"followmeid", "name of the profile"},
                            {"a", "record the caller's name for those who are called"},
                            {"B(context^exten^priority)", "subroutine on the caller before anybody is called"},
                            {"b(context^exten^priority)", "subroutine on each called channel before it is called"},
                            {"d", "do not ask the caller to wait"},
                            {"I", "do not tell the caller who answered"},
                            {"l", "keep the Local channels in the call"},
                            {"N", "ring until somebody takes the call, and answer only then; implies n"},
                            {"n", "tell the caller when nobody is reachable"},
                            {"s", "tell the caller beforehand that the party is not at its desk"}},
             .run = [profiles](Channel& channel,
                               std::string data) { return follow_me(channel, std::move(data), profiles); },
             .module = "app_followme"});
}

}  // namespace asterism::applications
