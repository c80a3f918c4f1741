// Running the dialplan on a channel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::dialplan {

/// Becomes the channel's controller and runs the dialplan from its location to its end: priorities, i, t, e, T, the h
/// extension, hangup handlers, Redirect and takeovers; then ends the channel.
Task<void> run(Channel& channel);
/// Starts run() among the channel's tasks; nothing if it has a dialplan already. Is Pbx::start_dialplan.
void start(Channel& channel);

/// Runs one application by name as the dialplan would (AGI EXEC, ExecIf, Originate): publishes Newexten, then runs it.
/// `data` is already substituted. `hangup` if there is none of the name (logged).
Task<AppResult> execute(Channel& channel, std::string application, std::string data);

/// What WaitExten does when nobody typed: goes on if there is a next priority, else to t or e, else ends the dialplan.
[[nodiscard]] AppResult extension_timeout(Channel& channel);

/// What went wrong, for EXCEPTION() and the extension e.
struct Exception : ChannelExtra {
    std::string reason, context, exten;
    int priority = 0;
};
/// Notes the reason (INVALID_EXTEN, RESPONSETIMEOUT, ...) and goes to e. False: this context has none.
bool raise_exception(Channel& channel, std::string_view reason);

/// Sets where the dialplan goes on when the application that runs now has ended (Goto, AGI SET PRIORITY); on a channel
/// without a dialplan simply its location.
void go_to(Channel& channel, Location where);
/// [[context,]exten,]priority, where priority is a number, +n, -n or a label, as seen from the channel's place. The
/// error says what does not exist.
[[nodiscard]] std::expected<Location, std::string> parse_location(Channel& channel, std::string_view text);
/// parse_location and go_to; logs and gives false if there is no such place.
bool go_to(Channel& channel, std::string_view text);

/// What Plan's queries need, of this channel.
[[nodiscard]] Plan::Query query_for(Channel& channel, std::string_view context, std::string_view exten);
/// A place in a database that has not been asked for it is said to exist; exists_later asks.
[[nodiscard]] bool exists(Channel& channel, const Location& where);
[[nodiscard]] Task<bool> exists_later(Channel& channel, Location where);

/// TIMEOUT(): used by WaitExten, BackGround and the end of digits; absolute ends the call (T).
struct Timeouts : ChannelExtra {
    Duration digit = std::chrono::seconds(5);
    Duration response = std::chrono::seconds(10);
    std::optional<TimePoint> absolute;
};
/// Sets (nothing: clears) when the call ends by TIMEOUT(absolute): the channel goes to T, or is hung up.
void set_absolute_timeout(Channel& channel, std::optional<Duration> time);

/// Waits for an extension's digits as WaitExten does: digits until one matches and no longer one could, or time is up.
/// Used by WaitExten; the executor uses it after BackGround.
struct Typed {
    std::string digits;
    bool over = false;  ///< hung up or interrupted
};
Task<Typed> collect_extension(Channel& channel, std::string context, std::string begun, Duration first_timeout);

/// Hangup handlers of CHANNEL(hangup_handler_push): "context,exten,priority(args)", the last one first.
struct HangupHandlers : ChannelExtra {
    std::vector<std::string> handlers;
};
/// Adds one; it runs when the channel ends, whether it ever ran a dialplan or not.
void push_hangup_handler(Channel& channel, std::string handler);

}  // namespace asterism::dialplan
