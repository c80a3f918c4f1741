// /endpoints and /deviceStates
#include <algorithm>

#include "asterism/model/device_state.hpp"
#include "asterism/model/driver.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/pbx.hpp"
#include "render.hpp"
#include "service.hpp"

namespace asterism::ari {

using http::Method;

namespace {

void list(Call& call, Reply& reply) { reply.shared = call.service.endpoint_lists.of({}); }

void list_by_tech(Call& call, Reply& reply) {
    Pbx& pbx = call.service.pbx;
    const std::string& name = call.text("tech");
    const Technology* technology = pbx.technologies != nullptr ? pbx.technologies->find(name) : nullptr;
    if (technology == nullptr) {
        reply.error(404, "No Endpoints found - invalid tech " + name);
        return;
    }
    reply.shared = call.service.endpoint_lists.of(technology->name());
}

const Endpoint* require_endpoint(Call& call, Reply& reply) {
    Pbx& pbx = call.service.pbx;
    const Endpoint* found =
        pbx.endpoints != nullptr ? pbx.endpoints->find(call.text("tech"), call.text("resource")) : nullptr;
    if (found == nullptr) reply.error(404, "Endpoint not found");
    return found;
}

void get(Call& call, Reply& reply) {
    const Endpoint* endpoint = require_endpoint(call, reply);
    if (endpoint == nullptr) return;
    Json json;
    append_endpoint(json, *endpoint);
    reply.json(json.take());
}

/// A MESSAGE or a REFER. `to`: "pjsip:alice", "pjsip:alice/sip:alice@host", "sip:alice@host".
void send_to(Call& call, Reply& reply, std::string_view to, bool refers) {
    Pbx& pbx = call.service.pbx;
    if (call.text("from").empty()) {
        reply.error(400, "From must be specified");
        return;
    }
    if (refers && call.text("refer_to").empty()) {
        reply.error(400, "refer_to must be specified");
        return;
    }
    std::string technology(to.substr(0, to.find(':')));
    const auto colon = to.find(':');
    const std::string_view resource = colon == std::string_view::npos ? std::string_view() : to.substr(colon + 1);
    if (http::equal_ignoring_case(technology, "sip") || http::equal_ignoring_case(technology, "sips")) {
        technology = "PJSIP";
    }
    Technology* found = pbx.technologies != nullptr ? pbx.technologies->find(technology) : nullptr;
    if (found == nullptr || resource.empty()) {
        reply.error(404, "Endpoint not found");
        return;
    }
    const auto variables = call.named("variables");
    if (!variables) {
        reply.error(400, "Only string values in the 'variables' object allowed");
        return;
    }
    Technology::Named named;
    for (const auto& variable : *variables) named.emplace_back(variable.name, variable.value);
    if (refers) {
        if (!found->refer(resource, call.text("from"), call.text("refer_to"), call.boolean("to_self"), named)) {
            reply.error(404, "Endpoint not found");
            return;
        }
    } else {
        found->send_message(resource, call.text("from"), call.text("body"), named);
    }
    reply.status = 202;
}

template <bool Refers>
void send_message(Call& call, Reply& reply) {
    if (call.text("to").empty()) {
        reply.error(400, "To must be specified");
        return;
    }
    send_to(call, reply, call.text("to"), Refers);
}

template <bool Refers>
void send_message_to_endpoint(Call& call, Reply& reply) {
    const Endpoint* endpoint = require_endpoint(call, reply);
    if (endpoint != nullptr) {
        send_to(call, reply, endpoint->technology + ":" + endpoint->resource, Refers);
    }
}

// ---- device states ----

constexpr std::string_view stasis_prefix = "Stasis:";

void append_device(Json& json, std::string_view name, DeviceState state) {
    json.begin().put("name", name).put("state", to_string(state)).end();
}

void list_devices(Call& call, Reply& reply) {
    Json json;
    json.begin_list();
    if (call.service.pbx.device_states != nullptr) {
        for (const auto& [name, state] : call.service.pbx.device_states->all()) {
            if (name.starts_with(stasis_prefix)) append_device(json, name, state);
        }
    }
    reply.json(json.end_list().take());
}

void get_device(Call& call, Reply& reply) {
    const std::string& name = call.text("deviceName");
    const auto* states = call.service.pbx.device_states;
    Json json;
    append_device(json, name, states != nullptr ? states->state(name) : DeviceState::unknown);
    reply.json(json.take());
}

bool controlled_device(Call& call, Reply& reply) {
    const std::string& name = call.text("deviceName");
    if (name.starts_with(stasis_prefix) && name.size() > stasis_prefix.size() &&
        call.service.pbx.device_states != nullptr) {
        return true;
    }
    if (name == stasis_prefix) {
        reply.error(404, "Device name is missing");
    } else {
        reply.error(409, "Uncontrolled device specified");
    }
    return false;
}

void update_device(Call& call, Reply& reply) {
    if (!controlled_device(call, reply)) return;
    call.service.pbx.device_states->set(call.text("deviceName"), parse_device_state(call.text("deviceState")));
    reply.no_content();
}

void delete_device(Call& call, Reply& reply) {
    if (!controlled_device(call, reply)) return;
    call.service.pbx.device_states->remove(call.text("deviceName"));
    reply.no_content();
}

}  // namespace

Resource endpoint_operations() {
    return {"endpoints",
            "Endpoint resources",
            {
                {Method::get, "/endpoints", "list", "Lists the endpoints", "List[Endpoint]", {}, {}, list},
                {Method::put,
                 "/endpoints/sendMessage",
                 "sendMessage",
                 "Sends a message to a technology URI or endpoint",
                 "void",
                 {query("to").should(), query("from").should(), query("body"), body("variables")},
                 {400, 404},
                 send_message<false>},
                {Method::post,
                 "/endpoints/refer",
                 "refer",
                 "Refers an endpoint or URI elsewhere",
                 "void",
                 {query("to").should(), query("from").should(), query("refer_to").should(),
                  flag("to_self").or_else("false"), body("variables")},
                 {400, 404},
                 send_message<true>},
                {Method::get,
                 "/endpoints/{tech}",
                 "listByTech",
                 "Lists the endpoints of a technology",
                 "List[Endpoint]",
                 {path("tech")},
                 {404},
                 list_by_tech},
                {Method::get,
                 "/endpoints/{tech}/{resource}",
                 "get",
                 "Shows one endpoint",
                 "Endpoint",
                 {path("tech"), path("resource")},
                 {400, 404},
                 get},
                {Method::put,
                 "/endpoints/{tech}/{resource}/sendMessage",
                 "sendMessageToEndpoint",
                 "Sends a message to an endpoint",
                 "void",
                 {path("tech"), path("resource"), query("from").should(), query("body"), body("variables")},
                 {400, 404},
                 send_message_to_endpoint<false>},
                {Method::post,
                 "/endpoints/{tech}/{resource}/refer",
                 "referToEndpoint",
                 "Refers an endpoint elsewhere",
                 "void",
                 {path("tech"), path("resource"), query("from").should(), query("refer_to").should(),
                  flag("to_self").or_else("false"), body("variables")},
                 {400, 404},
                 send_message_to_endpoint<true>},
            }};
}

Resource device_state_operations() {
    return {
        "deviceStates",
        "Device state resources",
        {
            {Method::get,
             "/deviceStates",
             "list",
             "Lists the device states that applications control",
             "List[DeviceState]",
             {},
             {},
             list_devices},
            {Method::get,
             "/deviceStates/{deviceName}",
             "get",
             "Shows the state of a device",
             "DeviceState",
             {path("deviceName")},
             {},
             get_device},
            {Method::put,
             "/deviceStates/{deviceName}",
             "update",
             "Sets the state of a device that applications control",
             "void",
             {path("deviceName"),
              query("deviceState").should().among("NOT_INUSE|INUSE|BUSY|INVALID|UNAVAILABLE|RINGING|RINGINUSE|ONHOLD")},
             {404, 409},
             update_device},
            {Method::del,
             "/deviceStates/{deviceName}",
             "delete",
             "Forgets such a device",
             "void",
             {path("deviceName")},
             {404, 409},
             delete_device},
        }};
}

}  // namespace asterism::ari
