// The dialplan applications of this folder, family by family. Each family fills Pbx::applications from one file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"

namespace asterism::applications {

using dialplan::Application;
using dialplan::AppResult;
using dialplan::Arguments;
using dialplan::OptionLetters;

/// Registers every application of this folder (and the function RECORDING_INFO, which tells of Record's work). Called
/// once by main, with applications and functions set.
void add_applications(Pbx& pbx);

void add_call_applications(dialplan::Applications& all);
void add_wait_applications(dialplan::Applications& all);
void add_other_channel_applications(dialplan::Applications& all);
void add_variable_applications(dialplan::Applications& all);
void add_log_applications(dialplan::Applications& all);
void add_flow_applications(dialplan::Applications& all);
void add_execute_applications(dialplan::Applications& all);
void add_block_applications(dialplan::Applications& all);
void add_playback_applications(dialplan::Applications& all);
void add_sound_applications(dialplan::Applications& all);
void add_input_applications(dialplan::Applications& all);
void add_record_applications(dialplan::Applications& all);
void add_say_applications(dialplan::Applications& all);
void add_send_applications(dialplan::Applications& all);
void add_originate_application(dialplan::Applications& all);
void add_bridge_application(dialplan::Applications& all);
void add_system_applications(dialplan::Applications& all);
void add_privacy_applications(dialplan::Applications& all);
void add_morse_application(dialplan::Applications& all);
void add_message_applications(dialplan::Applications& all);
void add_directory_application(dialplan::Applications& all);
void add_reload_application(dialplan::Applications& all);
void add_detect_applications(dialplan::Applications& all);
void add_signalling_applications(dialplan::Applications& all);
void add_mix_monitor_applications(dialplan::Applications& all);
void add_spy_applications(dialplan::Applications& all);
void add_waiting_room_applications(dialplan::Applications& all);
void add_page_application(dialplan::Applications& all);
void add_signal_applications(dialplan::Applications& all);
void add_disa_application(dialplan::Applications& all);
void add_pickup_applications(dialplan::Applications& all);
void add_broadcast_applications(dialplan::Applications& all);
void add_dictate_application(dialplan::Applications& all);
void add_store_dtmf_applications(dialplan::Applications& all);
// Functions that work with what applications do.
void add_mix_monitor_function(dialplan::Functions& all);
void add_audio_functions(dialplan::Functions& all);

// ---- what the families share ----
/// What an application gives after an operation: the end of the dialplan if the channel hung up, else the next step
/// (the executor sees itself when another controller wants the channel).
AppResult after(const OpResult& end);
/// Logs that an application was given too little, as Asterisk words it, and ends the dialplan.
AppResult requires_argument(std::string_view application, std::string_view what);
/// "10", "0.5", "500ms", "2m", "1h"; seconds unless `milliseconds`. Nothing for other text or a negative time.
std::optional<Duration> parse_time(std::string_view text, bool milliseconds = false);
/// A whole number at the start of a text, as C's atoi.
int to_int(std::string_view text);
/// Names joined by &.
std::vector<std::string> split_names(std::string_view text);

}  // namespace asterism::applications
