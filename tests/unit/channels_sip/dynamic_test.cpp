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

}  // namespace
}  // namespace asterism::pjsip
