#include "asterism/sip/registrar.hpp"

#include <algorithm>

#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

namespace {

class MemoryStore final : public BindingStore {
  public:
    [[nodiscard]] std::vector<Binding> bindings(std::string_view) const override { return list; }
    void add(std::string_view, const Binding& b) override {
        list.push_back(b);
        log += "+" + b.uri + " ";
    }
    void update(std::string_view, const Binding& b) override {
        *find(b) = b;
        log += "=" + b.uri + " ";
    }
    void remove(std::string_view, const Binding& b, Removal why) override {
        log += (why == Removal::replaced ? "!" : "-") + b.uri + " ";
        list.erase(find(b));
    }
    std::vector<Binding>::iterator find(const Binding& b) {
        return std::find_if(list.begin(), list.end(), [&](const Binding& other) { return other.uri == b.uri; });
    }
    std::vector<Binding> list;
    std::string log;
};

struct Registering : testing::Test {
    Response send(std::string_view lines, std::string call_id = "") {
        static int count = 0;
        if (call_id.empty()) call_id = "call" + std::to_string(++count);
        const auto m =
            parse(crlf("REGISTER sip:127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bK1\n"
                       "From: <sip:alice@127.0.0.1>;tag=1\nTo: <sip:alice@127.0.0.1>\nCall-ID: " +
                       call_id + "\nCSeq: " + std::to_string(++cseq) + " REGISTER\nUser-Agent: phone\n" +
                       std::string(lines) + "\n"));
        return registrar.handle(*m, flow, "alice", settings, "alice");
    }
    static std::string text(const Response& r) {
        std::string out = std::to_string(r.code);
        for (const Header& h : r.headers)
            if (h.name != "Date") out += "\n" + h.name + ": " + h.value;
        return out;
    }
    TestLoop loop;
    MemoryStore store;
    Registrar registrar{loop.clock(), store};
    Flow flow{std::make_shared<FakeTransport>(Protocol::udp, address("127.0.0.1", 5060)), address("10.9.8.7", 4444)};
    AorSettings settings{.max_contacts = 2};
    int cseq = 0;
};

constexpr const char* x1 = "Contact: <sip:alice@127.0.0.1:26532;x=1>\n";
constexpr const char* x2 = "Contact: <sip:alice@127.0.0.1:26532;x=2>\n";
constexpr const char* x3 = "Contact: <sip:alice@127.0.0.1:26532;x=3>\n";

}  // namespace

