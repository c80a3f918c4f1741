// /channels/{channelId}/snoop and /channels/externalMedia
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/media/codec.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
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

void external_media(Call& call, Reply& reply) {
    Service& service = call.service;
    Pbx& pbx = service.pbx;
    const std::string& host = call.text("external_host");
    const std::string& app = call.text("app");
    if (app.empty()) {
        reply.error(400, "app cannot be empty");
        return;
    }
    if (host.empty()) {
        reply.error(400, "external_host is required for all but websocket server connections");
        return;
    }
    const auto colon = host.rfind(':');
    if (colon == std::string::npos || colon + 1 == host.size() || colon == 0) {
        reply.error(400, "external_host must be <host>:<port> for all transports other than websocket");
        return;
    }
    if (call.text("format").empty()) {
        reply.error(400, "format cannot be empty");
        return;
    }
    if (!media::codec_by_name(call.text("format"))) {
        reply.error(422, "Provided format (" + call.text("format") + ") was not found");
        return;
    }
    if (call.text("encapsulation") != "rtp" || call.text("transport") != "udp" ||
        call.text("connection_type") != "client" || call.text("direction") != "both") {
        reply.error(501, "The encapsulation and/or transport is not supported");
        return;
    }
    const std::string& id = call.text("channelId");
    if (!id.empty() && pbx.channels->uniqueid_taken(id)) {
        reply.error(409, "Channel with given unique ID already exists");
        return;
    }
    const auto variables = call.named("variables");
    if (!variables) {
        reply.error(400, "Only string values in the 'variables' object allowed");
        return;
    }
    for (const auto& variable : *variables) {
        if (may_write(pbx, variable.name)) continue;
        reply.error(403, "Function may not be written from outside");
        return;
    }
    features::OriginateRequest request;
    request.destination = "UnicastRTP/" + host + "/c(" + call.text("format") + ")";
    request.uniqueid = id.empty() ? pbx.channels->new_uniqueid() : id;
    for (const auto& variable : *variables) {
        if (!variable.name.ends_with(')')) request.variables.emplace_back(variable.name, variable.value);
    }
    request.run = [&service, app](Channel& channel) { return run_stasis_alone(service, channel, app, {}); };
    App* target = service.applications.find(app);
    const std::string uniqueid = request.uniqueid;
    if (target != nullptr) target->channels.add(uniqueid);
    const auto made = features::originate(pbx, std::move(request));
    if (!made) {
        if (target != nullptr) target->channels.remove(uniqueid);
        reply.allocation_failed();
        return;
    }
    for (const auto& variable : *variables) {
        if (variable.name.ends_with(')')) dialplan::set_variable(pbx, *made, variable.name, variable.value);
    }
    auto& reported = (*made)->extra<ReportedVariables>();
    reported.add("UNICASTRTP_LOCAL_PORT");
    reported.add("UNICASTRTP_LOCAL_ADDRESS");
    for (const auto& variable : *variables) {
        if (variable.report) reported.add(Variables::bare(variable.name));
    }
    Json json;
    append_channel(json, pbx, *(*made)->snapshot());
    reply.json(json.take());
}

}  // namespace asterism::ari
