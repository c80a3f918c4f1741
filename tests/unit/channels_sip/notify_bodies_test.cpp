#include "core/channels/sip/notify_bodies.hpp"

#include <gtest/gtest.h>

namespace asterism::pjsip {
namespace {

const ExtensionParties recorded{
    .local = "sip:hint1@127.0.0.1:26460", .remote = "sip:sippy@127.0.0.1", .exten = "hint1"};

std::string body(std::string_view type, ExtensionState state, unsigned version = 0, bool early = false) {
    ExtensionParties parties = recorded;
    parties.early_in_use_ringing = early;
    return extension_body(type, parties, {.state = state}, version);
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(NotifyBodies, PidfAsRecorded) {
    EXPECT_EQ(body(pidf_type, ExtensionState::in_use),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<presence entity=\"sip:hint1@127.0.0.1:26460\" xmlns=\"urn:ietf:params:xml:ns:pidf\" "
              "xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\">\n"
              " <note>On the phone</note>\n <tuple id=\"hint1\">\n  <status>\n   <basic>open</basic>\n  </status>\n"
              "  <contact priority=\"1\">sip:sippy@127.0.0.1</contact>\n </tuple>\n <dm:person>\n"
              "  <rpid:activities>\n   <rpid:on-the-phone />\n  </rpid:activities>\n </dm:person>\n</presence>\n");
    EXPECT_EQ(body(pidf_type, ExtensionState::in_use).size(), 479U);
    EXPECT_EQ(body(pidf_type, ExtensionState::not_in_use).size(), 394U);
    const std::string gone = body(cpim_pidf_type, ExtensionState::unavailable);
    EXPECT_EQ(gone.size(), 402U);
    EXPECT_TRUE(has(gone, " <note>Unavailable</note>\n")) << gone;
    EXPECT_TRUE(has(gone, "<basic>closed</basic>")) << gone;
    EXPECT_TRUE(has(gone, " <dm:person />\n</presence>\n")) << gone;
}

TEST(NotifyBodies, DialogInfoAsRecorded) {
    EXPECT_EQ(body(dialog_info_type, ExtensionState::unavailable, 2),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"2\" state=\"full\" "
              "entity=\"sip:hint1@127.0.0.1:26460\">\n <dialog id=\"hint1\">\n  <state>terminated</state>\n"
              " </dialog>\n</dialog-info>\n");
    EXPECT_EQ(body(dialog_info_type, ExtensionState::unavailable, 2).size(), 231U);
    EXPECT_EQ(body(dialog_info_type, ExtensionState::in_use, 4).size(), 230U);
}

TEST(NotifyBodies, EveryStateInTheWordsOfEachFormat) {
    using S = ExtensionState;
    struct Row {
        S state;
        std::string_view note, xpidf, dialog;
    };
    for (const auto& [state, note, status, dialog] :
         {Row{S::not_in_use, "Ready", "open", "terminated"}, Row{S::in_use, "On the phone", "inuse", "confirmed"},
          Row{S::busy, "On the phone", "inuse", "confirmed"}, Row{S::ringing, "Ringing", "inuse", "early"},
          Row{S::ring_in_use, "Ringing", "inuse", "confirmed"}, Row{S::on_hold, "On hold", "inuse", "confirmed"},
          Row{S::in_use_on_hold, "On hold", "inuse", "confirmed"},
          Row{S::unavailable, "Unavailable", "closed", "terminated"},
          Row{S::none, "Unavailable", "closed", "terminated"}}) {
        EXPECT_TRUE(has(body(pidf_type, state), "<note>" + std::string(note) + "</note>"));
        EXPECT_TRUE(has(body(xpidf_type, state), "<status status=\"" + std::string(status) + "\" />"));
        EXPECT_TRUE(has(body(dialog_info_type, state), "<state>" + std::string(dialog) + "</state>"));
    }
    EXPECT_TRUE(has(body(dialog_info_type, S::ring_in_use, 0, true), "<state>early</state>"));
    const std::string ringing = body(dialog_info_type, S::ringing);
    EXPECT_TRUE(has(ringing,
                    " <dialog id=\"hint1\" direction=\"recipient\">\n  <local>\n"
                    "   <identity>sip:hint1@127.0.0.1:26460</identity>\n"
                    "   <target uri=\"sip:hint1@127.0.0.1:26460\" />\n  </local>\n  <state>early</state>\n"))
        << ringing;
    EXPECT_TRUE(has(body(dialog_info_type, S::on_hold), "    <param pname=\"+sip.rendering\" pvalue=\"no\" />\n"));
    EXPECT_TRUE(has(body(xpidf_type, S::in_use), "<msnsubstatus substatus=\"onthephone\" />"));
    EXPECT_TRUE(has(body(xpidf_type, S::in_use), "<address uri=\"sip:sippy@127.0.0.1;user=ip\" priority=\"0.80000\">"));
    EXPECT_EQ(body("text/plain", S::in_use), "");
}

TEST(NotifyBodies, NamesAreText) {
    const ExtensionParties parties{
        .local = "sip:<a&b>@pbx", .remote = "sip:\"x\"@pbx", .exten = "\"/><dialog id=\"evil"};
    ExtensionLook look{.state = ExtensionState::in_use, .shows_presence = true, .presence = "away"};
    look.presence_message = "</digium_presence>\x01";
    for (const auto type : {pidf_type, xpidf_type, dialog_info_type}) {
        const std::string text = extension_body(type, parties, look, 0);
        EXPECT_TRUE(has(text, "\"&quot;/&gt;&lt;dialog id=&quot;evil\"")) << text;
        EXPECT_TRUE(has(text, "sip:&lt;a&amp;b&gt;@pbx")) << text;
        EXPECT_FALSE(has(text, "<a&")) << text;
    }
    EXPECT_TRUE(
        has(extension_body(pidf_type, parties, look, 0),
            "<digium_presence type=\"away\" subtype=\"\">&lt;/digium_presence&gt;\xEF\xBF\xBD</digium_presence>"));
}

TEST(NotifyBodies, Mailboxes) {
    EXPECT_EQ(mwi_body(2, 1, "sip:500@pbx"),
              "Messages-Waiting: yes\r\nMessage-Account: sip:500@pbx\r\nVoice-Message: 2/1 (0/0)\r\n");
    EXPECT_EQ(mwi_body(0, 3, ""), "Messages-Waiting: no\r\nVoice-Message: 0/3 (0/0)\r\n");
}

}  // namespace
}  // namespace asterism::pjsip
