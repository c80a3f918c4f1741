// Dial: calls one or several destinations at once, and joins the caller with the first that answers.
#include "core/applications/dial.hpp"

#include <charconv>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/features/hangup_causes.hpp"
#include "asterism/features/pickup.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial_run.hpp"

namespace asterism::applications {

std::optional<long> leading_number(std::string_view text) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    return value;
}

void set_time(Channel& channel, const std::string& name, std::optional<TimePoint> since) {
    if (!since) return;
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(channel.pbx().loop->now() - *since).count();
    channel.set_variable(name, std::to_string(passed / 1000));
    channel.set_variable(name + "_MS", std::to_string(passed));
}

Dialling::Dialling(Channel& caller, const std::string& data)
    : caller_(caller),
      pbx_(caller.pbx()),
      args_(data, ',', 4),
      options_(args_[2]),
      box_(*pbx_.loop),
      watch_caller_(caller, box_, options_.has('d') || options_.has('H')) {}

std::string Dialling::gosub_text(char option) const {
    // b(ctx^exten^prio(arg1^arg2)): carets stand for the commas of Gosub.
    std::string text(options_.argument(option));
    for (char& c : text) {
        if (c == '^') c = ',';
    }
    return text;
}

/// D(called:calling:progress): digits to send.
std::string Dialling::digits_option(std::size_t index) const {
    const auto parts = dialplan::split_arguments(options_.argument('D'), ':');
    return index < parts.size() ? parts[index] : std::string();
}

DialLeg* Dialling::leg_of(ChannelId id) {
    for (auto& leg : legs_) {
        if (leg.id == id) return &leg;
    }
    return nullptr;
}

/// Whom the callee is shown, by the options o, f, u and s.
void Dialling::identify(Channel& callee, bool forwarded) {
    CallerParty party = callee.caller();
    if (!party.id.number.valid) {
        party.id = PartyId::of(caller_.caller().id.name.text, caller_.location().exten);
    }
    if (options_.has('o')) {
        party.id = options_.argument('o').empty() ? caller_.caller().id : parse_caller_id(options_.argument('o'));
    }
    if (options_.has('s')) party.id.tag = options_.argument('s');
    callee.set_caller(std::move(party));

    ConnectedParty connected = callee.connected();
    connected.id = caller_.caller().id;
    connected.ani = caller_.caller().ani;
    if (options_.has('f')) {
        if (!options_.argument('f').empty()) {
            connected.id = parse_caller_id(options_.argument('f'));
        } else if (forwarded) {
            // Some lines take no other number than the one that was called.
            connected.id = PartyId::of(caller_.caller().id.name.text, caller_.location().exten);
        }
        if (const auto shown = Presentation::parse(options_.argument('u'))) {
            connected.id.number.presentation = *shown;
            connected.id.name.presentation = *shown;
        }
    }
    callee.set_connected(std::move(connected));
}

void prepare_callee(Channel& caller, Channel& callee, const std::string& dial_string) {
    for (const auto& entry : caller.variables().inherited().all()) {
        callee.set_variable(std::string(static_cast<std::size_t>(entry.inheritance), '_') + entry.name, entry.value);
    }
    features::allow_pick_up(callee);
    callee.set_variable("DIALEDPEERNUMBER", dial_string);
    if (!caller.peer_account().empty())
        callee.set_account_code(caller.peer_account());
    else if (callee.account_code().empty())
        callee.set_account_code(caller.account_code());
    callee.set_peer_account(caller.account_code());
    if (callee.music_class().empty()) callee.set_music_class(caller.music_class());
    callee.set_location(caller.location());
    callee.set_application("AppDial", "(Outgoing Line)");
}

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
    request.formats = {caller_.driver().native_format()};
    request.language = caller_.language();
    const auto made = technology->request(request);
    if (!made) {
        log::warning("Unable to create channel of type '{}' (cause {} - {})", technology_name,
                     static_cast<int>(made.error()), cause_text(made.error()));
        caller_.set_cause(made.error());
        count(features::status_of(made.error()));
        if (features::status_of(made.error()) == DialStatus::no_answer) ++unavailable_;
        co_return;
    }
    Channel& callee = **made;
    // What a Local channel is called by is no identity: who answers behind it has one, and says so.
    const bool knew_identity = callee.caller().id.number.valid || technology->name() != "Local";
    legs_.push_back({callee.id(), data, Channel::Hold(callee), Observation(callee, box_, false), knew_identity});

    prepare_callee(caller_, callee, data);
    if (!forwarded_by.empty()) callee.set_variable("FORWARDERNAME", forwarded_by);
    identify(callee, !forwarded_by.empty());
    callee.set_dialed(caller_.dialed());
    callee.set_redirecting(caller_.redirecting());
    for (const char* group : {"OUTBOUND_GROUP", "OUTBOUND_GROUP_ONCE"}) {
        const std::string* name = caller_.variable(group);
        if (name != nullptr && !name->empty()) (void)dialplan::set_variable(pbx_, &callee, "GROUP()", *name);
    }

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

