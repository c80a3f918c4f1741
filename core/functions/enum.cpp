#include "core/functions/enum.hpp"

#include <algorithm>
#include <tuple>

#include "asterism/functions/text.hpp"
#include "asterism/runtime/regex.hpp"

namespace asterism::functions {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

std::string reversed_digits(std::string_view number) {
    std::string name;
    for (auto at = number.rbegin(); at != number.rend(); ++at) {
        if (!digit(*at)) continue;
        name += *at;
        name += '.';
    }
    return name;
}

}  // namespace

std::string enum_name(std::string_view number, std::string_view zone, bool direct) {
    if (direct) return std::string(number) + "." + std::string(zone);
    return reversed_digits(number) + std::string(zone);
}

std::string isn_name(std::string_view number, std::string_view zone) {
    const auto star = number.find('*');
    const auto after = star == std::string_view::npos ? std::string_view{} : number.substr(star + 1);
    return reversed_digits(number.substr(0, star)) + std::string(after) + (after.empty() ? "" : ".") +
           std::string(zone);
}

std::string rewrite(std::string_view expression, const std::string& text) {
    if (expression.empty() || digit(expression[0]) || expression[0] == '\\') return {};
    const auto parts = split(expression.substr(1), expression[0]);
    if (parts.size() < 2 || parts[0].size() > 255) return {};
    const bool no_case = parts.size() > 2 && parts[2].contains('i');
    const Regex regex(std::string(parts[0]), no_case ? Regex::Case::ignored : Regex::Case::matters);
    const auto groups = regex.find(text);
    if (groups.empty()) return {};
    std::string out;
    for (std::size_t i = 0; i < parts[1].size(); ++i) {
        const char c = parts[1][i];
        if (c != '\\' || i + 1 == parts[1].size()) {
            out += c;
            continue;
        }
        const char next = parts[1][++i];
        if (!digit(next)) {
            out += next;
        } else if (const auto group = static_cast<std::size_t>(next - '0'); group < groups.size()) {
            out += groups[group];
        }
    }
    return out;
}

std::vector<EnumResult> enum_results(std::string_view number, DnsRecords records) {
    std::ranges::sort(records, {},
                      [](const DnsRecord& r) { return std::tuple(r.first, r.second, r.service, r.pattern); });
    std::string subject(number);
    if (std::ranges::all_of(subject, digit)) subject = "+" + subject;
    std::vector<EnumResult> results;
    for (const auto& record : records) {
        if (lower(record.flags) != "u") continue;
        // RFC 6116: "E2U+sip"; RFC 2916: "sip+E2U".
        auto service = lower(record.service);
        if (service.starts_with("e2u+"))
            service.erase(0, 4);
        else if (service.ends_with("+e2u"))
            service.erase(service.size() - 4);
        else
            continue;
        if (auto uri = rewrite(record.pattern, subject); !uri.empty()) results.push_back({service, std::move(uri)});
    }
    return results;
}

std::vector<EnumResult> of_service(const std::vector<EnumResult>& all, std::string_view service) {
    const auto wanted = lower(service);
    std::vector<EnumResult> some;
    std::ranges::copy_if(all, std::back_inserter(some), [&](const EnumResult& result) {
        return wanted == "all" || result.service == wanted || result.service.starts_with(wanted + ":");
    });
    return some;
}

std::string without_scheme(std::string_view uri) {
    const auto colon = uri.find(':');
    return std::string(colon == std::string_view::npos ? uri : uri.substr(colon + 1));
}

}  // namespace asterism::functions
