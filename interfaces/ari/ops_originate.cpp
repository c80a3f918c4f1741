// /channels: calling, creating and dialling.
#include <charconv>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/media/codec.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "control_ops.hpp"
#include "permission.hpp"
#include "render.hpp"
#include "reported.hpp"

namespace asterism::ari {

namespace {

/// What originate and create read alike.
struct Wanted {
    features::Destination destination;
    std::string uniqueid, other_uniqueid;
    ChannelId originator;
    std::vector<std::string> formats;
    std::vector<Call::Named> variables;
};

bool is_function(const Call::Named& variable) { return variable.name.ends_with(')'); }

std::optional<Wanted> read_wanted(Call& call, Reply& reply) {
    Pbx& pbx = call.service.pbx;
    Wanted wanted;
    const std::string& endpoint = call.text("endpoint");
    if (endpoint.empty()) {
        reply.error(400, "Endpoint must be specified");
        return std::nullopt;
    }
    const auto destination = features::parse_destination(endpoint);
    if (!destination || destination->data.empty()) {
        reply.error(400, "Invalid endpoint specified");
        return std::nullopt;
    }
    wanted.destination = *destination;
    if (!call.text("originator").empty() && !call.text("formats").empty()) {
        reply.error(400, "Originator and formats can't both be specified");
        return std::nullopt;
    }
    if (const std::string& name = call.text("originator"); !name.empty()) {
        const Channel* originator = pbx.channels->find(std::string_view(name));
        if (originator == nullptr) {
            reply.error(400, "Provided originator channel was not found");
            return std::nullopt;
        }
        wanted.originator = originator->id();
    }
    std::string_view rest = call.text("formats");
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const auto name = rest.substr(0, comma);
        if (!name.empty()) {
            if (!media::codec_by_name(name)) {
                reply.error(400, "Provided format (" + std::string(name) + ") was not found");
                return std::nullopt;
            }
            wanted.formats.emplace_back(name);
        }
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    auto variables = call.named("variables");
    if (!variables) {
        reply.error(400, "Only string values in the 'variables' object allowed");
        return std::nullopt;
    }
    wanted.variables = std::move(*variables);
    for (const auto& variable : wanted.variables) {
        if (may_write(pbx, variable.name)) continue;
        reply.error(403, "Function may not be written from outside");
        return std::nullopt;
    }
    const std::string& id = call.text("channelId");
    const std::string& other = call.text("otherChannelId");
    const auto taken = [&pbx](const std::string& uniqueid) {
        return !uniqueid.empty() && pbx.channels->uniqueid_taken(uniqueid);
    };
    if (taken(id) || taken(other) || (!id.empty() && id == other)) {
        reply.error(409, "Channel with given unique ID already exists");
        return std::nullopt;
    }
    wanted.uniqueid = id.empty() ? pbx.channels->new_uniqueid() : id;
    if (!other.empty()) {
        wanted.other_uniqueid = other;
    } else if (http::equal_ignoring_case(wanted.destination.technology, "Local")) {
        wanted.other_uniqueid = id.empty() ? pbx.channels->new_uniqueid() : id + ";2";
    }
    return wanted;
}

/// CALLERID(name) and the like need the channel; plain variables are set while it is made.
void set_functions(Channel& channel, const std::vector<Call::Named>& variables) {
    for (const auto& variable : variables) {
        if (is_function(variable)) dialplan::set_variable(channel.pbx(), &channel, variable.name, variable.value);
    }
}

void note_reported(Channel& channel, const std::vector<Call::Named>& variables) {
    for (const auto& variable : variables) {
        if (variable.report) channel.extra<ReportedVariables>().add(Variables::bare(variable.name));
    }
}

void show(Channel& channel, Reply& reply) {
    Json json;
    append_channel(json, channel.pbx(), *channel.snapshot());
    reply.json(json.take());
}

}  // namespace

void originate(Call& call, Reply& reply) {
    Service& service = call.service;
    Pbx& pbx = service.pbx;
    const std::string& app = call.text("app");
    const std::string& exten = call.text("extension");
    if (call.text("endpoint").empty()) {
        reply.error(400, "Endpoint must be specified");
        return;
    }
    if (app.empty() && exten.empty()) {
        reply.error(400, "Application or extension must be specified");
        return;
    }
    auto wanted = read_wanted(call, reply);
    if (!wanted) return;
    features::OriginateRequest request;
    request.destination = wanted->destination.technology + "/" + wanted->destination.data;
    request.formats = wanted->formats;
    request.uniqueid = wanted->uniqueid;
    request.other_uniqueid = wanted->other_uniqueid;
    request.originator = wanted->originator;
    if (!call.text("callerId").empty()) request.caller_id = parse_caller_id(call.text("callerId"));
    for (const auto& variable : wanted->variables) {
        if (!is_function(variable)) request.variables.emplace_back(variable.name, variable.value);
    }
    const auto timeout = call.integer("timeout");
    request.timeout = timeout < 0 ? std::chrono::hours(24 * 365) : std::chrono::seconds(timeout == 0 ? 30 : timeout);
    App* target = nullptr;
    if (!app.empty()) {
        // The application hears of the channel from the first moment on.
        target = service.applications.find(app);
        if (target != nullptr) {
            target->channels.add(wanted->uniqueid);
            if (!wanted->other_uniqueid.empty()) target->channels.add(wanted->other_uniqueid);
        }
        request.run = [&service, app, args = call.text("appArgs")](Channel& channel) {
            return run_stasis_alone(service, channel, app, args, true);
        };
    } else {
        Location where;
        where.context = call.text("context").empty() ? "default" : call.text("context");
        where.exten = exten;
        const auto priority = call.integer("priority");
        where.priority = priority > 0 ? static_cast<int>(priority) : 1;
        if (const std::string& label = call.text("label"); !label.empty() && pbx.dialplan != nullptr) {
            const auto found = pbx.dialplan->plan()->find_label(
                {.context = where.context, .exten = where.exten, .caller = {}, .now = service.now()}, label);
            int number = 0;
            const auto parsed = std::from_chars(label.data(), label.data() + label.size(), number);
            if (found && found.priority != nullptr) {
                where.priority = found.priority->number;
            } else if (parsed.ec == std::errc() && number > 0) {
                where.priority = number;
            } else {
                reply.error(404, "Requested label can not be found");
                return;
            }
        }
        request.location = where;
    }
    const auto made = features::originate(pbx, std::move(request));
    if (!made) {
        if (target != nullptr) {
            target->channels.remove(wanted->uniqueid);
            if (!wanted->other_uniqueid.empty()) target->channels.remove(wanted->other_uniqueid);
        }
        reply.allocation_failed();
        return;
    }
    set_functions(**made, wanted->variables);
    note_reported(**made, wanted->variables);
    show(**made, reply);
}

void create(Call& call, Reply& reply) {
    Service& service = call.service;
    Pbx& pbx = service.pbx;
    if (call.text("endpoint").empty()) {
        reply.error(400, "Endpoint must be specified");
        return;
    }
    if (call.text("app").empty()) {
        reply.error(400, "Application must be specified");
        return;
    }
    const auto wanted = read_wanted(call, reply);
    if (!wanted) return;
    Technology* technology = pbx.technologies->find(wanted->destination.technology);
    if (technology == nullptr) {
        reply.allocation_failed();
        return;
    }
    ChannelRequest request;
    request.data = wanted->destination.data;
    request.requestor = wanted->originator;
    request.formats = wanted->formats;
    request.uniqueid = wanted->uniqueid;
    request.other_uniqueid = wanted->other_uniqueid;
    const auto made = technology->request(request);
    if (!made) {
        reply.allocation_failed();
        return;
    }
    Channel& channel = **made;
    for (const auto& variable : wanted->variables) {
        dialplan::set_variable(pbx, &channel, variable.name, variable.value);
    }
    note_reported(channel, wanted->variables);
    // Unlike originate: not to the second half of a Local channel.
    if (App* app = service.applications.find(call.text("app"))) app->channels.add(wanted->uniqueid);
    show(channel, reply);
    // Later in this turn, as the answer shows the channel before the application has it.
    pbx.loop->defer([&service, &pbx, id = channel.id(), app = call.text("app"), args = call.text("appArgs")] {
        Channel* live = pbx.channels->find(id);
        if (live != nullptr) live->tasks().spawn(run_stasis_alone(service, *live, app, args));
    });
}

namespace {

Task<void> run_dial(Service& service, ChannelId id, ChannelId caller, std::optional<Duration> timeout) {
    Pbx& pbx = service.pbx;
    const auto status = co_await features::dial_existing(pbx, id, caller, timeout);
    Channel* channel = pbx.channels->find(id);
    if (channel == nullptr || status == features::DialStatus::answer) co_return;
    channel->request_hangup(status == features::DialStatus::no_answer ? Cause::no_answer : channel->cause());
}

}  // namespace

void dial(Call& call, Reply& reply) {
    Pbx& pbx = call.service.pbx;
    Channel* channel = require_channel(call, reply);
    if (channel == nullptr) return;
    Control* control = control_of(*channel);
    if (control == nullptr) {
        reply.error(409, "Channel not in Stasis application");
        return;
    }
    ChannelId caller;
    if (const std::string& name = call.text("caller"); !name.empty()) {
        const Channel* found = pbx.channels->find(std::string_view(name));
        if (found == nullptr) {
            reply.error(404, "Caller channel not found");
            return;
        }
        caller = found->id();
    }
    if (channel->state() != ChannelState::down) {
        reply.error(409, "Channel is not in the 'Down' state");
        return;
    }
    const auto seconds = call.integer("timeout");
    std::optional<Duration> timeout;
    if (seconds > 0) timeout = std::chrono::seconds(seconds);
    control->tasks->spawn(run_dial(call.service, channel->id(), caller, timeout));
    reply.no_content();
}

}  // namespace asterism::ari
