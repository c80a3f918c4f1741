// Subscriptions to hints: the lamps of phones.
#include <gtest/gtest.h>

#include "asterism/features/extension_states.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

constexpr std::string_view hints =
    "[sip]\nexten => lamp,hint,Custom:lamp\nexten => _7X,hint,Custom:door${EXTEN}\n[lamps]\nexten => "
    "only,hint,Custom:lamp\n";

class Lamps : public testing::Test {
  protected:
    Lamps() {
        w.pbx.dialplan = &w.dialplan;
        w.extensions(std::string(hints));
        w.device_states.set("Custom:lamp", DeviceState::not_in_use);
        states.emplace(w.pbx);
        w.pbx.extension_states = &*states;
        states->reload();
        w.loop.run();
    }
    ~Lamps() override { w.pbx.extension_states = nullptr; }
    void config(std::string_view more, std::string_view instead_of = {}) {
        std::string text(usual_config);
        if (!instead_of.empty()) text.replace(text.find(instead_of), instead_of.size(), more);
        w.source.files["/etc/pjsip.conf"] = instead_of.empty() ? text + std::string(more) : text;
        EXPECT_TRUE(w.tech->load(w.source, w.report)) << w.report.text();
        w.loop.run();
    }
    static Ask ask(const std::string& exten, const std::string& event, std::vector<std::string> more = {}) {
        static int count = 0;
        Ask ask{.method = "SUBSCRIBE", .uri = "sip:" + exten + "@127.0.0.1:5060"};
        ask.to = "<" + ask.uri + ">";
        ask.call_id = "sub" + std::to_string(++count);
        ask.branch = "z9hG4bKsub" + std::to_string(count);
        if (!event.empty()) ask.headers.push_back("Event: " + event);
        for (auto& header : more) ask.headers.push_back(std::move(header));
        return ask;
    }
    int refused(const Ask& ask) {
        w.receive(ask.text());
        const int status = w.next_status();
        EXPECT_EQ(w.next(), nullptr);
        return status;
    }
    /// Subscribes; the tag of the dialog.
    std::string subscribe(const Ask& ask) {
        w.receive(ask.text());
        const auto answer = w.next();
        EXPECT_TRUE(answer && answer->status() == 200) << w.last_sent;
        return answer ? std::string(answer->to_tag()) : std::string();
    }
    /// The same SUBSCRIBE again, in its dialog.
    static Ask again(Ask ask, const std::string& tag, int cseq, int expires) {
        ask.to += ";tag=" + tag;
        ask.cseq = cseq;
        ask.branch += "-" + std::to_string(cseq);
        std::erase_if(ask.headers, [](const auto& header) { return header.starts_with("Expires"); });
        ask.headers.push_back("Expires: " + std::to_string(expires));
        return ask;
    }
    /// The next NOTIFY, answered.
    std::string notified(int code = 200) {
        const auto message = w.next();
        if (!message || message->method() != sip::Method::notify) return {};
        std::string text = w.last_sent;
        w.receive(reply(*message, code, "x"));
        return text;
    }
    void device(DeviceState state, const std::string& name = "Custom:lamp") {
        w.device_states.set(name, state);
        w.loop.run();
    }
    static bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

    SipWorld w;
    std::optional<features::ExtensionStates> states;
};

TEST_F(Lamps, PresenceFromTheSubscriptionToItsEnd) {
    const Ask first = ask("lamp", "presence", {"Accept: application/pidf+xml", "Expires: 600"});
    const std::string tag = subscribe(first);
    std::string text = notified();
    EXPECT_TRUE(text.starts_with("NOTIFY sip:sippy@127.0.0.1:5071 SIP/2.0\r\n")) << text;
    EXPECT_TRUE(has(text, "Event: presence\r\nSubscription-State: active;expires=599\r\nAllow-Events: ")) << text;
    EXPECT_TRUE(has(text, "Content-Type: application/pidf+xml\r\n")) << text;
    EXPECT_TRUE(has(text, "<note>Ready</note>")) << text;
    EXPECT_TRUE(w.happened("Test SUBSCRIPTION_ESTABLISHED"));

    device(DeviceState::ringing);
    EXPECT_TRUE(has(notified(), "<note>Ringing</note>"));
    device(DeviceState::ringing);
    EXPECT_EQ(w.next(), nullptr) << "nothing new";

    w.receive(again(first, tag, 2, 300).text());
    EXPECT_EQ(w.next_status(), 200);
    text = notified();
    EXPECT_TRUE(has(text, "active;expires=299")) << text;
    EXPECT_TRUE(has(text, "<note>Ringing</note>")) << "the whole state after a refresh";

    w.receive(again(first, tag, 3, 0).text());
    EXPECT_EQ(w.next_status(), 200);
    text = notified();
    EXPECT_TRUE(has(text, "Subscription-State: terminated;reason=timeout")) << text;
    EXPECT_TRUE(has(text, "<note>Ringing</note>")) << text;
    EXPECT_TRUE(w.happened("Test SUBSCRIPTION_TERMINATED"));
    EXPECT_TRUE(w.tech->subscriptions().empty());
    device(DeviceState::in_use);
    EXPECT_EQ(w.next(), nullptr);
}

