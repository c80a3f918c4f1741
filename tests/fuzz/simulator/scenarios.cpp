// Scenario files: whatever they say, reading them ends, and within bounds.
#include <cstddef>
#include <cstdint>
#include <string>

#include "asterism/simulator/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    asterism::config::Report report;
    (void)asterism::simulator::read_scenarios(text, "fuzz.yaml", report);
    if (const auto span = asterism::simulator::parse_span(text)) (void)asterism::simulator::span_text(*span);
    const auto half = text.size() / 2;
    (void)asterism::simulator::like(std::string_view(text).substr(0, half), std::string_view(text).substr(half));
    return 0;
}
