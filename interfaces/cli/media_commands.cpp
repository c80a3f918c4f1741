// core show file formats, core show codec, indication show, moh show classes|files, bridge technology show, local show
// channels, core show channeltype: what there is, as the tables have it.
#include <malloc.h>

#include <algorithm>

#include "asterism/media/codec.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/model/music.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/whole.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {

/// One line for each format, with its extensions in the order of the table.
Result show_file_formats(Context& context) {
    context.print("{:<10} {:<10} {:<20}\n{:<10} {:<10} {:<20}\n", "Format", "Name", "Extensions", "------", "----",
                  "----------");
    std::size_t count = 0;
    const auto all = media::all_file_formats();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto same = [&](const media::FileFormat& other) { return other.name == all[i].name; };
        if (std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), same)) continue;
        std::string extensions;
        for (const auto& other : all)
            if (same(other)) extensions += (extensions.empty() ? "" : "|") + std::string(other.extension);
        context.print("{:<10} {:<10} {:<20}\n", media::codec_info(all[i].codec).name, all[i].name, extensions);
        ++count;
    }
    context.print("{} file formats registered.\n", count);
    return Result::success;
}

Result show_codec(Context& context) {
    if (context.arguments() != 1) return Result::usage;
    const auto number = parse_whole<std::size_t>(context.argument(0));
    if (!number) return Result::usage;
    const auto all = media::all_codecs();
    if (*number == 0 || *number > all.size()) {
        context.print("Codec {} not found\n", *number);
        return Result::success;
    }
    const auto& codec = all[*number - 1];
    context.print("{:>11} {}\n", *number, codec.name);
    return Result::success;
}

Result show_type(Context& context, Pbx& pbx) {
    if (context.arguments() != 1) return Result::usage;
    const Technology* technology = pbx.technologies->find(context.argument(0));
    if (technology == nullptr) {
        context.print("{} is not a registered channel driver.\n", context.argument(0));
        return Result::failure;
    }
    const bool sip = technology->name() == "PJSIP";
    context.print(
        "-- Info about channel driver: {} --\n  Device State: {}\n  Presence State: no\n    Indication: yes\n"
        "     Transfer : {}\n  Send Digit End: yes\n    Send Text : {}\n",
        technology->name(), technology->has_device_state() ? "yes" : "no", sip ? "yes" : "no", sip ? "yes" : "no");
    return Result::success;
}

void show_zone(Context& context, const ToneZone& zone) {
    context.print("Country Indication      PlayList\n=====================================\n");
    std::string cadence;
    for (const int ms : zone.ring_cadence) cadence += (cadence.empty() ? "" : ",") + std::to_string(ms);
    context.print("{:<7} {:<15} {}\n", zone.name, "<ringcadence>", cadence);
    for (const auto& [name, tone] : zone.tones) context.print("{:<7} {:<15} {}\n", zone.name, name, tone);
}

Result show_indications(Context& context, Pbx& pbx) {
    const auto& zones = pbx.indications->zones();
    if (context.arguments() == 0) {
        context.print("Country Description\n===========================\n");
        for (const auto& [name, zone] : zones) context.print("{:<7} {}\n", name, zone.description);
        return Result::success;
    }
    for (std::size_t i = 0; i < context.arguments(); ++i) {
        const auto found = zones.find(context.argument(i));
        if (found == zones.end()) {
            context.print("Indications for '{}' not found\n", context.argument(i));
            continue;
        }
        show_zone(context, found->second);
    }
    return Result::success;
}

Result show_music(Context& context, Pbx& pbx) {
    for (const auto& [name, music] : pbx.music->all()) {
        context.print("Class: {}\n\tMode: {}\n\tDirectory: {}\n", name, music.mode, music.directory);
        if (!music.sort.empty()) context.print("\tSort: {}\n", music.sort);
    }
    return Result::success;
}

Result show_music_files(Context& context, Pbx& pbx) {
    for (const auto& [name, music] : pbx.music->all()) {
        if (music.files.empty()) continue;
        context.print("Class: {}\n", name);
        for (const auto& file : music.files) context.print("\tFile: {}\n", file.substr(0, file.rfind('.')));
    }
    return Result::success;
}

