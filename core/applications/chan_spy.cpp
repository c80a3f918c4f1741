// ChanSpy and ExtenSpy: hear a call that others have, and speak into it.
#include <algorithm>
#include <array>
#include <cmath>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/events/events.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/say.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

using Kind = ChannelSignal::Kind;

/// On a channel that spies: it is not spied upon itself.
struct Spying : ChannelExtra {
    int depth = 0;
};

enum class Mode : std::uint8_t { listen, whisper, barge, private_whisper };

struct Wanted {
    std::string prefix;          ///< of the channel's name, or with option u its name or unique id
    std::string exten, context;  ///< ExtenSpy: where the channel is
};

void publish(Channel& spy, const ChannelShot& spied, const char* name) {
    Pbx& pbx = spy.pbx();
    if (!pbx.bus->wanted(EventKind::generic)) return;
    GenericEvent event;
    event.name = name;
    event.event_class = "call";
    event.channels = {{"Spyer", spy.snapshot()}, {"Spyee", spied}};
    pbx.bus->publish(std::move(event));
}

/// One run of ChanSpy, in the coroutine on the spy's channel.
class Spy {
  public:
    Spy(Channel& channel, Wanted wanted, std::string_view options)
        : channel_(channel),
          pbx_(channel.pbx()),
          wanted_(std::move(wanted)),
          options_(options),
          box_(*pbx_.loop),
          watch_(channel, box_) {
        if (options_.has('B'))
            mode_ = Mode::barge;
        else if (options_.has('W'))
            mode_ = Mode::private_whisper;
        else if (options_.has('w'))
            mode_ = Mode::whisper;
        if (options_.has('v')) volume_ = std::clamp(to_int(options_.argument('v')), -4, 4);
        if (!options_.argument('c').empty()) next_digit_ = options_.argument('c').front();
        if (!options_.argument('x').empty()) exit_digit_ = options_.argument('x').front();
        ++channel_.extra<Spying>().depth;
    }
    Spy(const Spy&) = delete;
    Spy& operator=(const Spy&) = delete;
    ~Spy() { --channel_.extra<Spying>().depth; }

    Task<AppResult> run();

  private:
    enum class Step : std::uint8_t { next, leave, chosen };
    Task<Step> spy_on(ChannelId id);
    Task<Step> idle(Duration time);
    Task<void> announce(ChannelId id);
    Step digit(char digit);
    bool leave_by(char digit);
    [[nodiscard]] std::vector<ChannelId> candidates() const;
    [[nodiscard]] bool matches(Channel& channel) const;
    [[nodiscard]] bool listed(const Channel& channel) const;
    [[nodiscard]] bool over() const {
        return channel_.ended() || channel_.hangup_requested() || channel_.interrupted();
    }
    [[nodiscard]] media::TapOptions tap_options() const;
    void set_volume();
    void record();

    Channel& channel_;
    Pbx& pbx_;
    const Wanted wanted_;
    const OptionLetters options_;
    Mailbox<ChannelSignal> box_;
    Observation watch_;
    Mode mode_ = Mode::listen;
    int volume_ = 0;
    char next_digit_ = '*', exit_digit_ = 0;
    std::string typed_;   // digits before a #, to name a channel
    std::string chosen_;  // by typed_
    media::LegId tap_;
    media::OpId recording_;
    unsigned recorded_ = 0;
};

media::TapOptions Spy::tap_options() const {
    media::TapOptions tap;
    tap.spy_in = mode_ != Mode::private_whisper;
    tap.spy_out = tap.spy_in && !options_.has('o');
    tap.whisper_out = mode_ != Mode::listen;
    tap.whisper_in = mode_ == Mode::barge;
    return tap;
}

void Spy::set_volume() { pbx_.media->gain(tap_, media::Side::in, std::exp2(volume_)); }

bool Spy::listed(const Channel& channel) const {
    if (!options_.has('e')) return true;
    const auto& name = channel.name();
    const auto device = functions::lower(std::string_view(name).substr(0, name.rfind('-')));
    const auto list = functions::lower(options_.argument('e'));
    return std::ranges::any_of(functions::split(list, ':'), [&](std::string_view one) { return one == device; });
}

