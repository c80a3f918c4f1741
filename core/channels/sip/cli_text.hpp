// How `pjsip show` and `pjsip list` lay things out: columns at 65 and 79, parameters in a table.
#pragma once

#include <string>
#include <vector>

#include "technology.hpp"

namespace asterism::pjsip::text {

/// The rule under a heading: 90 signs.
[[nodiscard]] std::string rule();
/// `label` at its place, so that what follows the colon and two blanks starts at `column`.
[[nodiscard]] std::string label(std::string_view name, std::size_t column);
/// "ParameterName : ParameterValue" and the rows.
[[nodiscard]] std::string parameters(const Fields& fields);

[[nodiscard]] std::string endpoint_line(const EndpointInfo& endpoint);
[[nodiscard]] std::string aor_line(const AorInfo& aor, std::size_t column);
[[nodiscard]] std::string contact_line(const ContactInfo& contact, std::size_t column);
[[nodiscard]] std::string auth_line(const AuthInfo& auth, std::string_view name, std::size_t column);
[[nodiscard]] std::string transport_line(const TransportInfo& transport);
[[nodiscard]] std::string identify_block(const IdentifyInfo& identify, std::size_t column);
[[nodiscard]] std::string channel_block(Channel& channel, std::size_t column, WallTime now);
[[nodiscard]] std::string registration_line(const RegistrationInfo& registration);
/// Everything that belongs to an endpoint, as `pjsip show endpoint` shows it above the parameters.
[[nodiscard]] std::string endpoint_block(Pjsip& technology, const EndpointInfo& endpoint);
/// The heading of `pjsip show endpoints`.
[[nodiscard]] std::string endpoint_heading();

}  // namespace asterism::pjsip::text
