// Two channels in a call: bridging with features, the limits of Dial's L(), and what AMI's and the dialplan's Bridge
// do.
#pragma once

#include <optional>
#include <string>

#include "asterism/model/bridge.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::features {

struct BridgeLimits {
    Duration max{};                    ///< 0: none
    Duration warn_at{}, warn_every{};  ///< before the end
    std::string warn_file = "timeleft", connect_file, end_file;
    bool caller_hears = true, callee_hears = false;
};

/// What a party may do in a call by digits (features.conf).
struct PartyFeatures {
    bool hang_up = false;   ///< H (caller), h (callee): disconnect code
    bool transfer = false;  ///< T, t
    bool record = false, park = false, automixmon = false;
};

struct CallOptions {
    PartyFeatures caller, callee;
    std::optional<BridgeLimits> limits{};
    std::string music_class{};
    /// Runs on the callee when the caller has gone (Dial's F); nothing: the callee ends.
    std::optional<Location> callee_goes_to{};
    /// The callee runs the extension h of the caller's context in the end (Dial's e).
    bool callee_runs_h = false;
};

/// How a two-party call ended, seen from the caller's controller.
enum class CallEnd : std::uint8_t { caller_hung_up, callee_hung_up, caller_taken, callee_taken, limit, destroyed };

/// Joins `caller` (controlled by the awaiting coroutine) and `callee` in a bridge of type "basic" until one of them
/// leaves it, then takes both out of it. The caller is left alive. The callee is ended unless somebody took it;
/// `callee_hold` is given up as soon as another channel takes the callee's place (an optimised Local channel). Sets
/// BRIDGEPEER while it runs.
Task<CallEnd> bridge_call(Channel& caller, ChannelId callee, Channel::Hold callee_hold, CallOptions options);

/// Takes two channels out of whatever they do and joins them (AMI Bridge). When one leaves, each goes on in its
/// dialplan if it has one, else it ends. `tone`: "no", "both", "channel1", "channel2": a beep for whom.
void bridge_channels(Channel& one, Channel& two, std::string_view tone = "no");

/// Waits in `bridge` until the channel leaves it (hangup, kick, destroyed, taken): a controller of one channel.
Task<void> stay_in_bridge(Channel& channel, BridgeId bridge);

}  // namespace asterism::features
