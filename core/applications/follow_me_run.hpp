// FollowMe at work: private to the applications.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asterism/applications/follow_me.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"

namespace asterism::applications {

using FollowMeSource = std::shared_ptr<std::shared_ptr<const FollowMeProfiles>>;
void add_follow_me(dialplan::Applications& all, FollowMeSource profiles);

/// Lives in the coroutine on the caller's channel.
class Following {
  public:
    Following(Channel& caller, const FollowMeProfile& profile, std::string_view options);
    Following(const Following&) = delete;
    Following& operator=(const Following&) = delete;
    ~Following();

    Task<dialplan::AppResult> run();

  private:
    struct Leg {
        ChannelId id;
        Channel::Hold hold;
        Observation watch;
        bool asked = false;
    };
    enum class Outcome : std::uint8_t { taken, declined, unreachable, caller_gone };

    /// What the caller hears before anybody is called. False: it is gone.
    Task<bool> greet();
    Task<void> record_name();
    Task<Outcome> follow();
    Task<void> call_step(const FollowMeProfile::Step& step);
    Task<void> call(const std::string& number);
    Task<Outcome> wait(TimePoint until);
    /// Runs on a callee that has answered: what it chooses comes back to the box as text.
    Task<void> ask(Channel& callee);
    void drop(ChannelId id, std::string_view status, Cause cause);
    void drop_all(std::string_view status, Cause cause);
    [[nodiscard]] Leg* leg_of(ChannelId id);
    void entertain(bool on);
    Task<dialplan::AppResult> join();
    Task<dialplan::AppResult> give_up();

    Channel& caller_;
    Pbx& pbx_;
    const FollowMeProfile& profile_;
    const dialplan::OptionLetters options_;
    const bool silent_;  ///< option N on a call that is not answered yet
    Mailbox<ChannelSignal> box_;
    Observation watch_caller_;

    std::vector<Leg> legs_;
    std::optional<ChannelId> winner_;
    std::string recording_;  ///< path without extension; empty: none
};

}  // namespace asterism::applications
