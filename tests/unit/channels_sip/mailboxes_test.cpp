// Message waiting: subscribed to, and told unasked.
#include <gtest/gtest.h>

#include "asterism/features/mailboxes.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

constexpr std::string_view base = R"(
[udp]
type=transport
protocol=udp
bind=127.0.0.1:5060
)";
constexpr std::string_view phone = R"(
[sipp]
type=endpoint
context=sip
allow=ulaw
aors=sipp,second
[sipp]
type=aor
mailboxes=one@default
voicemail_extension=*97
[second]
type=aor
mailboxes=two,one@default
[sipp-id]
type=identify
endpoint=sipp
match_header=X-Sipp: yes
)";
constexpr std::string_view told = R"(
[sipp]
type=endpoint
context=sip
allow=ulaw
aors=sipp
mailboxes=one@default,two
[sipp]
type=aor
contact=sip:sipp@127.0.0.1:5071
max_contacts=2
[watch]
type=aor
mailboxes=one@default
[sipp-id]
type=identify
endpoint=sipp
match_header=X-Sipp: yes
)";

struct MailboxWorld : SipWorld {
    explicit MailboxWorld(std::string_view config) : SipWorld(std::string(base) + std::string(config)) {
        EXPECT_TRUE(loaded) << report.text();
    }
    bool change(const std::string& mailbox, int fresh, int old) {
        const bool done = features::set_mailbox(pbx, {.name = mailbox, .old_messages = old, .new_messages = fresh});
        loop.run();
        return done;
    }
    Ask ask(const std::string& uri) {
        Ask ask{.method = "SUBSCRIBE", .uri = uri, .to = "<" + uri + ">", .call_id = "mwi" + std::to_string(++asked)};
        ask.branch = "z9hG4bKmwi" + std::to_string(asked);
        ask.headers.push_back("Event: message-summary");
        return ask;
    }
    std::string notified(int code = 200) {
        const auto message = next();
        if (!message || message->method() != sip::Method::notify) return {};
        std::string text = last_sent;
        receive(reply(*message, code, "x"));
        return text;
    }
    int asked = 0;
};
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Mailboxes, SubscribedTo) {
    MailboxWorld w(phone);
    ASSERT_TRUE(w.change("one@default", 2, 1));
    EXPECT_EQ(w.next(), nullptr);
    const Ask first = w.ask("sip:sipp@127.0.0.1:5060");
    w.receive(first.text());
    const auto answer = w.next();
    ASSERT_EQ(answer->status(), 200);
    std::string text = w.notified();
    EXPECT_TRUE(has(text, "Event: message-summary\r\nSubscription-State: active;expires=3599\r\n")) << text;
    EXPECT_TRUE(
        text.ends_with("Content-Type: application/simple-message-summary\r\nContent-Length:    90\r\n\r\n"
                       "Messages-Waiting: yes\r\nMessage-Account: sip:*97@127.0.0.1:5060\r\n"
                       "Voice-Message: 2/1 (0/0)\r\n"))
        << text;
    w.change("one@default", 0, 3);
    EXPECT_TRUE(has(w.notified(),
                    "Messages-Waiting: no\r\nMessage-Account: sip:*97@127.0.0.1:5060\r\n"
                    "Voice-Message: 0/3 (0/0)\r\n"));
    w.change("two", 1, 0);
    EXPECT_EQ(w.next(), nullptr) << "not its mailbox";
    EXPECT_TRUE(features::remove_mailbox(w.pbx, "one@default"));
    w.loop.run();
    EXPECT_TRUE(has(w.notified(), "Voice-Message: 0/0 (0/0)\r\n"));
    const auto all = w.tech->subscriptions();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].mailboxes, Names{"one@default"});
    EXPECT_EQ(all[0].state, "");
}

TEST(Mailboxes, WhoNamesNobodyMeansAllItsOwn) {
    MailboxWorld w(phone);
    w.change("one@default", 1, 0);
    w.change("two", 1, 1);
    for (const char* uri : {"sip:127.0.0.1:5060", "sip:*97@127.0.0.1:5060"}) {
        w.receive(w.ask(uri).text());
        EXPECT_EQ(w.next_status(), 200);
        EXPECT_TRUE(has(w.notified(), "Voice-Message: 2/1 (0/0)")) << "a mailbox of two AORs counts once";
    }
    w.receive(w.ask("sip:nobody@127.0.0.1:5060").text());
    EXPECT_EQ(w.next_status(), 404);
}

TEST(Mailboxes, AnAorLosesItsMailboxes) {
    MailboxWorld w(phone);
    w.receive(w.ask("sip:second@127.0.0.1:5060").text());
    EXPECT_EQ(w.next_status(), 200);
    w.notified();
    std::string text = std::string(base) + std::string(phone);
    text.replace(text.find("mailboxes=two,one@default"), 25, "mailboxes=three");
    w.source.files["/etc/pjsip.conf"] = text;
    w.change("three", 5, 0);
    ASSERT_TRUE(w.tech->load(w.source, w.report));
    EXPECT_TRUE(has(w.notified(), "Voice-Message: 5/0"));
    w.change("three", 6, 0);
    EXPECT_TRUE(has(w.notified(), "Voice-Message: 6/0"));
    w.change("two", 6, 0);
    EXPECT_EQ(w.next(), nullptr);
    text.replace(text.find("mailboxes=three"), 15, "mailboxes=");
    w.source.files["/etc/pjsip.conf"] = text;
    ASSERT_TRUE(w.tech->load(w.source, w.report));
    EXPECT_TRUE(has(w.notified(), "Subscription-State: terminated;reason=noresource"));
    EXPECT_TRUE(w.tech->subscriptions().empty());
}

