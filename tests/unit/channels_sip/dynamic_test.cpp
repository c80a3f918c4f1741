#include <gtest/gtest.h>

#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

using Refusal = Directory::Refusal;

struct DynamicWorld : SipWorld {
    DynamicWorld() {
        source.files["/etc/sorcery.conf"] =
            "[res_pjsip]\nendpoint=memory,ps_endpoints\nendpoint=config,pjsip.conf,criteria=type=endpoint\n"
            "aor=memory,ps_aors\n[res_pjsip_outbound_registration]\nregistration=memory,ps_registrations\n";
        EXPECT_TRUE(tech->load(source, report)) << report.text();
        loop.run();
    }
};

TEST(PjsipDynamic, MadeChangedAndDeleted) {
    DynamicWorld w;
    EXPECT_EQ(w.tech->object("endpoint", "dyn").error().why, Refusal::no_such_object);
    EXPECT_EQ(w.tech->object("bogus", "dyn").error().why, Refusal::no_such_type);
    ASSERT_TRUE(w.tech->set_object("endpoint", "dyn", {{"allow", "!all,ulaw"}, {"aors", "dyn"}}));
    EXPECT_NE(w.endpoints.find("PJSIP", "dyn"), nullptr);
    EXPECT_EQ(w.endpoints.find("PJSIP", "dyn")->state, "offline");
    ASSERT_TRUE(w.tech->set_object("aor", "dyn", {{"contact", "sip:dyn@127.0.0.1:5079"}}));
    w.loop.run();
    EXPECT_EQ(w.endpoints.find("PJSIP", "dyn")->state, "online");
    ASSERT_TRUE(w.tech->set_object("endpoint", "dyn", {{"context", "other"}}));
    EXPECT_EQ(w.tech->config().endpoint("dyn")->context, "other");
    EXPECT_EQ(w.tech->config().endpoint("dyn")->aors.front(), "dyn") << "what is not named stays";
    ASSERT_TRUE(w.tech->delete_object("aor", "dyn"));
    w.loop.run();
    EXPECT_EQ(w.endpoints.find("PJSIP", "dyn")->state, "offline");
    ASSERT_TRUE(w.tech->delete_object("endpoint", "dyn"));
    EXPECT_EQ(w.endpoints.find("PJSIP", "dyn"), nullptr);
    EXPECT_EQ(w.tech->delete_object("endpoint", "dyn").error().why, Refusal::no_such_object);
}

TEST(PjsipDynamic, WhatIsWrongChangesNothing) {
    DynamicWorld w;
    const auto before = w.tech->endpoint_names();
    EXPECT_EQ(w.tech->set_object("endpoint", "dyn", {{"allow", "BLECH"}}).error().why, Refusal::bad_value);
    EXPECT_EQ(w.tech->set_object("endpoint", "dyn", {{"colour", "red"}}).error().why, Refusal::bad_value);
    EXPECT_EQ(w.tech->set_object("auth", "dyn", {{"username", "x"}}).error().why, Refusal::not_allowed);
    EXPECT_EQ(w.tech->set_object("endpoint", "alice", {{"context", "x"}}).error().why, Refusal::not_allowed);
    EXPECT_EQ(w.tech->delete_object("endpoint", "alice").error().why, Refusal::not_allowed);
    EXPECT_EQ(w.tech->endpoint_names(), before);
}

TEST(PjsipDynamic, WithoutSorceryConfNothingMayBeMade) {
    SipWorld w;
    EXPECT_EQ(w.tech->set_object("endpoint", "dyn", {{"context", "x"}}).error().why, Refusal::not_allowed);
    EXPECT_TRUE(w.tech->object("endpoint", "alice"));
    EXPECT_TRUE(w.tech->object("auth", "alice"));
}

TEST(PjsipMessage, GoesToWhoListensToTheEndpoint) {
    SipWorld w;
    TextMessage got;
    w.endpoints.listen(&w, [&](const TextMessage& message) {
        got = message;
        return true;
    });
    w.receive(Ask{.method = "MESSAGE",
                  .call_id = "m",
                  .branch = "z9hG4bKm",
                  .body = "Watson, come here.",
                  .type = "text/plain",
                  .port = 5071}
                  .text(),
              5071);
    EXPECT_EQ(w.next_status(), 202);
    EXPECT_EQ(got.technology, "PJSIP");
    EXPECT_EQ(got.resource, "sipp");
    EXPECT_EQ(got.body, "Watson, come here.");
    EXPECT_TRUE(got.to.starts_with("pjsip:")) << got.to;
    w.endpoints.forget(&w);
}

TEST(PjsipMessage, CarriesVariablesAsHeaders) {
    SipWorld w;
    EXPECT_TRUE(w.tech->send_message("bob", "Asterisk", "Hello",
                                     {{"X-Awesome", "yes"}, {"Via", "no"}, {"X-Bad", "a\r\nB: c"}}));
    w.loop.run();
    const auto message = w.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->body(), "Hello");
    EXPECT_NE(message->text().find("X-Awesome: yes"), std::string_view::npos);
    EXPECT_EQ(message->text().find("X-Bad"), std::string_view::npos);
    EXPECT_NE(message->text().find("<sip:Asterisk@"), std::string_view::npos);
}

constexpr std::string_view more_phones = R"(
[global]
type=global
default_outbound_endpoint=out
ignore_uri_user_options=yes
[out]
type=endpoint
[phone]
type=endpoint
aors=phone,desk
[phone]
type=aor
contact=sip:127.0.0.2
[desk]
type=aor
contact=sip:harry@127.0.0.2:5061
)";

