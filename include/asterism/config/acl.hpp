// Access lists: `permit`, `deny` and `acl` lines in their order, and acl.conf's named lists.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/address.hpp"
#include "asterism/config/file.hpp"

namespace asterism::config {

class NamedAcls;

/// Rules are tried in order and the last one that matches decides; an address that none matches is allowed. Every
/// named list must allow the address too; a list that does not exist allows nobody.
class Acl {
  public:
    enum class Sense { permit, deny };

    /// Adds `permit = value` or `deny = value`: one or several of ADDRESS, ADDRESS/BITS, ADDRESS/NETMASK separated by
    /// commas; `!` before one turns it into the opposite. The error says what is wrong with which entry.
    std::expected<void, std::string> add(Sense sense, std::string_view value);
    /// Adds `acl = name[,name...]`.
    void add_named(std::string_view names);
    /// Takes `permit`, `deny` and `acl` lines of a section; any other variable is left alone.
    static Acl from(const Section& section, Report& report);

    [[nodiscard]] bool allows(const IpAddress& address, const NamedAcls* named = nullptr) const;
    [[nodiscard]] bool empty() const { return rules_.empty() && named_.empty(); }
    [[nodiscard]] const std::vector<std::string>& named() const { return named_; }

    struct Rule {
        Sense sense;
        IpAddress network;
        IpAddress mask;
    };
    [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }

  private:
    std::vector<Rule> rules_;
    std::vector<std::string> named_;
};

/// acl.conf, read once and shared by all that check addresses.
class NamedAcls {
  public:
    static NamedAcls from(const File& file, Report& report);
    [[nodiscard]] const Acl* find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, Acl, std::less<>>& all() const { return lists_; }

  private:
    std::map<std::string, Acl, std::less<>> lists_;
};

}  // namespace asterism::config
