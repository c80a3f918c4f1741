// What all sessions of the manager share: configuration, the table of actions, the subscription to the bus.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/ami/manager.hpp"
#include "asterism/events/events.hpp"
#include "config.hpp"
#include "session.hpp"

namespace asterism::ami {

class Core {
  public:
    Core(Pbx& pbx, Manager::Hooks hooks, Manager::Limits limits);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    [[nodiscard]] Pbx& pbx() const { return pbx_; }
    [[nodiscard]] Loop& loop() const { return *pbx_.loop; }
    [[nodiscard]] Manager::Hooks& hooks() { return hooks_; }
    [[nodiscard]] const Manager::Limits& limits() const { return limits_; }
    [[nodiscard]] Manager::Stats& stats() { return stats_; }
    [[nodiscard]] const ManagerConfig& config() const { return config_; }
    /// Swaps the configuration in; sessions of users that are gone end.
    void configure(ManagerConfig config);

    /// `manager set debug`: which user asks for which action goes into the log, never what is in it.
    bool debug = false;

    // ---- actions ----
    void add(Action action);
    [[nodiscard]] const Action* find(std::string_view name) const;
    /// All, sorted by name without case.
    [[nodiscard]] std::vector<const Action*> all() const;

    // ---- sessions ----
    void join(Session& session);
    void leave(Session& session);
    [[nodiscard]] const std::vector<Session*>& sessions() const { return sessions_; }
    [[nodiscard]] std::size_t sessions_of(std::string_view user) const;
    /// A session's mask or user changed: tells the bus what is wanted.
    void masks_changed();
    void publish_security(SecurityEvent event) { pbx_.bus->publish(std::move(event)); }

  private:
    void on_event(const Event& event);

    Pbx& pbx_;
    Manager::Hooks hooks_;
    Manager::Limits limits_;
    Manager::Stats stats_;
    ManagerConfig config_;
    std::unordered_map<std::string, Action> actions_;
    std::vector<Session*> sessions_;
    std::uint64_t last_session_ = 0;
    Classes wanted_ = cls::none;
    std::string scratch_;
    Bus::Subscription subscription_;
};

}  // namespace asterism::ami
