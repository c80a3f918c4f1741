// Call progress tones of a country: indications.conf.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/media/tones.hpp"

namespace asterism {

struct ToneZone {
    std::string name, description;
    std::vector<int> ring_cadence;                          ///< ms, on and off in turn
    std::map<std::string, std::string, std::less<>> tones;  ///< "busy" to its text
};

/// Owned by main, replaced whole at reload.
class Indications {
  public:
    /// Without a file: the tones of the United States, so that a call always rings.
    Indications();
    explicit Indications(const config::File& file);
    /// Names with an error in their text, "zone/tone: what".
    [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
    [[nodiscard]] const std::map<std::string, ToneZone, std::less<>>& zones() const { return zones_; }
    [[nodiscard]] const std::string& default_zone() const { return default_; }
    /// "busy", "ring", "congestion"... of a zone (empty: the default); or a tone given as text ("440+480/2000,0/4000").
    [[nodiscard]] std::optional<media::ToneSpec> tone(std::string_view name_or_text, std::string_view zone = {}) const;

  private:
    std::map<std::string, ToneZone, std::less<>> zones_;
    std::string default_ = "us";
    std::vector<std::string> problems_;
};

}  // namespace asterism
