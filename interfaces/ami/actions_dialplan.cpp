// Actions on the dialplan's text.
#include "asterism/dialplan/dialplan.hpp"
#include "core.hpp"

namespace asterism::ami {

Actions dialplan_actions() { return {}; }

}  // namespace asterism::ami