void Dialling::finish(DialLeg& leg, std::string_view status, Cause cause) {
    if (Channel* callee = pbx_.channels->find(leg.id)) {
        features::publish_dial_end(&caller_, *callee, status);
        if (callee->cause() == Cause::not_defined) callee->set_cause(cause);
        caller_.extra<features::HangupCauses>().set(callee->name(), callee->technology_cause(), callee->cause());
        callee->end(cause);
    }
    std::erase_if(legs_, [id = leg.id](const DialLeg& other) { return other.id == id; });
}

void Dialling::cancel_all(std::string_view status, Cause cause) {
    while (!legs_.empty()) finish(legs_.back(), status, cause);
}

AppResult Dialling::conclude(DialStatus status) {
    stop_ringing();
    if (media_joined_ && caller_.leg()) pbx_.media->disconnect(caller_.leg());
    set_time(caller_, "DIALEDTIME", begun_);
    status_ = status;
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
        status_ = DialStatus::invalid_args;
        caller_.set_variable("DIALSTATUS", "INVALIDARGS");
        co_return AppResult::go_on();
    }
    if (const auto refused = co_await introduce()) co_return conclude(*refused);
    begun_ = pbx_.loop->now();
    // timeout^progress: how long until the answer, and until there is early media.
    const auto time = [this](std::string_view text) {
        const auto seconds = leading_number(text);
        return seconds && *seconds > 0 ? std::optional(*begun_ + std::chrono::seconds(*seconds)) : std::nullopt;
    };
    const std::string_view times = args_[1];
    deadline_ = time(times);
    if (const auto caret = times.find('^'); caret != times.npos) progress_deadline_ = time(times.substr(caret + 1));
    if (options_.has('B')) {
        co_await dialplan::run_gosub(caller_, gosub_text('B'));
        if (caller_.hangup_requested()) co_return AppResult::hang_up();
    }
    co_await start_all();
    // One that is called alone is shown to the caller before it answers.
    if (legs_.size() == 1 && legs_[0].knew_identity) {
        if (Channel* callee = pbx_.channels->find(legs_[0].id)) co_await tell_caller(*callee);
    }
    // Set for one Dial only.
    if (caller_.variable("OUTBOUND_GROUP_ONCE") != nullptr) caller_.set_variable("OUTBOUND_GROUP_ONCE", "");
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

namespace {

Task<AppResult> dial(Channel& channel, std::string data) {
    // On the heap of this frame: the legs' observations point into it.
    Dialling dialling(channel, data);
    co_return co_await dialling.run();
}

/// RetryDial(announce,sleep,retries,dialargs): Dial again and again until somebody answers.
Task<AppResult> retry_dial(Channel& channel, std::string data) {
    const Arguments args(data, ',', 4);
    if (!args.has(3)) co_return requires_argument("RetryDial", "announce,sleep,retries,Technology/Resource...");
    auto pause = parse_time(args[1]);
    if (!pause || *pause == Duration::zero()) pause = std::chrono::seconds(10);
    const int asked = args.has(2) ? to_int(args[2]) : 1;
    const int retries = asked == 0 ? 1 : asked;  // below 0: for ever
    const dialplan::Arguments inner(args[3], ',', 4);
    const bool may_leave = dialplan::OptionLetters(inner[2]).has('d');
    if (channel.music_class().empty()) channel.set_music_class("default");
    for (int attempt = 0; retries < 0 || attempt <= retries; ++attempt) {
        DialStatus status = DialStatus::none;
        {
            Dialling dialling(channel, args[3]);
            const AppResult result = co_await dialling.run();
            status = dialling.status();
            if (result.over() || channel.interrupted()) co_return result;
        }
        if (status == DialStatus::answer || status == DialStatus::dont_call || status == DialStatus::invalid_args)
            break;
        if (attempt == retries) break;
        OpResult end;
        if (channel.up() && args.has(0)) end = co_await play(channel, {args[0]});
        if (channel.up() && !end.over()) start_music(channel, channel.music_class());
        if (!end.over()) end = co_await wait(channel, *pause, may_leave ? std::string(any_digit) : std::string());
        if (channel.up()) stop_music(channel);
        if (end.over()) co_return after(end);
        if (end.end == End::digit) {
            const std::string* context = channel.variable("EXITCONTEXT");
            const Location exit{context ? *context : channel.location().context, std::string(1, end.digit), 1};
            if (dialplan::exists(channel, exit)) {
                dialplan::go_to(channel, exit);
                break;
            }
        }
    }
    co_return AppResult::go_on();
}

}  // namespace

