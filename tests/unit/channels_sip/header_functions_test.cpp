// PJSIP_HEADER's family, PJSIP_MEDIA_OFFER, and MESSAGEs outside calls.
#include <gtest/gtest.h>

#include "asterism/dialplan/function.hpp"
#include "asterism/features/messages.hpp"
#include "core/channels/sip/functions.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

struct HeaderFunctions : testing::Test {
    HeaderFunctions() { add_functions(*w.tech, functions); }
    std::string read(Channel* channel, std::string_view name, std::string_view args) {
        dialplan::FunctionCall call{.pbx = w.pbx, .channel = channel, .name = name, .args = args};
        return functions.find(name)->read(call).value_or("<none>");
    }
    bool set(Channel* channel, std::string_view name, std::string_view args, std::string_view value) {
        dialplan::FunctionCall call{.pbx = w.pbx, .channel = channel, .name = name, .args = args};
        return functions.find(name)->write(call, value);
    }
    Channel& dial(const std::string& data) {
        ChannelRequest request;
        request.data = data;
        return **w.tech->request(request);
    }
    SipWorld w;
    dialplan::Functions functions;
};

TEST_F(HeaderFunctions, ChangesWhatAnIncomingCallCameWith) {
    w.receive(Ask{.headers = {"X-Sipp: yes", "X-Two: 1", "X-Two: 2"}, .body = std::string(usual_sdp)}.text());
    Channel* channel = &w.channel();
    EXPECT_TRUE(set(channel, "PJSIP_HEADER", "add,X-Two", "3"));
    EXPECT_EQ(read(channel, "PJSIP_HEADER", "read,X-Two,3"), "3");
    EXPECT_TRUE(set(channel, "PJSIP_HEADER", "update,X-Two,2", "two"));
    EXPECT_EQ(read(channel, "PJSIP_HEADER", "read,X-Two,2"), "two");
    EXPECT_EQ(read(channel, "PJSIP_HEADER", "remove,X-Two,1"), "1");
    EXPECT_EQ(read(channel, "PJSIP_HEADER", "read,X-T*"), "two");
    EXPECT_EQ(read(channel, "PJSIP_HEADER", "remove,X-Two"), "2");
    EXPECT_EQ(read(channel, "PJSIP_HEADER", "read,X-Two"), "<none>");
    EXPECT_EQ(read(channel, "PJSIP_HEADER", "read"), "<none>");
    EXPECT_EQ(read(channel, "PJSIP_HEADER", "swap,X-Two"), "<none>");
    EXPECT_FALSE(set(channel, "PJSIP_HEADER", "update,X-None", "1"));
    EXPECT_FALSE(set(channel, "PJSIP_HEADER", "add,X-Bad", "1\r\nEvil: 2"));
    EXPECT_EQ(read(nullptr, "PJSIP_HEADER", "read,To"), "<none>");
}

TEST_F(HeaderFunctions, ParametersOfHeaders) {
    w.receive(
        Ask{.headers = {"X-Sipp: yes", "X-Who: \"A\" <sip:a@b;isup-oli=27>;hdr=v"}, .body = std::string(usual_sdp)}
            .text());
    Channel* in = &w.channel();
    EXPECT_EQ(read(in, "PJSIP_HEADER_PARAM", "X-Who,uri,isup-oli"), "27");
    EXPECT_EQ(read(in, "PJSIP_HEADER_PARAM", "X-Who,header,hdr"), "v");
    EXPECT_EQ(read(in, "PJSIP_HEADER_PARAM", "X-Who,header,none"), "<none>");
    EXPECT_EQ(read(in, "PJSIP_HEADER_PARAM", "X-Who,body,none"), "<none>");
    EXPECT_FALSE(set(in, "PJSIP_HEADER_PARAM", "From,uri,x", "1"));
    while (w.next()) {
    }
    Channel* out = &dial("sipp");
    EXPECT_TRUE(set(out, "PJSIP_HEADER_PARAM", "From,uri,isup-oli", "27"));
    EXPECT_TRUE(set(out, "PJSIP_HEADER_PARAM", "From,header,hdrtest", "val"));
    EXPECT_FALSE(set(out, "PJSIP_HEADER_PARAM", "From,uri,x", "1>;evil"));
    EXPECT_FALSE(set(out, "PJSIP_HEADER_PARAM", "To,uri,x", "1"));
    EXPECT_EQ(read(out, "PJSIP_HEADER_PARAM", "From,uri,isup-oli"), "27");
    const Channel::Hold hold(*out);
    out->driver().call();
    w.loop.run();
    const std::string from(*w.next()->header(sip::HeaderId::from));
    EXPECT_NE(from.find(";isup-oli=27>;hdrtest=val;tag="), std::string::npos) << from;
}

