// PJSIP_* dialplan functions; PJSIPHangup and PJSIPNotify.
#pragma once

namespace asterism::dialplan {
class Applications;
class Functions;
}  // namespace asterism::dialplan

namespace asterism::pjsip {

class Pjsip;

void add_functions(Pjsip& technology, dialplan::Functions& functions);
void add_applications(Pjsip& technology, dialplan::Applications& applications);

}  // namespace asterism::pjsip
