// Actions on one channel: variables, hangup, redirect, text, mute, timeouts.
#include <charconv>

#include "asterism/applications/text_messages.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/evaluate_later.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/runtime/regex.hpp"
#include "asterism/runtime/whole.hpp"
#include "core.hpp"
#include "find.hpp"

namespace asterism::ami {

namespace {

const dialplan::Function* function_named(Exchange& x, std::string_view name) {
    auto parsed = dialplan::parse_function_name(name);
    return parsed && x.pbx().functions ? x.pbx().functions->find(parsed->name) : nullptr;
}

bool live_dangerously(Exchange& x) { return x.pbx().settings && x.pbx().settings->live_dangerously; }

Task<void> getvar(Exchange& x) {
    std::string name(x.get("Variable"));
    if (name.empty()) {
        x.error("No variable specified");
        co_return;
    }
    const auto* function = function_named(x, name);
    if (function && function->dangerous_read && !x.session().may(cls::system)) {
        x.error("Getvar Access Forbidden: Variable");
        co_return;
    }
    auto* channel = find_channel(x.pbx(), x.get("Channel"));
    if (!channel && !x.get("Channel").empty()) {
        x.error("No such channel");
        co_return;
    }
    std::optional<std::string> value;
    if (function && function->dangerous_read && !live_dangerously(x)) {
        // As a function that failed: empty.
    } else {
        value = co_await dialplan::get_variable_later(x.pbx(), channel, name);
    }
    x.reply().header("Variable", name).header("Value", value.value_or("")).end();
}

Task<void> setvar(Exchange& x) {
    const std::string name(x.get("Variable"));
    if (name.empty()) {
        x.error("No variable specified");
        co_return;
    }
    const auto* function = function_named(x, name);
    const bool dangerous = function && function->dangerous_write;
    if (dangerous && !x.session().may(cls::system)) {
        x.error("Setvar Access Forbidden: Variable");
        co_return;
    }
    auto* channel = find_channel(x.pbx(), x.get("Channel"));
    if (!channel && !x.get("Channel").empty()) {
        x.error("No such channel");
        co_return;
    }
    const bool allowed = !dangerous || live_dangerously(x);
    if (allowed && co_await dialplan::set_variable_later(x.pbx(), channel, name, std::string(x.get("Value")))) {
        x.success("Variable Set");
    } else {
        x.error("Variable not set");
    }
}

void hangup(Exchange& x) {
    auto wanted = x.get("Channel");
    if (wanted.empty()) return x.error("No channel specified");
    auto cause = parse_cause(x.get("Cause")).value_or(Cause::normal_clearing);
    auto& channels = *x.pbx().channels;
    if (wanted.front() != '/') {
        auto* channel = find_channel(x.pbx(), wanted);
        if (!channel) return x.error("No such channel");
        x.success("Channel Hungup");
        return hang_up(*channel, cause, {});
    }
    auto close = wanted.rfind('/');
    if (close == 0) return x.error("Invalid regex pattern");
    const Regex regex(std::string(wanted.substr(1, close - 1)));
    if (!regex.good()) return x.error("Regex compile error");
    std::vector<ChannelId> doomed;
    x.list("Channels hung up will follow");
    for (auto id : channels.ids()) {
        auto* channel = channels.find(id);
        if (!channel || !regex.matches(channel->name())) continue;
        doomed.push_back(id);
        auto item = x.item("ChannelHungup", true);
        item.header("Channel", channel->name());
        x.id();
        item.end();
    }
    x.complete("ChannelsHungupListComplete", doomed.size()).end();
    for (auto id : doomed) {
        if (auto* channel = channels.find(id)) hang_up(*channel, cause, {});
    }
}

/// A priority by number, or by a label of that extension.
std::optional<int> priority_of(Pbx& pbx, Channel* channel, std::string_view context, std::string_view exten,
                               std::string_view text) {
    if (const auto number = parse_whole<int>(text)) return *number > 0 ? number : std::nullopt;
    if (!pbx.dialplan || text.empty()) return std::nullopt;
    dialplan::Plan::Query query{context, exten, channel ? channel->caller().id.number.text : std::string_view(),
                                pbx.loop->clock().wall()};
    auto found = pbx.dialplan->plan()->find_label(query, text);
    return found ? std::optional(found.priority->number) : std::nullopt;
}

void redirect(Exchange& x) {
    auto name = x.get("Channel"), other = x.get("ExtraChannel");
    if (name.empty()) return x.error("Channel not specified");
    auto* channel = find_channel(x.pbx(), name);
    auto context = x.get("Context"), exten = x.get("Exten");
    auto priority = priority_of(x.pbx(), channel, context, exten, x.get("Priority"));
    if (!priority) return x.error("Priority is invalid");
    std::string_view extra_context = context, extra_exten = exten;
    auto extra_priority = priority;
    if (!other.empty() && (x.request().has("ExtraContext") || x.request().has("ExtraExten"))) {
        extra_context = x.get("ExtraContext");
        extra_exten = x.get("ExtraExten");
        extra_priority =
            priority_of(x.pbx(), find_channel(x.pbx(), other), extra_context, extra_exten, x.get("ExtraPriority"));
        if (!extra_priority) return x.error("ExtraPriority is invalid");
    }
    if (!channel) return x.error(fmt::format("Channel does not exist: {}", name));
    Channel* second = nullptr;
    if (!other.empty()) {
        second = find_channel(x.pbx(), other);
        if (!second) return x.error(fmt::format("ExtraChannel does not exist: {}", other));
        if (second == channel) return x.error("Can't use same channel for Channel and ExtraChannel");
    }
    if (channel->hangup_requested() || (second && second->hangup_requested())) {
        return x.error("Redirect failed, channel not up.");
    }
    auto second_id = second ? second->id() : ChannelId();
    channel->redirect({std::string(context), std::string(exten), *priority});
    if (auto* still = second_id ? x.pbx().channels->find(second_id) : nullptr) {
        still->redirect({std::string(extra_context), std::string(extra_exten), *extra_priority});
    }
    x.success(second ? "Dual Redirect successful" : "Redirect successful");
}

void send_text(Exchange& x) {
    auto name = x.get("Channel");
    if (name.empty()) return x.error("No channel specified");
    if (!x.request().has("Message")) return x.error("No Message specified");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error("No such channel");
    auto type = x.get("Content-Type");
    // Asterisk says Success also for a technology that has no texts.
    (void)channel->driver().send_text(x.get("Message"), type.empty() ? "text/plain" : type);
    x.success("Success");
}

void message_send(Exchange& x) {
    using applications::MessageSent;
    const auto destination = x.get("Destination"), to = destination.empty() ? x.get("To") : destination;
    if (to.empty()) return x.error("No 'To' address specified.");
    std::string body(x.get("Body"));
    if (const auto encoded = x.get("Base64Body"); !encoded.empty()) body = functions::base64_decode(encoded);
    const auto receiver = destination.empty() ? std::string_view() : x.get("To");
    switch (applications::send_message(x.pbx(), to, x.get("From"), body, {}, receiver)) {
        case MessageSent::success: return x.success("Message successfully sent");
        case MessageSent::failure: return x.error("Message failed to send.");
        default: return x.error("Message technology not found.");
    }
}

void mute_audio(Exchange& x) {
    auto name = x.get("Channel"), direction = x.get("Direction"), state = x.get("State");
    if (name.empty()) return x.error("Channel not specified");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error("No such channel");
    if (!same_name(direction, "in") && !same_name(direction, "out") && !same_name(direction, "all")) {
        return x.error("Direction not specified");
    }
    auto side = same_name(direction, "in")    ? media::Side::in
                : same_name(direction, "out") ? media::Side::out
                                              : media::Side::both;
    if (x.pbx().media) x.pbx().media->mute(channel->leg(), side, says_yes(state));
    x.reply().end();
}

void absolute_timeout(Exchange& x) {
    auto name = x.get("Channel"), text = x.get("Timeout");
    if (name.empty()) return x.error("No channel specified");
    double seconds = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || seconds < 0) return x.error("No timeout specified");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error("No such channel");
    std::optional<Duration> time;
    if (seconds > 0) time = from_seconds(seconds);
    dialplan::set_absolute_timeout(*channel, time);
    x.success("Timeout Set");
}

void local_optimize_away(Exchange& x) {
    auto name = x.get("Channel");
    if (name.empty()) return x.error("'Channel' not specified.");
    if (!find_channel(x.pbx(), name)) return x.error("Channel does not exist.");
    // Local channels are optimized away by themselves when they may be.
    x.success("Queued channel to be optimized away");
}

void agi(Exchange& x) {
    auto name = x.get("Channel"), command = x.get("Command");
    if (name.empty() || command.empty()) return x.error("Both, Channel and Command are *required*");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error(fmt::format("Channel {} does not exist.", name));
    const auto& queue = x.core().hooks().async_agi;
    if (!queue || !queue(*channel, std::string(command), std::string(x.get("CommandID")))) {
        return x.error("Failed to queue AGI command");
    }
    x.success("Added AGI command to queue");
}

void control_playback(Exchange& x) {
    using Kind = media::OpControl::Kind;
    auto name = x.get("Channel"), control = x.get("Control");
    if (name.empty()) return x.error("Channel not specified");
    if (control.empty()) return x.error("Control not specified");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error("No such channel");
    Kind kind = Kind::stop;
    if (same_name(control, "forward")) {
        kind = Kind::forward;
    } else if (same_name(control, "reverse")) {
        kind = Kind::reverse;
    } else if (same_name(control, "pause")) {
        kind = Kind::pause;
    } else if (same_name(control, "restart")) {
        kind = Kind::restart;
    } else if (!same_name(control, "stop")) {
        return x.error("Unknown control type");
    }
    (void)control_play(*channel, {.kind = kind});
    x.reply().end();
}

}  // namespace

