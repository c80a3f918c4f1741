#include "asterism/runtime/dns.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <array>
#include <cstdlib>

namespace asterism {
namespace {

/// Reads a record's data from its front.
class Data {
  public:
    Data(const ns_msg& message, const ns_rr& record)
        : message_(message), at_(ns_rr_rdata(record)), end_(at_ + ns_rr_rdlen(record)) {}

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool more() const { return good_ && at_ < end_; }
    std::uint16_t number() {
        if (!good_ || end_ - at_ < 2) return fail<std::uint16_t>();
        const auto value = static_cast<std::uint16_t>(at_[0] << 8 | at_[1]);
        at_ += 2;
        return value;
    }
    /// A length and so many bytes.
    std::string string() {
        if (!more() || end_ - at_ <= at_[0]) return fail<std::string>();
        std::string value(reinterpret_cast<const char*>(at_ + 1), at_[0]);
        at_ += 1 + at_[0];
        return value;
    }
    /// All that is left: four bytes or sixteen.
    std::string address() {
        const auto size = end_ - at_;
        char text[INET6_ADDRSTRLEN];
        if (!good_ || (size != 4 && size != 16)) return fail<std::string>();
        inet_ntop(size == 4 ? AF_INET : AF_INET6, at_, text, sizeof text);
        return text;
    }
    std::string name() {
        char text[NS_MAXDNAME];
        if (!good_) return {};
        const int size = ns_name_uncompress(ns_msg_base(message_), ns_msg_end(message_), at_, text, sizeof text);
        if (size < 0) return fail<std::string>();
        at_ += size;
        return text;
    }

  private:
    template <class T>
    T fail() {
        good_ = false;
        return {};
    }
    const ns_msg& message_;
    const unsigned char* at_;
    const unsigned char* end_;
    bool good_ = true;
};

}  // namespace

std::expected<DnsRecords, std::string> parse_dns_answer(std::span<const unsigned char> bytes, DnsType type) {
    ns_msg message;
    if (ns_initparse(bytes.data(), static_cast<int>(bytes.size()), &message) < 0)
        return std::unexpected("the answer is no DNS message");
    DnsRecords records;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) < 0) return std::unexpected("a record is malformed");
        if (ns_rr_type(record) != static_cast<int>(type)) continue;
        Data data(message, record);
        DnsRecord& made = records.emplace_back();
        if (type == DnsType::a || type == DnsType::aaaa) {
            made.text = data.address();
        } else if (type == DnsType::txt) {
            while (data.more()) made.text += data.string();
        } else {
            made.first = data.number();
            made.second = data.number();
            if (type == DnsType::srv) {
                made.port = data.number();
            } else {
                made.flags = data.string();
                made.service = data.string();
                made.pattern = data.string();
            }
            made.target = data.name();
        }
        if (!data.good()) return std::unexpected("a record is malformed");
    }
    return records;
}

DnsQuery system_resolver(std::vector<std::string> servers) {
    return [servers = std::move(servers)](const std::string& name,
                                          DnsType type) -> std::expected<DnsRecords, std::string> {
        struct __res_state state{};
        if (res_ninit(&state) != 0) return std::unexpected("the resolver cannot be used");
        struct Close {
            struct __res_state& s;
            ~Close() { res_nclose(&s); }
        } const close{state};
        state.retrans = 3;
        state.retry = 2;
        state.options &= ~static_cast<unsigned long>(RES_DEFNAMES | RES_DNSRCH);
        int count = 0;
        for (const auto& server : servers) {
            if (count == MAXNS) break;
            const auto colon = server.rfind(':');
            auto& address = state.nsaddr_list[count++];
            state.nscount = count;
            address = {};
            address.sin_family = AF_INET;
            address.sin_port = htons(static_cast<std::uint16_t>(
                colon == std::string::npos ? 53 : std::strtol(server.c_str() + colon + 1, nullptr, 10)));
            if (inet_pton(AF_INET, server.substr(0, colon).c_str(), &address.sin_addr) != 1)
                return std::unexpected("'" + server + "' is no address");
        }
        std::array<unsigned char, 65536> answer;
        const int size = res_nquery(&state, name.c_str(), ns_c_in, static_cast<int>(type), answer.data(),
                                    static_cast<int>(answer.size()));
        if (size < 0) {
            if (state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA) return DnsRecords{};
            return std::unexpected(name + ": " + hstrerror(state.res_h_errno));
        }
        return parse_dns_answer({answer.data(), static_cast<std::size_t>(size)}, type);
    };
}

}  // namespace asterism
