// One run of Dial, shared by the files that it is spread over: dial.cpp (whom to call), dial_wait.cpp (until somebody
// answers), dial_answer.cpp (the call), dial_privacy.cpp (who the caller is, and whether the callee wants him).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/arguments.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "core/applications/dial.hpp"

namespace asterism::applications {

using dialplan::AppResult;
using features::DialStatus;

/// One channel that is being called.
struct DialLeg {
    ChannelId id;
    std::string dial_string;  ///< behind the technology: DIALEDPEERNUMBER
    Channel::Hold hold;
    Observation watch;
    bool knew_identity = false;  ///< its technology says who it is; else the dialled extension stands in
};

/// Lives in the coroutine on the caller's channel.
class Dialling {
  public:
    Dialling(Channel& caller, const std::string& data);
    Dialling(const Dialling&) = delete;
    Dialling& operator=(const Dialling&) = delete;

    Task<AppResult> run();
    /// How it ended, once run() is over.
    [[nodiscard]] DialStatus status() const { return status_; }

  private:
    using Kind = ChannelSignal::Kind;

    // ---- dial.cpp ----
    Task<void> start_all();
    Task<void> start(const std::string& technology, const std::string& data, std::string_view forwarded_by);
    void identify(Channel& callee, bool forwarded);
    [[nodiscard]] AppResult conclude(DialStatus status);
    void finish(DialLeg& leg, std::string_view status, Cause cause);
    void cancel_all(std::string_view status, Cause cause);
    [[nodiscard]] DialLeg* leg_of(ChannelId id);
    [[nodiscard]] std::string gosub_text(char option) const;
    [[nodiscard]] std::string digits_option(std::size_t index) const;

    // ---- dial_wait.cpp ----
    Task<DialStatus> wait();
    bool take_picked_up();
    void send_tones(Channel& callee);
    Task<void> heard(const ChannelSignal& signal);
    void caller_typed(char digit);
    void reap_failed();
    [[nodiscard]] DialStatus all_failed() const;
    Task<void> forward(DialLeg& leg, std::string destination);
    void count(DialStatus status);
    void ring();
    void stop_ringing();
    void early_media(Channel& callee);
    /// The caller is told whom it is connected with, unless option I.
    Task<void> tell_caller(Channel& callee);
    /// The caller's identity has changed: those that ring are told.
    Task<void> tell_callees();
    /// The call was sent on behind this callee: the caller is told, unless option I.
    Task<void> tell_redirecting(Channel& callee);

    // ---- dial_answer.cpp ----
    Task<AppResult> answered();
    Task<void> announce(Channel& callee);
    /// What the callee's subroutine wants; nothing: the call goes on.
    Task<std::optional<AppResult>> ask_subroutine();
    Task<AppResult> talk(DialLeg winner);
    [[nodiscard]] std::optional<features::BridgeLimits> limits() const;
    /// A call that did not come about after all: the callee ends, the caller goes on.
    [[nodiscard]] AppResult give_up(DialStatus status);

    // ---- dial_privacy.cpp ----
    /// Options p and P: records who calls. Nothing: call; else Dial is over with this.
    Task<std::optional<DialStatus>> introduce();
    /// Asks the callee what is to be done with the caller. Nothing: they talk.
    Task<std::optional<DialStatus>> screen(Channel& callee);
    void remember(std::string_view decision);
    void forget_introduction();

    Channel& caller_;
    Pbx& pbx_;
    const dialplan::Arguments args_;
    const dialplan::OptionLetters options_;
    Mailbox<ChannelSignal> box_;
    Observation watch_caller_;

    std::vector<DialLeg> legs_;
    std::size_t attempted_ = 0;
    int busy_ = 0, congested_ = 0, unavailable_ = 0, forwards_ = 0;
    std::optional<ChannelId> winner_;
    std::optional<TimePoint> begun_, answered_, deadline_;
    std::optional<TimePoint> progress_deadline_;  ///< until then somebody has to be heard
    std::optional<char> typed_;
    bool told_ringing_ = false, media_joined_ = false, music_ = false, ring_time_set_ = false,
         progress_time_set_ = false;
    DialStatus status_ = DialStatus::none;

    struct Privacy {
        std::string key;     ///< in the database family "privacy"; empty: nothing is kept
        std::string intro;   ///< sound that says who calls
        bool known = false;  ///< by a number
    };
    std::optional<Privacy> privacy_;  ///< the callee is asked
    media::OpId tone_;                ///< of r(tone)
};

/// Gives every leg that is over, because its channel is gone or hangs up, to `finish(leg, cause)`, which takes it out
/// of `legs`.
template <class Leg, class F>
void reap(Pbx& pbx, std::vector<Leg>& legs, F finish) {
    for (std::size_t i = 0; i < legs.size();) {
        const Channel* callee = pbx.channels->find(legs[i].id);
        if (callee != nullptr && !callee->hangup_requested())
            ++i;
        else
            finish(legs[i], callee != nullptr ? callee->cause() : Cause::not_defined);
    }
}
/// What a channel that is called takes from its caller: inherited variables, account, music, place.
void prepare_callee(Channel& caller, Channel& callee, const std::string& dial_string);
/// A number at the start of a text.
[[nodiscard]] std::optional<long> leading_number(std::string_view text);
/// Seconds and milliseconds since `since`, as the variables NAME and NAME_MS.
void set_time(Channel& channel, const std::string& name, std::optional<TimePoint> since);

}  // namespace asterism::applications
