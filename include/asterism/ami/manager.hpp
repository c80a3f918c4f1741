// The Asterisk Manager Interface: a TCP server of text blocks, actions in and events out. See docs/ami.md.
//
//   ami::Manager manager(pbx, loop.context(), {.acls = &acls, .pjsip = &service});
//   config::Report report;
//   manager.configure(*file, report);     // at start and at every reload; an error changes nothing
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/acl.hpp"
#include "asterism/config/file.hpp"

namespace boost::asio {
class io_context;
}
namespace asterism {
struct Pbx;
class Channel;
namespace http {
class Router;
}
namespace pjsip {
class Directory;
}
}  // namespace asterism

namespace asterism::ami {

class Core;

/// Owned by main; must end before the Pbx does. Ending it closes every session.
class Manager {
  public:
    /// What only main can answer. All may be empty.
    struct Hooks {
        /// An AGI command for a channel in AsyncAGI. False: the channel is not in it.
        std::function<bool(Channel&, std::string command, std::string command_id)> async_agi{};
        const config::NamedAcls* acls = nullptr;
        pjsip::Directory* pjsip = nullptr;
    };
    struct Limits {
        std::size_t queue_bytes = 8u << 20;           ///< that wait for one session before it is dropped
        std::size_t queue_events = 50'000;            ///< likewise
        std::size_t pause_bytes = 256u << 10;         ///< waiting replies above which no more requests are read
        std::chrono::milliseconds login_delay{1000};  ///< before a failed login is answered
    };
    struct Stats {
        std::uint64_t sessions = 0;  ///< accepted so far
        std::uint64_t actions = 0;
        std::uint64_t events = 0;  ///< formatted, each once
        std::uint64_t delivered = 0;
        std::uint64_t dropped_sessions = 0;  ///< that did not read fast enough
        std::uint64_t refused_sessions = 0;  ///< over authlimit
    };
    struct SessionInfo {
        std::string user, remote;
        bool http = false;
        std::size_t queued_bytes = 0;
    };

    Manager(Pbx& pbx, boost::asio::io_context& io, Hooks hooks, Limits limits);
    Manager(Pbx& pbx, boost::asio::io_context& io, Hooks hooks);
    ~Manager();
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    /// Takes manager.conf. While `report` has errors nothing changes. Opens, moves or closes the listener as it says; a
    /// port that cannot be opened is an error too.
    bool configure(const config::File& file, config::Report& report);
    /// Serves /rawman, /mxml and /manager (and their digest forms) while webenabled says so.
    void serve_http(http::Router& router);
    /// The port listened on; 0 while there is none. Differs from the configuration's only when that says 0.
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] const Stats& stats() const;
    [[nodiscard]] std::vector<SessionInfo> sessions() const;
    /// Names of all actions, sorted, for docs and `manager show commands`.
    struct ActionInfo {
        std::string name, privilege, params, synopsis;
    };
    [[nodiscard]] std::vector<ActionInfo> actions() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace asterism::ami
