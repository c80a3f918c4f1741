// The daemon: boots the parts, reads their configuration, obeys signals, and ends them in order.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "asterism/cli/control_server.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/events/bus.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/asio_loop.hpp"
#include "src/configuration.hpp"
#include "src/systemd.hpp"

namespace asterism {

struct Parts;

/// Made by main once the process is what it is to be (background, user). run() returns when it has stopped.
class Daemon final : public Process {
  public:
    Daemon(AsioLoop& loop, log::Logger& logger, config::Settings settings, ServiceManager service);
    ~Daemon() override;

    /// Reads the configuration, opens everything. The error says why there is no daemon: the control socket is
    /// another's.
    std::expected<void, std::string> boot();
    void run();
    /// Whether main is to start the program again.
    [[nodiscard]] bool restart_wanted() const { return restart_; }

    void stop(StopKind kind, bool restart) override;
    bool abort_stop() override;
    [[nodiscard]] bool stopping() const override { return stop_kind_ && *stop_kind_ != StopKind::when_convenient; }
    [[nodiscard]] bool booted() const override;
    void when_booted(std::function<void()> then) override;
    [[nodiscard]] std::vector<ModuleInfo> modules() const override;
    [[nodiscard]] std::optional<ModuleInfo> module(std::string_view name) const override;
    bool set_running(std::string_view name, bool running) override;
    void reload(std::string_view module, std::function<void(ReloadResult)> done) override;
    [[nodiscard]] std::string reported_version() const override { return settings_.reported_version; }
    [[nodiscard]] std::string own_version() const override;
    [[nodiscard]] BuildInfo build() const override;
    [[nodiscard]] log::Logger& logger() override { return logger_; }

  private:
    struct Reload;
    void listen_to_signals();
    void signalled(int number);
    /// modules.conf says which names `module show` lists; every part is there all the same.
    void read_modules_conf();
    void load_part(const ConfigPart& part);
    [[nodiscard]] std::vector<ModuleInfo> all_modules() const;
    void reload_next(std::shared_ptr<Reload> job);
    void reload_ended(std::shared_ptr<Reload> job);
    void calls_changed();
    void shut_down();
    void finish();
    void feed_watchdog();

    AsioLoop& loop_;
    log::Logger& logger_;
    const config::Settings settings_;
    const ServiceManager service_;
    std::unique_ptr<Parts> parts_;
    std::unique_ptr<cli::ControlServer> control_;
    std::vector<ConfigPart> config_;
    boost::asio::signal_set signals_;
    Timer patience_, watchdog_;
    Bus::Subscription hangups_;

    std::optional<StopKind> stop_kind_;
    bool restart_ = false, ending_ = false, reloading_ = false;
    std::vector<std::function<void()>> waiting_for_boot_;
    std::set<std::string, std::less<>> not_running_;
};

}  // namespace asterism