void add_dial(dialplan::Applications& applications) {
    applications.add(
        {.name = "Dial",
         .synopsis = "Calls one or several destinations and joins the caller with the first that answers",
         .syntax = "Dial(Technology/Resource[&Technology2/Resource2[&...]][,[timeout][^progress][,options[,URL]]])",
         .parameters = {{"Technology/Resource", "whom to call, several at once separated by &"},
                        {"timeout",
                         "seconds to let it ring (empty: for ever), then perhaps ^ and seconds until early media"},
                        {"A(x:y)", "play x to the callee and y to the caller before the call begins"},
                        {"a", "answer the caller as soon as the callee has"},
                        {"b(context^exten^priority)", "subroutine on each called channel before it is called"},
                        {"B(context^exten^priority)", "subroutine on the caller before anybody is called"},
                        {"c", "tell those that are given up that the call was answered elsewhere"},
                        {"d", "let the caller leave by a digit that is an extension of EXITCONTEXT"},
                        {"D(called:calling:progress:mf:mfwink:sf:sfwink)",
                         "digits to send when answered, and to the callee at progress, there also as MF and SF"},
                        {"e", "run the extension h on the callee in the end"},
                        {"f(x)", "caller id shown, x or (where the call is forwarded) the extension dialled"},
                        {"F(context^exten^priority)", "where the callee goes when the caller hangs up"},
                        {"g", "go on in the dialplan when the callee hangs up"},
                        {"G(context^exten^priority)", "when answered, caller to this priority and callee to the next"},
                        {"h, H", "the callee, the caller may hang up with *"},
                        {"i", "do not follow a forward of the callee"},
                        {"I", "do not tell the caller who answered"},
                        {"L(x:y:z)", "end after x ms, warn y ms before, and every z ms from then on"},
                        {"m(class)", "music instead of ringing"},
                        {"n(delete)", "with p and P: the caller's introduction is not kept"},
                        {"N", "with p and P: a caller with a number is not screened"},
                        {"o(x)", "caller id of the called channel: x, or the caller's"},
                        {"p", "screening: the callee hears who calls and chooses"},
                        {"P(x)", "privacy: as p, and the choice is kept in the database under x or the extension"},
                        {"Q(cause)", "hangup cause for those that did not answer first"},
                        {"r(tone), R", "tell the caller that it rings, at once; R: until there is early media"},
                        {"s(x)", "tag of the called channel's caller id"},
                        {"S(x)", "end the call after x seconds"},
                        {"t, T", "the callee, the caller may transfer"},
                        {"u(x)", "presentation of the caller id that f sets"},
                        {"U(x^arg)", "subroutine on the callee before the call begins"},
                        {"w, W, x, X, k, K", "the callee, the caller may record (one way, mixed), park"},
                        {"z", "a forward ends the timeout"}},
         .run = dial,
         .module = "app_dial"});
    applications.add({.name = "RetryDial",
                      .synopsis = "Dials again and again until somebody answers",
                      .syntax = "RetryDial(announce,sleep,retries,Technology/Resource[&...][,timeout[,options[,URL]]])",
                      .parameters = {{"announce", "prompt before each further attempt"},
                                     {"sleep", "seconds between two attempts; 10"},
                                     {"retries", "attempts after the first; below 0: for ever"},
                                     {"Technology/Resource", "and what follows: as Dial"}},
                      .run = retry_dial,
                      .module = "app_dial"});
}

}  // namespace asterism::applications