TEST(Mailboxes, ToldUnasked) {
    MailboxWorld w(told);
    std::string text = w.notified();  // at the start
    EXPECT_TRUE(text.starts_with("NOTIFY sip:sipp@127.0.0.1:5071 SIP/2.0\r\n")) << text;
    EXPECT_TRUE(has(text, " NOTIFY\r\nSubscription-State: terminated\r\nEvent: message-summary\r\nAllow-Events: "))
        << text;
    EXPECT_TRUE(text.ends_with("\r\n\r\nMessages-Waiting: no\r\nVoice-Message: 0/0 (0/0)\r\n")) << text;
    w.change("two", 1, 0);
    w.change("one@default", 1, 1);
    text = w.notified();
    EXPECT_TRUE(has(text, "Voice-Message: 1/0")) << text;
    text = w.notified();
    EXPECT_TRUE(has(text, "Voice-Message: 2/1")) << "what came meanwhile: " << text;
    EXPECT_EQ(w.next(), nullptr);
    w.change("other", 1, 1);
    EXPECT_EQ(w.next(), nullptr);
    // Nobody there: the next news is told when the first is given up.
    w.change("two", 2, 0);
    const auto lost = w.next();
    ASSERT_TRUE(lost);
    w.change("two", 3, 0);
    w.change("two", 4, 0);
    EXPECT_EQ(w.next(), nullptr);
    w.receive(reply(*lost, 500, "No"));
    EXPECT_TRUE(has(w.notified(), "Voice-Message: 5/1"));
    EXPECT_EQ(w.next(), nullptr);
}

TEST(Mailboxes, NotAtTheStart) {
    MailboxWorld w(std::string("[global]\ntype=global\nmwi_disable_initial_unsolicited=yes\n"
                               "default_voicemail_extension=500\n") +
                   std::string(told));
    EXPECT_EQ(w.next(), nullptr);
    w.change("two", 1, 0);
    EXPECT_TRUE(has(w.notified(), "Message-Account: sip:500@127.0.0.1:5060\r\n"));
}

TEST(Mailboxes, OneByOneAndFromWhom) {
    std::string text(told);
    text.replace(text.find("mailboxes="), 0, "aggregate_mwi=no\nmwi_from_user=lamps\nvoicemail_extension=77\n");
    MailboxWorld w(text);
    EXPECT_TRUE(has(w.notified(), "\r\nFrom: <sip:lamps@"));
    EXPECT_TRUE(has(w.notified(), "Message-Account: sip:77@127.0.0.1:5060\r\nVoice-Message: 0/0"));
    w.change("two", 3, 0);
    EXPECT_TRUE(has(w.notified(), "Voice-Message: 3/0"));
    w.change("one@default", 1, 0);
    EXPECT_TRUE(has(w.notified(), "Voice-Message: 1/0"));
    EXPECT_EQ(w.next(), nullptr);
}

TEST(Mailboxes, NotBoth) {
    MailboxWorld w(told);
    w.notified();
    w.receive(w.ask("sip:watch@127.0.0.1:5060").text());
    EXPECT_EQ(w.next_status(), 500) << "as Asterisk";
    std::string text(told);
    text.replace(text.find("mailboxes="), 0, "mwi_subscribe_replaces_unsolicited=yes\n");
    w.source.files["/etc/pjsip.conf"] = std::string(base) + text;
    ASSERT_TRUE(w.tech->load(w.source, w.report));
    w.loop.run();
    EXPECT_TRUE(has(w.notified(), "Subscription-State: terminated\r\n")) << "another endpoint: told again";
    const Ask first = w.ask("sip:watch@127.0.0.1:5060");
    w.receive(first.text());
    const auto answer = w.next();
    ASSERT_EQ(answer->status(), 200);
    w.notified();
    w.change("one@default", 1, 0);
    EXPECT_TRUE(has(w.notified(), "Subscription-State: active"));
    EXPECT_EQ(w.next(), nullptr) << "in one way only";
    Ask end = first;
    end.to += ";tag=" + std::string(answer->to_tag());
    end.cseq = 2;
    end.branch += "-2";
    end.headers.push_back("Expires: 0");
    w.receive(end.text());
    EXPECT_EQ(w.next_status(), 200);
    EXPECT_TRUE(has(w.notified(), "Subscription-State: terminated;reason=timeout"));
    EXPECT_TRUE(has(w.notified(), "Subscription-State: terminated\r\n")) << "told unasked again";
}

TEST(Mailboxes, WhenAContactRegisters) {
    MailboxWorld w(told);
    w.notified();
    w.change("two", 1, 0);
    w.notified();
    Ask ask{.method = "REGISTER", .uri = "sip:127.0.0.1:5060", .to = "<sip:sipp@127.0.0.1>"};
    ask.headers.push_back("Expires: 300");
    ask.port = 5099;
    w.receive(ask.text(), 5099);
    EXPECT_EQ(w.next_status(), 200);
    const std::string text = w.notified();
    EXPECT_TRUE(text.starts_with("NOTIFY sip:sippy@127.0.0.1:5099 ")) << text;
    EXPECT_TRUE(has(text, "Messages-Waiting: yes\r\nVoice-Message: 1/0")) << text;
    EXPECT_EQ(w.next(), nullptr) << "only the one that came";
}

}  // namespace
}  // namespace asterism::pjsip
