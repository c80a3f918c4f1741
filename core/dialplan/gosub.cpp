#include "asterism/dialplan/gosub.hpp"

#include <algorithm>

#include "asterism/dialplan/raw_arguments.hpp"
#include "asterism/events/events.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "core/dialplan/running.hpp"

namespace asterism::dialplan {
namespace {

/// As Asterisk shows a variable of a frame: VarSet LOCAL(ARG1).
void set_quietly_named(Channel& channel, std::string_view name, std::string_view value) {
    channel.variables().set(name, value);
    Bus& bus = *channel.pbx().bus;
    if (!bus.wanted(EventKind::channel_variable)) return;
    ChannelVariable event;
    event.channel = channel.snapshot();
    event.name = "LOCAL(" + std::string(name) + ")";
    event.value = value;
    bus.publish(std::move(event));
}

}  // namespace

void GosubStack::hide(Channel& channel, Frame& frame, std::string_view name) {
    name = Variables::bare(name);
    if (std::ranges::any_of(frame.hidden, [&](const Saved& saved) { return saved.name == name; })) return;
    Saved saved{.name = std::string(name), .value = std::nullopt};
    if (const std::string* value = channel.variable(name)) saved.value = *value;
    frame.hidden.push_back(std::move(saved));
}

bool GosubStack::push(Channel& channel, Location return_to, const std::vector<std::string>& arguments) {
    if (frames_.size() >= max_frames) {
        log::error("{}: subroutines nested deeper than {}", channel.name(), max_frames);
        return false;
    }
    // The caller's arguments beyond this frame's own must not show through.
    std::size_t outer = 0;
    for (const auto& frame : frames_) outer = std::max(outer, frame.argument_count);
    Frame& frame = frames_.emplace_back(
        Frame{.return_to = std::move(return_to), .hidden = {}, .argument_count = arguments.size()});
    for (std::size_t i = 0; i < std::max(outer, arguments.size()); ++i) {
        const std::string name = "ARG" + std::to_string(i + 1);
        hide(channel, frame, name);
        set_quietly_named(channel, name, i < arguments.size() ? std::string_view(arguments[i]) : std::string_view());
    }
    hide(channel, frame, "ARGC");
    set_quietly_named(channel, "ARGC", std::to_string(arguments.size()));
    return true;
}

std::optional<Location> GosubStack::pop(Channel& channel, std::string_view return_value) {
    if (frames_.empty()) return std::nullopt;
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    for (auto& saved : frame.hidden) {
        if (saved.value)
            channel.variables().set(saved.name, *saved.value);
        else
            channel.variables().unset(saved.name);
    }
    channel.set_variable("GOSUB_RETVAL", return_value);
    return std::move(frame.return_to);
}

bool GosubStack::set_local(Channel& channel, std::string_view name, std::string_view value) {
    if (frames_.empty()) return false;
    hide(channel, frames_.back(), name);
    set_quietly_named(channel, name, value);
    return true;
}

const Location* GosubStack::return_place(std::size_t n) const {
    return n < frames_.size() ? &frames_[frames_.size() - 1 - n].return_to : nullptr;
}

std::optional<std::string> GosubStack::peek(Channel& channel, std::size_t n, std::string_view name) const {
    if (n > frames_.size()) return std::nullopt;
    std::optional<std::string> value;
    if (const std::string* now = channel.variable(name)) value = *now;
    for (std::size_t i = 0; i < n; ++i) {
        for (const auto& saved : frames_[frames_.size() - 1 - i].hidden) {
            if (saved.name == name) value = saved.value;
        }
    }
    return value;
}

void GosubStack::clear(Channel& channel) {
    while (!frames_.empty()) (void)pop(channel, {});
}

GosubTarget parse_gosub(std::string_view text) {
    GosubTarget target;
    const std::size_t open = text.find('(');
    target.place = std::string(text.substr(0, open));
    if (open == std::string_view::npos) return target;
    const std::size_t close = text.rfind(')');
    const bool closed = close != std::string_view::npos && close > open;
    target.arguments = split_raw(text.substr(open + 1, closed ? close - open - 1 : std::string_view::npos));
    return target;
}

Task<bool> run_gosub(Channel& channel, std::string text) {
    const GosubTarget target = parse_gosub(text);
    auto where = parse_location(channel, target.place);
    if (!where || !exists(channel, *where)) {
        log::warning("{}: no subroutine at '{}'", channel.name(), target.place);
        co_return false;
    }
    auto& stack = channel.extra<GosubStack>();
    auto& running = channel.extra<Running>();
    const std::size_t floor = stack.depth();
    const Location back = channel.location();
    const std::string application = channel.application(), data = channel.application_data();
    auto jump = std::move(running.jump);
    if (!stack.push(channel, back, target.arguments)) co_return false;
    channel.set_location(std::move(*where));
    const Stop stop = co_await run_priorities(channel, floor);
    const bool returned = stop.why == Stop::Why::returned;
    if (!returned) {
        log::debug(1, "{}: the subroutine '{}' ended without Return", channel.name(), target.place);
        while (stack.depth() > floor) (void)stack.pop(channel, {});
    }
    channel.set_location(back);
    if (!channel.ended()) channel.set_application(application, data, false);  // what called it goes on
    running.jump = std::move(jump);
    co_return returned;
}

}  // namespace asterism::dialplan
