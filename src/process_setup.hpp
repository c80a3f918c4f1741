// What the process does to itself before any thread starts: background, user, limits, folders, pid file.
#pragma once

#include <expected>
#include <string>

#include "asterism/config/settings.hpp"

namespace asterism {

/// Goes to the background. In the parent this waits until the child says ready() or ends, and exits with its success;
/// only the child returns.
class Background {
  public:
    void detach();
    /// Tells the parent that all is well.
    void ready();

  private:
    int pipe_ = -1;
};

/// asterisk.conf from `path` (Asterisk's defaults for what it does not say). Relative folders in it are relative to its
/// own folder.
[[nodiscard]] config::Settings load_settings(const std::string& path, bool exec_includes, config::Report& report);
/// Makes the folders that the daemon writes to, where they are missing.
void make_folders(const config::Settings& settings);
/// Becomes another user and group; empty names change nothing.
[[nodiscard]] std::expected<void, std::string> become(const std::string& user, const std::string& group);
/// Open files, core dumps, priority.
void set_limits(const config::Settings& settings);
[[nodiscard]] std::expected<void, std::string> write_pid_file(const std::string& path);
/// The first network card's address as six octets, or what `configured` says: the EID.
[[nodiscard]] std::string entity_id(const std::string& configured);

}  // namespace asterism
