// States of extensions: what the devices of their hints add up to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/model/device_state.hpp"

namespace asterism::features {

struct ExtensionInfo {
    std::string context, exten;
    std::string hint;  ///< "PJSIP/a&PJSIP/b,CustomPresence:x", with ${EXTEN}, globals and functions filled in
    ExtensionState state = ExtensionState::none;
    std::string presence{};  ///< the provider of its presence; empty: none
};

/// Publishes ExtensionStateChanged when a device of a hint changes, just before the device's own event, as Asterisk
/// does. Owned by main. Control loop only.
class ExtensionStates {
  public:
    explicit ExtensionStates(Pbx& pbx);
    ExtensionStates(const ExtensionStates&) = delete;
    ExtensionStates& operator=(const ExtensionStates&) = delete;
    ~ExtensionStates();

    /// The hint of an extension and its present state; nothing if it has no hint. With `autohints = yes` in a context a
    /// device "PJSIP/alice" that has had a state is the hint of its extension alice.
    [[nodiscard]] std::optional<ExtensionInfo> find(std::string_view context, std::string_view exten) const;
    /// All hints that are no patterns, in the dialplan's order.
    [[nodiscard]] std::vector<ExtensionInfo> all() const;
    /// "not_set", "available", "dnd"...: what the hint's presence provider says.
    [[nodiscard]] std::string presence_of(const ExtensionInfo& info) const;
    /// The dialplan has changed: hints that are gone are published as removed, others if their state is another now.
    /// Called by the Dialplan itself.
    void reload();

  private:
    struct Watched {
        std::string context, exten, hint, presence;
        std::vector<std::string> devices;
        ExtensionState last = ExtensionState::none;
        bool automatic = false;  ///< of a context with autohints: named as its device
    };
    [[nodiscard]] ExtensionState state_of(const std::vector<std::string>& devices) const;
    void device_changed(const std::string& device, DeviceState state);
    void publish(const Watched& hint, ExtensionState state);
    void add(Watched hint);
    /// Makes the hints of contexts with autohints, for a device that has been heard of.
    void add_automatic(const std::string& device);
    Pbx& pbx_;
    std::vector<Watched> watched_;
    bool any_automatic_ = false;
    std::unordered_map<std::string, std::vector<std::size_t>> by_device_;
};

}  // namespace asterism::features
