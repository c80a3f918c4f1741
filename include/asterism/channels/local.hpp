// Local channels: a call into our own dialplan ("Local/exten@context/n"). Two channels back to back: ;1 is what the
// caller has called, ;2 runs the dialplan.
#pragma once

#include <memory>
#include <vector>

#include "asterism/model/driver.hpp"

namespace asterism {
struct Pbx;
}

namespace asterism::local {

/// Options after a slash: n (stay when both halves are bridged), j, b, m (accepted, no effect here).
[[nodiscard]] std::unique_ptr<Technology> make_technology(Pbx& pbx);

/// The other half of a Local channel; null if it is none, or its other half has ended.
[[nodiscard]] Channel* other_half(Channel& channel);

/// AMI LocalOptimizeAway: lets an unoptimised Local channel be optimised. False: it is none.
bool optimize_away(Channel& channel);

/// Joins two channels that Local halves stand between, when both halves are in two-party bridges, so that the halves
/// end (called by features when a channel has entered a bridge). Does nothing when it is not so.
void try_optimize(Channel& half);

}  // namespace asterism::local
