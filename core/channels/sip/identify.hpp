// Which endpoint a request comes from: by address, by header, by user name, or the anonymous one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/runtime/regex.hpp"
#include "asterism/sip/message.hpp"
#include "asterism/sip/transport.hpp"
#include "net.hpp"
#include "objects.hpp"

namespace asterism::pjsip {

/// A value, or /a regular expression/, to compare a header or URI with. Compiled once.
class Pattern {
  public:
    explicit Pattern(std::string_view text);
    [[nodiscard]] bool matches(std::string_view value) const;

  private:
    std::string text_;
    std::optional<Regex> regex_;
};

/// The user part of a URI without what follows a semicolon (ignore_uri_user_options).
[[nodiscard]] std::string without_options(std::string user);

/// Made from a configuration; holds what makes finding fast (a thousand addresses are one look-up).
class Identifier {
  public:
    /// Looks host names up through `net`; they match when the answer is there.
    Identifier(ConfigurationPtr config, Net& net);
    ~Identifier();
    Identifier(const Identifier&) = delete;
    Identifier& operator=(const Identifier&) = delete;

    /// Null: nobody we know.
    [[nodiscard]] EndpointPtr find(const sip::Message& request, const sip::Flow& flow) const;

  private:
    [[nodiscard]] EndpointPtr by_address(const sip::SocketAddress& remote) const;
    [[nodiscard]] EndpointPtr by_header(const sip::Message& request) const;
    [[nodiscard]] EndpointPtr by_uri(const sip::Message& request) const;
    [[nodiscard]] EndpointPtr by_user(std::string_view user, std::string_view domain, IdentifyBy way,
                                      const sip::Flow& flow) const;
    [[nodiscard]] EndpointPtr by_auth_user(const sip::Message& request, const sip::Flow& flow) const;
    /// By the ways that endpoint_identifier_order need not name.
    [[nodiscard]] EndpointPtr unordered(const sip::Message& request, const sip::Flow& flow) const;
    [[nodiscard]] EndpointPtr anonymous(const sip::Message& request) const;

    struct HeaderRule {
        std::string name;
        Pattern pattern;
        std::string endpoint;
    };
    struct UriRule {
        Pattern pattern;
        std::string endpoint;
    };
    ConfigurationPtr config_;
    std::unordered_map<std::string, EndpointPtr> hosts_;  // by address as text; null: there is none of that name
    std::vector<std::pair<Network, std::string>> networks_;
    bool ports_ = false;  // a rule names a port: those are looked at first
    std::vector<HeaderRule> headers_;
    std::vector<UriRule> uris_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::pjsip
