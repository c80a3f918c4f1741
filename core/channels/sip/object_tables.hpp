// The declared tables of pjsip.conf's sections: one per kind of object, made once.
#pragma once

#include "objects.hpp"

namespace asterism::pjsip {

[[nodiscard]] const config::Options<EndpointConfig>& endpoint_options();
[[nodiscard]] const config::Options<AorConfig>& aor_options();
[[nodiscard]] const config::Options<AuthConfig>& auth_options();
[[nodiscard]] const config::Options<TransportConfig>& transport_options();
[[nodiscard]] const config::Options<IdentifyConfig>& identify_options();
[[nodiscard]] const config::Options<RegistrationConfig>& registration_options();
[[nodiscard]] const config::Options<GlobalConfig>& global_options();
[[nodiscard]] const config::Options<SystemConfig>& system_options();

/// Applies one `allow` or `disallow` line to a list of codecs: names in order, "all", "!name" removes, "ulaw:40" sets
/// the packet time.
[[nodiscard]] config::Set change_codecs(std::vector<sip::Codec>& codecs, std::string_view value, bool allow);
/// security_negotiation of an endpoint, or of a registration.
[[nodiscard]] config::Set read_mediasec(bool& mediasec, std::string_view value);
/// An address as SDP has it: that of "[::1]" is "::1".
[[nodiscard]] std::string_view without_brackets(std::string_view address);
/// "(ulaw|alaw)"; "(nothing)".
[[nodiscard]] std::string codec_text(const std::vector<sip::Codec>& codecs);

}  // namespace asterism::pjsip