TEST_F(HeaderFunctions, HeadersOfTheCallsThatAChannelMakes) {
    Channel& parent = dial("sipp");
    for (const char* value : {"one", "two", "tres", "four"})
        EXPECT_TRUE(set(&parent, "PJSIP_INHERITABLE_HEADER", "add,X-N", value));
    EXPECT_TRUE(set(&parent, "PJSIP_INHERITABLE_HEADER", "update,X-N,3", "three"));
    EXPECT_TRUE(set(&parent, "PJSIP_INHERITABLE_HEADER", "add,X-Gone", "1"));
    EXPECT_TRUE(set(&parent, "PJSIP_INHERITABLE_HEADER", "remove,X-Gone", ""));
    EXPECT_FALSE(set(&parent, "PJSIP_INHERITABLE_HEADER", "update,X-None", "1"));
    EXPECT_FALSE(set(&parent, "PJSIP_INHERITABLE_HEADER", "add,X-Bad", "1\nEvil: 2"));
    Channel& child = dial("sipp");
    const auto inherited = parent.variables().inherited();
    for (const auto& entry : inherited.all())
        child.variables().set(std::string(static_cast<std::size_t>(entry.inheritance), '_') + entry.name, entry.value);
    EXPECT_TRUE(set(&child, "PJSIP_INHERITABLE_HEADER", "remove,X-N,4", ""));
    const Channel::Hold hold(child);
    child.driver().call();
    w.loop.run();
    const auto invite = w.next();
    std::string values;
    for (std::size_t i = 0; i < invite->lines(); ++i)
        if (invite->line(i).name == "X-N") values += std::string(invite->line(i).value) + " ";
    EXPECT_EQ(values, "one two three ");
    EXPECT_FALSE(invite->header("X-Gone"));
}

TEST_F(HeaderFunctions, CodecsToOffer) {
    Channel* out = &dial("sipp");
    EXPECT_EQ(read(out, "PJSIP_MEDIA_OFFER", "audio"), "ulaw,alaw");
    EXPECT_TRUE(set(out, "PJSIP_MEDIA_OFFER", "audio", "!all,alaw"));
    EXPECT_EQ(read(out, "PJSIP_MEDIA_OFFER", "audio"), "alaw");
    EXPECT_EQ(read(out, "PJSIP_MEDIA_OFFER", "video"), "");
    EXPECT_EQ(read(out, "PJSIP_MEDIA_OFFER", "smell"), "<none>");
    EXPECT_FALSE(set(out, "PJSIP_MEDIA_OFFER", "audio", "!all,nonsense"));
    EXPECT_FALSE(set(out, "PJSIP_MEDIA_OFFER", "smell", "alaw"));
    const Channel::Hold hold(*out);
    out->driver().call();
    w.loop.run();
    EXPECT_NE(w.next()->sdp().find("RTP/AVP 8 101"), std::string_view::npos);
}

TEST_F(HeaderFunctions, FieldsOfObjectsAndMusicPassedThrough) {
    Channel* out = &dial("sipp");
    EXPECT_EQ(read(out, "AST_SORCERY", "res_pjsip,endpoint,sipp,moh_passthrough"), "false");
    EXPECT_EQ(read(out, "AST_SORCERY", "res_pjsip,endpoint,sipp,moh_passthrough,single,-1"), "false");
    EXPECT_EQ(read(out, "AST_SORCERY", "res_pjsip,endpoint,sipp,moh_passthrough,single,2"), "<none>");
    EXPECT_EQ(read(out, "AST_SORCERY", "res_pjsip,endpoint,nobody,context"), "<none>");
    EXPECT_EQ(read(out, "AST_SORCERY", "res_pjsip,endpoint,sipp,nothing"), "<none>");
    EXPECT_EQ(read(out, "AST_SORCERY", "res_pjsip,smell,sipp,context"), "<none>");
    EXPECT_EQ(read(out, "AST_SORCERY", "res_pjsip,endpoint"), "<none>");
    EXPECT_EQ(read(out, "PJSIP_MOH_PASSTHROUGH", ""), "no");
    EXPECT_TRUE(set(out, "PJSIP_MOH_PASSTHROUGH", "", "yes"));
    EXPECT_EQ(read(out, "PJSIP_MOH_PASSTHROUGH", ""), "yes");
    EXPECT_FALSE(set(out, "PJSIP_MOH_PASSTHROUGH", "", "perhaps"));
}

TEST_F(HeaderFunctions, TextsGoOut) {
    for (const char* to : {"sipp", "sipp@example.com", "pjsip:sipp@example.com:5060"}) {
        EXPECT_TRUE(w.tech->send_message(to, "sip:me", "hello", {{"X-Custom", "1"}})) << to;
        w.loop.run();
        const auto message = w.next();
        ASSERT_TRUE(message) << to;
        EXPECT_EQ(message->request_uri(), "sip:sipp@127.0.0.1:5071");
        EXPECT_EQ(message->header("X-Custom"), "1");
        EXPECT_EQ(message->body(), "hello");
    }
}

}  // namespace
}  // namespace asterism::pjsip
