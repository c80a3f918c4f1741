#include <gtest/gtest.h>

#include "asterism/dialplan/function.hpp"
#include "asterism/model/operations.hpp"
#include "core/channels/sip/cli_text.hpp"
#include "core/channels/sip/functions.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

TEST(PjsipText, LinesAsRecorded) {
    SipWorld w;
    EXPECT_EQ(text::endpoint_line(*w.tech->endpoint("alice")),
              " Endpoint:  alice/1000                                           Unavailable   0 of inf\n");
    EXPECT_EQ(text::aor_line(*w.tech->aor("alice"), 14),
              "        Aor:  alice                                              2\n");
    auto contact = w.tech->contacts("bob").at(0);
    contact.uri = "sip:bob@127.0.0.1:26472";
    contact.hash = "1a5d30cd815c44abdab4ae8130e80838";
    EXPECT_EQ(text::contact_line(contact, 16),
              "      Contact:  bob/sip:bob@127.0.0.1:26472                1a5d30cd81 NonQual         nan\n");
    EXPECT_EQ(text::contact_line(contact, 12),
              "  Contact:  bob/sip:bob@127.0.0.1:26472                    1a5d30cd81 NonQual         nan\n");
    EXPECT_EQ(text::auth_line(*w.tech->auth("alice"), "InAuth", 14), "     InAuth:  alice/alice\n");
    TransportInfo transport;
    transport.name = "transport-tcp";
    transport.protocol = "tcp";
    transport.bind = "127.0.0.1:26460";
    EXPECT_EQ(text::transport_line(transport),
              "Transport:  transport-tcp             tcp      0      0  127.0.0.1:26460\n");
    EXPECT_EQ(text::identify_block(w.tech->identifies().at(0), 14),
              "   Identify:  sipp-id/sipp\n       Header: X-Sipp: yes\n");
    RegistrationInfo registration{.name = "trunkreg",
                                  .server_uri = "sip:127.0.0.1:26479",
                                  .client_uri = {},
                                  .auths = {},
                                  .status = "Unregistered",
                                  .expires_in = -86,
                                  .options = {}};
    EXPECT_EQ(text::registration_line(registration),
              " trunkreg/sip:127.0.0.1:26479                            n/a                         Unregistered      "
              "(exp. 86s ago)\n");
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    EXPECT_EQ(text::channel_block(w.channel(), 12, w.loop.clock().wall() + 262s),
              "  Channel: PJSIP/sipp-00000000/                                  Ring          00:04:22   \n"
              "      Exten: 200                         CLCID: \"\" <>\n");
    EXPECT_TRUE(text::parameters(w.tech->aor("alice")->options)
                    .starts_with(" ParameterName        : ParameterValue\n =====================================\n"
                                 " authenticate_qualify : false\n contact              : \n"));
}

std::string evaluate(SipWorld& w, dialplan::Functions& functions, Channel* channel, std::string_view name,
                     std::string_view args) {
    const auto* function = functions.find(name);
    EXPECT_NE(function, nullptr);
    dialplan::FunctionCall call{.pbx = w.pbx, .channel = channel, .name = name, .args = args};
    return function->read(call).value_or("<none>");
}

TEST(PjsipFunctions, ReadHeadersOptionsAndContacts) {
    SipWorld w;
    dialplan::Functions functions;
    add_functions(*w.tech, functions);
    w.receive(Ask{.headers = {"X-Sipp: yes", "X-Two: 1", "X-Two: 2"}, .body = std::string(usual_sdp)}.text());
    Channel& channel = w.channel();
    EXPECT_EQ(evaluate(w, functions, &channel, "PJSIP_HEADER", "read,X-Two,2"), "2");
    EXPECT_EQ(evaluate(w, functions, &channel, "PJSIP_HEADER", "read,Call-ID"), "cat1@127.0.0.1");
    EXPECT_EQ(evaluate(w, functions, &channel, "PJSIP_HEADERS", "X-"), "X-Sipp,X-Two,X-Two");
    EXPECT_EQ(evaluate(w, functions, nullptr, "PJSIP_ENDPOINT", "alice,callerid"), "\"Alice\" <1000>");
    EXPECT_EQ(evaluate(w, functions, nullptr, "PJSIP_AOR", "bob,contact").substr(0, 5), "bob@@");
    EXPECT_EQ(evaluate(w, functions, nullptr, "PJSIP_CONTACT",
                       evaluate(w, functions, nullptr, "PJSIP_AOR", "bob,contact") + ",uri"),
              "sip:bob@127.0.0.1:5072");
    EXPECT_EQ(evaluate(w, functions, nullptr, "PJSIP_DIAL_CONTACTS", "bob,,77"), "PJSIP/bob/sip:77@127.0.0.1:5072");
    EXPECT_EQ(evaluate(w, functions, nullptr, "PJSIP_PARSE_URI", "\"A\" <sip:u:p@h:99;transport=tcp>,transport_param"),
              "tcp");
    EXPECT_EQ(channel.driver().read("pjsip,call-id"), "cat1@127.0.0.1");
    EXPECT_EQ(channel.driver().read("endpoint"), "sipp");
    EXPECT_EQ(channel.driver().read("pjsip,remote_addr"), "127.0.0.1:5071");
    EXPECT_EQ(channel.driver().read("nonsense"), std::nullopt);
    // Added headers go into responses.
    dialplan::FunctionCall add{.pbx = w.pbx, .channel = &channel, .name = "PJSIP_HEADER", .args = "add,X-Mine"};
    EXPECT_TRUE(functions.find("PJSIP_HEADER")->write(add, "7"));
    w.next();
    answer(channel);
    EXPECT_EQ(w.next()->header("X-Mine"), "7");
    EXPECT_EQ(channel.driver().read("rtp,dest"), "127.0.0.1:27600");
}

}  // namespace
}  // namespace asterism::pjsip
