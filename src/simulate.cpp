#include "src/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "asterism/channels/local.hpp"
#include "asterism/channels/media_channels.hpp"
#include "asterism/config/file.hpp"
#include "asterism/features/extension_states.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/runtime/tcp.hpp"
#include "asterism/simulator/simulator.hpp"
#include "asterism/world/world.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "interfaces/agi/agi.hpp"
#include "src/scripted_agi.hpp"

namespace asterism {

namespace {

namespace fs = std::filesystem;
using simulator::Recorder;
using simulator::Scenario;

constexpr std::size_t max_file = 1u << 20;

/// What the daemon has, as far as it needs no socket. It ends after the world's channels.
struct Furniture {
    std::unique_ptr<features::ExtensionStates> states;
    std::unique_ptr<agi::Linker> linker;
    std::unique_ptr<TcpDialer> dialer;
};

/// Nobody listens in a simulation: a program that an application connects to is not there.
class Nowhere final : public TcpDialer {
  public:
    Task<std::expected<std::unique_ptr<TcpStream>, std::string>> connect(TcpTarget) override {
        co_return std::unexpected("a simulation has no programs");
    }
};

/// Kept alive by a technology of the world: those end after its channels.
class Keeper final : public Technology {
  public:
    explicit Keeper(Furniture furniture) : furniture_(std::move(furniture)) {}
    [[nodiscard]] std::string_view name() const override { return "(simulator)"; }
    [[nodiscard]] std::string_view description() const override { return "Parts of the simulated PBX"; }
    std::expected<Channel*, Cause> request(const ChannelRequest&) override {
        return std::unexpected(Cause::chan_not_implemented);
    }

  private:
    Furniture furniture_;
};

void furnish(World& world, const Scenario& scenario, Recorder& recorder) {
    Furniture furniture;
    furniture.states = std::make_unique<features::ExtensionStates>(world.pbx);
    world.pbx.extension_states = furniture.states.get();
    furniture.linker = make_scripted_linker(world, scenario.given.agi, recorder);
    functions::add_functions(world.pbx);
    applications::add_applications(world.pbx);
    applications::add_dial(world.applications);
    agi::add_applications(world.pbx, *furniture.linker);
    furniture.dialer = std::make_unique<Nowhere>();
    media_channels::add_applications(world.pbx, *furniture.dialer);
    world.own(local::make_technology(world.pbx));
    world.own(std::make_unique<Keeper>(std::move(furniture)));
}

std::vector<std::string> files_of(const std::string& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return {path};
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(path, error)) {
        const auto extension = entry.path().extension();
        if (extension == ".yaml" || extension == ".yml") found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
}

struct Totals {
    std::size_t scenarios = 0, failed = 0, checks = 0, files = 0;
};

/// False: it could not be read.
bool play_file(const std::string& path, const simulator::Setup& setup, bool brief, Totals& totals) {
    config::DiskSource disk;
    const auto text = disk.load(path, max_file);
    if (!text) {
        fmt::print("{}: {}\n", path, text.error());
        return false;
    }
    config::Report report;
    auto scenarios = simulator::read_scenarios(*text, path, report);
    std::fputs(report.text().c_str(), stdout);
    if (!report.ok()) return false;
    ++totals.files;
    for (auto& scenario : scenarios) {
        auto& folder = scenario.given.config;
        if (!folder.empty() && !folder.starts_with('/')) {
            const fs::path beside = fs::absolute(path).parent_path() / folder;
            folder = beside.lexically_normal();
        }
        const auto result = simulator::play(scenario, setup);
        ++totals.scenarios;
        totals.checks += result.checks;
        if (!result.ok()) ++totals.failed;
        std::fputs(simulator::to_text(result, !brief || !result.ok()).c_str(), stdout);
        std::fflush(stdout);
    }
    return true;
}

}  // namespace

int simulate(const std::vector<std::string>& paths, const config::Settings& settings, bool brief) {
    const simulator::Setup setup{.settings = settings, .furnish = furnish};
    Totals totals;
    bool readable = true;
    for (const auto& path : paths) {
        const auto files = files_of(path);
        if (files.empty()) {
            fmt::print("{}: no *.yaml in it\n", path);
            readable = false;
        }
        for (const auto& file : files) readable = play_file(file, setup, brief, totals) && readable;
    }
    fmt::print("{} scenarios, {} failed, {} checks\n", totals.scenarios, totals.failed, totals.checks);
    return readable && totals.failed == 0 ? 0 : 1;
}

}  // namespace asterism