TEST_F(Lamps, DialogInfoCountsItsVersions) {
    subscribe(ask("lamp", "dialog", {"Accept: application/dialog-info+xml"}));
    EXPECT_TRUE(has(notified(), "version=\"0\" state=\"full\" entity=\"sip:lamp@127.0.0.1:5060\""));
    device(DeviceState::on_hold);
    const std::string text = notified();
    EXPECT_TRUE(has(text, "version=\"1\"")) << text;
    EXPECT_TRUE(has(text, "<param pname=\"+sip.rendering\" pvalue=\"no\" />")) << text;
    EXPECT_TRUE(has(text, "<state>confirmed</state>")) << text;
}

TEST_F(Lamps, ItExpires) {
    subscribe(ask("lamp", "dialog", {"Expires: 90"}));
    notified();
    w.loop.advance(std::chrono::seconds(89));
    EXPECT_EQ(w.next(), nullptr);
    w.loop.advance(std::chrono::seconds(2));
    EXPECT_TRUE(has(notified(), "Subscription-State: terminated;reason=timeout"));
    EXPECT_TRUE(w.tech->subscriptions().empty());
}

TEST_F(Lamps, AskedOnce) {
    subscribe(ask("lamp", "dialog", {"Expires: 0"}));
    EXPECT_TRUE(has(notified(), "<state>terminated</state>"));
    EXPECT_TRUE(w.tech->subscriptions().empty());
}

TEST_F(Lamps, WhatIsRefused) {
    EXPECT_EQ(refused(ask("nobody", "presence")), 404);
    EXPECT_EQ(refused(ask("only", "presence")), 404) << "another context";
    EXPECT_EQ(refused(ask(std::string(200, '7'), "presence")), 404);
    EXPECT_EQ(refused(ask("lamp", "weather")), 489);
    EXPECT_TRUE(has(w.last_sent, "\r\nAllow-Events: message-summary, presence, dialog, refer\r\n"));
    EXPECT_EQ(refused(ask("lamp", "")), 489);
    EXPECT_EQ(refused(ask("lamp", "presence", {"Accept: text/plain"})), 489);
    EXPECT_EQ(refused(ask("lamp", "dialog", {"Accept: application/pidf+xml"})), 489);
    EXPECT_EQ(refused(ask("sipp", "message-summary")), 404) << "its AOR has no mailboxes";
    std::string nowhere = ask("lamp", "presence").text();
    nowhere.erase(nowhere.find("Contact: "), nowhere.find("X-Sipp") - nowhere.find("Contact: "));
    w.receive(nowhere);
    EXPECT_EQ(w.next_status(), 400);
    Ask stranger = ask("lamp", "presence");
    stranger.headers.erase(stranger.headers.begin());
    stranger.from = "<sip:mallory@127.0.0.1>;tag=m";
    EXPECT_EQ(refused(stranger), 401);
    EXPECT_TRUE(w.tech->subscriptions().empty());
}

TEST_F(Lamps, OptionsOfTheEndpoint) {
    config("set_var=COLOUR=red\nsubscribe_context=lamps\nsub_min_expiry=120\n", "set_var=COLOUR=red\n");
    EXPECT_EQ(refused(ask("lamp", "presence", {"Expires: 600"})), 404);
    EXPECT_EQ(refused(ask("only", "presence", {"Expires: 60"})), 423);
    EXPECT_TRUE(has(w.last_sent, "\r\nMin-Expires: 120\r\n"));
    subscribe(ask("only", "presence", {"Expires: 120"}));
    EXPECT_TRUE(has(notified(), "<note>Ready</note>"));
    config("set_var=COLOUR=red\nsubscribe_context=lamps\nallow_subscribe=no\n", "set_var=COLOUR=red\n");
    EXPECT_TRUE(has(notified(), "Subscription-State: terminated;reason=rejected"));
    EXPECT_EQ(refused(ask("only", "presence", {"Expires: 120"})), 603);
}

TEST_F(Lamps, OneNotifyAtATime) {
    subscribe(ask("lamp", "dialog"));
    const auto first = w.next();
    ASSERT_EQ(first->method(), sip::Method::notify);
    for (const auto state : {DeviceState::ringing, DeviceState::in_use, DeviceState::ringing, DeviceState::on_hold})
        device(state);
    EXPECT_EQ(w.next(), nullptr) << "the first is not answered yet";
    w.receive(reply(*first, 200, "OK"));
    const std::string text = notified();
    EXPECT_TRUE(has(text, "version=\"1\"")) << text;
    EXPECT_TRUE(has(text, "+sip.rendering")) << "what is now, not what was";
    EXPECT_EQ(w.next(), nullptr);
    // And if it is as it was: nothing.
    device(DeviceState::ringing);
    const auto ringing = w.next();
    ASSERT_TRUE(ringing);
    device(DeviceState::in_use);
    device(DeviceState::ringing);
    w.receive(reply(*ringing, 200, "OK"));
    EXPECT_EQ(w.next(), nullptr);
}

