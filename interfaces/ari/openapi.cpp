// OpenAPI Specification 3.1.0; schemas are JSON Schema 2020-12.
#include "openapi.hpp"

#include <algorithm>
#include <set>

#include "json.hpp"
#include "models.hpp"
#include "operation.hpp"

namespace asterism::ari {

namespace {

using http::Method;

std::string_view method_key(Method method) {
    switch (method) {
        case Method::post: return "post";
        case Method::put: return "put";
        case Method::del: return "delete";
        default: return "get";
    }
}

std::string ref(std::string_view model) { return "#/components/schemas/" + std::string(model); }

/// What a model's field or an operation's answer is: "string", "List[Channel]", "Channel"...
void schema_of(Json& json, std::string_view type) {
    json.begin();
    if (type.starts_with("List[") && type.ends_with(']')) {
        json.put("type", "array").key("items");
        schema_of(json, type.substr(5, type.size() - 6));
    } else if (type == "string" || type == "boolean" || type == "object") {
        json.put("type", type);
    } else if (type == "int") {
        json.put("type", "integer").put("format", "int32");
    } else if (type == "long") {
        json.put("type", "integer").put("format", "int64");
    } else if (type == "double") {
        json.put("type", "number").put("format", "double");
    } else if (type == "Date") {
        // ISO 8601 with milliseconds, but without the colon in the zone that "date-time" wants.
        json.put("type", "string").put("pattern", R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$)");
    } else {
        json.put("$ref", ref(type));
    }
    json.end();
}

// ---- operations ----

void put_values(Json& json, std::string_view values) {
    json.key("enum").begin_list();
    while (!values.empty()) {
        const auto bar = values.find('|');
        json.value(values.substr(0, bar));
        values.remove_prefix(bar == std::string_view::npos ? values.size() : bar + 1);
    }
    json.end_list();
}

void put_default(Json& json, const Parameter& parameter) {
    if (parameter.by_default.empty()) return;
    if (parameter.type == Type::text) {
        json.put("default", parameter.by_default);
    } else {
        json.key("default").raw(parameter.by_default);
    }
}

void parameter_schema(Json& json, const Parameter& parameter) {
    json.begin();
    if (parameter.multiple) json.put("type", "array").key("items").begin();
    switch (parameter.type) {
        case Type::text: json.put("type", "string"); break;
        case Type::integer: json.put("type", "integer"); break;
        case Type::boolean: json.put("type", "boolean"); break;
        case Type::containers: json.key("type").begin_list().value("object").value("array").end_list(); break;
        case Type::object: json.put("type", "object"); break;
    }
    if (!parameter.values.empty()) put_values(json, parameter.values);
    if (parameter.multiple) json.end();
    put_default(json, parameter);
    json.end();
}

void put_parameters(Json& json, const Operation& operation) {
    json.key("parameters").begin_list();
    for (const Parameter& one : operation.parameters) {
        if (one.in == In::body) continue;
        json.begin().put("name", one.name).put("in", one.in == In::path ? "path" : "query");
        json.put("required", one.required);
        if (one.multiple) json.put("style", "form").put("explode", false);
        parameter_schema(json.key("schema"), one);
        json.end();
    }
    json.end_list();
}

/// What may stand in the query may stand in the body as well; who has a body of its own is shown with both.
void put_body(Json& json, const Operation& operation) {
    const auto in_body = [](const Parameter& one) { return one.in == In::body; };
    if (std::ranges::none_of(operation.parameters, in_body)) return;
    json.key("requestBody").begin().put("required", false).key("content").begin().key("application/json").begin();
    json.key("schema").begin().put("type", "object").key("properties").begin();
    for (const Parameter& one : operation.parameters) {
        if (one.in != In::path) parameter_schema(json.key(one.name), one);
    }
    json.end().end().end().end().end();
}

void put_error(Json& json, std::string_view code, std::string_view description) {
    json.key(code).begin().put("description", description).key("content").begin().key("application/json").begin();
    json.key("schema").begin().put("$ref", ref("Error")).end().end().end().end();
}

std::string_view meaning_of(int code) {
    switch (code) {
        case 400: return "A parameter is missing or invalid";
        case 403: return "Not permitted";
        case 404: return "Not found";
        case 409: return "Not possible in the present state";
        case 412: return "The channel is in an invalid state";
        case 422: return "The request can't be carried out";
        default: return "The request failed";
    }
}

void put_responses(Json& json, const Operation& operation) {
    json.key("responses").begin();
    if (!operation.websocket_protocol.empty()) {
        json.key("101").begin().put("description", "A WebSocket: each message is an Event").end();
    } else if (operation.response == "void") {
        json.key("2XX").begin().put("description", "Done; without a body").end();
    } else {
        json.key("2XX").begin().put("description", "Done").key("content").begin();
        json.key(operation.response == "binary" ? "application/octet-stream" : "application/json").begin();
        json.key("schema");
        if (operation.response == "binary") {
            json.begin().end();
        } else {
            schema_of(json, operation.response);
        }
        json.end().end().end();
    }
    put_error(json, "401", "Who asks is not known");
    std::set<int> codes(operation.errors.begin(), operation.errors.end());
    codes.insert(403);
    for (const int code : codes) put_error(json, std::to_string(code), meaning_of(code));
    json.end();
}

void put_operation(Json& json, const Resource& resource, const Operation& operation) {
    json.key(method_key(operation.method)).begin();
    json.put("operationId", std::string(resource.name) + "_" + std::string(operation.nickname));
    json.put("summary", operation.summary).key("tags").begin_list().value(resource.name).end_list();
    put_parameters(json, operation);
    put_body(json, operation);
    put_responses(json, operation);
    json.end();
}

// ---- models ----

/// What Asterism adds to Asterisk's models.
std::string_view more_fields(std::string_view model) {
    if (model == "Event") return "sequence:long";
    if (model == "StasisStart") return "resumed:boolean";
    return {};
}
constexpr std::string_view resumed = "ApplicationResumed";
constexpr std::string_view resumed_fields = "sequence:long! complete:boolean!";

void put_properties(Json& json, std::string_view fields, std::string_view more) {
    json.put("type", "object").key("properties").begin();
    bool any = false;
    const auto property = [&](std::string_view name, std::string_view type, bool required) {
        schema_of(json.key(name), type);
        any = any || required;
    };
    each_field(fields, property);
    each_field(more, property);
    json.end();
    if (!any) return;
    json.key("required").begin_list();
    each_field(fields, [&json](std::string_view name, std::string_view, bool required) {
        if (required) json.value(name);
    });
    json.end_list();
}

/// The model that names `id` among its sub-types.
std::string_view parent_of(std::string_view id) {
    for (const Model& model : all_models()) {
        bool found = false;
        each_word(model.sub_types, [&](std::string_view name) { found = found || name == id; });
        if (found) return model.id;
    }
    return {};
}

void put_model(Json& json, std::string_view id, std::string_view fields, std::string_view parent) {
    json.key(id).begin();
    if (parent.empty()) {
        put_properties(json, fields, more_fields(id));
    } else {
        json.key("allOf").begin_list().begin().put("$ref", ref(parent)).end().begin();
        put_properties(json, fields, more_fields(id));
        json.end().end_list();
    }
    if (id == "Message") json.key("discriminator").begin().put("propertyName", "type").end();
    json.end();
}

void put_components(Json& json) {
    json.key("components").begin().key("securitySchemes").begin();
    json.key("basic").begin().put("type", "http").put("scheme", "basic").end();
    json.key("api_key").begin().put("type", "apiKey").put("in", "query").put("name", "api_key");
    json.put("description", "user:password").end().end();
    json.key("schemas").begin();
    for (const Model& model : all_models()) put_model(json, model.id, model.fields, parent_of(model.id));
    put_model(json, resumed, resumed_fields, "Event");
    put_model(json, "Error", "message:string!", {});
    // A schema for each type of event that can be told from the others by its type.
    json.key("AnyEvent").begin().key("oneOf").begin_list();
    const auto each_event = [](auto action) {
        for (const Model& model : all_models()) {
            if (model.id == "Event") each_word(model.sub_types, action);
        }
        action(resumed);
    };
    each_event([&json](std::string_view name) { json.begin().put("$ref", ref(name)).end(); });
    json.end_list().key("discriminator").begin().put("propertyName", "type").key("mapping").begin();
    each_event([&json](std::string_view name) { json.put(name, ref(name)); });
    json.end().end().end();
    json.end().end();
}

/// Operations by path, in the order of the table: a path may come back in it.
void put_paths(Json& json) {
    std::vector<std::pair<const Resource*, const Operation*>> all;
    std::vector<std::string_view> paths;
    for (const Resource& resource : all_resources()) {
        for (const Operation& operation : resource.operations) {
            if (operation.handler == nullptr && operation.websocket_protocol.empty()) continue;
            all.emplace_back(&resource, &operation);
            if (std::ranges::find(paths, operation.path) == paths.end()) paths.push_back(operation.path);
        }
    }
    json.key("paths").begin();
    for (const auto path : paths) {
        json.key(path).begin();
        for (const auto& [resource, operation] : all) {
            if (operation->path == path) put_operation(json, *resource, *operation);
        }
        json.end();
    }
    json.end();
}

}  // namespace

std::string open_api(std::string_view url) {
    Json json;
    json.begin().put("openapi", "3.1.0");
    json.key("info").begin().put("title", "Asterisk REST Interface").put("version", "10.0.0").end();
    json.key("servers").begin_list().begin().put("url", url).end().end_list();
    json.key("security").begin_list();
    json.begin().key("basic").begin_list().end_list().end();
    json.begin().key("api_key").begin_list().end_list().end().end_list();
    json.key("tags").begin_list();
    for (const Resource& resource : all_resources()) {
        json.begin().put("name", resource.name).put("description", resource.description).end();
    }
    json.end_list();
    put_paths(json);
    put_components(json);
    return json.end().take();
}

}  // namespace asterism::ari
