// /channels: the table, and the operations on a channel that an application has.
#include <charconv>

#include "asterism/dialplan/executor.hpp"
#include "asterism/events/events.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "control_ops.hpp"
#include "render.hpp"
#include "scope.hpp"

namespace asterism::ari {

using http::Method;

Controlled require_any_control(Call& call, Reply& reply) {
    Channel* channel = require_channel(call, reply);
    if (channel == nullptr) return {};
    Control* control = control_of(*channel);
    if (control == nullptr) {
        reply.error(409, "Channel not in Stasis application");
        return {};
    }
    return {channel, control};
}

Controlled require_control(Call& call, Reply& reply) {
    const auto controlled = require_any_control(call, reply);
    if (!controlled) return {};
    Channel* channel = controlled.channel;
    // Created and not dialled yet, being dialled, or about to end.
    if (channel->hangup_requested() || channel->state() == ChannelState::down ||
        channel->state() == ChannelState::reserved || channel->state() == ChannelState::ringing) {
        reply.error(412, "Channel in invalid state");
        return {};
    }
    return controlled;
}

namespace {

void list(Call& call, Reply& reply) {
    Pbx& pbx = call.service.pbx;
    Json json;
    json.begin_list();
    for (const ChannelId id : pbx.channels->ids()) {
        if (Channel* channel = pbx.channels->find(id);
            channel != nullptr && !channel->internal() && sees(call, *channel)) {
            append_channel(json, pbx, *channel->snapshot());
        }
    }
    reply.json(json.end_list().take());
}

void get(Call& call, Reply& reply) {
    Channel* channel = require_channel(call, reply);
    if (channel == nullptr) return;
    Json json;
    append_channel(json, call.service.pbx, *channel->snapshot());
    reply.json(json.take());
}

std::optional<Cause> cause_of(std::string_view reason) {
    static constexpr std::pair<std::string_view, Cause> table[] = {
        {"normal", Cause::normal_clearing},
        {"busy", Cause::user_busy},
        {"congestion", Cause::normal_circuit_congestion},
        {"no_answer", Cause::no_answer},
        {"timeout", Cause::no_user_response},
        {"rejected", Cause::call_rejected},
        {"unallocated", Cause::unallocated},
        {"normal_unspecified", Cause::normal_unspecified},
        {"number_incomplete", Cause::invalid_number_format},
        {"codec_mismatch", Cause::bearercapability_notavail},
        {"interworking", Cause::interworking},
        {"failure", Cause::network_out_of_order},
        {"answered_elsewhere", Cause::answered_elsewhere},
    };
    for (const auto& [name, cause] : table) {
        if (name == reason) return cause;
    }
    return std::nullopt;
}

void hang_up_channel(Call& call, Reply& reply) {
    Channel* channel = require_channel(call, reply);
    if (channel == nullptr) return;
    const std::string& reason = call.text("reason");
    const std::string& code = call.text("reason_code");
    Cause cause = Cause::normal_clearing;
    if (!reason.empty() && !code.empty()) {
        reply.error(400, "The reason and reason_code query parameters can not both be specified");
        return;
    }
    if (!reason.empty()) {
        const auto found = cause_of(reason);
        if (!found) {
            reply.error(400, "Invalid Reason");
            return;
        }
        cause = *found;
    } else if (!code.empty()) {
        const auto found = parse_cause(code);
        if (!found) {
            reply.error(400, "Invalid Reason Code");
            return;
        }
        cause = *found;
    }
    hang_up(*channel, cause, {});
    reply.no_content();
}

void continue_in_dialplan(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    Channel& channel = *controlled.channel;
    const bool somewhere = !call.text("context").empty() || !call.text("extension").empty() ||
                           !call.text("priority").empty() || !call.text("label").empty();
    if (somewhere) {
        Location next = channel.location();
        if (!call.text("context").empty()) {
            next.context = call.text("context");
            next.exten = "s";
        }
        if (!call.text("extension").empty()) next.exten = call.text("extension");
        const std::string& label = call.text("label");
        const auto priority = call.integer("priority");
        if (!label.empty()) {
            const auto found = dialplan::parse_location(channel, next.context + "," + next.exten + "," + label);
            std::int64_t number = 0;
            const bool numeric =
                std::from_chars(label.data(), label.data() + label.size(), number).ec == std::errc() && number > 0;
            if (!found && !numeric) {
                reply.error(404, "Requested label can not be found");
                return;
            }
            next.priority = found ? found->priority : static_cast<int>(number);
        } else if (priority > 0) {
            next.priority = static_cast<int>(priority);
        } else {
            next.priority = 1;
        }
        controlled.control->next = std::move(next);
    }
    controlled.control->leave = true;
    controlled.control->wake(channel);
    reply.no_content();
}

void move(Call& call, Reply& reply) {
    const auto controlled = require_any_control(call, reply);
    if (!controlled) return;
    controlled.control->move = Control::Move{call.text("app"), split_args(call.text("appArgs"))};
    controlled.control->wake(*controlled.channel);
    reply.no_content();
}

void redirect(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    const std::string& endpoint = call.text("endpoint");
    if (endpoint.empty()) {
        reply.error(400, "Required parameter 'endpoint' not provided.");
        return;
    }
    const auto slash = endpoint.find('/');
    if (slash == std::string::npos || slash + 1 == endpoint.size()) {
        reply.error(422, "Endpoint parameter '" + endpoint + "' does not contain tech/resource");
        return;
    }
    const std::string technology = endpoint.substr(0, slash);
    if (!http::equal_ignoring_case(technology, controlled.channel->technology())) {
        reply.error(422, "Endpoint technology '" + technology + "' does not match channel technology '" +
                             std::string(controlled.channel->technology()) + "'");
        return;
    }
    controlled.channel->driver().transfer(endpoint.substr(slash + 1));
    reply.no_content();
}

void transfer_progress(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    const std::string& state = call.text("states");
    if (state != "channel_progress" && state != "channel_answered" && state != "channel_unavailable" &&
        state != "channel_declined") {
        reply.error(400, "Invalid transfer progress state");
    } else if (!controlled.channel->driver().transfer_progress(state)) {
        reply.error(412, "Channel in invalid state");
    } else {
        reply.no_content();
    }
}

/// For operations that only act on the channel.
template <void (*Act)(Channel&)>
void act(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    Act(*controlled.channel);
    reply.no_content();
}

void do_answer(Channel& channel) { answer(channel); }
template <Indication I>
void do_indicate(Channel& channel) {
    indicate(channel, I);
}
void do_ring(Channel& channel) {
    if (!channel.up()) indicate(channel, Indication::ringing);
}
void do_stop_music(Channel& channel) { stop_music(channel); }

void start_moh(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    start_music(*controlled.channel, call.text("mohClass"));
    reply.no_content();
}

void start_silence(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    auto& media = *call.service.pbx.media;
    if (controlled.control->silence == 0) {
        media::PlaySpec spec;
        spec.silence = media::Millis::max();
        controlled.control->silence =
            media.play(controlled.channel->leg(), std::move(spec), [](const media::OpEnd&) {}).value;
    }
    reply.no_content();
}

void stop_silence(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    if (const auto op = std::exchange(controlled.control->silence, 0); op != 0) {
        call.service.pbx.media->stop(media::OpId{op});
    }
    reply.no_content();
}

template <bool On>
void mute(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    if (!call.given("direction") && !On) {
        reply.error(400, "Direction is required");
        return;
    }
    const std::string& direction = call.text("direction");
    const bool both = direction == "both";
    if (!both && direction != "in" && direction != "out") {
        reply.error(400, "Invalid direction specified");
        return;
    }
    const auto leg = controlled.channel->leg();
    if (both || direction == "in") call.service.pbx.media->mute(leg, media::Side::in, On);
    if (both || direction == "out") call.service.pbx.media->mute(leg, media::Side::out, On);
    reply.no_content();
}

Task<void> run_dtmf(Channel& channel, std::string digits, Duration before, std::chrono::milliseconds between,
                    std::chrono::milliseconds duration, Duration after) {
    if (before > Duration::zero()) {
        if ((co_await wait(channel, before)).over()) co_return;
    }
    if ((co_await send_dtmf(channel, std::move(digits), duration, between)).over()) co_return;
    if (after > Duration::zero()) co_await wait(channel, after);
}

void dtmf(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    if (call.text("dtmf").empty()) {
        reply.error(400, "DTMF is required");
        return;
    }
    const auto ms = [&call](std::string_view name) {
        return std::chrono::milliseconds(std::clamp<std::int64_t>(call.integer(name), 0, 3'600'000));
    };
    controlled.control->tasks->spawn(
        run_dtmf(*controlled.channel, call.text("dtmf"), ms("before"), ms("between"), ms("duration"), ms("after")));
    reply.no_content();
}

void play(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    start_playback(call, reply, *controlled.control->plays, "channel:" + controlled.channel->uniqueid(),
                   controlled.channel->language());
}

void record(Call& call, Reply& reply) {
    const auto controlled = require_control(call, reply);
    if (!controlled) return;
    if (controlled.channel->bridge()) {
        reply.error(409, "Cannot record channel while in bridge");
        return;
    }
    start_recording(call, reply, "channel:" + controlled.channel->uniqueid(), controlled.channel->id(), {});
}

constexpr std::string_view directions = "both|in|out";
constexpr std::string_view reasons =
    "normal|busy|congestion|no_answer|timeout|rejected|unallocated|normal_unspecified|number_incomplete|"
    "codec_mismatch|interworking|failure|answered_elsewhere";

std::vector<Parameter> originate_parameters(bool id_in_path) {
    std::vector<Parameter> all;
    if (id_in_path) all.push_back(path("channelId"));
    for (const auto& p :
         {query("endpoint").should(), query("extension"), query("context"), number("priority"), query("label"),
          query("app"), query("appArgs"), query("callerId"), number("timeout").or_else("30"), body("variables")}) {
        all.push_back(p);
    }
    if (!id_in_path) all.push_back(query("channelId"));
    for (const auto& p : {query("otherChannelId"), query("originator"), query("formats")}) all.push_back(p);
    return all;
}

std::vector<Parameter> play_parameters(bool id_in_path) {
    std::vector<Parameter> all{path("channelId")};
    if (id_in_path) all.push_back(path("playbackId"));
    for (const auto& p :
         {query("media").should().many(), query("lang"), number("offsetms"), number("skipms").or_else("3000")}) {
        all.push_back(p);
    }
    if (!id_in_path) all.push_back(query("playbackId"));
    return all;
}

/// A row that takes the channel's id alone.
Operation simple(Method method, std::string_view path_text, std::string_view nickname, std::string_view summary,
                 void (*handler)(Call&, Reply&)) {
    return {method, path_text, nickname, summary, "void", {path("channelId")}, {404, 409, 412}, handler};
}

}  // namespace

Resource channel_operations() {
    return {
        "channels",
        "Channel resources",
        {
            {Method::get, "/channels", "list", "Lists the channels", "List[Channel]", {}, {}, list},
            {Method::post,
             "/channels",
             "originate",
             "Calls an endpoint",
             "Channel",
             originate_parameters(false),
             {400, 409},
             originate},
            {Method::post,
             "/channels/create",
             "create",
             "Creates a channel that is dialled later",
             "Channel",
             {query("endpoint").should(), query("app").should(), query("appArgs"), query("channelId"),
              query("otherChannelId"), query("originator"), query("formats"), body("variables")},
             {409},
             create},
            {Method::get,
             "/channels/{channelId}",
             "get",
             "Shows one channel",
             "Channel",
             {path("channelId")},
             {404},
             get},
            {Method::post,
             "/channels/{channelId}",
             "originateWithId",
             "Calls an endpoint under a given channel id",
             "Channel",
             originate_parameters(true),
             {400, 409},
             originate},
            {Method::del,
             "/channels/{channelId}",
             "hangup",
             "Hangs a channel up",
             "void",
             {path("channelId"), query("reason_code"), query("reason").among(reasons)},
             {400, 404},
             hang_up_channel},
            {Method::post,
             "/channels/{channelId}/continue",
             "continueInDialplan",
             "Leaves the application; the dialplan goes on",
             "void",
             {path("channelId"), query("context"), query("extension"), number("priority"), query("label")},
             {404, 409, 412},
             continue_in_dialplan},
            {Method::post,
             "/channels/{channelId}/move",
             "move",
             "Hands a channel to another application",
             "void",
             {path("channelId"), query("app").must(), query("appArgs")},
             {404, 409},
             move},
            {Method::post,
             "/channels/{channelId}/redirect",
             "redirect",
             "Sends the party to another destination",
             "void",
             {path("channelId"), query("endpoint").should()},
             {400, 404, 409, 422, 412},
             redirect},
            simple(Method::post, "/channels/{channelId}/answer", "answer", "Answers a channel", act<do_answer>),
            simple(Method::post, "/channels/{channelId}/ring", "ring", "Tells the party that it rings", act<do_ring>),
            simple(Method::del, "/channels/{channelId}/ring", "ringStop", "Ends the ringing",
                   act<do_indicate<Indication::stop_tone>>),
            simple(Method::post, "/channels/{channelId}/progress", "progress", "Tells the party about progress",
                   act<do_indicate<Indication::progress>>),
            {Method::post,
             "/channels/{channelId}/dtmf",
             "sendDTMF",
             "Sends digits to the party",
             "void",
             {path("channelId"), query("dtmf"), number("before").or_else("0"), number("between").or_else("100"),
              number("duration").or_else("100"), number("after").or_else("0")},
             {400, 404, 409, 412},
             dtmf},
            {Method::post,
             "/channels/{channelId}/mute",
             "mute",
             "Mutes a channel",
             "void",
             {path("channelId"), query("direction").or_else("both").among(directions)},
             {404, 409, 412},
             mute<true>},
            {Method::del,
             "/channels/{channelId}/mute",
             "unmute",
             "Ends muting",
             "void",
             {path("channelId"), query("direction").or_else("both").among(directions)},
             {404, 409, 412},
             mute<false>},
            simple(Method::post, "/channels/{channelId}/hold", "hold", "Puts a channel on hold",
                   act<do_indicate<Indication::hold>>),
            simple(Method::del, "/channels/{channelId}/hold", "unhold", "Takes a channel off hold",
                   act<do_indicate<Indication::unhold>>),
            {Method::post,
             "/channels/{channelId}/moh",
             "startMoh",
             "Plays music on hold to a channel",
             "void",
             {path("channelId"), query("mohClass")},
             {404, 409, 412},
             start_moh},
            simple(Method::del, "/channels/{channelId}/moh", "stopMoh", "Stops music on hold of a channel",
                   act<do_stop_music>),
            simple(Method::post, "/channels/{channelId}/silence", "startSilence", "Plays silence to a channel",
                   start_silence),
            simple(Method::del, "/channels/{channelId}/silence", "stopSilence", "Stops silence", stop_silence),
            {Method::post,
             "/channels/{channelId}/play",
             "play",
             "Plays media to a channel",
             "Playback",
             play_parameters(false),
             {404, 409, 412},
             play},
            {Method::post,
             "/channels/{channelId}/play/{playbackId}",
             "playWithId",
             "Plays media to a channel under a given playback id",
             "Playback",
             play_parameters(true),
             {404, 409, 412},
             play},
            {Method::post,
             "/channels/{channelId}/record",
             "record",
             "Records what a channel says",
             "LiveRecording",
             {path("channelId"), query("name").should(), query("format").should(),
              number("maxDurationSeconds").or_else("0"), number("maxSilenceSeconds").or_else("0"),
              query("ifExists").or_else("fail").among("fail|overwrite|append"), flag("beep").or_else("false"),
              query("terminateOn").or_else("none").among("none|any|*|#")},
             {400, 404, 409, 422},
             record},
            {Method::get,
             "/channels/{channelId}/variable",
             "getChannelVar",
             "Reads a variable or function of a channel",
             "Variable",
             {path("channelId"), query("variable").should()},
             {400, 404, 409},
             get_channel_variable},
            {Method::post,
             "/channels/{channelId}/variable",
             "setChannelVar",
             "Sets a variable or function of a channel",
             "void",
             {path("channelId"), query("variable").should(), query("value"), flag("report_events").or_else("false")},
             {400, 404, 409},
             set_channel_variable},
            {Method::get,
             "/channels/{channelId}/variables",
             "getChannelVars",
             "Reads several variables of a channel",
             "Variables",
             {path("channelId"), query("variables").should().many()},
             {400, 404, 409},
             get_channel_variables},
            {Method::post,
             "/channels/{channelId}/variables",
             "setChannelVars",
             "Sets several variables of a channel",
             "void",
             {path("channelId"), body("variables").should()},
             {400, 404, 409},
             set_channel_variables},
            {Method::post,
             "/channels/{channelId}/snoop",
             "snoopChannel",
             "Listens to or whispers into a channel",
             "Channel",
             {path("channelId"), query("spy").or_else("none").among("none|both|out|in"),
              query("whisper").or_else("none").among("none|both|out|in"), query("app").should(), query("appArgs"),
              query("snoopId")},
             {400, 404},
             snoop},
            {Method::post,
             "/channels/{channelId}/snoop/{snoopId}",
             "snoopChannelWithId",
             "The same under a given id",
             "Channel",
             {path("channelId"), path("snoopId"), query("spy").or_else("none").among("none|both|out|in"),
              query("whisper").or_else("none").among("none|both|out|in"), query("app").should(), query("appArgs")},
             {400, 404},
             snoop},
            {Method::post,
             "/channels/{channelId}/dial",
             "dial",
             "Dials a created channel",
             "void",
             {path("channelId"), query("caller"), number("timeout").or_else("0")},
             {404, 409},
             dial},
            {Method::get,
             "/channels/{channelId}/rtp_statistics",
             "rtpstatistics",
             "Shows RTP statistics of a channel",
             "RTPstat",
             {path("channelId")},
             {404},
             rtp_statistics},
            {Method::post,
             "/channels/externalMedia",
             "externalMedia",
             "Makes a channel to a media server",
             "Channel",
             {query("channelId"), query("app").should(), body("variables"), query("external_host"),
              query("encapsulation").or_else("rtp").among("rtp|audiosocket|none"),
              query("transport").or_else("udp").among("udp|tcp|websocket"),
              query("connection_type").or_else("client").among("client|server"), query("format").should(),
              query("direction").or_else("both").among("both"), query("data"), query("transport_data")},
             {400, 409},
             external_media},
            {Method::post,
             "/channels/{channelId}/transfer_progress",
             "transfer_progress",
             "Reports on a transfer that the application carries out",
             "void",
             {path("channelId"), query("states").should()},
             {400, 404, 409, 412},
             transfer_progress},
        }};
}

}  // namespace asterism::ari
