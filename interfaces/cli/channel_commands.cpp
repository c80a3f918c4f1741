// core show channels|channel|calls|channeltypes: what is going on.
#include "asterism/media/codec.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/driver.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {

std::string or_none(std::string_view text, std::string_view none = "(N/A)") {
    return std::string(text.empty() ? none : text);
}

std::string hms(std::chrono::seconds time) {
    const auto s = time.count();
    return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

void counts(Context& context, Pbx& pbx, std::size_t channels) {
    const auto calls = pbx.channels->calls();
    context.print("{} active channel{}\n{} active call{}\n{} call{} processed\n", channels, channels == 1 ? "" : "s",
                  calls, calls == 1 ? "" : "s", pbx.channels->calls_processed(),
                  pbx.channels->calls_processed() == 1 ? "" : "s");
}

Result show_channels(Context& context, Pbx& pbx) {
    if (context.arguments() > 0) return Result::usage;
    const std::string_view how = context.name_words > 3 ? context.word(3) : std::string_view();
    const bool concise = how == "concise";
    const bool verbose = how == "verbose";
    if (verbose) {
        context.print(
            "{:<80.80} {:<24.24} {:<24.24} {:<4.4} {:<7.7} {:<12.12} {:<25.25} {:<15.15} {:<8.8} {:<11.11} {:<11.11} "
            "{:<20.20}\n",
            "Channel", "Context", "Extension", "Prio", "State", "Application", "Data", "CallerID", "Duration",
            "Accountcode", "PeerAccount", "BridgeID");
    } else if (how.empty()) {
        context.print("{:<64.64} {:<32.32} {:<7.7} {:<30.30}\n", "Channel", "Location", "State", "Application(Data)");
    }
    const WallTime now = pbx.loop->clock().wall();
    std::size_t shown = 0;
    for (const ChannelId id : pbx.channels->ids()) {
        Channel* channel = pbx.channels->find(id);
        if (!channel || channel->internal()) continue;
        ++shown;
        const ChannelSnapshot& s = *channel->snapshot();
        const auto age = seconds_between(s.created, now);
        if (concise) {
            context.print("{}!{}!{}!{}!{}!{}!{}!{}!{}!{}!{}!{}!{}!{}\n", s.name, s.context, s.exten, s.priority,
                          to_string(s.state), or_none(s.application, "(None)"), s.application_data, s.caller_number,
                          s.account_code, s.peer_account, s.ama_flags, age.count(), s.bridge, s.uniqueid);
        } else if (verbose) {
            context.print(
                "{:<80.80} {:<24.24} {:<24.24} {:>4} {:<7.7} {:<12.12} {:<25.25} {:<15.15} {:>8} {:<11.11} {:<11.11} "
                "{:<20.20}\n",
                s.name, s.context, s.exten, s.priority, to_string(s.state), or_none(s.application, "(None)"),
                s.application_data, s.caller_number, hms(age), s.account_code, s.peer_account, s.bridge);
        } else if (how.empty()) {
            const std::string where = s.context.empty() || s.exten.empty()
                                          ? std::string("(None)")
                                          : fmt::format("{}@{}:{}", s.exten, s.context, s.priority);
            const std::string what = s.application.empty() ? std::string("(None)")
                                                           : fmt::format("{}({})", s.application, s.application_data);
            context.print("{:<64.64} {:<32.32} {:<7.7} {:<30.30}\n", s.name, where, to_string(s.state), what);
        }
    }
    if (!concise) counts(context, pbx, shown);
    return Result::success;
}

Result show_channel(Context& context, Pbx& pbx) {
    if (context.arguments() != 1) return Result::usage;
    Channel* channel = pbx.channels->find(context.argument(0));
    if (!channel) {
        context.print("{} is not a known channel\n", context.argument(0));
        return Result::success;
    }
    const ChannelSnapshot& s = *channel->snapshot();
    const auto age = seconds_between(s.created, pbx.loop->clock().wall()).count();
    const std::string formats = channel->driver().native_formats();
    const auto line = [&](std::string_view name, const auto& value) { context.print("{:>15}: {}\n", name, value); };
    context.print(" -- General --\n");
    line("Name", s.name);
    line("Type", s.technology);
    line("UniqueID", s.uniqueid);
    line("LinkedID", s.linkedid);
    line("Caller ID", or_none(s.caller_number));
    line("Caller ID Name", or_none(s.caller_name));
    line("Connected Line ID", or_none(s.connected_number));
    line("Connected Line ID Name", or_none(s.connected_name));
    line("Eff. Connected Line ID", or_none(s.connected_number));
    line("Eff. Connected Line ID Name", or_none(s.connected_name));
    line("DNID Digits", or_none(s.caller_dnid));
    line("Language", s.language);
    line("State", fmt::format("{} ({})", to_string(s.state), static_cast<int>(s.state)));
    line("NativeFormats", fmt::format("({})", formats));
    line("WriteFormat", formats.substr(0, formats.find('|')));
    line("ReadFormat", formats.substr(0, formats.find('|')));
    line("WriteTranscode", "No ");
    line("ReadTranscode", "No ");
    line("Time to Hangup", 0);
    line("Elapsed Time", fmt::format("{}h{}m{}s", age / 3600, age / 60 % 60, age % 60));
    line("Bridge ID", or_none(s.bridge, "(Not bridged)"));
    context.print(" --   PBX   --\n");
    line("Context", s.context);
    line("Extension", s.exten);
    line("Priority", s.priority);
    line("Call Group", 0);
    line("Pickup Group", 0);
    line("Application", or_none(s.application));
    line("Data", or_none(s.application_data, "(Empty)"));
    line("Call Identifier", fmt::format("[C-{:08x}]", s.call.value));
    context.print("      Variables:\n");
    const auto& variables = channel->variables().all();
    for (auto entry = variables.rbegin(); entry != variables.rend(); ++entry) {
        context.print("{}{}={}\n", std::string_view("__").substr(0, static_cast<std::size_t>(entry->inheritance)),
                      entry->name, entry->value);
    }
    context.print(
        "\n -- Streams --\nName: audio-0\n    Type: audio\n    State: sendrecv\n    Group: -1\n    Formats: ({})\n    "
        "Metadata:\n",
        formats);
    return Result::success;
}

Result show_calls(Context& context, Pbx& pbx) {
    // The name is three words, then "uptime", then "seconds".
    const bool uptime = context.name_words > 3;
    if (context.arguments() > (uptime ? 1u : 0u)) return Result::usage;
    const auto calls = pbx.channels->calls();
    context.print("{} active call{}\n{} call{} processed\n", calls, calls == 1 ? "" : "s",
                  pbx.channels->calls_processed(), pbx.channels->calls_processed() == 1 ? "" : "s");
    if (!uptime) return Result::success;
    const auto up = seconds_between(pbx.started, pbx.loop->clock().wall());
    if (context.argument(0) == "seconds")
        context.print("System uptime: {}\n", up.count());
    else
        context.print("System uptime: {}\n", spoken_time(up));
    return Result::success;
}

Result show_types(Context& context, Pbx& pbx) {
    const auto row = [&](std::string_view a, std::string_view b, std::string_view c, std::string_view d,
                         std::string_view e, std::string_view f) {
        context.print("{:<16} {:<40.40} {:<13} {:<13} {:<13} {:<13}\n", a, b, c, d, e, f);
    };
    row("Type", "Description", "Devicestate", "Presencestate", "Indications", "Transfer");
    row("-------------", "-------------", "-------------", "-------------", "-------------", "-------------");
    for (const Technology* technology : pbx.technologies->all()) {
        const auto name = technology->name();
        const bool program = name == "AudioSocket" || name == "WebSocket" || name == "UnicastRTP";
        row(name, technology->description(), technology->has_device_state() ? "yes" : "no", "no",
            program ? "no" : "yes", name == "PJSIP" ? "yes" : "no");
    }
    context.print("----------\n{} channel drivers registered.\n", pbx.technologies->all().size());
    return Result::success;
}

Result show_codecs(Context& context) {
    context.print(
        "Disclaimer: this command is for informational purposes only.\n\tIt does not indicate anything about your "
        "configuration.\n{:>8} {:<5} {:<12} {:<16} {:>7} {}\n{:-<96}\n",
        "ID", "TYPE", "NAME", "FORMAT", "QUALITY", "DESCRIPTION", "");
    const std::string_view kind = context.name_words > 3 ? context.word(3) : std::string_view();
    int id = 0;
    for (const auto& codec : media::all_codecs()) {
        ++id;
        const std::string_view type = codec.kind == media::MediaKind::audio ? "audio" : "video";
        if (!kind.empty() && kind != type) continue;
        context.print("{:>8} {:<5} {:<12} {:<16} {:>7} ({})\n", id, type, codec.name, codec.name,
                      codec.transcodes ? 100 : 0, codec.description);
    }
    return Result::success;
}

}  // namespace

