// Plays scenarios: calls through the dialplan in virtual time, written down line by line and compared with what was
// expected.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "asterism/config/settings.hpp"
#include "asterism/simulator/scenario.hpp"

namespace asterism {
class World;
}

namespace asterism::simulator {

/// What is told while a scenario plays; lives as long as it.
class Recorder {
  public:
    virtual ~Recorder() = default;
    /// A line of the trace. `channel`: its name, or empty.
    virtual void note(const std::string& channel, std::string text) = 0;
    /// Something that makes the scenario fail.
    virtual void problem(config::Origin origin, std::string text) = 0;
};

/// Given by whoever knows all parts of the PBX.
struct Setup {
    config::Settings settings = config::Settings::defaults();
    /// Adds applications, functions and technologies to a new world. The scenario and the recorder live as long as it.
    std::function<void(World&, const Scenario&, Recorder&)> furnish;
};

struct TraceLine {
    Millis at{0};
    std::string channel;  ///< empty: of no one
    std::string place;    ///< "internal,100,3": it ran there; empty: something else
    std::string text;
};
struct Result {
    std::string name;
    config::Origin origin;
    std::vector<TraceLine> trace;
    std::vector<std::string> differences;  ///< each may have several lines; empty: all is as expected
    std::size_t checks = 0;
    [[nodiscard]] bool ok() const { return differences.empty(); }
};

/// Plays one scenario from beginning to end.
[[nodiscard]] Result play(const Scenario& scenario, const Setup& setup);

/// The trace and the differences as people read them.
[[nodiscard]] std::string to_text(const Result& result, bool with_trace = true);

}  // namespace asterism::simulator
