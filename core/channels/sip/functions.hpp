// PJSIP_* dialplan functions; PJSIPHangup and PJSIPNotify.
#pragma once

#include <string_view>

#include "asterism/sip/builder.hpp"

namespace asterism {
class Channel;
}
namespace asterism::cli {
class Registry;
}
namespace asterism::dialplan {
class Applications;
class Functions;
}  // namespace asterism::dialplan

namespace asterism::pjsip {

class Pjsip;

void add_functions(Pjsip& technology, dialplan::Functions& functions);
void add_applications(Pjsip& technology, dialplan::Applications& applications);
/// `pjsip show subscriptions` and its family.
void add_subscription_commands(Pjsip& technology, cli::Registry& registry);
/// `pjsip set maintenance` and `pjsip show maintenance`.
void add_maintenance_commands(Pjsip& technology, cli::Registry& registry);
/// PJSIP_HEADER and its family.
void add_header_functions(dialplan::Functions& functions);
/// What PJSIP_HEADER(read) finds from now on, besides what is there; nothing for a channel that is none of PJSIP.
void add_header(Channel& channel, std::string_view name, std::string_view value);
/// What PJSIP_INHERITABLE_HEADER gave to the channels that call this one, for its INVITE.
[[nodiscard]] sip::Headers inherited_headers(Channel& channel);

}  // namespace asterism::pjsip
