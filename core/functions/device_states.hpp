// States that users set: Custom: devices and CustomPresence: providers, kept in the database over restarts.
#pragma once

#include <string>
#include <string_view>

namespace asterism {
struct Pbx;
}

namespace asterism::functions {

/// Tells Pbx::device_states what was saved. Called once at start.
void restore_device_states(Pbx& pbx);
/// Sets and saves "Custom:NAME". False for another prefix or an unknown state.
bool set_custom_device(Pbx& pbx, std::string_view device, std::string_view state);

struct Presence {
    std::string state = "not_set", subtype, message;
};
/// Of "CustomPresence:NAME"; invalid for others.
Presence presence_of(Pbx& pbx, std::string_view provider);
/// Sets, saves and publishes "CustomPresence:NAME". `value`: state,subtype,message[,options] (e: base64). False for
/// another prefix or an unknown state.
bool set_custom_presence(Pbx& pbx, std::string_view provider, std::string_view value);

}  // namespace asterism::functions
