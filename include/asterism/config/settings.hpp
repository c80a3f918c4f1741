// asterisk.conf: where everything lies, and how the process runs. Every path of the daemon comes from here.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "asterism/config/file.hpp"

namespace asterism::config {

/// Read once at start; the command line may change it before anything else reads it. Paths have no final slash.
struct Settings {
    // [directories]
    std::string etc_dir = "/etc/asterisk";
    std::string module_dir = "/usr/lib/asterisk/modules";
    std::string var_lib_dir = "/var/lib/asterisk";
    std::string db_dir;  ///< these four lie in var_lib_dir unless they are set
    std::string key_dir;
    std::string data_dir;
    std::string agi_dir;
    std::string spool_dir = "/var/spool/asterisk";
    std::string run_dir = "/var/run/asterisk";
    std::string log_dir = "/var/log/asterisk";
    std::string sbin_dir = "/usr/sbin";
    std::string cache_dir = "/var/cache/asterisk";

    // [options]
    int verbose = 0;
    int debug = 0;
    int trace = 0;
    bool always_fork = false;
    bool no_fork = false;
    bool quiet = false;
    bool timestamp = false;
    bool console = false;
    bool no_color = false;
    bool dump_core = false;
    bool high_priority = false;
    bool exec_includes = false;
    bool language_prefix = true;
    bool transmit_silence = false;
    bool cache_media_frames = true;
    bool live_dangerously = false;
    bool hide_messaging_ami_events = false;
    bool sounds_search_custom_dir = false;
    bool disable_remote_console_shell = false;
    int max_calls = 0;    ///< 0: no limit
    double max_load = 0;  ///< 0: no limit
    int max_files = 0;    ///< 0: leave the limit alone
    int min_free_memory_mb = 0;
    std::string system_name;
    bool auto_system_name = false;
    std::string run_user;
    std::string run_group;
    std::string default_language = "en";
    std::string record_cache_dir = "/tmp";
    std::string entity_id;  ///< six colon separated octets; empty: made from a network card's address
    /// The Asterisk version that clients are told.
    std::string reported_version = "22.11.0";

    // [files]
    std::string control_permissions;  ///< octal; empty: as the umask says
    std::string control_owner;
    std::string control_group;
    std::string control_name = "asterisk.ctl";

    // What follows from it
    [[nodiscard]] std::string db_file() const { return db_dir + "/astdb.sqlite3"; }
    [[nodiscard]] std::string sounds_dir() const { return data_dir + "/sounds"; }
    [[nodiscard]] std::string recording_dir() const { return spool_dir + "/recording"; }
    [[nodiscard]] std::string monitor_dir() const { return spool_dir + "/monitor"; }
    [[nodiscard]] std::string outgoing_dir() const { return spool_dir + "/outgoing"; }
    [[nodiscard]] std::string control_socket() const { return run_dir + "/" + control_name; }
    [[nodiscard]] std::string pid_file() const { return run_dir + "/asterisk.pid"; }
    /// How every other file is read: relative to etc_dir.
    [[nodiscard]] ReadOptions read_options() const { return {.directory = etc_dir, .exec_includes = exec_includes}; }

    /// Asterisk's own defaults.
    [[nodiscard]] static Settings defaults();
    /// Takes [directories] (also written [global]), [options] and [files].
    [[nodiscard]] static Settings from(const File& file, Report& report);
};

}  // namespace asterism::config
