// pjsip_wizard.conf: one section for a phone or a trunk, which stands for the several objects of pjsip.conf that it
// takes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "asterism/config/file.hpp"

namespace asterism {
struct Pbx;
}

namespace asterism::pjsip {

/// has_hint=yes: an extension whose lamp shows the endpoint, and perhaps what it does when it is called.
struct WizardHint {
    std::string context, exten, device;
    std::string application, data;  ///< hint_application; empty: none
    bool operator==(const WizardHint&) const = default;
};

struct WizardObjects {
    std::vector<config::Section> sections;  ///< as they would stand in pjsip.conf, each with its type
    std::vector<WizardHint> hints;
};

/// The objects of all sections of type wizard. A section that cannot be expanded is left out, with an error.
[[nodiscard]] WizardObjects expand_wizards(const config::File& file, config::Report& report);

/// The hints in the dialplan. Owned by the technology. Control loop only.
class WizardHints {
  public:
    explicit WizardHints(Pbx& pbx) : pbx_(pbx) {}
    /// Changes the dialplan by the difference. An extension that the dialplan has itself stays as it is.
    void apply(const std::vector<WizardHint>& hints);

  private:
    Pbx& pbx_;
    std::vector<WizardHint> made_;
};

}  // namespace asterism::pjsip
