// Which server a name means (RFC 3263), and who is asked when one fails.
#include "core/channels/sip/locate.hpp"

#include <gtest/gtest.h>

#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

sip::SocketAddress at(const char* ip, std::uint16_t port = 0) { return *sip::SocketAddress::parse(ip, port); }

struct Zone {
    DnsRecords& srv(const std::string& name) { return records[{DnsType::srv, name}]; }
    DnsRecords& naptr(const std::string& name) { return records[{DnsType::naptr, name}]; }
    [[nodiscard]] Dns dns() {
        return {.records = [this](const std::string& name, DnsType type) { return records[{type, name}]; },
                .addresses = [this](const std::string& name) { return a[name]; }};
    }
    std::map<std::pair<DnsType, std::string>, DnsRecords> records;
    std::map<std::string, std::vector<sip::SocketAddress>> a;
};

DnsRecord service(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, std::string target) {
    DnsRecord record;
    record.first = priority;
    record.second = weight;
    record.port = port;
    record.target = std::move(target);
    return record;
}
DnsRecord pointer(std::uint16_t order, std::uint16_t preference, std::string what, std::string replacement) {
    DnsRecord record;
    record.first = order;
    record.second = preference;
    record.flags = "S";
    record.service = std::move(what);
    record.target = std::move(replacement);
    return record;
}

std::string text(const std::vector<Place>& places) {
    std::string out;
    for (const auto& place : places) out += place.protocol + " " + place.address.text() + ", ";
    return out;
}

struct Names : testing::Test {
    Names() {
        zone.a["one.example.com"] = {at("192.0.2.1"), at("2001:db8::1")};
        zone.a["two.example.com"] = {at("192.0.2.2")};
        zone.a["example.com"] = {at("192.0.2.9")};
    }
    std::string find(std::vector<std::string> protocols, std::uint16_t port = 0, std::uint32_t seed = 1) {
        return text(
            locate(zone.dns(), {.host = "example.com", .port = port, .protocols = std::move(protocols), .seed = seed}));
    }
    Zone zone;
};

TEST_F(Names, WithoutRecordsItIsAHost) {
    EXPECT_EQ(find({"udp"}), "udp 192.0.2.9:5060, ");
    EXPECT_EQ(find({"tcp", "udp"}), "udp 192.0.2.9:5060, ");
    EXPECT_EQ(text(locate(zone.dns(), {.host = "nosuch.example", .protocols = {"udp"}})), "");
}

TEST_F(Names, ServicesByPriority) {
    zone.srv("_sip._udp.example.com") = {service(2, 0, 5062, "two.example.com"),
                                         service(1, 0, 5061, "one.example.com")};
    EXPECT_EQ(find({"udp"}), "udp 192.0.2.1:5061, udp [2001:db8::1]:5061, udp 192.0.2.2:5062, ");
    EXPECT_EQ(find({"udp"}, 5070), "udp 192.0.2.9:5070, ");  // a port names a host
    EXPECT_EQ(find({"tcp"}), "tcp 192.0.2.9:5060, ");
    zone.srv("_sip._tcp.example.com") = {service(9, 0, 5063, "two.example.com")};
    EXPECT_EQ(find({"tcp", "udp"}),
              "tcp 192.0.2.2:5063, udp 192.0.2.1:5061, udp [2001:db8::1]:5061, udp 192.0.2.2:5062, ");
    zone.srv("_sip._tcp.example.com")[0].target.clear();  // ".": there is no such service
    EXPECT_TRUE(find({"tcp", "udp"}).starts_with("udp 192.0.2.1:5061"));
}

TEST_F(Names, ServicesByWeight) {
    zone.srv("_sip._udp.example.com") = {service(1, 10, 1, "two.example.com"), service(1, 90, 2, "two.example.com")};
    int heavy = 0;
    for (std::uint32_t seed = 1; seed <= 1000; ++seed)
        heavy += find({"udp"}, 0, seed * 7919) == "udp 192.0.2.2:2, udp 192.0.2.2:1, ";
    EXPECT_NEAR(heavy, 900, 60);
}

TEST_F(Names, PointersSayWhichServices) {
    zone.naptr("example.com") = {pointer(50, 90, "SIP+D2U", "_sip._udp.example.com"),
                                 pointer(50, 50, "SIP+D2T", "_sip._tcp.example.com")};
    zone.srv("_sip._udp.example.com") = {service(1, 0, 5061, "two.example.com")};
    EXPECT_EQ(find({"tcp", "udp"}), "udp 192.0.2.2:5061, ");  // the preferred has no services
    zone.srv("_sip._tcp.example.com") = {service(1, 0, 5062, "two.example.com")};
    EXPECT_EQ(find({"tcp", "udp"}), "tcp 192.0.2.2:5062, udp 192.0.2.2:5061, ");
    EXPECT_EQ(find({"udp"}), "udp 192.0.2.2:5061, ");  // the URI or what there is says UDP
    zone.naptr("example.com")[0].target = "elsewhere.example.com";
    zone.srv("elsewhere.example.com") = {service(1, 0, 5069, "one.example.com")};
    EXPECT_TRUE(find({"udp"}).starts_with("udp 192.0.2.1:5069"));
}

