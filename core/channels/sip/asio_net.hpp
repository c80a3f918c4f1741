// Net over real sockets.
#pragma once

#include "asterism/runtime/asio_loop.hpp"
#include "net.hpp"

namespace asterism::pjsip {

[[nodiscard]] std::unique_ptr<Net> make_asio_net(AsioLoop& loop);

}  // namespace asterism::pjsip
