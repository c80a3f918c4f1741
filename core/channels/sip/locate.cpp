#include "locate.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "asterism/config/options.hpp"

namespace asterism::pjsip {
namespace {

constexpr std::size_t most_places = 32;

std::string without_dot(std::string name) {
    while (name.ends_with('.')) name.pop_back();
    return name;
}

std::vector<sip::SocketAddress> system_addresses(const std::string& name) {
    std::vector<sip::SocketAddress> found;
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &hints, &list) != 0) return found;
    for (const addrinfo* one = list; one; one = one->ai_next) {
        sip::SocketAddress address{};
        if (one->ai_family == AF_INET) {
            sockaddr_in raw{};
            std::memcpy(&raw, one->ai_addr, sizeof raw);
            std::memcpy(address.ip.data(), &raw.sin_addr, 4);
        } else if (one->ai_family == AF_INET6) {
            sockaddr_in6 raw{};
            std::memcpy(&raw, one->ai_addr, sizeof raw);
            address.v6 = true;
            address.scope = raw.sin6_scope_id;
            std::memcpy(address.ip.data(), &raw.sin6_addr, 16);
        } else {
            continue;
        }
        found.push_back(address);
    }
    ::freeaddrinfo(list);
    return found;
}

/// RFC 2782: by priority; among equals a random one, as heavy as its weight.
void put_in_order(DnsRecords& records, std::minstd_rand& random) {
    std::ranges::sort(records, {}, &DnsRecord::first);
    for (auto group = records.begin(); group != records.end();) {
        const auto end = std::find_if(group, records.end(), [&](const auto& r) { return r.first != group->first; });
        for (auto place = group; place != end; ++place) {
            std::uint32_t sum = 0;
            for (auto r = place; r != end; ++r) sum += r->second;
            auto chosen = place;
            if (sum > 0) {
                std::uint32_t left = static_cast<std::uint32_t>(random() % (sum + 1));
                while (left > chosen->second) left -= (chosen++)->second;
            }
            std::rotate(place, chosen, chosen + 1);
        }
        group = end;
    }
}

class Search {
  public:
    Search(const Dns& dns, const Question& question) : dns_(dns), question_(question), random_(question.seed) {}

    std::vector<Place> run() {
        // A port, or a name that is no domain, names a host (RFC 3263 4.2).
        if (question_.port == 0 && question_.host.find('.') != std::string::npos) {
            by_pointers();
            if (found_.empty())
                for (const auto& protocol : question_.protocols)
                    by_services("_sip._" + protocol + "." + question_.host, protocol);
        }
        if (found_.empty()) {
            const std::string& protocol =
                question_.protocols.size() == 1 ? question_.protocols.front() : question_.usual;
            add(question_.host, question_.port != 0 ? question_.port : std::uint16_t{5060}, protocol);
        }
        return std::move(found_);
    }

  private:
    void by_pointers() {
        auto records = dns_.records(question_.host, DnsType::naptr).value_or(DnsRecords{});
        std::ranges::sort(records, [](const auto& a, const auto& b) {
            return a.first != b.first ? a.first < b.first : a.second < b.second;
        });
        for (const auto& record : records) {
            const std::string_view protocol = config::equal_nocase(record.service, "SIP+D2U")   ? "udp"
                                              : config::equal_nocase(record.service, "SIP+D2T") ? "tcp"
                                                                                                : "";
            if (!config::equal_nocase(record.flags, "s") ||
                std::ranges::find(question_.protocols, protocol) == question_.protocols.end())
                continue;
            by_services(without_dot(record.target), std::string(protocol));
        }
    }
    void by_services(const std::string& name, const std::string& protocol) {
        auto records = dns_.records(name, DnsType::srv).value_or(DnsRecords{});
        put_in_order(records, random_);
        for (const auto& record : records)  // RFC 2782: a target of only a dot says that there is no such service
            if (const auto host = without_dot(record.target); !host.empty() && record.port != 0)
                add(host, record.port, protocol);
    }
    void add(const std::string& host, std::uint16_t port, const std::string& protocol) {
        for (auto address : dns_.addresses(host)) {
            address.port = port;
            if (found_.size() < most_places) found_.push_back({protocol, address});
        }
    }

    const Dns& dns_;
    const Question& question_;
    std::minstd_rand random_;
    std::vector<Place> found_;
};

}  // namespace

NameServers read_name_servers(const config::File& file, config::Report& report) {
    NameServers found;
    const auto* general = file.find("general");
    if (!general) return found;
    for (const auto& variable : general->variables) {
        if (!variable.is("nameserver")) continue;
        const auto at = variable.value.find('@');
        const auto port = at == std::string::npos ? std::optional<std::int64_t>(53)
                                                  : config::parse_int(std::string_view(variable.value).substr(at + 1));
        const auto address =
            port && *port > 0 && *port < 65536
                ? sip::SocketAddress::parse(variable.value.substr(0, at), static_cast<std::uint16_t>(*port))
                : std::nullopt;
        if (address && !address->v6)
            found.push_back(address->text());
        else
            report.error(variable.origin,
                         "nameserver: '" + variable.value + "' is not an IPv4 address, or ADDRESS@PORT");
    }
    return found;
}

Dns system_dns(const NameServers& servers) {
    const DnsQuery records = system_resolver(servers);
    return {.records = records, .addresses = [records, own = !servers.empty()](const std::string& name) {
                std::vector<sip::SocketAddress> found;
                if (own) {
                    for (const auto type : {DnsType::a, DnsType::aaaa})
                        for (const auto& record : records(name, type).value_or(DnsRecords{}))
                            if (const auto address = sip::SocketAddress::parse(record.text, 0))
                                found.push_back(*address);
                }
                return found.empty() ? system_addresses(name) : found;
            }};
}

std::vector<Place> locate(const Dns& dns, const Question& question) { return Search(dns, question).run(); }

}  // namespace asterism::pjsip
