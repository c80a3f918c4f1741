// Functions as users call them: through substitution and Set.
#include "asterism/functions/functions.hpp"
#include "asterism/runtime/log_groups.hpp"

#include <gtest/gtest.h>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/hangup_causes.hpp"
#include "support/test_pbx.hpp"

using namespace asterism;

namespace {

class Functions : public testing::Test {
  protected:
    Functions() { functions::add_functions(pbx.pbx); }
    std::string read(const std::string& text) { return dialplan::substitute(pbx.pbx, &channel(), text); }
    bool set(const std::string& name, const std::string& value) {
        return dialplan::set_variable(pbx.pbx, &channel(), name, value);
    }
    Channel& channel() {
        if (!channel_) {
            ChannelRequest request;
            request.data = "alice";
            channel_ = *pbx.phones.request(request);
        }
        return *channel_;
    }
    TestPbx pbx;

  private:
    Channel* channel_ = nullptr;
};

TEST_F(Functions, EveryEntrySaysWhatItIs) {
    const auto all = pbx.functions.all();
    EXPECT_GT(all.size(), 100u);
    for (const auto* f : all) {
        EXPECT_FALSE(f->synopsis.empty()) << f->name;
        EXPECT_TRUE(f->syntax.starts_with(f->name + "(")) << f->name;
        EXPECT_TRUE(f->read || f->write || f->read_later || f->write_later) << f->name;
    }
}

TEST_F(Functions, Text) {
    EXPECT_EQ(read("${LEN(hello)}"), "5");
    EXPECT_EQ(read("${FILTER(0-9,+49 170)}"), "49170");
    set("V", "a.b.c");
    EXPECT_EQ(read("${REPLACE(V,.,_)}"), "a_b_c");
    EXPECT_EQ(read("${STRREPLACE(V,.,--,1)}"), "a--b.c");
    EXPECT_EQ(read("${REGEX(\"^a\" ${V})}"), "1");
    EXPECT_EQ(read("${REGEX(\"^b\" ${V})}"), "0");
    EXPECT_EQ(read("${TOUPPER(${V})}"), "A.B.C");
    EXPECT_EQ(read("${SPRINTF(%03d-%s,7,x)}"), "007-x");
}

TEST_F(Functions, Lists) {
    set("L", "one-two-three");
    EXPECT_EQ(read("${CUT(L,-,2)}"), "two");
    EXPECT_EQ(read("${SORT(a:nan,b:1,c:inf,d:-1,e:x)}"), "d,a,c,e,b");
    EXPECT_EQ(read("${FIELDQTY(L,-)}"), "3");
    EXPECT_EQ(read("${FIELDQTY(NONE,-)}"), "0");
    EXPECT_EQ(read("${FIELDNUM(L,-,three)}"), "3");
    set("PUSH(P)", "a");
    set("PUSH(P)", "b");
    set("UNSHIFT(P)", "z");
    EXPECT_EQ(read("${P}"), "z,a,b");
    EXPECT_EQ(read("${SHIFT(P)}${POP(P)}${P}"), "zba");
    set("PUSH(__I)", "x");
    set("PUSH(__I)", "y");
    EXPECT_EQ(read("${I}"), "x,y");
    set("ARRAY(A1,A2)", "1,2");
    EXPECT_EQ(read("${A1}${A2}"), "12");
    set("HASH(h,k)", "v");
    EXPECT_EQ(read("${HASH(h,k)} ${HASHKEYS(h)}"), "v k");
}

TEST_F(Functions, Logic) {
    EXPECT_EQ(read("${IF($[1 = 1]?yes:no)}"), "yes");
    EXPECT_EQ(read("${IF(0?yes:no)}"), "no");
    EXPECT_EQ(read("${IF(1?\"a:b\":c)}"), "a:b");
    EXPECT_EQ(read("${IFTIME(*,*,*,*?open:closed)}"), "open");
    EXPECT_EQ(read("${EXISTS()}${EXISTS(x)}${ISNULL()}"), "011");
    EXPECT_EQ(read("${SET(N=4)}${INC(N)}${MATH(${N}*2,int)}"), "4510");
    EXPECT_EQ(read("${MIN(7,4)}${MAX(7,4)}${ABS(-2)}"), "472");
}

TEST_F(Functions, Globals) {
    set("GLOBAL(G)", "1");
    EXPECT_EQ(read("${G}${GLOBAL(G)}${GLOBAL_EXISTS(G)}"), "111");
    set("SHARED(s)", "v");
    EXPECT_EQ(read("${SHARED(s)} ${SHARED(s," + channel().name() + ")}"), "v v");
    set("E", "${G}");
    EXPECT_EQ(read("${EVAL(${E})}"), "1");
}

TEST_F(Functions, Database) {
    set("DB(fam/a)", "1");
    set("DB(fam/b/c)", "2");
    EXPECT_EQ(read("${DB(fam/a)}${DB_EXISTS(fam/a)}${DB_EXISTS(fam/x)}"), "110");
    EXPECT_EQ(read("${DB_KEYS(fam)}|${DB_KEYS()}|${DB_KEYCOUNT(fam)}"), "a,b|fam|2");
    EXPECT_EQ(read("${DB_DELETE(fam/a)}${DB_EXISTS(fam/a)}${DB_RESULT}"), "101");
}

TEST_F(Functions, Caller) {
    set("CALLERID(all)", "\"New Name\" <999>");
    EXPECT_EQ(read("${CALLERID(all)}"), "\"New Name\" <999>");
    EXPECT_EQ(read("${CALLERID(num)}|${CALLERID(name)}|${CALLERID(name-valid)}"), "999|New Name|1");
    set("CALLERID(num-pres)", "prohib_passed_screen");
    EXPECT_EQ(read("${CALLERID(num-pres)}"), "prohib_passed_screen");
    set("CALLERID(DNID)", "123");
    EXPECT_EQ(read("${CALLERID(dnid)}"), "123");
    EXPECT_EQ(read("${CALLERID(num,Bob <5>)}"), "5");
    set("CONNECTEDLINE(name,i)", "Them");
    EXPECT_EQ(read("${CONNECTEDLINE(name)}"), "Them");
    set("REDIRECTING(from-num)", "42");
    set("REDIRECTING(reason)", "cfu");
    EXPECT_EQ(read("${REDIRECTING(from-num)}${REDIRECTING(reason)}${CALLERID(RDNIS)}"), "42cfu42");
    EXPECT_FALSE(set("CALLERID(nonsense)", "x"));
}

TEST_F(Functions, Channels) {
    EXPECT_EQ(read("${CHANNEL(name)}"), channel().name());
    EXPECT_EQ(read("${CHANNEL(state)}"), "Down");
    set("CHANNEL(language)", "de");
    EXPECT_EQ(read("${CHANNEL(language)}"), "de");
    EXPECT_EQ(read("${CHANNEL(channeltype)}"), "Test");
    EXPECT_EQ(read("${CHANNELS(^Test/)}"), channel().name());
    EXPECT_EQ(read("${CHANNEL_EXISTS(nobody)}"), "0");
    set("CHANNEL(hangup_handler_push)", "x,s,1");
    EXPECT_EQ(channel().extra<dialplan::HangupHandlers>().handlers.size(), 1u);
}

TEST_F(Functions, Times) {
    EXPECT_EQ(read("${STRFTIME(1000000000,UTC,%Y-%m-%d %H:%M:%S)}"), "2001-09-09 01:46:40");
    EXPECT_EQ(read("${STRPTIME(2001-09-09 01:46:40,UTC,%Y-%m-%d %H:%M:%S)}"), "1000000000");
    set("TIMEOUT(digit)", "2.5");
    EXPECT_EQ(read("${TIMEOUT(digit)} ${TIMEOUT(absolute)}"), "2.500 0");
    set("TIMEOUT(absolute)", "10");
    EXPECT_EQ(read("${TIMEOUT(absolute)}"), "10.000");
}

TEST_F(Functions, States) {
    EXPECT_TRUE(set("DEVICE_STATE(Custom:lamp)", "INUSE"));
    EXPECT_EQ(read("${DEVICE_STATE(Custom:lamp)}"), "INUSE");
    EXPECT_FALSE(set("DEVICE_STATE(PJSIP/a)", "INUSE"));
    pbx.extensions("[default]\nexten => 1,hint,Custom:lamp,Lamp\n");
    EXPECT_EQ(read("${EXTENSION_STATE(1@default)}${EXTENSION_STATE(2@default)}"), "INUSEUNKNOWN");
    EXPECT_EQ(read("${HINT(1@default)}|${HINT(1@default,n)}"), "Custom:lamp|Lamp");
    EXPECT_TRUE(set("PRESENCE_STATE(CustomPresence:a)", "away,sub,hello"));
    EXPECT_EQ(read("${PRESENCE_STATE(CustomPresence:a,value)}${PRESENCE_STATE(CustomPresence:a,message)}"),
              "awayhello");
}

TEST_F(Functions, HangupCauses) {
    channel().extra<features::HangupCauses>().set("Test/b-1", "SIP 486 Busy Here", Cause::user_busy);
    EXPECT_EQ(read("${HANGUPCAUSE_KEYS()} ${HANGUPCAUSE(Test/b-1,tech)}"), "Test/b-1 SIP 486 Busy Here");
    EXPECT_EQ(read("${HANGUPCAUSE(Test/b-1,ast)}"), std::string(cause_text(Cause::user_busy)));
}

TEST_F(Functions, Groups) {
    set("GROUP()", "sales");
    set("GROUP(floor)", "two");
    EXPECT_EQ(read("${GROUP()}${GROUP_COUNT(sales)}${GROUP_COUNT(none)}"), "sales10");
    EXPECT_EQ(read("${GROUP_LIST()}"), "sales two@floor");
    EXPECT_EQ(read("${GROUP_MATCH_COUNT(^sa)}"), "1");
}

TEST_F(Functions, Encodings) {
    EXPECT_EQ(read("${BASE64_ENCODE(hi)}${BASE64_DECODE(aGk=)}"), "aGk=hi");
    EXPECT_EQ(read("${AES_DECRYPT(0123456789abcdef,${AES_ENCRYPT(0123456789abcdef,secret)})}"), "secret");
    pbx.globals.set("J", R"({"a":{"b":[1,"two"]}})");
    EXPECT_EQ(read("${JSON_DECODE(J,a/b/1,/)}"), "two");
    EXPECT_EQ(read("${JSON_DECODE(J,a.b.1)}${JSON_DECODE(J,a.b,,c)}${JSON_DECODE(J,a.x)}"), "two2");
    EXPECT_EQ(read("${SAYFILES(12,number)}"), "digits/12");
    EXPECT_EQ(read("${ICONV(UTF-8,ISO-8859-1,\xc3\xa4)}"), "\xe4");
}

TEST_F(Functions, Dialplan) {
    pbx.extensions("[c]\nexten => 1,1,Return(${EXTEN}x)\nexten => 1,n(lab),NoOp()\n");
    EXPECT_EQ(read("${DIALPLAN_EXISTS(c)}${DIALPLAN_EXISTS(c,1)}${DIALPLAN_EXISTS(c,1,lab)}${DIALPLAN_EXISTS(c,2)}"),
              "1110");
    EXPECT_EQ(read("${EVAL_EXTEN(c,1,1)}"), "1x");
}

TEST_F(Functions, WithoutAChannelNothingBreaks) {
    for (const auto* f : pbx.functions.all()) {
        if (f->read) (void)dialplan::get_variable(pbx.pbx, nullptr, f->name + "(a,b,c)");
        if (f->read) (void)dialplan::get_variable(pbx.pbx, nullptr, f->name + "()");
        if (f->write && f->name != "ENV") (void)dialplan::set_variable(pbx.pbx, nullptr, f->name + "()", "x");
    }
}

TEST_F(Functions, NonsenseOnAChannelBreaksNothing) {
    for (const auto* f : pbx.functions.all()) {
        for (const char* args : {"", ",", ",,,,", "a", "a,b,c,d", "-1", "\"", "(", "99999999999999999999,1"}) {
            if (f->read) (void)dialplan::get_variable(pbx.pbx, &channel(), f->name + "(" + args + ")");
            if (f->write && f->name != "ENV")
                (void)dialplan::set_variable(pbx.pbx, &channel(), f->name + "(" + args + ")", "x");
        }
    }
}

TEST_F(Functions, DialGroups) {
    EXPECT_TRUE(set("DIALGROUP(g,add)", "SIP/10"));
    EXPECT_TRUE(set("DIALGROUP(g,add)", "SIP/20&SIP/10"));
    EXPECT_EQ(read("${DIALGROUP(g)}"), "SIP/10&SIP/20");
    EXPECT_TRUE(set("DIALGROUP(g,del)", "SIP/10"));
    EXPECT_EQ(read("${DIALGROUP(g)}"), "SIP/20");
    EXPECT_TRUE(set("DIALGROUP(g)", "A/1&B/2"));
    EXPECT_EQ(read("${DIALGROUP(g)}|${DIALGROUP(none)}|${DIALGROUP()}"), "A/1&B/2||");
    EXPECT_FALSE(set("DIALGROUP(g,swap)", "x"));
    EXPECT_FALSE(set("DIALGROUP()", "x"));
    EXPECT_TRUE(set("DIALGROUP(g)", ""));
    EXPECT_EQ(read("${DIALGROUP(g)}"), "");
}

TEST_F(Functions, AnotherTimeForTests) {
    EXPECT_TRUE(set("TESTTIME()", "2010-12-25 10:00:00 UTC"));
    EXPECT_EQ(read("${TESTTIME}"), "1293271200");
    EXPECT_EQ(read("${IFTIME(9:00-17:00,*,25,dec,UTC?christmas:not)}"), "christmas");
    EXPECT_TRUE(set("TESTTIME()", "2010/12/26 10:00 UTC"));
    EXPECT_EQ(read("${IFTIME(9:00-17:00,*,25,dec,UTC?christmas:not)}"), "not");
    EXPECT_FALSE(set("TESTTIME()", "tomorrow"));
    EXPECT_TRUE(set("TESTTIME()", ""));
    EXPECT_EQ(read("${IFTIME(9:00-17:00,*,26,dec,UTC?christmas:not)}"), "not");
}

TEST_F(Functions, LogGroupsOfCalls) {
    const auto call = channel().call();
    ASSERT_TRUE(call);
    log::groups().choose("test", true);
    EXPECT_TRUE(log::groups().hides(call));
    EXPECT_TRUE(set("LOG_GROUP()", "test"));
    EXPECT_FALSE(log::groups().hides(call));
    EXPECT_TRUE(set("LOG_GROUP()", "other"));  // takes the place of the former
    EXPECT_TRUE(log::groups().hides(call));
    EXPECT_TRUE(set("LOG_GROUP()", "test"));
    EXPECT_TRUE(set("LOG_GROUP()", ""));
    EXPECT_TRUE(log::groups().hides(call));
    EXPECT_TRUE(set("LOG_GROUP()", "test"));
    channel().end(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_TRUE(log::groups().hides(call));  // the number may be another call's
    log::groups().choose_all();
    EXPECT_FALSE(log::groups().hides(call));
}

TEST_F(Functions, Modules) { EXPECT_EQ(read("${IFMODULE(res_pjsip.so)}|${IFMODULE()}"), "0|"); }

TEST_F(Functions, ChannelItems) {
    EXPECT_EQ(read("${CHANNEL(videonativeformat)}${CHANNEL(audionativeformat):0:1}"), "(nothing)(");
    EXPECT_EQ(read("${REGEX(\"^\\\\[C-[0-9a-f]*\\\\]$\" ${CHANNEL(callid)})}"), "1");
    EXPECT_EQ(read("${CHANNEL(max_forwards)}${CHANNEL(transfercapability)}${CHANNEL(parkinglot)}"), "20SPEECH");
    EXPECT_TRUE(set("CHANNEL(callgroup)", "1,2"));
    EXPECT_EQ(read("${CHANNEL(callgroup)}|${CHANNEL(pickupgroup)}|${CHANNEL(nonsense)}"), "1,2||");
    EXPECT_FALSE(set("CHANNEL(uniqueid)", "1"));
}

}  // namespace