Channel* find_channel(Pbx& pbx, std::string_view name) {
    return name.empty() || !pbx.channels ? nullptr : pbx.channels->find(name);
}

Actions channel_actions() {
    constexpr auto sys_call = cls::system | cls::call;
    return {
        {.name = "Getvar",
         .privilege = cls::call | cls::reporting,
         .params = "Channel,Variable*",
         .synopsis = "Read a variable of a channel or the PBX.",
         .wait = getvar},
        {.name = "Setvar",
         .privilege = cls::call,
         .params = "Channel,Variable*,Value*",
         .synopsis = "Set a variable of a channel or the PBX.",
         .wait = setvar},
        {"Hangup", sys_call, "Channel*,Cause", "Hang up a channel, or all that match a pattern.", hangup},
        {"Redirect", cls::call, "Channel*,ExtraChannel,Exten*,ExtraExten,Context*,ExtraContext,Priority*,ExtraPriority",
         "Send one or two channels elsewhere in the dialplan.", redirect},
        {"SendText", cls::call, "Channel*,Message*,Content-Type", "Send a text to a channel's party.", send_text},
        {"MessageSend", cls::message, "Destination,To,From,Body,Base64Body,Variable", "Send a text out of any call.",
         message_send},
        {"MuteAudio", cls::system, "Channel*,Direction*,State*", "Mute a channel's audio.", mute_audio},
        {"AbsoluteTimeout", sys_call, "Channel*,Timeout*", "Limit how long a call may last.", absolute_timeout},
        {"AGI", cls::agi, "Channel*,Command*,CommandID", "Give a command to a channel in AsyncAGI.", agi},
        {"ControlPlayback", cls::call, "Channel*,Control*", "Move in what plays to a channel, or stop it.",
         control_playback},
        {"LocalOptimizeAway", sys_call, "Channel*", "Let a Local channel be optimized away.", local_optimize_away},
    };
}

}  // namespace asterism::ami
