// [global] regcontext: an extension for each endpoint that can be reached, named as the endpoint, so that DUNDi,
// includes and DIALPLAN_EXISTS see who is there.
#pragma once

#include <memory>
#include <set>
#include <string>

namespace asterism {
struct Pbx;
}

namespace asterism::pjsip {

/// Owned by the technology. Control loop only. What changes in a turn is one change of the dialplan, at its end.
class RegistrationContext {
  public:
    explicit RegistrationContext(Pbx& pbx) : pbx_(pbx) {}
    ~RegistrationContext() { *alive_ = false; }
    RegistrationContext(const RegistrationContext&) = delete;
    RegistrationContext& operator=(const RegistrationContext&) = delete;

    /// Empty: none. The extensions move.
    void use(const std::string& context);
    void set(const std::string& endpoint, bool reachable);

  private:
    void change_later();
    void change();

    Pbx& pbx_;
    std::string context_, made_in_;
    std::set<std::string> wanted_, made_;
    bool waiting_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::pjsip