TEST(DnsServers, OfResolverUnbound) {
    config::MapSource source;
    source.files["/etc/resolver_unbound.conf"] =
        "[general]\nnameserver = 127.0.0.1@10053\nnameserver=192.0.2.1\nresolv =\nnameserver=nonsense\n";
    config::Report report;
    const auto file = config::read(source, "resolver_unbound.conf", {.directory = "/etc"}, report);
    ASSERT_TRUE(file);
    const auto servers = read_name_servers(*file, report);
    ASSERT_EQ(servers.size(), 2u);
    EXPECT_EQ(servers[0], "127.0.0.1:10053");
    EXPECT_EQ(servers[1], "192.0.2.1:53");
    EXPECT_NE(report.text().find("nonsense"), std::string::npos);
}

/// Two servers behind example.com: .1 first, then .2.
struct Servers : testing::Test {
    Servers() {
        w.net->hosts["one.example.com"] = {at("127.0.0.1")};
        w.net->hosts["two.example.com"] = {at("127.0.0.2")};
        w.net->records[{DnsType::srv, "_sip._udp.example.com"}] = {service(0, 0, 5061, "one.example.com"),
                                                                   service(1, 0, 5062, "two.example.com")};
    }
    void answer(const sip::Message& request, int code) {
        w.net->receive(w.last_to, reply(request, code, "x"));
        w.loop.run();
    }
    SipWorld w;
};

TEST_F(Servers, ATextGoesToTheNext) {
    ASSERT_TRUE(w.tech->send_message("sip:someone@example.com", "sip:me", "hello", {}));
    w.loop.run();
    const auto first = w.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(w.last_to.text(), "127.0.0.1:5061");
    answer(*first, 503);
    const auto second = w.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(w.last_to.text(), "127.0.0.2:5062");
    EXPECT_EQ(second->call_id(), first->call_id());
    EXPECT_NE(second->top_via().branch, first->top_via().branch);
    answer(*second, 503);
    EXPECT_FALSE(w.next());  // nobody is left, and nobody is asked twice
}

TEST_F(Servers, ARefusalIsARefusal) {
    ASSERT_TRUE(w.tech->send_message("sip:someone@example.com", "sip:me", "hello", {}));
    w.loop.run();
    const auto first = w.next();
    answer(*first, 404);
    EXPECT_FALSE(w.next());
}

TEST_F(Servers, ACallGoesToTheNext) {
    ChannelRequest request;
    request.data = "bob/sip:someone@example.com";
    Channel& channel = **w.tech->request(request);
    channel.driver().call();
    w.loop.run();
    const auto first = w.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(w.last_to.text(), "127.0.0.1:5061");
    answer(*first, 503);
    sip::MessagePtr second = w.next();
    ASSERT_TRUE(second);
    if (second->method() == sip::Method::ack) second = w.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->method(), sip::Method::invite);
    EXPECT_EQ(w.last_to.text(), "127.0.0.2:5062");
    const auto id = channel.id();
    answer(*second, 503);
    while (const auto more = w.next()) EXPECT_EQ(more->method(), sip::Method::ack);  // nobody is left
    w.loop.advance(40s);
    EXPECT_EQ(w.channels.find(id), nullptr);
}

TEST_F(Servers, ACallOverTcpGoesToTheNext) {
    w.net->records[{DnsType::srv, "_sip._tcp.example.com"}] = w.net->records[{DnsType::srv, "_sip._udp.example.com"}];
    ChannelRequest request;
    request.data = "bob/sip:someone@example.com;transport=tcp";
    (*w.tech->request(request))->driver().call();
    w.loop.run();
    const auto first = w.next();
    ASSERT_TRUE(first);
    ASSERT_EQ(w.net->connections.size(), 1u);
    w.net->receive(w.net->connections[0], reply(*first, 503, "x"));
    w.loop.run();
    ASSERT_EQ(w.net->connections.size(), 2u);
    EXPECT_EQ(w.net->connections[1].remote.text(), "127.0.0.2:5062");
    EXPECT_EQ(w.next()->method(), sip::Method::ack);
    EXPECT_EQ(w.next()->method(), sip::Method::invite);
}

TEST_F(Servers, ADeadServerIsLeftAfterItsTime) {
    ASSERT_TRUE(w.tech->send_message("sip:someone@example.com", "sip:me", "hello", {}));
    w.loop.run();
    w.loop.advance(33s);
    bool moved = false;
    while (w.next()) moved = moved || w.last_to.text() == "127.0.0.2:5062";
    EXPECT_TRUE(moved);
}

}  // namespace
}  // namespace asterism::pjsip
