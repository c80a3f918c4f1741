// SRV, NAPTR and TXT: messages taken apart, ENUM's rules, and the functions over a scripted resolver.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "asterism/runtime/dns.hpp"
#include "core/functions/enum.hpp"
#include "unit/functions/function_test.hpp"

using namespace asterism;

namespace {

std::string word(unsigned value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }
std::string text(const std::string& value) { return static_cast<char>(value.size()) + value; }

/// An answer with one record for "a.b".
std::string message(DnsType type, const std::string& data, unsigned id = 1) {
    const std::string name = text("a") + text("b") + std::string(1, '\0');
    const auto kind = word(static_cast<unsigned>(type));
    return word(id) + word(0x8180) + word(1) + word(1) + word(0) + word(0) + name + kind + word(1) + "\xc0\x0c" + kind +
           word(1) + word(0) + word(60) + word(static_cast<unsigned>(data.size())) + data;
}
std::expected<DnsRecords, std::string> parse(const std::string& bytes, DnsType type) {
    return parse_dns_answer({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, type);
}

TEST(Dns, Addresses) {
    const auto v4 = parse(message(DnsType::a, {'\xc0', '\0', '\2', '\1'}), DnsType::a);
    ASSERT_TRUE(v4) << v4.error();
    EXPECT_EQ((*v4)[0].text, "192.0.2.1");
    const auto v6 = parse(message(DnsType::aaaa, "\x20\x01" + std::string(13, '\0') + '\1'), DnsType::aaaa);
    ASSERT_TRUE(v6) << v6.error();
    EXPECT_EQ((*v6)[0].text, "2001::1");
    EXPECT_FALSE(parse(message(DnsType::a, "abc"), DnsType::a));
}

TEST(Dns, Messages) {
    const auto srv =
        parse(message(DnsType::srv, word(10) + word(5) + word(5060) + text("sip") + "\xc0\x0c"), DnsType::srv);
    ASSERT_TRUE(srv) << srv.error();
    ASSERT_EQ(srv->size(), 1u);
    EXPECT_EQ((*srv)[0].target, "sip.a.b");
    EXPECT_EQ((*srv)[0].port, 5060);
    const auto naptr = parse(
        message(DnsType::naptr, word(1) + word(2) + text("u") + text("E2U+sip") + text("!x!y!") + std::string(1, '\0')),
        DnsType::naptr);
    ASSERT_TRUE(naptr) << naptr.error();
    EXPECT_EQ((*naptr)[0].service, "E2U+sip");
    const auto txt = parse(message(DnsType::txt, text("Hello ") + text("you")), DnsType::txt);
    ASSERT_TRUE(txt);
    EXPECT_EQ((*txt)[0].text, "Hello you");
    EXPECT_TRUE(parse(message(DnsType::txt, text("x")), DnsType::srv)->empty());
}

TEST(Dns, BrokenMessages) {
    EXPECT_FALSE(parse("", DnsType::srv));
    EXPECT_FALSE(parse("nonsense", DnsType::srv));
    EXPECT_FALSE(parse(message(DnsType::srv, word(1)), DnsType::srv));
    EXPECT_FALSE(parse(message(DnsType::txt, "\x09short"), DnsType::txt));
    const auto good =
        message(DnsType::naptr, word(1) + word(2) + text("u") + text("s") + text("p") + std::string(1, '\0'));
    for (std::size_t size = 0; size < good.size(); ++size) (void)parse(good.substr(0, size), DnsType::naptr);
}

TEST(Dns, AsksAServer) {
    const int server = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(server, reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    socklen_t size = sizeof here;
    ::getsockname(server, reinterpret_cast<sockaddr*>(&here), &size);
    std::thread answer([server] {
        char question[512];
        sockaddr_in from{};
        socklen_t length = sizeof from;
        const auto got = ::recvfrom(server, question, sizeof question, 0, reinterpret_cast<sockaddr*>(&from), &length);
        if (got < 2) return;
        const auto id = static_cast<unsigned>(static_cast<unsigned char>(question[0]) << 8 |
                                              static_cast<unsigned char>(question[1]));
        const auto reply = message(DnsType::txt, text("found"), id);
        ::sendto(server, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), length);
    });
    const auto query = system_resolver({"127.0.0.1:" + std::to_string(ntohs(here.sin_port))});
    const auto records = query("a.b", DnsType::txt);
    answer.join();
    ::close(server);
    ASSERT_TRUE(records) << records.error();
    EXPECT_EQ(records->at(0).text, "found");
}

TEST(Enum, NamesOfNumbers) {
    EXPECT_EQ(functions::enum_name("+49 89-1", "e164.arpa"), "1.9.8.9.4.e164.arpa");
    EXPECT_EQ(functions::enum_name("1.2", "example", true), "1.2.example");
    EXPECT_EQ(functions::isn_name("1234*256", "freenum.org"), "4.3.2.1.256.freenum.org");
}

TEST(Enum, Rewriting) {
    EXPECT_EQ(functions::rewrite("!^\\+49(.*)$!sip:\\1@x!", "+49123"), "sip:123@x");
    EXPECT_EQ(functions::rewrite("!^.*$!sip:info@x!i", "+1"), "sip:info@x");
    EXPECT_EQ(functions::rewrite("!^\\+44!sip:x!", "+49"), "");
    EXPECT_EQ(functions::rewrite("!(!x!", "+49"), "");
    EXPECT_EQ(functions::rewrite("", "+49"), "");
    EXPECT_EQ(functions::rewrite("!x", "+49"), "");
}

class DnsFunctions : public FunctionTest {
  protected:
    DnsFunctions() {
        functions::add_dns_functions(pbx.functions, [this](const std::string& name, DnsType type) {
            asked = name;
            return type == DnsType::srv ? services : type == DnsType::txt ? texts : numbers;
        });
    }
    static DnsRecord naptr(std::uint16_t order, const std::string& service, const std::string& pattern) {
        DnsRecord record;
        record.first = order;
        record.flags = "u";
        record.service = service;
        record.pattern = pattern;
        return record;
    }
    std::string asked;
    std::expected<DnsRecords, std::string> services, numbers, texts;
};

TEST_F(DnsFunctions, Services) {
    services = DnsRecords(3);
    (*services)[0].first = 20;
    (*services)[0].target = "second";
    (*services)[1].first = 10;
    (*services)[1].target = "first";
    (*services)[1].port = 5061;
    (*services)[2].first = 30;
    (*services)[2].second = 7;
    (*services)[2].target = "third";
    EXPECT_EQ(read("${SRVQUERY(_sip._udp.example.com)}"), "_sip._udp.example.com");
    set("Q", "_sip._udp.example.com");
    EXPECT_EQ(read("${SRVRESULT(${Q},getnum)}:${SRVRESULT(${Q},1)}:${SRVRESULT(${Q},1,port)}:${SRVRESULT(${Q},2,host)}:"
                   "${SRVRESULT(${Q},3,priority)}:${SRVRESULT(${Q},3,weight)}"),
              "3:first:5061:second:30:7");
    EXPECT_EQ(read("${SRVRESULT(${Q},4)}|${SRVRESULT(${Q},0)}|${SRVRESULT(,1)}|${SRVRESULT(${Q})}|"
                   "${SRVRESULT(${Q},1,colour)}|${SRVQUERY()}"),
              "|||||");
    EXPECT_EQ(read("${SRVRESULT(_new._udp.x,1)}"), "first");  // asks by itself
    services = std::unexpected("no answer");
    EXPECT_EQ(read("${SRVQUERY(x)}${SRVRESULT(y,1)}"), "");
}

TEST_F(DnsFunctions, Numbers) {
    numbers = DnsRecords{naptr(20, "E2U+sip", "!^.*$!sip:second@x!"), naptr(10, "e2u+SIP", "!^\\+(.*)$!sip:\\1@x!"),
                         naptr(5, "E2U+tel", "!^.*$!tel:+1!"), naptr(1, "E2U+web", "broken")};
    EXPECT_EQ(read("${ENUMLOOKUP(+4989)}"), "4989@x");
    EXPECT_EQ(asked, "9.8.9.4.e164.arpa");
    EXPECT_EQ(read("${ENUMLOOKUP(4989,sip,u)}"), "sip:4989@x");
    EXPECT_EQ(read("${ENUMLOOKUP(+4989,sip,,2)}|${ENUMLOOKUP(+4989,sip,,3)}|${ENUMLOOKUP(+4989,TEL)}"), "second@x||+1");
    EXPECT_EQ(read("${ENUMLOOKUP(+4989,ALL,c)}${ENUMLOOKUP(+4989,sip,c)}"), "32");
    EXPECT_EQ(read("${ENUMLOOKUP(1234*256,sip,s,,freenum.org)}"), "second@x");
    EXPECT_EQ(asked, "4.3.2.1.256.freenum.org");
    EXPECT_EQ(read("${SET(E=${ENUMQUERY(+4989,all,zone.org)})}"), "1");
    EXPECT_EQ(asked, "9.8.9.4.zone.org");
    EXPECT_EQ(
        read("${ENUMRESULT(1,getnum)}:${ENUMRESULT(1,1)}:${ENUMRESULT(1,2)}:${ENUMRESULT(1,9)}:${ENUMRESULT(7,1)}"),
        "3:+1:4989@x::");
    numbers = std::unexpected("no answer");
    EXPECT_EQ(read("${ENUMLOOKUP(+4989)}|${ENUMLOOKUP(+4989,sip,c)}|${ENUMQUERY(+4989)}|${ENUMLOOKUP()}"), "|-1||");
}

TEST_F(DnsFunctions, NamesOfCallers) {
    texts = DnsRecords(1);
    (*texts)[0].text = "Some One";
    EXPECT_EQ(read("${TXTCIDNAME(+1)}"), "Some One");
    EXPECT_EQ(read("${TXTCIDNAME(+1,x.org)}${TXTCIDNAME()}"), "Some One");
    EXPECT_EQ(asked, "1.x.org");
    texts = DnsRecords{};
    EXPECT_EQ(read("${TXTCIDNAME(+1)}"), "");
}

}  // namespace
