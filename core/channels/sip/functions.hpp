// PJSIP_* dialplan functions.
#pragma once

namespace asterism::dialplan {
class Functions;
}

namespace asterism::pjsip {

class Pjsip;

void add_functions(Pjsip& technology, dialplan::Functions& functions);

}  // namespace asterism::pjsip
