// FollowMe: one number that stands for several, tried step by step until somebody takes the call (followme.conf).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism {
struct Pbx;
}

namespace asterism::applications {

/// One section of followme.conf, with what [general] says where it says nothing.
struct FollowMeProfile {
    struct Step {
        std::vector<std::string> numbers;  ///< called at once
        std::chrono::seconds timeout{25};
        int order = 0;  ///< steps run from the lowest
    };
    std::string name, context = "default", music_class;
    std::vector<Step> steps;  ///< in the order in which they run
    std::string take_digits = "1", decline_digits = "2";
    bool asks_callee = true;
    std::chrono::milliseconds digit_timeout{5000};
    std::string call_from_prompt, no_recording_prompt, options_prompt, hold_prompt, status_prompt, sorry_prompt,
        connecting_prompt;
};
using FollowMeProfiles = std::map<std::string, FollowMeProfile, std::less<>>;

/// Errors go to the report, with file and line.
[[nodiscard]] FollowMeProfiles read_follow_me(const config::File& file, config::Report& report);

/// Owned by main: the application and its profiles. A call that runs keeps the profile that it began with.
class FollowMe {
  public:
    /// Registers the application.
    explicit FollowMe(Pbx& pbx);
    FollowMe(const FollowMe&) = delete;
    FollowMe& operator=(const FollowMe&) = delete;

    /// followme.conf (null: there is none). Nothing changes if the report has errors.
    void configure(const config::File* file, config::Report& report);

  private:
    std::shared_ptr<std::shared_ptr<const FollowMeProfiles>> profiles_;  // shared with the application
};

}  // namespace asterism::applications