TEST_F(Lamps, WhoIsGoneIsForgotten) {
    subscribe(ask("lamp", "dialog"));
    notified(481);
    EXPECT_TRUE(w.tech->subscriptions().empty());
    EXPECT_EQ(w.next(), nullptr);
    subscribe(ask("lamp", "dialog"));
    ASSERT_TRUE(w.next());
    w.loop.advance(std::chrono::seconds(33));
    EXPECT_TRUE(w.tech->subscriptions().empty()) << "408";
}

TEST_F(Lamps, TheHintGoes) {
    subscribe(ask("lamp", "dialog"));
    notified();
    w.extensions("[sip]\nexten => other,hint,Custom:lamp\n");
    states->reload();
    w.loop.run();
    const std::string text = notified();
    EXPECT_TRUE(has(text, "Subscription-State: terminated;reason=noresource")) << text;
    EXPECT_TRUE(has(text, "<state>terminated</state>")) << text;
    EXPECT_TRUE(w.tech->subscriptions().empty());
}

TEST_F(Lamps, AnExtensionOfAPattern) {
    device(DeviceState::not_in_use, "Custom:door71");
    device(DeviceState::not_in_use, "Custom:door72");
    const Ask first = ask("71", "dialog");
    const std::string tag = subscribe(first);
    notified();
    device(DeviceState::in_use, "Custom:door71");
    EXPECT_TRUE(has(notified(), "<state>confirmed</state>"));
    device(DeviceState::in_use, "Custom:door72");
    EXPECT_EQ(w.next(), nullptr);
    w.extensions("[sip]\nexten => _7X,hint,Custom:gate${EXTEN}\n");
    states->reload();
    w.loop.run();
    EXPECT_TRUE(has(notified(), "<state>terminated</state>")) << "another device behind it";
    device(DeviceState::ringing, "Custom:gate71");
    EXPECT_TRUE(has(notified(), "<state>early</state>"));
    w.extensions("[sip]\nexten => 8,hint,Custom:gate\n");
    states->reload();
    w.loop.run();
    EXPECT_TRUE(has(notified(), "terminated;reason=noresource"));
}

TEST_F(Lamps, TheEndpointGoes) {
    subscribe(ask("lamp", "dialog"));
    notified();
    const std::string text(usual_config);
    w.source.files["/etc/pjsip.conf"] = text.substr(0, text.find("[sipp]"));
    ASSERT_TRUE(w.tech->load(w.source, w.report)) << w.report.text();
    w.loop.run();
    EXPECT_TRUE(has(notified(), "terminated;reason=noresource"));
    EXPECT_TRUE(w.tech->subscriptions().empty());
}

TEST_F(Lamps, AnEndpointHasItsLimit) {
    for (std::size_t i = 0; i < Notifier::max_of_endpoint; ++i) {
        subscribe(ask("lamp", "dialog"));
        notified();
    }
    EXPECT_EQ(refused(ask("lamp", "dialog")), 503);
    EXPECT_EQ(w.tech->subscriptions().size(), Notifier::max_of_endpoint);
}

TEST_F(Lamps, DigiumsPhonesAreToldThePresence) {
    w.extensions("[sip]\nexten => lamp,hint,Custom:lamp,CustomPresence:me\n");
    states->reload();
    Ask digium = ask("lamp", "presence", {"User-Agent: Digium D40"});
    subscribe(digium);
    const std::string text = notified();
    EXPECT_TRUE(has(text, "<note>Ready</note>")) << text;
    std::vector<std::string> heard;
    auto listening = w.bus.subscribe([&](const Event& event) {
        if (event.kind == EventKind::generic) heard.push_back(as<GenericEvent>(event).headers[0].second);
    });
    PresenceStateChanged event;
    event.provider = "CustomPresence:me";
    event.state = "away";
    states->presence_changed(event);
    w.bus.publish(std::move(event));
    w.loop.run();
    EXPECT_EQ(w.next(), nullptr) << "this world has no such provider: it is as it was";
    EXPECT_EQ(heard, std::vector<std::string>{"lamp"}) << "AMI's PresenceStatus";
}

TEST_F(Lamps, AreListed) {
    subscribe(ask("lamp", "dialog;id=7", {"Expires: 60"}));
    EXPECT_TRUE(has(notified(), "\r\nEvent: dialog;id=7\r\n"));
    const auto all = w.tech->subscriptions();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].endpoint, "sipp");
    EXPECT_EQ(all[0].caller, "Unknown");
    EXPECT_EQ(all[0].event, "dialog");
    EXPECT_EQ(all[0].resource, "lamp");
    EXPECT_EQ(all[0].state, "Idle");
    EXPECT_EQ(all[0].expires_in, 60);
}

}  // namespace
}  // namespace asterism::pjsip
