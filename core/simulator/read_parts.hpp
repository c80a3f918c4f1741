// The parts of a scenario file, each read from its YAML.
#pragma once

#include "core/simulator/yaml_map.hpp"

namespace asterism::simulator {

/// A list of steps, or one.
void read_steps(const Yaml& yaml, std::vector<Step>& into, Findings& findings);
void read_destinations(const Yaml& yaml, std::vector<Destination>& into, Findings& findings);
/// Of functions or applications.
void read_scripted(const Yaml& yaml, bool application, std::vector<Scripted>& into, Findings& findings);
void read_agi(const Yaml& yaml, std::vector<AgiScript>& into, Findings& findings);
/// Names with the values that are wanted of them.
void read_wanted(const Yaml& yaml, std::vector<Wanted>& into, Findings& findings);
/// What is expected of a call; what concerns the whole scenario goes to `of_all` (null: not allowed here).
void read_expect(const Yaml& yaml, Expect& into, Scenario* of_all, Findings& findings);

}  // namespace asterism::simulator
