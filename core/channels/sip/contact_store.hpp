// A registered contact as AstDB keeps it: the JSON object that Asterisk writes to family "registrar".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "asterism/channels/pjsip.hpp"
#include "asterism/sip/registrar.hpp"

namespace asterism::pjsip {

[[nodiscard]] std::string write_contact(const ContactInfo& contact);
/// Nothing for text that is not such an object.
[[nodiscard]] std::optional<sip::Binding> read_contact(std::string_view text);

}  // namespace asterism::pjsip
