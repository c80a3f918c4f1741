#include "asterism/model/indications.hpp"

#include <charconv>

namespace asterism {

namespace {

ToneZone united_states() {
    // ANSI T1.401: precise tones of the North American network.
    ToneZone zone{
        .name = "us", .description = "United States / North America", .ring_cadence = {2000, 4000}, .tones = {}};
    zone.tones = {{"dial", "350+440"},
                  {"busy", "480+620/500,0/500"},
                  {"ring", "440+480/2000,0/4000"},
                  {"congestion", "480+620/250,0/250"},
                  {"callwaiting", "440/300,0/10000"},
                  {"dialrecall", "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440"},
                  {"record", "1400/500,0/15000"},
                  {"info", "!950/330,!1400/330,!1800/330,0"},
                  {"stutter", "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440"}};
    return zone;
}

}  // namespace

Indications::Indications() { zones_.emplace("us", united_states()); }

Indications::Indications(const config::File& file) : Indications() {
    for (const auto& section : file.sections()) {
        if (section.name == "general") {
            for (const auto& variable : section.variables) {
                if (variable.name == "country") default_ = variable.value;
            }
            continue;
        }
        ToneZone& zone = zones_[section.name];
        zone.name = section.name;
        for (const auto& variable : section.variables) {
            if (variable.name == "description") {
                zone.description = variable.value;
            } else if (variable.name == "ringcadence") {
                zone.ring_cadence.clear();
                const char* at = variable.value.data();
                const char* end = at + variable.value.size();
                while (at < end) {
                    int ms = 0;
                    const auto [next, error] = std::from_chars(at, end, ms);
                    if (error != std::errc()) break;
                    zone.ring_cadence.push_back(ms);
                    at = next;
                    while (at < end && (*at == ',' || *at == ' ')) ++at;
                }
            } else if (variable.name == "alias") {
                const auto other = zones_.find(variable.value);
                if (other != zones_.end()) zone.tones = other->second.tones;
            } else {
                if (auto parsed = media::parse_tone(variable.value); !parsed) {
                    problems_.push_back(section.name + "/" + variable.name + ": " + parsed.error());
                }
                zone.tones[variable.name] = variable.value;
            }
        }
    }
    if (!zones_.contains(default_)) default_ = "us";
}

std::optional<media::ToneSpec> Indications::tone(std::string_view name_or_text, std::string_view zone) const {
    const auto found = zones_.find(zone.empty() ? std::string_view(default_) : zone);
    std::string_view text = name_or_text;
    if (found != zones_.end()) {
        const auto tone = found->second.tones.find(name_or_text);
        if (tone != found->second.tones.end()) text = tone->second;
    }
    auto parsed = media::parse_tone(text);
    if (!parsed) return std::nullopt;
    return *std::move(parsed);
}

}  // namespace asterism
