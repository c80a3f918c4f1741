#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness.hpp"
#include "interfaces/ari/api_docs.hpp"
#include "interfaces/ari/auth.hpp"

namespace asterism::ari {
namespace {

using ::testing::ElementsAre;
using testing::Harness;
using testing::Object;

TEST(Json, Times) {
    EXPECT_EQ(time_text(WallTime(std::chrono::milliseconds(1'795'288'897'113))), "2026-11-21T19:21:37.113+0000");
}

TEST(Auth, ReadsBasicAndKeys) {
    EXPECT_EQ(parse_basic("Basic YXJpOmFyaXB3"), std::pair(std::string("ari"), std::string("aripw")));
    EXPECT_EQ(parse_basic("Bearer x"), std::nullopt);
    EXPECT_EQ(parse_basic("Basic !!"), std::nullopt);
    EXPECT_EQ(split_credentials("a:b:c"), std::pair(std::string("a"), std::string("b:c")));
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", ""));
    EXPECT_FALSE(equal_in_constant_time("", "abc"));
}

TEST(Table, HasEveryOperationOnce) {
    std::size_t rows = 0;
    std::set<std::string> seen;
    for (const auto& resource : all_resources()) {
        for (const auto& operation : resource.operations) {
            ++rows;
            EXPECT_TRUE(
                seen.insert(std::to_string(static_cast<int>(operation.method)) + std::string(operation.path)).second)
                << operation.path;
            EXPECT_FALSE(operation.summary.empty());
            // Every {name} of the path is declared, and the other way round.
            for (const auto& parameter : operation.parameters) {
                const bool in_path =
                    operation.path.find("{" + std::string(parameter.name) + "}") != std::string_view::npos;
                EXPECT_EQ(in_path, parameter.in == In::path) << operation.path << " " << parameter.name;
            }
        }
    }
    EXPECT_EQ(rows, 109U);
}

TEST(Table, FindsOperationsAndSaysWhatIsAllowed) {
    const Table table(all_resources());
    EXPECT_EQ(table.find(http::Method::get, "/channels/1.2").operation->nickname, "get");
    EXPECT_EQ(table.find(http::Method::post, "/channels/create").operation->nickname, "create");
    EXPECT_EQ(table.find(http::Method::get, "/channels/a%2Fb").values.front().second, "a/b");
    EXPECT_EQ(table.find(http::Method::put, "/channels/x").allow, "OPTIONS,GET,POST,DELETE");
    EXPECT_EQ(table.find(http::Method::get, "").allow, "OPTIONS");
    EXPECT_TRUE(table.find(http::Method::get, "/").known);
    EXPECT_FALSE(table.find(http::Method::get, "/nosuch").known);
}

TEST(Table, DescribesItself) {
    const auto resources = Object::parse(*api_docs("resources.json", "http://h/ari"));
    EXPECT_EQ(resources["basePath"], "http://h/ari");
    EXPECT_EQ(resources["apis"].size(), 11U);
    for (const auto& api : resources["apis"]) {
        const std::string path = api["path"];
        const std::string name = path.substr(10, path.find('.') - 10);
        const auto doc = Object::parse(*api_docs(name + ".json", "http://h/ari"));
        EXPECT_EQ(doc["resourcePath"], path);
        EXPECT_FALSE(doc["apis"].empty());
    }
    const auto channels = Object::parse(*api_docs("channels.json", "http://h/ari"));
    const auto& dtmf = channels["apis"][9]["operations"][0];
    EXPECT_EQ(dtmf["nickname"], "sendDTMF");
    EXPECT_EQ(channels["models"]["Channel"]["properties"]["id"]["type"], "string");
    const auto events = Object::parse(*api_docs("events.json", "http://h/ari"));
    EXPECT_EQ(events["models"]["Message"]["discriminator"], "type");
    EXPECT_EQ(events["apis"][0]["operations"][0]["upgrade"], "websocket");
    EXPECT_FALSE(api_docs("nosuch.json", ""));
}

TEST(Requests, AnswerUnknownThingsAsAsteriskDoes) {
    Harness h;
    EXPECT_EQ(h.request("GET /nosuch").body, R"({"message":"Resource not found"})");
    const auto put = h.request("PUT /channels");
    EXPECT_EQ(put.status, 405);
    EXPECT_EQ(put.headers_name + ": " + put.headers_value, "Allow: OPTIONS,GET,POST");
    EXPECT_EQ(put.body, R"({"message":"Invalid method"})");
    EXPECT_EQ(h.request("POST /channels", "{bad json").body, R"({"message":"Error parsing request body"})");
    EXPECT_EQ(h.request("GET /channels/nosuch").body, R"({"message":"Channel not found"})");
    const auto variable = h.request("GET /channels/nosuch/variable?variable=X");
    EXPECT_EQ(variable.reason, "Channel Not Found");
    EXPECT_EQ(h.request("DELETE /bridges/nosuch").reason, "Not found");
    EXPECT_EQ(h.request("GET /bridges/nosuch").reason, "");
    EXPECT_EQ(h.request("POST /channels?app=x").body, R"({"message":"Endpoint must be specified"})");
    EXPECT_EQ(h.request("POST /channels?endpoint=Test%2Fa").body,
              R"({"message":"Application or extension must be specified"})");
    EXPECT_EQ(h.request("POST /channels?endpoint=noslash&app=x").body, R"({"message":"Invalid endpoint specified"})");
    EXPECT_EQ(h.request("POST /channels?endpoint=Bogus%2Fx&app=x").body, R"({"error":"Allocation failed"})");
    EXPECT_EQ(h.request("POST /channels?endpoint=Test%2Fa&app=x&formats=bogus").body,
              R"({"message":"Provided format (bogus) was not found"})");
    EXPECT_EQ(h.request("POST /channels?endpoint=Test%2Fa&app=x&timeout=ten").status, 400);
    EXPECT_EQ(h.request("POST /bridges?type=bogus").body,
              R"({"message":"Unable to create bridge. Possible duplicate bridge id '(null)'"})");
    EXPECT_EQ(h.request("GET /playbacks/nosuch").body, R"({"message":"Playback not found"})");
    EXPECT_EQ(h.request("PUT /deviceStates/Bogus:x?deviceState=INUSE").body,
              R"({"message":"Uncontrolled device specified"})");
    EXPECT_EQ(h.request("POST /events/user/E?application=nosuch").body, R"({"message":"Application not found"})");
    EXPECT_EQ(h.request("POST /events/user/E").body, R"({"message":"Missing parameter application"})");
}

TEST(Requests, PingAndVariables) {
    Harness h;
    EXPECT_EQ(h.request("GET /asterisk/ping").body,
              R"({"ping":"pong","timestamp":"2026-11-21T19:11:45.000+0000","asterisk_id":"02:fc:00:00:00:01"})");
    EXPECT_EQ(h.status("POST /asterisk/variable?variable=G&value=1"), 204);
    EXPECT_EQ(h.request("GET /asterisk/variable?variable=G").body, R"({"value":"1"})");
    EXPECT_EQ(h.request("GET /asterisk/variable?variable=NONE").body, R"({"value":""})");
    // The same parameters in a JSON body.
    EXPECT_EQ(h.status("POST /asterisk/variable", R"({"variable":"H","value":7})"), 204);
    EXPECT_EQ(h.request("GET /asterisk/variable?variable=H").body, R"({"value":"7"})");
    EXPECT_EQ(h.request("GET /asterisk/info?only=bogus").body, "{}");
}

TEST(Requests, EndpointsAreFormattedAgainOnlyAfterAChange) {
    Harness h;
    Endpoints endpoints(h.pbx.pbx);
    h.pbx.pbx.endpoints = &endpoints;
    EXPECT_EQ(h.request("GET /endpoints").text(), "[]");
    endpoints.add("PJSIP", "bob", "offline");
    endpoints.add("PJSIP", "a\"l\xff", "online");
    const auto text = [&h] { return h.request("GET /endpoints/test").text(); };
    EXPECT_EQ(text(), "[]");
    endpoints.add("Test", "one", "unknown");
    EXPECT_EQ(text(), R"([{"technology":"Test","resource":"one","state":"unknown","channel_ids":[]}])");
    EXPECT_EQ(h.json("GET /endpoints").size(), 3U);
    EXPECT_EQ(h.json("GET /endpoints")[0]["resource"], "a\"l\xEF\xBF\xBD");
    const auto before = h.request("GET /endpoints").shared;
    EXPECT_EQ(h.request("GET /endpoints").shared, before);
    endpoints.set_state("Test", "one", "unknown");  // as it was
    endpoints.channel_created("Test", "nobody", "1.1");
    EXPECT_EQ(h.request("GET /endpoints").shared, before);
    endpoints.set_state("Test", "one", "online");
    endpoints.channel_created("Test", "one", "1.1");
    endpoints.channel_created("Test", "one", "1.2");
    EXPECT_EQ(text(), R"([{"technology":"Test","resource":"one","state":"online","channel_ids":["1.1","1.2"]}])");
    EXPECT_EQ(h.json("GET /endpoints")[2]["channel_ids"].size(), 2U);
    endpoints.channel_ended("Test", "one", "1.1");
    EXPECT_EQ(h.json("GET /endpoints")[2]["channel_ids"].dump(), R"(["1.2"])");
    endpoints.remove("Test", "one");
    EXPECT_EQ(text(), "[]");
    h.pbx.pbx.endpoints = nullptr;
}

TEST(Requests, DeepJsonIsRefused) {
    Harness h;
    EXPECT_EQ(h.status("POST /channels", std::string(100'000, '[')), 400);
}

TEST(Applications, SubscribeFilterAndEnd) {
    Harness h;
    h.listen();
    h.pbx.endpoints.add("PJSIP", "alice", "offline");
    EXPECT_EQ(h.request("POST /applications/app/subscription?eventSource=bogus").body,
              R"({"message":"Invalid event source URI scheme"})");
    EXPECT_EQ(h.request("POST /applications/app/subscription?eventSource=channel%3Anosuch").body,
              R"({"message":"Event source does not exist"})");
    EXPECT_EQ(
        h.request("POST /applications/app/subscription?eventSource=endpoint%3APJSIP%2Falice,deviceState%3AStasis%3Ax")
            .body,
        R"({"name":"app","channel_ids":[],"bridge_ids":[],"endpoint_ids":["PJSIP/alice"],"device_names":["Stasis:x"],)"
        R"("events_allowed":[],"events_disallowed":[]})");
    EXPECT_EQ(h.status("PUT /deviceStates/Stasis:x?deviceState=INUSE"), 204);
    h.pbx.endpoints.set_state("PJSIP", "alice", "online");
    EXPECT_THAT(h.app.types(), ElementsAre("DeviceStateChanged", "PeerStatusChange"));
    EXPECT_EQ(h.app.texts[0],
              R"({"type":"DeviceStateChanged","application":"app","timestamp":"2026-11-21T19:11:45.000+0000",)"
              R"("device_state":{"name":"Stasis:x","state":"INUSE"},"asterisk_id":"02:fc:00:00:00:01"})");
    EXPECT_EQ(h.json("PUT /applications/app/eventFilter",
                     R"({"disallowed":[{"type":"DeviceStateChanged"}]})")["events_disallowed"]
                  .dump(),
              R"([{"type":"DeviceStateChanged"}])");
    EXPECT_EQ(h.status("PUT /deviceStates/Stasis:x?deviceState=BUSY"), 204);
    EXPECT_EQ(h.app.count("DeviceStateChanged"), 1U);
    EXPECT_EQ(h.request("PUT /applications/app/eventFilter", R"({"allowed":"x"})").body,
              R"({"message":"Invalid format definition"})");
    // The client goes; what it subscribed to keeps the application.
    h.service->applications.detach(h.app);
    EXPECT_EQ(h.json("GET /applications").size(), 1U);
    EXPECT_EQ(h.status("POST /events/user/E?application=app"), 404);
    EXPECT_EQ(h.status("DELETE /applications/app/subscription?eventSource=endpoint%3APJSIP%2Falice"), 200);
    EXPECT_EQ(h.status("DELETE /applications/app/subscription?eventSource=deviceState%3AStasis%3Ax"), 200);
    EXPECT_EQ(h.json("GET /applications").size(), 0U);
}

}  // namespace
}  // namespace asterism::ari
