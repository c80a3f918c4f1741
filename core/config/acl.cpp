#include "asterism/config/acl.hpp"

#include <algorithm>

#include "asterism/config/options.hpp"

namespace asterism::config {
namespace {

IpAddress ones(bool v6, int bits) {
    const auto all = *IpAddress::parse(v6 ? "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "255.255.255.255");
    return all.masked(bits);
}

bool covers(const Acl::Rule& rule, const IpAddress& address) {
    if (rule.network.is_v6() != address.is_v6()) return false;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if ((address.data()[i] & rule.mask.data()[i]) != (rule.network.data()[i] & rule.mask.data()[i])) return false;
    }
    return true;
}

std::expected<Acl::Rule, std::string> parse_rule(Acl::Sense sense, std::string_view text) {
    const auto bad = [&](std::string_view why) {
        return std::unexpected("'" + std::string(text) + "' " + std::string(why));
    };
    std::string_view entry = text;
    if (entry.starts_with('!')) {
        sense = sense == Acl::Sense::permit ? Acl::Sense::deny : Acl::Sense::permit;
        entry = trim(entry.substr(1));
    }
    const std::size_t slash = entry.find('/');
    auto network = IpAddress::parse(trim(entry.substr(0, slash)));
    if (!network) return bad("is not an address");
    const int width = network->is_v6() ? 128 : 32;
    if (slash == std::string_view::npos) return Acl::Rule{sense, *network, ones(network->is_v6(), width)};
    const std::string_view mask = trim(entry.substr(slash + 1));
    if (auto bits = parse_int(mask)) {
        if (*bits < 0 || *bits > width) return bad("has a prefix that is not between 0 and " + std::to_string(width));
        return Acl::Rule{sense, *network, ones(network->is_v6(), static_cast<int>(*bits))};
    }
    auto netmask = IpAddress::parse(mask);
    if (!netmask || netmask->is_v6() != network->is_v6()) return bad("has a bad netmask");
    return Acl::Rule{sense, *network, *netmask};
}

}  // namespace

std::expected<void, std::string> Acl::add(Sense sense, std::string_view value) {
    const auto entries = parse_list(value);
    if (entries.empty()) return std::unexpected("an address is missing");
    for (const auto& entry : entries) {
        auto rule = parse_rule(sense, entry);
        if (!rule) return std::unexpected(rule.error());
        rules_.push_back(*rule);
    }
    return {};
}

void Acl::add_named(std::string_view names) {
    for (auto& name : parse_list(names)) named_.push_back(std::move(name));
}

Acl Acl::from(const Section& section, Report& report) {
    Acl acl;
    for (const auto& variable : section.variables) {
        const bool permit = variable.is("permit");
        if (variable.is("acl")) acl.add_named(variable.value);
        if (!permit && !variable.is("deny")) continue;
        if (auto ok = acl.add(permit ? Sense::permit : Sense::deny, variable.value); !ok) {
            report.error(variable.origin, variable.name + ": " + ok.error());
        }
    }
    return acl;
}

bool Acl::allows(const IpAddress& address, const NamedAcls* named) const {
    bool allowed = true;
    for (const auto& rule : rules_) {
        if (covers(rule, address)) allowed = rule.sense == Sense::permit;
    }
    if (!allowed) return false;
    return std::all_of(named_.begin(), named_.end(), [&](const std::string& name) {
        const Acl* list = named ? named->find(name) : nullptr;
        return list && list->allows(address, nullptr);
    });
}

NamedAcls NamedAcls::from(const File& file, Report& report) {
    NamedAcls out;
    for (const auto& section : file.sections()) {
        if (equal_nocase(section.name, "general")) continue;
        if (!out.lists_.try_emplace(section.name, Acl::from(section, report)).second) {
            report.error(section.origin, "[" + section.name + "] is there twice");
        }
    }
    return out;
}

const Acl* NamedAcls::find(std::string_view name) const {
    auto at = lists_.find(name);
    return at == lists_.end() ? nullptr : &at->second;
}

}  // namespace asterism::config
