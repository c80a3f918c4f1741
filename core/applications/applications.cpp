#include "core/applications/applications.hpp"

#include <charconv>

#include "asterism/applications/recording.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::applications {

void add_applications(Pbx& pbx) {
    for (auto add : {add_call_applications,        add_wait_applications,      add_other_channel_applications,
                     add_variable_applications,    add_log_applications,       add_flow_applications,
                     add_execute_applications,     add_block_applications,     add_playback_applications,
                     add_sound_applications,       add_input_applications,     add_record_applications,
                     add_say_applications,         add_send_applications,      add_originate_application,
                     add_bridge_application,       add_system_applications,    add_privacy_applications,
                     add_morse_application,        add_message_applications,   add_directory_application,
                     add_reload_application,       add_detect_applications,    add_signalling_applications,
                     add_mix_monitor_applications, add_spy_applications,       add_waiting_room_applications,
                     add_page_application,         add_signal_applications,    add_disa_application,
                     add_pickup_applications,      add_broadcast_applications, add_dictate_application,
                     add_store_dtmf_applications})
        add(*pbx.applications);
    add_recording_info(*pbx.functions);
    add_mix_monitor_function(*pbx.functions);
    add_audio_functions(*pbx.functions);
}

AppResult after(const OpResult& end) { return end.end == End::hangup ? AppResult::hang_up() : AppResult::go_on(); }

AppResult requires_argument(std::string_view application, std::string_view what) {
    log::warning("{} requires an argument ({})", application, what);
    return AppResult::hang_up();
}

std::optional<Duration> parse_time(std::string_view text, bool milliseconds) {
    text = functions::trim(text);
    const auto letters = text.find_last_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") + 1;
    const auto number = functions::parse_number(text.substr(0, letters));
    if (!number || *number < 0 || *number > 1e9) return std::nullopt;
    const auto unit = functions::lower(text.substr(letters));
    double seconds = *number;
    if (unit.empty() && milliseconds)
        seconds /= 1000;
    else if (unit == "ms")
        seconds /= 1000;
    else if (unit == "m")
        seconds *= 60;
    else if (unit == "h")
        seconds *= 3600;
    else if (!unit.empty() && unit != "s")
        return std::nullopt;
    return from_seconds(seconds);
}

int to_int(std::string_view text) {
    text = functions::trim(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    for (auto name : functions::split(text, '&'))
        if (!name.empty()) names.emplace_back(name);
    return names;
}

}  // namespace asterism::applications
