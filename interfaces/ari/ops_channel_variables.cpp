// /channels/{channelId}/variable and /variables.
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/pbx.hpp"
#include "control_ops.hpp"
#include "json_body.hpp"
#include "permission.hpp"
#include "reported.hpp"

namespace asterism::ari {

namespace {

Channel* find_channel(Call& call, Reply& reply) {
    Channel* channel = call.service.pbx.channels->find(std::string_view(call.text("channelId")));
    if (channel == nullptr) reply.error(404, "Provided channel was not found", "Channel Not Found");
    return channel;
}

enum class Read : std::uint8_t { good, unset, failed };

Read read_variable(Pbx& pbx, Channel& channel, const std::string& name, std::string& value) {
    if (!may_read(pbx, name)) return Read::failed;
    auto found = dialplan::get_variable(pbx, &channel, name);
    if (found) {
        value = std::move(*found);
        return Read::good;
    }
    return name.ends_with(')') ? Read::failed : Read::unset;
}

bool answer_failure(Read read, Reply& reply) {
    if (read == Read::unset) reply.error(404, "Provided variable was not found", "Variable Not Found");
    if (read == Read::failed) reply.error(500, "Unable to read provided function", "Error With Function");
    return read != Read::good;
}

}  // namespace

void get_channel_variable(Call& call, Reply& reply) {
    const std::string& name = call.text("variable");
    if (name.empty()) {
        reply.error(400, "Variable name is required");
        return;
    }
    Channel* channel = find_channel(call, reply);
    if (channel == nullptr) return;
    std::string value;
    if (answer_failure(read_variable(call.service.pbx, *channel, name, value), reply)) return;
    Json json;
    reply.json(json.begin().put("value", value).end().take());
}

void set_channel_variable(Call& call, Reply& reply) {
    const std::string& name = call.text("variable");
    if (name.empty()) {
        reply.error(400, "Variable name is required");
        return;
    }
    const auto controlled = require_any_control(call, reply);
    if (!controlled) return;
    Pbx& pbx = call.service.pbx;
    if (!may_write(pbx, name)) {
        reply.error(403, "Function may not be written from outside");
        return;
    }
    if (call.boolean("report_events")) controlled.channel->extra<ReportedVariables>().add(Variables::bare(name));
    if (!dialplan::set_variable(pbx, controlled.channel, name, call.text("value"))) {
        reply.error(400, "Unable to set the variable");
        return;
    }
    reply.no_content();
}

void get_channel_variables(Call& call, Reply& reply) {
    const auto names = call.list("variables");
    if (names.empty() || names.front().empty()) {
        reply.error(400, "Variable names are required");
        return;
    }
    Channel* channel = find_channel(call, reply);
    if (channel == nullptr) return;
    Json json;
    json.begin().key("variables").begin();
    for (const auto& name : names) {
        std::string value;
        if (answer_failure(read_variable(call.service.pbx, *channel, name, value), reply)) return;
        json.put(name, value);
    }
    reply.json(json.end().end().take());
}

void set_channel_variables(Call& call, Reply& reply) {
    const auto variables = call.named("variables");
    if (!variables || variables->empty()) {
        reply.error(400, "Variables are required");
        return;
    }
    const auto controlled = require_any_control(call, reply);
    if (!controlled) return;
    Pbx& pbx = call.service.pbx;
    for (const auto& variable : *variables) {
        if (may_write(pbx, variable.name)) continue;
        reply.error(403, "Function may not be written from outside");
        return;
    }
    for (const auto& variable : *variables) {
        if (variable.report) controlled.channel->extra<ReportedVariables>().add(Variables::bare(variable.name));
        dialplan::set_variable(pbx, controlled.channel, variable.name, variable.value);
    }
    reply.no_content();
}

}  // namespace asterism::ari