/// Where a MESSAGE to `to` went: "RURI | To"; "" if nowhere.
std::string sent_to(SipWorld& w, std::string_view to, std::string_view receiver = {}) {
    if (!w.tech->send_message(to, "sip:me", "hello", {}, receiver)) return {};
    w.loop.run();
    const auto message = w.next();
    if (!message) return "nothing";
    w.receive(reply(*message, 202, "Accepted"));
    return std::string(message->request_uri()) + " | " + std::string(*message->header(sip::HeaderId::to));
}

TEST(PjsipMessage, WhatDestinationsMean) {
    SipWorld w(std::string(usual_config) + std::string(more_phones));
    const auto uri = [&](std::string_view to) {
        const auto text = sent_to(w, to);
        return text.substr(0, text.find(' '));
    };
    EXPECT_EQ(uri("phone"), "sip:127.0.0.2");
    EXPECT_EQ(uri("pjsip:phone@example.com"), "sip:127.0.0.2");
    EXPECT_EQ(uri("phone;phone-context=national@example.com"), "sip:127.0.0.2");
    EXPECT_EQ(uri("phone/desk"), "sip:harry@127.0.0.2:5061");
    EXPECT_EQ(uri("phone/127.0.0.2:5062"), "sip:127.0.0.2:5062");
    EXPECT_EQ(uri("phone/frank@127.0.0.2"), "sip:frank@127.0.0.2");
    EXPECT_EQ(uri("phone/\"Frank\" <sip:frank@127.0.0.2:5061>"), "sip:frank@127.0.0.2:5061");
    EXPECT_EQ(uri("127.0.0.2"), "sip:127.0.0.2");
    EXPECT_EQ(uri("alison@127.0.0.2:5062"), "sip:alison@127.0.0.2:5062");
    EXPECT_EQ(uri("\"A\" <sip:alison@127.0.0.2:5061>"), "sip:alison@127.0.0.2:5061");
    EXPECT_EQ(uri("PJSIP/8005551212@phone"), "sip:8005551212@127.0.0.2");
    for (const char* nobody : {"nosuch/nada", "nosuch/user@127.0.0.2", "PJSIP/user@nosuch", "PJSIP/phone", ""})
        EXPECT_EQ(uri(nobody), "") << nobody;
    EXPECT_TRUE(w.happened("Test MSG_ENDPOINT_URI_FAIL"));
    EXPECT_TRUE(w.happened("Test MSG_FROMTO_URI"));
}

TEST(PjsipMessage, NamesAnotherReceiver) {
    SipWorld w;
    EXPECT_EQ(sent_to(w, "bob", "sip:ralph@somewhere.example"),
              "sip:bob@127.0.0.1:5072 | <sip:ralph@somewhere.example>");
    EXPECT_EQ(sent_to(w, "bob", "ralph"), "sip:bob@127.0.0.1:5072 | <sip:bob@127.0.0.1>");
}

TEST(PjsipMessage, FollowsRedirectionsWhereAsked) {
    std::string config(usual_config);
    config.insert(config.find("[bob]\ntype=endpoint\n") + 20, "follow_redirect_methods=message\n");
    SipWorld w(config);
    const std::vector<std::string> three{"Contact: <sip:c3@127.0.0.1:5064>;q=0.1", "Contact: <sip:c1@127.0.0.1:5062>",
                                         "Contact: <sip:c2@127.0.0.1:5063>;q=0.5"};
    const auto asked = [&](int code, std::vector<std::string> headers = {}) -> std::string {
        const auto message = w.next();
        if (!message) return "nobody";
        EXPECT_EQ(message->body(), "hello");
        w.receive(reply(*message, code, "x", "t", std::move(headers)));
        return std::string(message->request_uri());
    };
    const auto send = [&] {
        ASSERT_TRUE(w.tech->send_message("bob", "sip:me", "hello", {}));
        w.loop.run();
        EXPECT_EQ(asked(305, three), "sip:bob@127.0.0.1:5072");
    };
    send();
    EXPECT_EQ(asked(404), "sip:c1@127.0.0.1:5062");
    EXPECT_EQ(asked(202), "sip:c2@127.0.0.1:5063");
    EXPECT_EQ(asked(202), "nobody");
    send();  // a loop ends it
    EXPECT_EQ(asked(302, {"Contact: <sip:c2@127.0.0.1:5063>"}), "sip:c1@127.0.0.1:5062");
    EXPECT_EQ(asked(302, {"Contact: <sip:c1@127.0.0.1:5062>"}), "sip:c2@127.0.0.1:5063");
    EXPECT_EQ(asked(202), "nobody");
    send();  // and so does who speaks for all
    EXPECT_EQ(asked(603), "sip:c1@127.0.0.1:5062");
    EXPECT_EQ(asked(202), "nobody");
    // An endless chain has its end.
    send();
    for (int i = 0; i < 8; ++i) asked(302, {"Contact: <sip:x" + std::to_string(i) + "@127.0.0.1:5062>"});
    EXPECT_NE(asked(302, {"Contact: <sip:last@127.0.0.1:5062>"}), "nobody");
    EXPECT_EQ(asked(202), "nobody");
    // Without the option nobody is followed.
    ASSERT_TRUE(w.tech->send_message("sipp", "sip:me", "hello", {}));
    w.loop.run();
    EXPECT_EQ(asked(305, three), "sip:sipp@127.0.0.1:5071");
    EXPECT_EQ(asked(202), "nobody");
}

}  // namespace
}  // namespace asterism::pjsip