Result show_locals(Context& context, Pbx& pbx) {
    std::size_t count = 0;
    for (const ChannelId id : pbx.channels->ids()) {
        const Channel* channel = pbx.channels->find(id);
        if (channel == nullptr || channel->technology() != "Local" || !channel->name().ends_with(";1")) continue;
        const auto& name = channel->name();
        context.print("{} -- {}\n", name, name.substr(6, name.rfind('-') - 6));
        ++count;
    }
    if (count == 0) context.print("No local channels in use\n");
    return Result::success;
}

Result show_bridge_technologies(Context& context) {
    context.print("{:<20} {:<20} {:>8} {}\n", "Name", "Type", "Priority", "Suspended");
    context.print("{:<20} {:<20} {:>8} {}\n", "softmix", "MultiMix", 10, "No");
    context.print("{:<20} {:<20} {:>8} {}\n", "simple_bridge", "1to1Mix", 50, "No");
    context.print("{:<20} {:<20} {:>8} {}\n", "holding_bridge", "Holding", 50, "No");
    return Result::success;
}

/// Gives back to the system what the allocator keeps for later. Walks the heap: on the pool.
Task<Result> trim(Context& context, Pbx& pbx) {
    auto box = std::make_shared<Mailbox<int>>(*pbx.loop);
    auto given = std::make_shared<int>(0);
    pbx.loop->blocking([given] { *given = malloc_trim(0); },
                       [given, weak = std::weak_ptr(box)] {
                           if (const auto waiting = weak.lock()) waiting->send(*given);
                       });
    const int back = co_await box->next();
    context.print("{} memory returned to the system.\n", back != 0 ? "Some" : "No");
    co_return Result::success;
}

}  // namespace

void add_media_commands(Registry& registry, Pbx& pbx) {
    registry.add({.name = "core show file formats",
                  .summary = "Displays file formats",
                  .usage = "\n       Lists the formats of sound files and their extensions.\n",
                  .run = show_file_formats});
    registry.add({.name = "core show codec",
                  .summary = "Shows a specific codec",
                  .usage = "<number>\n       Shows the codec of a number of 'core show codecs'.\n",
                  .run = show_codec});
    registry.add({.name = "core show channeltype",
                  .summary = "Give more details on that channel type",
                  .usage = "<name>\n       Shows what a channel technology can do.\n",
                  .run = [&pbx](Context& c) { return show_type(c, pbx); },
                  .complete =
                      [&pbx](const Completion&) {
                          std::vector<std::string> names;
                          for (const auto* one : pbx.technologies->all()) names.emplace_back(one->name());
                          return names;
                      }});
    registry.add({.name = "indication show",
                  .summary = "Display a list of all countries/indications",
                  .usage = "[<country> ...]\n       Lists the countries of indications.conf, or the tones of some.\n",
                  .run = [&pbx](Context& c) { return show_indications(c, pbx); },
                  .complete =
                      [&pbx](const Completion&) {
                          std::vector<std::string> names;
                          for (const auto& [name, zone] : pbx.indications->zones()) names.push_back(name);
                          return names;
                      }});
    registry.add({.name = "moh show classes",
                  .summary = "List MusicOnHold classes",
                  .usage = "\n       Lists the classes of musiconhold.conf.\n",
                  .run = [&pbx](Context& c) { return show_music(c, pbx); }});
    registry.add({.name = "moh show files",
                  .summary = "List MusicOnHold file-based classes",
                  .usage = "\n       Lists the files of each class.\n",
                  .run = [&pbx](Context& c) { return show_music_files(c, pbx); }});
    registry.add({.name = "local show channels",
                  .summary = "List status of local channels",
                  .usage = "\n       Lists the Local channels and where they lead.\n",
                  .run = [&pbx](Context& c) { return show_locals(c, pbx); }});
    registry.add({.name = "bridge technology show",
                  .summary = "List registered bridge technologies",
                  .usage = "\n       Lists the ways in which bridges join channels.\n",
                  .run = show_bridge_technologies});
    registry.add({.name = "malloc trim",
                  .summary = "Return unused dynamic memory to the system",
                  .usage = "\n       Asks the allocator to give back what is free.\n",
                  .run_async = [&pbx](Context& c) { return trim(c, pbx); }});
}

}  // namespace asterism::cli