bool Spy::matches(Channel& channel) const {
    if (channel.id() == channel_.id() || channel.ended() || !channel.up() || !channel.leg()) return false;
    const auto* spying = channel.find_extra<Spying>();
    if (spying && spying->depth > 0) return false;
    if (options_.has('b') && !channel.bridge()) return false;
    if (!wanted_.exten.empty()) {
        if (channel.location().exten != wanted_.exten || channel.location().context != wanted_.context) return false;
    } else if (options_.has('u')) {
        if (wanted_.prefix != channel.uniqueid() &&
            functions::lower(wanted_.prefix) != functions::lower(channel.name()))
            return false;
    } else if (!functions::lower(channel.name()).starts_with(functions::lower(wanted_.prefix + chosen_))) {
        return false;
    }
    if (options_.has('g')) {
        const auto* group = channel.variable("SPYGROUP");
        const auto groups = functions::split(options_.argument('g'), ':');
        if (!group || std::ranges::none_of(functions::split(*group, ':'), [&](std::string_view one) {
                return std::ranges::find(groups, one) != groups.end();
            }))
            return false;
    }
    return listed(channel);
}

/// The newest first: whoever spies on a prefix most often means the call that just began. Who is to speak to both
/// parties of a call is better placed in the bridge between them.
std::vector<ChannelId> Spy::candidates() const {
    auto ids = pbx_.channels->ids();
    std::erase_if(ids, [this](ChannelId id) {
        auto* channel = pbx_.channels->find(id);
        return !channel || !matches(*channel);
    });
    std::ranges::reverse(ids);
    if (mode_ != Mode::barge) return ids;
    std::vector<ChannelId> bridged, others;
    for (const auto id : ids) (pbx_.channels->find(id)->bridge() ? bridged : others).push_back(id);
    bridged.insert(bridged.end(), others.begin(), others.end());
    return bridged;
}

/// The technology and the number, as far as there are prompts.
Task<void> Spy::announce(ChannelId id) {
    const auto* target = pbx_.channels->find(id);
    if (!target) co_return;
    const auto slash = target->name().find('/');
    std::vector<std::string> names;
    if (!options_.has('s')) {
        const auto technology = functions::lower(target->technology());
        names.push_back("spy-" + (technology == "pjsip" ? "sip" : technology));
    }
    const auto device = std::string_view(target->name()).substr(slash + 1);
    for (auto& prompt : functions::say_digits(device.substr(0, device.find_first_of("-@")))) names.push_back(prompt);
    for (auto& name : names) {
        const auto end = co_await play(channel_, {std::move(name)});
        if (end.over()) co_return;
    }
}

bool Spy::leave_by(char digit) {
    const auto* context = channel_.variable("SPY_EXIT_CONTEXT");
    const Location where{context ? *context : channel_.location().context, std::string(1, digit), 1};
    if (!dialplan::exists(channel_, where)) return false;
    dialplan::go_to(channel_, where);
    return true;
}

Spy::Step Spy::digit(char digit) {
    if (digit == exit_digit_) return Step::leave;
    if (options_.has('X') && digit != '*' && digit != '#' && leave_by(digit)) return Step::leave;
    if (options_.has('d') && digit >= '4' && digit <= '6') {
        mode_ = digit == '4' ? Mode::listen : digit == '5' ? Mode::whisper : Mode::barge;
        if (tap_) pbx_.media->set_tap(tap_, tap_options());
        return Step::chosen;
    }
    if (digit == next_digit_) {
        typed_.clear();
        return Step::next;
    }
    if (digit != '#') {
        if (typed_.size() < 64) typed_ += digit;
        return Step::chosen;
    }
    if (!typed_.empty()) {
        chosen_ = std::exchange(typed_, {});
        return Step::next;
    }
    volume_ = volume_ >= 4 ? -4 : volume_ + 1;
    if (tap_) set_volume();
    return Step::chosen;
}

void Spy::record() {
    if (!options_.has('r')) return;
    std::string base(options_.argument('r'));
    if (base.empty()) base = "chanspy";
    media::RecordSpec spec;
    spec.path =
        pbx_.settings->monitor_dir() + "/" + base + "." + std::to_string(++recorded_) + "." +
        std::to_string(
            std::chrono::duration_cast<std::chrono::seconds>(pbx_.loop->clock().wall().time_since_epoch()).count()) +
        ".raw";
    recording_ = pbx_.media->record(tap_, spec, [path = spec.path](const media::OpEnd& end) {
        if (end.why == media::OpEnd::Why::failed) log::warning("ChanSpy recording to {}: {}", path, end.error);
    });
}

