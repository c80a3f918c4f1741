// Operations on a channel: what applications, AGI commands, AMI actions and ARI requests are thin callers of. Each can
// be ended at any time by a hangup or an interruption and completes exactly once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/events/events.hpp"
#include "asterism/media/operations.hpp"
#include "asterism/model/channel.hpp"

namespace asterism {

/// How an operation on a channel ended.
enum class End : std::uint8_t {
    done,   ///< to its natural end
    digit,  ///< by one of the digits that may end it
    timeout,
    hangup,       ///< the channel is to end
    interrupted,  ///< another controller takes the channel
    failed,       ///< see error
    stopped,      ///< by stop()
};

struct OpResult {
    End end = End::done;
    char digit = 0;
    std::chrono::milliseconds position{0};
    std::uint64_t samples = 0;  ///< at 8 kHz, as AGI's endpos counts
    std::string error{};

    /// The controller must return: hangup or interrupted.
    [[nodiscard]] bool over() const { return end == End::hangup || end == End::interrupted; }
};

struct PartyTransfer {
    OpResult end{};        ///< done: the party is there
    bool possible = true;  ///< false: its technology cannot do it, nothing was tried
    int code = 0;          ///< the protocol's code of a failure; 0: none
};

/// Digits that end an operation; "#", "0123456789*#", "" for none.
using Digits = std::string_view;
inline constexpr Digits any_digit = "0123456789*#ABCD";

/// Answers unless it is up.
void answer(Channel& channel);
/// The same, then waits until media comes from the party, 500 ms at most: what is said before that is often not heard.
/// A channel that is up already is not waited for.
Task<OpResult> answer_and_wait(Channel& channel);
/// Asks the party to call `destination` instead (ChannelDriver::transfer), and waits for what comes of it.
Task<PartyTransfer> transfer_party(Channel& channel, std::string destination);

/// Lets time pass; `time` of nothing: for ever.
Task<OpResult> wait(Channel& channel, std::optional<Duration> time, std::string digits = {});
/// Waits for one digit (those typed early first).
Task<OpResult> wait_digit(Channel& channel, std::optional<Duration> time, std::string digits = std::string(any_digit));

struct PlayOptions {
    std::string stop_digits{};  ///< end it
    std::string language{};     ///< empty: the channel's
    std::chrono::milliseconds offset{0};
    std::chrono::milliseconds skip{3000};                                              ///< forward and reverse
    std::string forward_digits{}, reverse_digits{}, pause_digits{}, restart_digits{};  ///< ControlPlayback
    bool no_early_digits = false;  ///< digits typed before it began do not end it
};
/// Plays prompts by name ("demo-congrats", "/abs/path", several: one after another). A name that is no file ends it
/// `failed` with error "File NAME does not exist in any format". Unanswered channels hear it as early media.
Task<OpResult> play(Channel& channel, std::vector<std::string> names, PlayOptions options = {});
/// Moves, pauses (or resumes), restarts or stops what play() plays to the channel, for AMI and others who are not its
/// controller. A stop ends it `stopped`. False: nothing plays.
bool control_play(Channel& channel, media::OpControl control);
/// A tone until stopped, for `time` if given.
Task<OpResult> play_tone(Channel& channel, media::ToneSpec tone, std::optional<Duration> time,
                         std::string stop_digits = {});

struct ReadOptions {
    std::vector<std::string> prompts{};
    std::size_t max_digits = 255;
    std::string terminator = "#";  ///< ends the input, not part of it; empty: none
    Duration first_timeout = std::chrono::seconds(5);
    Duration digit_timeout = std::chrono::seconds(5);
    bool stop_prompt = true;                ///< the first digit ends the prompt
    std::optional<media::ToneSpec> tone{};  ///< instead of prompts, until the first digit
};
struct ReadResult {
    OpResult how{};  ///< done: complete; timeout: some or no digits; over()
    std::string digits{};
    bool terminated = false;  ///< by the terminator
};
/// Plays prompts and collects digits.
Task<ReadResult> read_digits(Channel& channel, ReadOptions options);

struct RecordOptions {
    media::RecordSpec spec{};
    std::string stop_digits = "#";
    bool beep = false;
};
struct RecordResult {
    OpResult how{};  ///< done: silence or max_duration (see why), digit, over(), failed
    media::OpEnd::Why why = media::OpEnd::Why::finished;
};
Task<RecordResult> record(Channel& channel, RecordOptions options);

/// Sends digits to the party, one after another; ends when all are sent.
Task<OpResult> send_dtmf(Channel& channel, std::string digits,
                         std::chrono::milliseconds duration = std::chrono::milliseconds(250),
                         std::chrono::milliseconds gap = std::chrono::milliseconds(250));

/// Tells the party that it rings, is busy... and plays the tone of indications.conf where the technology can't say it.
void indicate(Channel& channel, Indication indication);

/// Music on hold until stopped; publishes MusicOnHoldStart/Stop. Empty class: the channel's, then "default".
void start_music(Channel& channel, std::string_view music_class);
void stop_music(Channel& channel);

/// Hangs up channel by channel what `request` names; cause 0: normal clearing. Returns how many.
/// (AMI Hangup, ARI DELETE, console: the one place where the rules live.)
void hang_up(Channel& channel, Cause cause, std::string_view source);
/// Publishes that something other than its party wants the channel to end.
void tell_hangup_request(Channel& channel, SoftHangup why);

/// After a controller that is not the dialplan has let go: runs what redirect() or take_over() asked for, or ends the
/// channel. Call it instead of end() where somebody may have taken the channel.
void continue_elsewhere(Channel& channel);

}  // namespace asterism
