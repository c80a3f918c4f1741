// Immutable pictures of a channel and a bridge, taken at most once per change and shared by all who want to know.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/model/cause.hpp"
#include "asterism/runtime/ids.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism {

/// Numbers and order as AMI's ChannelState shows them.
enum class ChannelState : int {
    down = 0,
    reserved = 1,
    off_hook = 2,
    dialing = 3,
    ring = 4,
    ringing = 5,
    up = 6,
    busy = 7,
    dialing_off_hook = 8,
    pre_ring = 9,
    unknown = 10,
};
/// "Down", "Rsrvd", "OffHook", "Dialing", "Ring", "Ringing", "Up", "Busy", "Dialing Offhook", "Pre-ring", "Unknown".
[[nodiscard]] std::string_view to_string(ChannelState state);

struct ChannelSnapshot {
    ChannelId id;
    CallId call;
    std::string name, uniqueid, linkedid;
    std::string technology;   ///< "PJSIP", "Local"
    std::string protocol_id;  ///< the technology's own id: SIP Call-ID
    ChannelState state = ChannelState::down;
    bool caller_name_valid = false, caller_number_valid = false;
    bool connected_name_valid = false, connected_number_valid = false;
    std::string caller_name, caller_number, caller_ani, caller_rdnis, caller_dnid, caller_subaddress;
    int caller_presentation = 0;
    std::string connected_name, connected_number;
    std::string language, account_code, peer_account, user_field, music_class, parker;
    int ama_flags = 3;
    std::string context, exten;
    int priority = 1;
    std::string application, application_data;
    std::string tenant_id;
    std::string bridge;  ///< its id; empty: none
    std::string hangup_source;
    Cause cause = Cause::not_defined;
    WallTime created;
    bool spy = false;  ///< technology flag: not a party of its own
    /// Channel variables that manager.conf and ari.conf ask for (channelvars), with their values at the time.
    std::vector<std::pair<std::string, std::string>> ami_variables, ari_variables;
};
using ChannelShot = std::shared_ptr<const ChannelSnapshot>;

struct BridgeSnapshot {
    BridgeId id;
    std::string uniqueid;
    std::string type;        ///< bridge class: "basic", "stasis", "base", "holding"...
    std::string technology;  ///< "simple_bridge", "softmix", "native_rtp", "holding_bridge"
    std::string creator, name;
    std::vector<std::string> channels;  ///< uniqueids, in order of arrival
    std::string video_mode = "none";
    std::string video_source;
    WallTime created;
};
using BridgeShot = std::shared_ptr<const BridgeSnapshot>;

}  // namespace asterism
