// manager.conf as typed values.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asterism/config/acl.hpp"
#include "asterism/config/address.hpp"
#include "asterism/config/file.hpp"
#include "asterism/config/options.hpp"
#include "classes.hpp"
#include "filter.hpp"
#include "request.hpp"

namespace asterism::ami {

/// [general]
struct General {
    bool enabled = false;
    bool web_enabled = false;
    std::uint16_t port = 5038;
    config::SocketAddress bind;
    bool tls_enabled = false;
    config::SocketAddress tls_bind;
    std::string tls_certificate, tls_private_key, tls_cipher;
    bool allow_multiple_login = true;
    bool display_connects = true;
    bool timestamp_events = false;
    bool broken_events_action = false;
    bool debug = false;
    std::vector<std::string> channel_variables;
    std::vector<std::string> disabled_events;
    std::chrono::seconds auth_timeout{30};
    std::size_t auth_limit = 50;
    std::chrono::seconds http_timeout{60};
};

/// One user's section. Sessions share it: a reload gives later logins the new one and leaves those that are logged in
/// with the one they logged in with, unless the user is gone.
struct User {
    std::string name, secret;
    config::Acl acl;
    Classes read = cls::none, write = cls::none;
    bool allow_multiple_login = true;
    bool display_connects = true;
    std::chrono::milliseconds write_timeout{0};  ///< a write without progress for so long ends the session; 0: off
    std::vector<std::pair<std::string, std::string>> variables;  ///< setvar: for Originate
    std::vector<std::shared_ptr<const Filter>> filters;
};

struct ManagerConfig {
    General general;
    std::map<std::string, std::shared_ptr<const User>, std::less<>> users;

    /// Reads every section; findings go to `report`. The result counts only while the report is ok.
    static ManagerConfig from(const config::File& file, config::Report& report);
    [[nodiscard]] std::shared_ptr<const User> find(std::string_view name) const;
};

/// The tables, for help and documentation.
[[nodiscard]] const config::Options<General>& general_options();
[[nodiscard]] const config::Options<User>& user_options();

}  // namespace asterism::ami