Task<Spy::Step> Spy::spy_on(ChannelId id) {
    auto* target = pbx_.channels->find(id);
    if (!target || !matches(*target)) co_return Step::next;
    auto shot = target->snapshot();
    Observation watch_target(*target, box_, false);
    tap_ = pbx_.media->open_tap(target->leg(), tap_options(), [](media::LegId, const media::LegEvent&) {});
    struct Close {
        Spy& spy;
        ~Close() { spy.pbx_.media->close(std::exchange(spy.tap_, {})); }
    } const close{*this};
    set_volume();
    pbx_.media->connect(channel_.leg(), tap_);
    record();
    publish(channel_, shot, "ChanSpyStart");
    Step step = Step::next;
    for (;;) {
        if (over()) {
            step = Step::leave;
            break;
        }
        const auto signal = co_await box_.next();
        if (signal.channel == id) {
            if (auto* still = pbx_.channels->find(id)) shot = still->snapshot();
            if (signal.kind == Kind::ended || !pbx_.channels->find(id)) {
                step = options_.has('E') ? Step::leave : Step::next;
                break;
            }
            continue;
        }
        if (signal.kind != Kind::digit) continue;
        step = digit(signal.digit);
        if (step != Step::chosen) break;
    }
    publish(channel_, shot, "ChanSpyStop");
    co_return step;
}

/// Between two looks for channels.
Task<Spy::Step> Spy::idle(Duration time) {
    const auto until = pbx_.loop->now() + time;
    for (;;) {
        if (over()) co_return Step::leave;
        const auto signal = co_await box_.next_before(until);
        if (!signal) co_return Step::next;
        if (signal->kind != Kind::digit || signal->channel != channel_.id()) continue;
        const auto step = digit(signal->digit);
        if (step != Step::chosen) co_return step;
    }
}

Task<AppResult> Spy::run() {
    Duration pause = std::chrono::milliseconds(100);
    for (;;) {
        if (!options_.has('q')) {
            const auto beep = co_await play(channel_, {"beep"});
            if (beep.over()) co_return after(beep);
        }
        if (co_await idle(pause) == Step::leave) break;
        const auto found = candidates();
        for (const auto id : found) {
            if (!options_.has('q')) co_await announce(id);
            const auto step = co_await spy_on(id);
            if (step == Step::leave) co_return channel_.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
            if (!chosen_.empty()) break;
        }
        if (found.empty() && chosen_.empty() && options_.has('S')) break;
        if (!chosen_.empty() && candidates().empty()) chosen_.clear();
        // With nobody to hear, asking ten times a second would help nobody.
        pause = found.empty() ? std::chrono::milliseconds(5000) : std::chrono::milliseconds(100);
    }
    co_return channel_.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

Task<AppResult> spy(Channel& channel, Wanted wanted, std::string options) {
    if (!OptionLetters(options).has('N')) answer(channel);
    if (!channel.leg()) co_return AppResult::go_on();
    Spy spying(channel, std::move(wanted), options);
    co_return co_await spying.run();
}

Task<AppResult> chan_spy(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    Wanted wanted;
    if (args[0] != "all") wanted.prefix = args[0];
    co_return co_await spy(channel, std::move(wanted), args[1]);
}

Task<AppResult> exten_spy(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    if (!args.has(0)) co_return requires_argument("ExtenSpy", "exten@context");
    Wanted wanted;
    const auto at = args[0].find('@');
    wanted.exten = args[0].substr(0, at);
    wanted.context = at == std::string::npos ? channel.location().context : args[0].substr(at + 1);
    co_return co_await spy(channel, std::move(wanted), args[1]);
}

}  // namespace

void add_spy_applications(dialplan::Applications& all) {
    const dialplan::Parameter options{
        "options",
        "b: only channels in a bridge; B: barge; c(d): digit for the next channel instead of *; d: 4 hears, 5 "
        "whispers, "
        "6 barges; e(tech/dev:...): only these; E: ends with the channel; g(a:b): SPYGROUP; N: does not answer; o: "
        "only "
        "what the party says; q: quiet; r(name): record; s: no technology in announcements; S: ends when there is no "
        "(other) channel; u: chanprefix is a whole name or unique id; v(x): volume -4 to 4; w: whisper; W: whisper "
        "without hearing; x(d): digit that ends it; X: a digit that is an extension of SPY_EXIT_CONTEXT ends it"};
    all.add({.name = "ChanSpy",
             .synopsis = "listen to a channel, and whisper to it",
             .syntax = "ChanSpy([chanprefix[,options]])",
             .parameters = {{"chanprefix",
                             "how the channel's name begins; nothing: any. * goes to the next channel, # "
                             "changes the volume, digits and # name a channel"},
                            options},
             .run = chan_spy,
             .module = "app_chanspy"});
    all.add({.name = "ExtenSpy",
             .synopsis = "listen to a channel that is at an extension",
             .syntax = "ExtenSpy(exten[@context][,options])",
             .parameters = {{"exten", "and its context; nothing: this one's"}, options},
             .run = exten_spy,
             .module = "app_chanspy"});
}

}  // namespace asterism::applications
