// The OpenAPI document against the rules of the specification that a client generator stumbles over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness.hpp"
#include "interfaces/ari/models.hpp"
#include "interfaces/ari/openapi.hpp"

namespace asterism::ari {
namespace {

using testing::Object;

/// Calls `action` with each value of the document, object or not, and where it is.
void walk(const Object& value, const std::string& where,
          const std::function<void(const Object&, std::string)>& action) {
    action(value, where);
    if (value.is_object()) {
        for (const auto& [key, inner] : value.items()) walk(inner, where + "/" + key, action);
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) walk(value[i], where + "/" + std::to_string(i), action);
    }
}

void only_keys(const Object& object, const std::set<std::string>& allowed, const std::string& where) {
    for (const auto& [key, value] : object.items()) EXPECT_TRUE(allowed.contains(key)) << where << " has " << key;
}

struct OpenApi : ::testing::Test {
    Object doc = Object::parse(open_api("http://h/ari"));
};

TEST_F(OpenApi, HasWhatTheSpecificationWants) {
    EXPECT_EQ(doc["openapi"], "3.1.0");
    EXPECT_TRUE(doc["info"].contains("title") && doc["info"].contains("version"));
    EXPECT_EQ(doc["servers"][0]["url"], "http://h/ari");
    only_keys(doc, {"openapi", "info", "servers", "security", "tags", "paths", "components"}, "document");
    for (const auto& one : doc["security"]) {
        EXPECT_TRUE(doc["components"]["securitySchemes"].contains(one.begin().key()));
    }
    // No key twice in one object: a parser that keeps the last one would lose operations.
    std::vector<std::set<std::string>> open;
    const auto twice = [&open](int, Object::parse_event_t event, Object& parsed) {
        if (event == Object::parse_event_t::object_start) open.emplace_back();
        if (event == Object::parse_event_t::object_end) open.pop_back();
        if (event == Object::parse_event_t::key) {
            EXPECT_TRUE(open.back().insert(parsed.get<std::string>()).second) << parsed;
        }
        return true;
    };
    (void)Object::parse(open_api("x"), twice);
}

TEST_F(OpenApi, EveryReferenceLeadsSomewhere) {
    std::size_t references = 0;
    walk(doc, "", [&](const Object& value, const std::string& where) {
        if (!value.is_object() || !value.contains("$ref")) return;
        ++references;
        const std::string target = value["$ref"];
        ASSERT_TRUE(target.starts_with("#/")) << where;
        EXPECT_TRUE(doc.contains(Object::json_pointer(target.substr(1)))) << where << " -> " << target;
        EXPECT_EQ(value.size(), 1U) << where;
    });
    EXPECT_GT(references, 100U);
}

TEST_F(OpenApi, OperationsAreTheTables) {
    std::set<std::string> ids;
    std::size_t operations = 0;
    std::size_t expected = 0;
    for (const auto& resource : all_resources()) {
        for (const auto& operation : resource.operations) {
            if (operation.handler != nullptr || !operation.websocket_protocol.empty()) ++expected;
        }
    }
    for (const auto& [path, item] : doc["paths"].items()) {
        EXPECT_TRUE(path.starts_with('/'));
        for (const auto& [method, operation] : item.items()) {
            const std::string where = method + " " + path;
            ++operations;
            EXPECT_TRUE((std::set<std::string>{"get", "put", "post", "delete"}).contains(method)) << where;
            only_keys(operation, {"operationId", "summary", "tags", "parameters", "requestBody", "responses"}, where);
            EXPECT_TRUE(ids.insert(operation["operationId"]).second) << where << " " << operation["operationId"];
            EXPECT_FALSE(operation["responses"].empty());
            for (const auto& [code, response] : operation["responses"].items()) {
                EXPECT_TRUE(response.contains("description")) << where;
                EXPECT_TRUE(code.size() == 3 && (code == "2XX" || code[0] == '1' || code[0] == '4' || code[0] == '5'))
                    << where << " " << code;
                only_keys(response, {"description", "content"}, where);
            }
            std::set<std::string> named;
            for (const auto& parameter : operation["parameters"]) {
                only_keys(parameter, {"name", "in", "required", "style", "explode", "schema"}, where);
                EXPECT_TRUE(parameter.contains("schema")) << where;
                EXPECT_TRUE(
                    named.insert(parameter["in"].get<std::string>() + ":" + parameter["name"].get<std::string>())
                        .second)
                    << where << parameter;
                if (parameter["in"] != "path") continue;
                EXPECT_EQ(parameter["required"], true);
                EXPECT_NE(path.find("{" + parameter["name"].get<std::string>() + "}"), std::string::npos) << where;
            }
            for (std::size_t at = 0; (at = path.find('{', at)) != std::string::npos; ++at) {
                const auto name = path.substr(at + 1, path.find('}', at) - at - 1);
                EXPECT_TRUE(named.contains("path:" + name)) << where << " " << name;
            }
            if (method == "get") EXPECT_FALSE(operation.contains("requestBody")) << where;
        }
    }
    EXPECT_EQ(operations, expected);
    // Our own parameters are told of here, and not in the description that Asterisk's clients read.
    EXPECT_NE(doc["paths"]["/events"]["get"].dump().find("\"since\""), std::string::npos);
}

TEST_F(OpenApi, SchemasAreWellFormed) {
    const auto& schemas = doc["components"]["schemas"];
    EXPECT_EQ(schemas.size(), all_models().size() + 3);
    static const std::set<std::string> words{"type",  "properties", "required", "items", "$ref",    "allOf",
                                             "oneOf", "format",     "pattern",  "enum",  "default", "discriminator"};
    const std::function<void(const Object&, const std::string&)> check = [&](const Object& schema,
                                                                             const std::string& where) {
        ASSERT_TRUE(schema.is_object()) << where;
        only_keys(schema, words, where);
        for (const char* list : {"allOf", "oneOf"}) {
            if (!schema.contains(list)) continue;
            EXPECT_FALSE(schema[list].empty()) << where;
            for (const auto& one : schema[list]) check(one, where + "/" + list);
        }
        if (schema.contains("items")) check(schema["items"], where + "/items");
        if (schema.contains("required")) {
            EXPECT_FALSE(schema["required"].empty()) << where;
            for (const auto& name : schema["required"]) {
                EXPECT_TRUE(schema["properties"].contains(name.get<std::string>())) << where << " " << name;
            }
        }
        if (schema.contains("properties")) {
            for (const auto& [name, inner] : schema["properties"].items()) check(inner, where + "/" + name);
        }
        if (schema.contains("discriminator")) {
            EXPECT_EQ(schema["discriminator"]["propertyName"], "type") << where;
        }
    };
    for (const auto& [name, schema] : schemas.items()) check(schema, name);
    walk(doc["paths"], "paths", [&](const Object& value, const std::string& where) {
        if (where.ends_with("/schema")) check(value, where);
    });
    // Each event is Message, Event and its own fields.
    EXPECT_EQ(schemas["StasisStart"]["allOf"][0]["$ref"], "#/components/schemas/Event");
    EXPECT_EQ(schemas["Event"]["allOf"][0]["$ref"], "#/components/schemas/Message");
    EXPECT_EQ(schemas["AnyEvent"]["discriminator"]["mapping"]["Dial"], "#/components/schemas/Dial");
    EXPECT_EQ(schemas["AnyEvent"]["oneOf"].size(), schemas["AnyEvent"]["discriminator"]["mapping"].size());
}

}  // namespace
}  // namespace asterism::ari
