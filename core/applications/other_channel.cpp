// SoftHangup, ChannelRedirect, ChanIsAvail: about channels other than one's own.
#include "asterism/dialplan/executor.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/features/hangup_causes.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

AppResult soft_hangup(Channel& channel, std::string_view data) {
    const Arguments args(data, ',', 2);
    if (!args.has(0)) return requires_argument("SoftHangup", "Technology/resource");
    const bool all = OptionLetters(args[1]).has('a');
    for (const auto id : channel.pbx().channels->ids()) {
        auto* other = channel.pbx().channels->find(id);
        if (!other) continue;
        // Of "PJSIP/alice-00000001" the last dash begins the number.
        const auto device = other->name().substr(0, all ? other->name().rfind('-') : std::string::npos);
        if (functions::lower(device) != functions::lower(args[0])) continue;
        hang_up(*other, Cause::normal_clearing, channel.name());
        if (!all) break;
    }
    return AppResult::go_on();
}

AppResult channel_redirect(Channel& channel, std::string_view data) {
    const Arguments args(data, ',', 2);
    if (!args.has(0) || !args.has(1)) {
        log::warning("ChannelRedirect requires an argument (channel,[[context,]exten,]priority)");
        return AppResult::hang_up();
    }
    auto* other = channel.pbx().channels->find(args[0]);
    if (!other) {
        log::warning("No such channel: {}", args[0]);
        channel.set_variable("CHANNELREDIRECT_STATUS", "NOCHANNEL");
        return AppResult::go_on();
    }
    const auto where = dialplan::parse_location(*other, args[1]);
    if (!where) {
        log::warning("ChannelRedirect: {}", where.error());
        return AppResult::hang_up();
    }
    channel.set_variable("CHANNELREDIRECT_STATUS", "SUCCESS");
    other->redirect(*where);
    return AppResult::go_on();
}

/// A device is available if a channel towards it can be made; with s it must not be in use either, and with t only its
/// state counts.
AppResult is_available(Channel& channel, std::string_view data) {
    const Arguments args(data, ',', 2);
    const OptionLetters options(args[1]);
    Pbx& pbx = channel.pbx();
    std::string names, devices;
    int status = static_cast<int>(DeviceState::invalid), cause = 0;
    const auto add = [](std::string& list, const std::string& one) { list += list.empty() ? one : "&" + one; };
    for (const auto& device : split_names(args[0])) {
        const auto destination = features::parse_destination(device);
        if (!destination) {
            log::warning("ChanIsAvail: '{}' is no technology/resource", device);
            continue;
        }
        const DeviceState state = pbx.device_states->state(device);
        status = static_cast<int>(state);
        if ((options.has('s') || options.has('t')) && state != DeviceState::not_in_use && state != DeviceState::unknown)
            continue;
        if (options.has('t')) {
            add(names, device);
        } else {
            Technology* technology = pbx.technologies->find(destination->technology);
            ChannelRequest request;
            request.data = destination->data;
            request.requestor = channel.id();
            request.formats = {channel.driver().native_format()};
            request.language = channel.language();
            const auto made = technology ? technology->request(request)
                                         : std::expected<Channel*, Cause>(std::unexpect, Cause::chan_not_implemented);
            if (!made) {
                cause = static_cast<int>(made.error());
                continue;
            }
            add(names, (*made)->name());
            (*made)->end(Cause::normal_clearing);
        }
        add(devices, device);
        if (!options.has('a')) break;
    }
    channel.set_variable("AVAILCHAN", names);
    channel.set_variable("AVAILORIGCHAN", devices);
    channel.set_variable("AVAILSTATUS", std::to_string(status));
    channel.set_variable("AVAILCAUSECODE", std::to_string(cause));
    return AppResult::go_on();
}

AppResult hangup_cause_clear(Channel& channel, std::string_view) {
    channel.drop_extra<features::HangupCauses>();
    return AppResult::go_on();
}

}  // namespace

void add_other_channel_applications(dialplan::Applications& all) {
    all.add({.name = "SoftHangup",
             .synopsis = "end another call",
             .syntax = "SoftHangup(Technology/Resource[,options])",
             .parameters = {{"Technology/Resource", "a channel's name"}, {"options", "a: all channels of the device"}},
             .run_now = soft_hangup,
             .module = "app_softhangup"});
    all.add({.name = "ChannelRedirect",
             .synopsis = "send another channel to a place in the dialplan",
             .syntax = "ChannelRedirect(channel,[[context,]extension,]priority)",
             .parameters = {{"channel", "its name or unique id; CHANNELREDIRECT_STATUS tells"},
                            {"priority", "number or label"}},
             .run_now = channel_redirect,
             .module = "app_channelredirect"});
    all.add(
        {.name = "ChanIsAvail",
         .synopsis = "which of some devices could be called",
         .syntax = "ChanIsAvail(Technology/Resource[&...][,options])",
         .parameters = {{"Technology/Resource", "devices; AVAILCHAN, AVAILORIGCHAN, AVAILSTATUS, AVAILCAUSECODE tell"},
                        {"options",
                         "a: all, not only the first; s: in use is not available; t: only look at the state"}},
         .run_now = is_available,
         .module = "app_chanisavail"});
    all.add({.name = "HangupCauseClear",
             .synopsis = "forget what HANGUPCAUSE() knows",
             .syntax = "HangupCauseClear()",
             .run_now = hangup_cause_clear,
             .module = "func_hangupcause"});
}

}  // namespace asterism::applications
