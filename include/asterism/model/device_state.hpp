// Device states ("PJSIP/alice" is in use), custom ones, and what several devices add up to.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/events/bus.hpp"

namespace asterism {

struct Pbx;

enum class DeviceState : int { unknown, not_in_use, in_use, busy, invalid, unavailable, ringing, ring_in_use, on_hold };
/// "UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD".
[[nodiscard]] std::string_view to_string(DeviceState state);
[[nodiscard]] DeviceState parse_device_state(std::string_view text);
/// What a hint over several devices shows, by Asterisk's table.
[[nodiscard]] DeviceState aggregate(const std::vector<DeviceState>& states);

/// Extension states, as ExtensionStatus numbers them.
enum class ExtensionState : int {
    removed = -2,
    not_in_use = 0,
    in_use = 1,
    busy = 2,
    unavailable = 4,
    ringing = 8,
    ring_in_use = 9,
    on_hold = 16,
    in_use_on_hold = 17,
    none = -1
};
[[nodiscard]] std::string_view to_string(ExtensionState state);  ///< "Idle", "InUse", ... as AMI's StatusText
[[nodiscard]] ExtensionState to_extension_state(DeviceState state);

/// Knows the state of every device somebody asked for, and publishes DeviceStateChanged once per change: technologies
/// are asked again at the end of a turn in which one of their channels or contacts changed.
class DeviceStates {
  public:
    explicit DeviceStates(Pbx& pbx);
    /// "PJSIP/alice", "Local/1@x", "Custom:lamp", "Stasis:x"; by asking the technology, not from the cache.
    [[nodiscard]] DeviceState state(std::string_view device) const;
    /// Something about the device may have changed.
    void changed(std::string_view device);
    /// A state that is not computed (Custom:, Stasis:); saved by whoever owns the prefix. unknown with `remove`:
    /// forgotten.
    void set(std::string_view device, DeviceState state);
    void remove(std::string_view device);
    [[nodiscard]] std::vector<std::pair<std::string, DeviceState>> all() const;

    /// Called just before a change is published: extension states go out before the device's (hints set this).
    std::function<void(const std::string& device, DeviceState state)> before_publish;

  private:
    void evaluate();
    Pbx& pbx_;
    std::unordered_map<std::string, DeviceState> known_;
    std::unordered_map<std::string, DeviceState> set_;
    std::vector<std::string> dirty_;
    bool scheduled_ = false;
    Bus::Subscription subscription_;
};

}  // namespace asterism
