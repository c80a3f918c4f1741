#include "api_docs.hpp"

#include "json.hpp"
#include "models.hpp"
#include "operation.hpp"

namespace asterism::ari {

namespace {

using http::Method;

std::string_view method_name(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::post: return "POST";
        case Method::put: return "PUT";
        default: return "DELETE";
    }
}

std::string_view place(In in) {
    switch (in) {
        case In::path: return "path";
        case In::query: return "query";
        case In::body: return "body";
    }
    return "";
}

std::string_view type_name(Type type) {
    switch (type) {
        case Type::text: return "string";
        case Type::integer: return "int";
        case Type::boolean: return "boolean";
        case Type::containers: return "containers";
        case Type::object: return "object";
    }
    return "";
}

std::string_view error_reason(int code) {
    switch (code) {
        case 400: return "A parameter is missing or invalid.";
        case 403: return "Not permitted.";
        case 404: return "Not found.";
        case 409: return "Not possible in the present state.";
        case 412: return "The channel is in an invalid state.";
        case 422: return "The request can't be carried out.";
        default: return "The request failed.";
    }
}

void head(Json& json, std::string_view base_path) {
    json.put("apiVersion", "10.0.0").put("swaggerVersion", "1.1").put("basePath", base_path);
}

void parameter_doc(Json& json, const Parameter& parameter) {
    json.begin();
    json.put("name", parameter.name).put("description", parameter.name).put("paramType", place(parameter.in));
    json.put("required", parameter.required).put("allowMultiple", parameter.multiple);
    json.put("dataType", type_name(parameter.type));
    if (!parameter.by_default.empty()) {
        if (parameter.type == Type::text) {
            json.put("defaultValue", parameter.by_default);
        } else {
            json.key("defaultValue").raw(parameter.by_default);
        }
    }
    if (!parameter.values.empty()) {
        json.key("allowableValues").begin().put("valueType", "LIST").key("values").begin_list();
        std::string_view rest = parameter.values;
        for (;;) {
            const auto bar = rest.find('|');
            json.value(rest.substr(0, bar));
            if (bar == std::string_view::npos) break;
            rest.remove_prefix(bar + 1);
        }
        json.end_list().end();
    }
    json.end();
}

void operation_doc(Json& json, const Operation& operation) {
    json.begin();
    json.put("httpMethod", method_name(operation.method)).put("summary", operation.summary);
    json.put("nickname", operation.nickname).put("responseClass", operation.response);
    if (!operation.websocket_protocol.empty()) {
        json.put("upgrade", "websocket").put("websocketProtocol", operation.websocket_protocol);
    }
    if (!operation.parameters.empty()) {
        json.key("parameters").begin_list();
        for (const auto& parameter : operation.parameters) {
            if (!parameter.ours) parameter_doc(json, parameter);
        }
        json.end_list();
    }
    if (!operation.errors.empty()) {
        json.key("errorResponses").begin_list();
        for (const int code : operation.errors) {
            json.begin().put("code", code).put("reason", error_reason(code)).end();
        }
        json.end_list();
    }
    json.end();
}

void models_doc(Json& json, std::string_view resource) {
    json.key("models").begin();
    for (const auto& model : all_models()) {
        if (model.resource != resource) continue;
        json.key(model.id).begin().put("id", model.id);
        if (!model.sub_types.empty()) {
            if (model.id == "Message") json.put("discriminator", "type");
            json.key("subTypes").begin_list();
            each_word(model.sub_types, [&](std::string_view name) { json.value(name); });
            json.end_list();
        }
        json.key("properties").begin();
        each_field(model.fields, [&](std::string_view field, std::string_view type, bool required) {
            json.key(field).begin().put("type", type).put("required", required).end();
        });
        json.end().end();
    }
    json.end();
}

}  // namespace

std::optional<std::string> api_docs(std::string_view name, std::string_view base_path) {
    if (!name.ends_with(".json")) return std::nullopt;
    name.remove_suffix(5);
    Json json;
    json.begin();
    head(json, base_path);
    if (name == "resources") {
        json.key("apis").begin_list();
        for (const auto& resource : all_resources()) {
            json.begin().put("path", "/api-docs/" + std::string(resource.name) + ".{format}");
            json.put("description", resource.description).end();
        }
        json.end_list().end();
        return json.take();
    }
    for (const auto& resource : all_resources()) {
        if (resource.name != name) continue;
        json.put("resourcePath", "/api-docs/" + std::string(name) + ".{format}");
        json.key("apis").begin_list();
        std::string_view open;
        for (const auto& operation : resource.operations) {
            if (operation.path != open) {
                if (!open.empty()) json.end_list().end();
                open = operation.path;
                json.begin().put("path", operation.path).put("description", resource.description);
                json.key("operations").begin_list();
            }
            operation_doc(json, operation);
        }
        if (!open.empty()) json.end_list().end();
        json.end_list();
        models_doc(json, name);
        json.end();
        return json.take();
    }
    return std::nullopt;
}

}  // namespace asterism::ari