void add_channel_commands(Registry& registry, Pbx& pbx) {
    const auto names = [&pbx](const Completion&) { return channel_names(pbx); };
    registry.add({.name = "core show channels [concise|verbose|count]",
                  .summary = "Display information on channels",
                  .usage =
                      "\n       Lists the channels that exist, in some detail. With 'concise' each on a line with\n"
                      "       exclamation marks between the fields; with 'count' only their number.\n",
                  .run = [&pbx](Context& c) { return show_channels(c, pbx); }});
    registry.add({.name = "core show channel",
                  .summary = "Display information on a specific channel",
                  .usage = "<channel>\n       Shows a channel, by name or unique id, in all detail.\n",
                  .run = [&pbx](Context& c) { return show_channel(c, pbx); },
                  .complete = names});
    registry.add({.name = "core show calls [uptime]",
                  .summary = "Display information on calls",
                  .usage = "[seconds]\n       Shows how many calls there are and were.\n",
                  .run = [&pbx](Context& c) { return show_calls(c, pbx); }});
    registry.add({.name = "core show channeltypes",
                  .summary = "List available channel types",
                  .usage = "\n       Lists the channel technologies.\n",
                  .run = [&pbx](Context& c) { return show_types(c, pbx); }});
    registry.add({.name = "core show codecs [audio|video|image|text]",
                  .summary = "Displays a list of registered codecs",
                  .usage = "\n       Lists the codecs.\n",
                  .run = [](Context& c) { return show_codecs(c); }});
}

}  // namespace asterism::cli
