// PJSIP_* dialplan functions; PJSIPHangup and PJSIPNotify.
#pragma once

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
/// What PJSIP_INHERITABLE_HEADER gave to the channels that call this one, for its INVITE.
[[nodiscard]] sip::Headers inherited_headers(Channel& channel);

}  // namespace asterism::pjsip
