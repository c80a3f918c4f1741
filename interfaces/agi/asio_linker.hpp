// Links over TCP and to child processes, on the daemon's loop.
#pragma once

#include <memory>

#include "asterism/runtime/asio_loop.hpp"
#include "interfaces/agi/link.hpp"

namespace asterism::agi {

/// How long one address may take to accept a connection.
inline constexpr Duration connect_timeout = std::chrono::seconds(2);

/// Owned by main. `loop` outlives it and all its links.
std::unique_ptr<Linker> make_asio_linker(AsioLoop& loop);

}  // namespace asterism::agi
