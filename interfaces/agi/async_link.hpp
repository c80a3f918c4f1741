// AsyncAGI: the script is a manager client. Commands come by AMI's action AGI, replies go out as events.
#pragma once

#include <memory>

#include "asterism/model/channel.hpp"
#include "interfaces/agi/link.hpp"

namespace asterism::agi {

/// Commands that may wait on one channel; more are refused.
inline constexpr std::size_t max_async_commands = 1024;

/// A link for a channel that runs AGI(agi:async): publishes AsyncAGIStart with the environment, AsyncAGIExec for each
/// command and AsyncAGIEnd when it goes. Finds its channel by id each time.
std::unique_ptr<Link> make_async_link(Channel& channel);

}  // namespace asterism::agi
