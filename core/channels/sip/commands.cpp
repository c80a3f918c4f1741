#include "technology.hpp"

namespace asterism::pjsip {

void Pjsip::register_commands() {}

}  // namespace asterism::pjsip
