// Who calls, who is called, and what they do.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/executor.hpp"
#include "core/simulator/simulation.hpp"

namespace asterism::simulator {

namespace {

std::string base_name(const std::string& channel) {
    const auto dash = channel.rfind('-');
    return dash == std::string::npos ? channel : channel.substr(0, dash);
}

std::pair<std::string, std::string> split_name(const std::string& name) {
    const auto slash = name.find('/');
    return {name.substr(0, slash), name.substr(slash + 1)};
}

}  // namespace

void Simulation::add_technologies() {
    // What dialplans dial, and what the scenario speaks of.
    std::set<std::string> names{"PJSIP", "SIP", "IAX2", "DAHDI", "AudioSocket", "WebSocket", "UnicastRTP"};
    for (const auto& one : scenario_.given.destinations) {
        if (one.name.find('/') != std::string::npos) names.insert(split_name(one.name).first);
    }
    for (const auto& call : scenario_.calls) names.insert(split_name(call.from).first);
    for (const auto& name : names) {
        if (!world_->technologies.find(name)) add_technology(name);
    }
}

void Simulation::add_technology(const std::string& name) {
    auto made = std::make_unique<ScriptedTechnology>(world_->pbx, name, "Parties of a scenario");
    made->takes_text = true;
    made->refuse = [this, name](const ChannelRequest& request) { return refuse(name + "/" + request.data, request); };
    made->on_request = [this, name](Channel& channel, const ChannelRequest& request) {
        const std::string whom = name + "/" + request.data;
        const Destination* found = destination(whom);
        if (found) behaviours_[channel.id()] = &found->calls[std::min(met_[whom]++, found->calls.size() - 1)];
    };
    made->on_told = [this](Channel& channel, const std::string& what) { told(channel, what); };
    made->on_state = [this, name](std::string_view device) { return state(name + "/" + std::string(device)); };
    made->on_transfer = [this](Channel& channel, std::string_view to) {
        note(channel.name(), "is transferred to " + std::string(to));
        channel.transferred(0);
        return true;
    };
    world_->own(std::move(made));
}

const Destination* Simulation::destination(const std::string& name) const {
    const auto& all = scenario_.given.destinations;
    const auto exact = std::ranges::find(all, name, &Destination::name);
    if (exact != all.end()) return &*exact;
    const auto pattern = std::ranges::find_if(all, [&](const Destination& d) { return like(d.name, name); });
    return pattern == all.end() ? nullptr : &*pattern;
}

std::optional<Cause> Simulation::refuse(const std::string& name, const ChannelRequest& request) {
    const Channel* requestor = world_->channels.find(request.requestor);
    const std::string who = requestor ? requestor->name() : std::string();
    if (requestor) {
        if (Story* of = story_of(requestor->linkedid())) of->called.push_back(name);
    }
    const Destination* found = destination(name);
    if (!found) {
        note(who, name + " is no destination of this scenario: unavailable");
        return Cause::no_route_destination;
    }
    const auto met = std::min(met_[name], found->calls.size() - 1);
    if (!found->calls[met].unavailable) return std::nullopt;
    ++met_[name];
    note(who, name + " is unavailable");
    return Cause::subscriber_absent;
}

std::string Simulation::state(const std::string& device) const {
    const Destination* found = destination(device);
    if (found && !found->state.empty()) return found->state;
    bool ringing = false, any = false;
    for (const ChannelId id : world_->channels.ids()) {
        const Channel* channel = world_->channels.find(id);
        if (!channel || base_name(channel->name()) != device) continue;
        any = true;
        ringing = ringing || channel->state() == ChannelState::ringing;
    }
    if (any) return ringing ? "RINGING" : "INUSE";
    const bool calls = std::ranges::any_of(scenario_.calls, [&](const Call& call) { return call.from == device; });
    if (!found && !calls) return "INVALID";
    return found && !found->calls.empty() && found->calls.front().unavailable ? "UNAVAILABLE" : "NOT_INUSE";
}

/// Told by the PBX what to tell its party.
void Simulation::told(Channel& channel, const std::string& what) {
    Story& of = story(channel.id());
    if (what == "call") {
        note(channel.name(), "is called");
        const auto found = behaviours_.find(channel.id());
        static const Behaviour silent;
        const Behaviour& behaviour = found == behaviours_.end() ? silent : *found->second;
        world_->loop.defer([this, id = channel.id(), &behaviour] { tasks_->spawn(receive(id, behaviour)); });
    } else if (what == "answer") {
        if (!of.answered) of.answered = now();
        note(channel.name(), "is answered");
    } else if (what.starts_with("hangup ")) {
        finish(channel);
    } else if (what.starts_with("text ")) {
        note(channel.name(), "reads \"" + what.substr(5) + "\"");
    } else if (what == "ringing" || what == "progress" || what == "busy" || what == "congestion") {
        note(channel.name(), "is told: " + what);
    } else if (what == "hold" || what == "unhold") {
        note(channel.name(), what == "hold" ? "is put on hold" : "is no longer on hold");
    }
}

Task<void> Simulation::call_in(const Call& call, std::size_t index) {
    if (call.at > Millis{0}) co_await sleep_for(world_->loop, call.at);
    --calls_to_come_;
    const auto [technology, who] = split_name(call.from);
    auto* phones = static_cast<ScriptedTechnology*>(world_->technologies.find(technology));
    ChannelSetup setup;
    setup.name = who;
    setup.state = ChannelState::ring;
    setup.location = {call.context, call.exten, 1};
    setup.language = call.language;
    if (!call.number.empty() || !call.name.empty())
        setup.caller.id = setup.caller.ani = PartyId::of(call.name, call.number);
    setup.dialed.number = call.exten;
    Channel& channel = phones->make(std::move(setup));
    const ChannelId id = channel.id();
    callers_[index] = id;
    std::string as;
    if (!call.number.empty()) as = " as " + (call.name.empty() ? call.number : call.name + " <" + call.number + ">");
    note(channel.name(), "calls " + call.exten + " in " + call.context + as);
    for (const auto& [name, value] : call.variables) dialplan::set_variable(world_->pbx, &channel, name, value);
    const auto& plan = world_->dialplan.plan();
    if (!plan->exists({.context = call.context,
                       .exten = call.exten,
                       .caller = call.number,
                       .now = world_->loop.clock().wall()})) {
        note(channel.name(), plan->context(call.context) ? "there is no " + call.exten + " in " + call.context
                                                         : "there is no context " + call.context);
        channel.end(Cause::unallocated);
        co_return;
    }
    world_->pbx.start_dialplan(channel);
    co_await perform(id, call.steps, world_->loop.now());
}

/// A destination that is called: what it does, one after the other, until it has answered or said no.
Task<void> Simulation::receive(ChannelId id, const Behaviour& behaviour) {
    enum class What { progress, ring, answer, busy, congestion, reject, forward };
    std::vector<std::pair<Millis, What>> todo;
    const auto add = [&](const std::optional<Millis>& time, What what) {
        if (time) todo.emplace_back(*time, what);
    };
    add(behaviour.progress, What::progress);
    add(behaviour.ring, What::ring);
    add(behaviour.answer, What::answer);
    add(behaviour.busy, What::busy);
    add(behaviour.congestion, What::congestion);
    add(behaviour.reject, What::reject);
    if (!behaviour.forward.empty()) todo.emplace_back(behaviour.ring.value_or(Millis{0}), What::forward);
    std::ranges::sort(todo);  // at one time: in the order of What
    const TimePoint began = world_->loop.now();
    for (const auto& [time, what] : todo) {
        if (const Duration left = began + time - world_->loop.now(); left > Duration::zero())
            co_await sleep_for(world_->loop, left);
        Channel* channel = world_->channels.find(id);
        if (!channel || channel->ended()) co_return;
        using Kind = ChannelSignal::Kind;
        switch (what) {
            case What::progress:
                note(channel->name(), "makes progress");
                channel->indicated(Kind::progress);
                break;
            case What::ring:
                note(channel->name(), "rings");
                channel->indicated(Kind::ringing);
                break;
            case What::answer:
                note(channel->name(), "answers");
                story(id).answered = now();
                channel->answered();
                co_await perform(id, behaviour.steps, world_->loop.now());
                co_return;
            case What::busy:
                note(channel->name(), "is busy");
                channel->party_hung_up(Cause::user_busy);
                co_return;
            case What::congestion:
                note(channel->name(), "says congestion");
                channel->party_hung_up(Cause::normal_circuit_congestion);
                co_return;
            case What::reject:
                note(channel->name(), fmt::format("rejects the call: {}", cause_text(behaviour.cause)));
                channel->party_hung_up(behaviour.cause);
                co_return;
            case What::forward:
                note(channel->name(), "sends the call on to " + behaviour.forward);
                channel->forwarded(behaviour.forward);
                break;
        }
    }
}

Task<void> Simulation::perform(ChannelId id, const std::vector<Step>& steps, TimePoint began) {
    Ear ear(world_->loop);
    struct Listening {
        std::vector<Ear*>& ears;
        Ear* own;
        Listening(std::vector<Ear*>& e, Ear* o) : ears(e), own(o) { ears.push_back(own); }
        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;
        ~Listening() { std::erase(ears, own); }
    } const listening(ears_[id], &ear);
    for (const Step& step : steps) {
        if (!step.press.empty() || !step.say.empty()) undone_.push_back(&step);
    }
    std::size_t heard = 0;  // of what was heard, so much has been waited for
    for (const Step& step : steps) {
        if (step.at) {
            if (const Duration left = began + *step.at - world_->loop.now(); left > Duration::zero())
                co_await sleep_for(world_->loop, left);
        }
        const bool whole = !step.after.empty();
        const std::string& prompt = whole ? step.after : step.during;
        while (!prompt.empty()) {
            const auto& all = story(id).heard;
            const auto found = std::find_if(all.begin() + static_cast<std::ptrdiff_t>(heard), all.end(),
                                            [&](const Heard& h) { return like(prompt, h.what); });
            if (found != all.end() && (found->end || !whole)) {
                heard = static_cast<std::size_t>(found - all.begin()) + 1;
                break;
            }
            if (story(id).ended) co_return;
            (void)co_await ear.next();
        }
        if (step.wait > Millis{0}) co_await sleep_for(world_->loop, step.wait);
        Channel* channel = world_->channels.find(id);
        if (!channel || channel->ended() || channel->hangup_requested()) co_return;
        std::erase(undone_, &step);
        if (step.press.empty())
            act(*channel, step);
        else
            co_await press(id, step.press);
    }
}

void Simulation::act(Channel& channel, const Step& step) {
    if (!step.say.empty()) {
        note(channel.name(), "says \"" + step.say + "\"");
        channel.party_text(step.say);
    } else if (step.hold) {
        note(channel.name(), *step.hold ? "puts the call on hold" : "takes the call back");
        channel.party_held(*step.hold);
    } else if (step.hang_up) {
        note(channel.name(), "hangs up");
        channel.party_hung_up(Cause::normal_clearing);
    }
}

Task<void> Simulation::press(ChannelId id, std::string digits) {
    constexpr Millis length{100}, gap{100};
    for (const char digit : digits) {
        if (digit == 'w' || digit == 'W') {
            co_await sleep_for(world_->loop, digit == 'w' ? Millis{500} : Millis{1000});
            continue;
        }
        Channel* channel = world_->channels.find(id);
        if (!channel || channel->ended()) co_return;
        note(channel->name(), fmt::format("presses {}", digit));
        world_->media.press(channel->leg(), digit, length);
        co_await sleep_for(world_->loop, length + gap);
    }
}

}  // namespace asterism::simulator
