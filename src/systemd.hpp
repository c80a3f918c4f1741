// What systemd is told through $NOTIFY_SOCKET (sd_notify(3)). Does nothing when nobody listens there.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace asterism {

class ServiceManager {
  public:
    /// Reads the environment, and leaves it as it is: a restarted daemon needs it again.
    ServiceManager();
    /// "READY=1", "STOPPING=1", "WATCHDOG=1", "RELOADING=1\nMONOTONIC_USEC=...".
    void notify(std::string_view state) const;
    void reloading() const;
    /// How often it wants to hear WATCHDOG=1 at least; nothing: not at all.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

  private:
    std::string socket_;
    std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace asterism