TEST_F(Registering, AsRecorded) {  // 18-register-contacts, in its order
    EXPECT_EQ(text(send(std::string(x1) + "Expires: 120\n")),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=1>;expires=119\nExpires: 120");
    EXPECT_EQ(text(send(std::string(x2) + "Expires: 120\n")),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=2>;expires=119\n"
              "Contact: <sip:alice@127.0.0.1:26532;x=1>;expires=119\nExpires: 120");
    EXPECT_EQ(text(send(std::string(x3) + "Expires: 120\n")), "403");
    EXPECT_EQ(text(send("Expires: 120\n")),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=2>;expires=119\n"
              "Contact: <sip:alice@127.0.0.1:26532;x=1>;expires=119\nExpires: 120");
    EXPECT_EQ(text(send("Contact: <sip:alice@127.0.0.1:26532;x=1>;expires=30\n")),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=2>;expires=119\n"
              "Contact: <sip:alice@127.0.0.1:26532;x=1>;expires=59");
    EXPECT_EQ(text(send(x1)),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=2>;expires=119\n"
              "Contact: <sip:alice@127.0.0.1:26532;x=1>;expires=3599");
    EXPECT_EQ(text(send(std::string(x1) + "Expires: 99999\n")),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=2>;expires=119\n"
              "Contact: <sip:alice@127.0.0.1:26532;x=1>;expires=7199\nExpires: 7200");
    EXPECT_EQ(text(send("Contact: <sip:alice@127.0.0.1:26532;x=1>;expires=0\n")),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=2>;expires=119");
    EXPECT_EQ(text(send("Contact: *\nExpires: 60\n")), "400");
    EXPECT_EQ(text(send("Contact: *\nExpires: 0\n")), "200\nExpires: 0");
    EXPECT_TRUE(store.list.empty());
}

TEST_F(Registering, DateAsRecorded) { EXPECT_EQ(send(x1).headers[0].value, "Sat, 21 Nov 2026 19:11:45 GMT"); }

TEST_F(Registering, ShortTimesAreRaised) {
    EXPECT_EQ(text(send(std::string(x1) + "Expires: 30\n")),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=1>;expires=59\nExpires: 60");
}

TEST_F(Registering, WithoutMaxContactsNobodyRegisters) {
    settings.max_contacts = 0;
    EXPECT_EQ(send(x1).code, 403);
    EXPECT_EQ(send("").code, 200);
}

TEST_F(Registering, RemoveExistingMakesRoom) {
    settings.max_contacts = 1;
    settings.remove_existing = true;
    send(x1);
    EXPECT_EQ(text(send(x2)), "200\nContact: <sip:alice@127.0.0.1:26532;x=2>;expires=3599");
    EXPECT_EQ(store.log,
              "+sip:alice@127.0.0.1:26532;x=1 +sip:alice@127.0.0.1:26532;x=2 !sip:alice@127.0.0.1:26532;x=1 ");
    EXPECT_EQ(send(std::string(x1) + x3).code, 403);  // more than there is room for
}

TEST_F(Registering, RemoveUnavailableTakesOnlyTheDead) {
    settings.remove_unavailable = true;
    send(x1);
    send(x2);
    EXPECT_EQ(send(x3).code, 403);
    store.list[1].unavailable = true;
    EXPECT_EQ(send(x3).code, 200);
    EXPECT_EQ(store.list[0].uri, "sip:alice@127.0.0.1:26532;x=1");
    EXPECT_EQ(store.list[1].uri, "sip:alice@127.0.0.1:26532;x=3");
}

// A phone that was switched off counts from 1 again, perhaps under the Call-ID that it always has.
TEST_F(Registering, TheCSeqNeedNotGrow) {
    send(x1, "same");
    cseq = 0;
    EXPECT_EQ(send(x1, "same").code, 200);
    EXPECT_EQ(store.list.size(), 1u);
    cseq = 0;
    EXPECT_EQ(send("Contact: *\nExpires: 0\n", "same").code, 200);
    EXPECT_TRUE(store.list.empty());
}

TEST_F(Registering, PathIsKeptAndSaidBack) {
    const std::string lines = std::string(x1) + "Path: <sip:p1;lr>,<sip:p2;lr>\n";
    EXPECT_EQ(text(send(lines)).find("Path"), std::string::npos);
    settings.support_path = true;
    const auto answered = text(send(lines));
    EXPECT_NE(answered.find("Path: <sip:p1;lr>,<sip:p2;lr>\nSupported: path"), std::string::npos) << answered;
    EXPECT_EQ(store.list[0].path, "<sip:p1;lr>, <sip:p2;lr>");
}

TEST_F(Registering, RefreshKeepsOneBinding) {
    send(x1);
    loop.advance(100s);
    EXPECT_EQ(text(send("Contact: <sip:alice@127.0.0.1:26532;x=1;y=2>\n")),
              "200\nContact: <sip:alice@127.0.0.1:26532;x=1>;expires=3599");
    EXPECT_EQ(store.list.size(), 1U);
}

TEST_F(Registering, WhatABindingHolds) {
    settings.support_path = true;
    send(std::string(x1) + "Path: <sip:p1;lr>, <sip:p2;lr>\n");
    const Binding& b = store.list.at(0);
    EXPECT_EQ(b.user_agent, "phone");
    EXPECT_EQ(b.path, "<sip:p1;lr>, <sip:p2;lr>");
    EXPECT_EQ(b.via_address, "10.0.0.7");
    EXPECT_EQ(b.via_port, 5062);
    EXPECT_EQ(b.endpoint, "alice");
    EXPECT_EQ(b.flow.remote.port, 4444);
    EXPECT_EQ(b.expires, loop.clock().wall() + 3600s);
}

TEST_F(Registering, RewrittenContacts) {
    settings.rewrite_contact = true;
    EXPECT_EQ(text(send("Contact: <sip:alice@192.168.1.5:5060;ob>\n")),
              "200\nContact: <sip:alice@10.9.8.7:4444;ob>;expires=3599");
}

TEST_F(Registering, BadContacts) {
    EXPECT_EQ(send("Contact: <sip:alice@>\n").code, 400);
    EXPECT_EQ(send("Contact: <tel:1>\n").code, 400);
    EXPECT_EQ(send(std::string(x1) + "Contact: *\nExpires: 0\n").code, 400);
    EXPECT_EQ(send("Contact: *\n").code, 400);
    std::string many;
    for (int i = 0; i < 65; ++i) many += "Contact: <sip:a@h" + std::to_string(i) + ">\n";
    EXPECT_EQ(send(many).code, 400);
    EXPECT_TRUE(store.list.empty());
}

TEST_F(Registering, NamedTwice) {
    settings.max_contacts = 1;
    EXPECT_EQ(text(send("Contact: <sip:a@h>;expires=100, <sip:a@H>;expires=200\n")),
              "200\nContact: <sip:a@H>;expires=199");
}

TEST_F(Registering, SeveralAtOnce) {
    EXPECT_EQ(send("Contact: <sip:alice@127.0.0.1:26532;x=1>, <sip:alice@127.0.0.1:26532;x=2>;expires=100\n").code,
              200);
    EXPECT_EQ(store.list.size(), 2U);
    EXPECT_EQ(send("Contact: <sip:alice@127.0.0.1:26532;x=1>;expires=0\n" + std::string(x3)).code, 200);
    EXPECT_EQ(store.list.size(), 2U);
}

}  // namespace asterism::sip::test
