// States of extensions: what the devices of their hints add up to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "asterism/model/device_state.hpp"

namespace asterism {
struct PresenceStateChanged;
}

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
    /// The same for somebody who wants to hear of its changes: the hint may be a pattern's then, too, whose extensions
    /// are nobody's business as long as nobody asks for them. unfollow() once for each that was found.
    [[nodiscard]] std::optional<ExtensionInfo> follow(std::string_view context, std::string_view exten);
    void unfollow(std::string_view context, std::string_view exten);
    /// All hints that are no patterns, in the dialplan's order.
    [[nodiscard]] std::vector<ExtensionInfo> all() const;
    /// "not_set", "available", "dnd"...: what the hint's presence provider says.
    [[nodiscard]] std::string presence_of(const ExtensionInfo& info) const;
    /// What a presence provider says is another now: publishes AMI's PresenceStatus for the hints that name it.
    void presence_changed(const PresenceStateChanged& now);
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
    /// An extension of a pattern's hint.
    struct Followed {
        Watched hint;
        std::size_t followers = 0;
    };
    /// Its devices' changes concern it from now on, or no more.
    void listen(const std::string& name, const Watched& hint);
    void unlisten(const std::string& name, const Watched& hint);
    /// After a reload: hints of patterns that are gone, or have another state now, go to `news`.
    void look_at_followed(std::vector<std::pair<Watched, ExtensionState>>& news);
    [[nodiscard]] ExtensionState state_of(const std::vector<std::string>& devices) const;
    void device_changed(const std::string& device, DeviceState state);
    void publish(const Watched& hint, ExtensionState state);
    void add(Watched hint);
    /// Makes the hints of contexts with autohints, for a device that has been heard of.
    void add_automatic(const std::string& device);
    Pbx& pbx_;
    std::vector<Watched> watched_;
    bool any_automatic_ = false;
    std::unordered_set<std::string> names_;  // "exten@context" of what is watched
    std::unordered_map<std::string, std::vector<std::size_t>> by_device_;
    std::unordered_map<std::string, Followed> followed_;               // by "exten@context"
    std::unordered_multimap<std::string, std::string> followed_over_;  // by device
};

}  // namespace asterism::features
