// /channels/{channelId}/snoop and /channels/externalMedia
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/media/codec.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/resolve.hpp"
#include "control_ops.hpp"
#include "media_channels.hpp"
#include "permission.hpp"
#include "render.hpp"
#include "reported.hpp"

namespace asterism::ari {

namespace {

/// Sets what a direction names; false for a word that is none.
bool read_direction(const std::string& text, bool& in, bool& out) {
    if (text == "both" || text == "in") in = true;
    if (text == "both" || text == "out") out = true;
    return in || out || text == "none" || text.empty();
}

/// Ends the snooping channel when the one it listens to has ended.
Task<void> follow(Pbx& pbx, Channel& snoop, ChannelId spied) {
    Channel* target = pbx.channels->find(spied);
    if (target == nullptr) co_return;
    Mailbox<ChannelSignal> box(*pbx.loop);
    const Observation observation(*target, box, false);
    while ((co_await box.next()).kind != ChannelSignal::Kind::ended) {
    }
    snoop.request_hangup(Cause::normal_clearing);
}

}  // namespace

void snoop(Call& call, Reply& reply) {
    Service& service = call.service;
    Pbx& pbx = service.pbx;
    media::TapOptions tap;
    if (!read_direction(call.text("spy"), tap.spy_in, tap.spy_out)) {
        reply.error(400, "Invalid direction specified for spy");
        return;
    }
    if (!read_direction(call.text("whisper"), tap.whisper_in, tap.whisper_out)) {
        reply.error(400, "Invalid direction specified for whisper");
        return;
    }
    if (!tap.spy_in && !tap.spy_out && !tap.whisper_in && !tap.whisper_out) {
        reply.error(400, "Direction must be specified for at least spy or whisper");
        return;
    }
    if (call.text("app").empty()) {
        reply.error(400, "Application must be specified");
        return;
    }
    Channel* spied = require_channel(call, reply);
    if (spied == nullptr) return;
    const std::string& id = call.text("snoopId");
    if (!id.empty() && pbx.channels->uniqueid_taken(id)) {
        reply.error(409, "Channel with given unique ID already exists");
        return;
    }
    if (!spied->leg()) {
        reply.error(412, "Channel in invalid state");
        return;
    }
    Channel& made = make_snoop(pbx, *spied, tap, id.empty() ? pbx.channels->new_uniqueid() : id);
    Json json;
    append_channel(json, pbx, *made.snapshot());
    reply.json(json.take());
    pbx.loop->defer([&service, &pbx, made_id = made.id(), spied_id = spied->id(), app = call.text("app"),
                     args = call.text("appArgs")] {
        Channel* live = pbx.channels->find(made_id);
        if (live == nullptr) return;
        live->tasks().spawn(follow(pbx, *live, spied_id));
        live->tasks().spawn(run_stasis_alone(service, *live, app, args));
    });
}

namespace {

/// A channel to a media program that was asked for, all checked.
struct MediaWish {
    std::string destination, uniqueid, app;
    std::vector<Call::Named> variables;
    std::vector<std::string_view> reported;  ///< of the technology's variables
};

void start_media(Service& service, MediaWish wish, Reply& reply) {
    Pbx& pbx = service.pbx;
    features::OriginateRequest request;
    request.destination = std::move(wish.destination);
    request.uniqueid = wish.uniqueid;
    for (const auto& variable : wish.variables) {
        if (!variable.name.ends_with(')')) request.variables.emplace_back(variable.name, variable.value);
    }
    request.run = [&service, app = wish.app](Channel& channel) { return run_stasis_alone(service, channel, app, {}); };
    App* target = service.applications.find(wish.app);
    if (target != nullptr) target->channels.add(wish.uniqueid);
    const auto made = features::originate(pbx, std::move(request));
    if (!made) {
        if (target != nullptr) target->channels.remove(wish.uniqueid);
        reply.allocation_failed();
        return;
    }
    for (const auto& variable : wish.variables) {
        if (variable.name.ends_with(')')) dialplan::set_variable(pbx, *made, variable.name, variable.value);
    }
    auto& reported = (*made)->extra<ReportedVariables>();
    for (const auto name : wish.reported) reported.add(name);
    for (const auto& variable : wish.variables) {
        if (variable.report) reported.add(Variables::bare(variable.name));
    }
    Json json;
    append_channel(json, pbx, *(*made)->snapshot());
    reply.json(json.take());
}

/// Looks the host of a UnicastRTP wish up, off the loop, then starts it.
void start_when_resolved(Call& call, MediaWish wish, const std::string& host, const std::string& port) {
    Service& service = call.service;
    struct Shared {
        MediaWish wish;
        std::expected<std::vector<std::string>, std::string> addresses = std::unexpected("");
    };
    auto shared = std::make_shared<Shared>(std::move(wish));
    service.pbx.loop->blocking([shared, host] { shared->addresses = resolve_host(host); },
                               [&service, alive = service.alive(), shared, host, port, answer = call.later()] {
                                   if (!*alive) return;
                                   Reply reply;
                                   if (!shared->addresses) {
                                       log::error("Media server '{}': {}", host, shared->addresses.error());
                                       reply.allocation_failed();
                                   } else {
                                       const auto& ip = shared->addresses->front();
                                       const bool v6 = ip.contains(':');
                                       shared->wish.destination = "UnicastRTP/" + (v6 ? "[" + ip + "]" : ip) + ":" +
                                                                  port + shared->wish.destination;
                                       start_media(service, std::move(shared->wish), reply);
                                   }
                                   answer(std::move(reply));
                               });
}

}  // namespace

void external_media(Call& call, Reply& reply) {
    Service& service = call.service;
    Pbx& pbx = service.pbx;
    std::string host = call.text("external_host");
    const std::string& transport = call.text("transport");
    const std::string& encapsulation = call.text("encapsulation");
    const bool websocket = transport == "websocket";
    const bool server = call.text("connection_type") == "server";
    if (call.text("app").empty()) {
        reply.error(400, "app cannot be empty");
        return;
    }
    if (server && !websocket) {
        reply.error(400, "'server' can only be specified for the websocket transport");
        return;
    }
    if (!server && call.text("connection_type") != "client") {
        reply.error(400, "connection_type must be 'client' or 'server'");
        return;
    }
    if (host.empty() && !server) {
        reply.error(400, "external_host is required for all but websocket server connections");
        return;
    }
    const auto colon = host.rfind(':');
    if (!websocket && (colon == std::string::npos || colon + 1 == host.size() || colon == 0)) {
        reply.error(400, "external_host must be <host>:<port> for all transports other than websocket");
        return;
    }
    const std::string& format = call.text("format");
    if (format.empty()) {
        reply.error(400, "format cannot be empty");
        return;
    }
    if (!media::codec_by_name(format)) {
        reply.error(400, "Provided format (" + format + ") was not found");
        return;
    }
    const std::string& direction = call.text("direction");
    if (websocket ? direction != "both" && direction != "in" && direction != "out" : direction != "both") {
        reply.error(400, "direction must be 'both', or for a websocket 'in' or 'out'");
        return;
    }
    MediaWish wish;
    wish.app = call.text("app");
    const std::string codec = "/c(" + format + ")";
    bool look_up = false;
    if (encapsulation == "rtp" && transport == "udp") {
        wish.reported = {"UNICASTRTP_LOCAL_PORT", "UNICASTRTP_LOCAL_ADDRESS"};
        const std::string name = host.substr(0, colon);
        look_up = name.front() != '[' && !is_ip_address(name) && name != "localhost";
        wish.destination = look_up ? codec : "UnicastRTP/" + host + codec;
    } else if (encapsulation == "audiosocket" && transport == "tcp") {
        if (call.text("data").empty()) {
            reply.error(400, "data cannot be empty: it is the UUID of the call");
            return;
        }
        wish.destination = "AudioSocket/" + host + "/" + call.text("data") + codec;
    } else if (encapsulation == "none" && websocket) {
        wish.reported = {"MEDIA_WEBSOCKET_CONNECTION_ID", "MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE"};
        if (server) host = "INCOMING";
        wish.destination = "WebSocket/" + host + codec;
        if (direction != "both") wish.destination += "d(" + direction + ")";
        wish.destination += call.text("transport_data");
    } else {
        reply.error(501, "The encapsulation and/or transport is not supported");
        return;
    }
    const std::string& id = call.text("channelId");
    if (!id.empty() && pbx.channels->uniqueid_taken(id)) {
        reply.error(409, "Channel with given unique ID already exists");
        return;
    }
    wish.uniqueid = id.empty() ? pbx.channels->new_uniqueid() : id;
    auto variables = call.named("variables");
    if (!variables) {
        reply.error(400, "Only string values in the 'variables' object allowed");
        return;
    }
    for (const auto& variable : *variables) {
        if (may_write(pbx, variable.name)) continue;
        reply.error(403, "Function may not be written from outside");
        return;
    }
    wish.variables = std::move(*variables);
    if (look_up) {
        start_when_resolved(call, std::move(wish), host.substr(0, colon), host.substr(colon + 1));
    } else {
        start_media(service, std::move(wish), reply);
    }
}

}  // namespace asterism::ari
