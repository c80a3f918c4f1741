// The control socket (asterisk.ctl): remote consoles and `-x` run commands through it.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "asterism/cli/registry.hpp"

namespace boost::asio {
class io_context;
}
namespace asterism {
class Loop;
namespace log {
class Logger;
}
}  // namespace asterism

namespace asterism::cli {

struct ControlConfig {
    std::string path;         ///< at most 107 bytes
    std::string permissions;  ///< octal; empty: as the umask says
    std::string owner, group;
    std::string version;  ///< shown to consoles ("22.11.0")
};

/// Owned by main. close() or its end closes every console; each has a bounded queue of what it has not yet read, and
/// one that exceeds it is dropped.
class ControlServer {
  public:
    static constexpr std::size_t queue_bytes = 4u << 20;  ///< a console's unread output, beyond one command's
    static constexpr std::size_t max_consoles = 128;

    /// `logger` may be null: then consoles see no log lines.
    ControlServer(Loop& loop, boost::asio::io_context& context, Registry& registry, log::Logger* logger);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    /// Listens. A socket file that nobody answers on is replaced; if a daemon answers there, that is the error.
    std::expected<void, std::string> open(const ControlConfig& config);
    /// Tells every console `reason`, closes them and removes the socket.
    void close(std::string_view reason);
    /// A stop that consoles wait for will not happen: they are let go.
    void stop_aborted();
    [[nodiscard]] std::size_t consoles() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace asterism::cli
