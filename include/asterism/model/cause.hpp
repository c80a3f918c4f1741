// Why a call ended: ISDN cause values (ITU-T Q.850), as HANGUPCAUSE and the Hangup event show them.
#pragma once

#include <optional>
#include <string_view>

namespace asterism {

enum class Cause : int {
    not_defined = 0,
    unallocated = 1,
    no_route_transit_net = 2,
    no_route_destination = 3,
    misdialled_trunk_prefix = 5,
    channel_unacceptable = 6,
    call_awarded_delivered = 7,
    pre_empted = 8,
    number_ported_not_here = 14,
    normal_clearing = 16,
    user_busy = 17,
    no_user_response = 18,
    no_answer = 19,
    subscriber_absent = 20,
    call_rejected = 21,
    number_changed = 22,
    redirected_to_new_destination = 23,
    answered_elsewhere = 26,
    destination_out_of_order = 27,
    invalid_number_format = 28,
    facility_rejected = 29,
    response_to_status_enquiry = 30,
    normal_unspecified = 31,
    normal_circuit_congestion = 34,
    network_out_of_order = 38,
    normal_temporary_failure = 41,
    switch_congestion = 42,
    access_info_discarded = 43,
    requested_chan_unavail = 44,
    facility_not_subscribed = 50,
    outgoing_call_barred = 52,
    incoming_call_barred = 54,
    bearercapability_notauth = 57,
    bearercapability_notavail = 58,
    bearercapability_notimpl = 65,
    chan_not_implemented = 66,
    facility_not_implemented = 69,
    invalid_call_reference = 81,
    incompatible_destination = 88,
    invalid_msg_unspecified = 95,
    mandatory_ie_missing = 96,
    message_type_nonexist = 97,
    wrong_message = 98,
    ie_nonexist = 99,
    invalid_ie_contents = 100,
    wrong_call_state = 101,
    recovery_on_timer_expire = 102,
    mandatory_ie_length_error = 103,
    protocol_error = 111,
    interworking = 127,
};

/// Cause-txt of the Hangup event ("Normal Clearing"); "Unknown" for a number without a text.
[[nodiscard]] std::string_view cause_text(Cause cause);
/// The name that dialplan and AMI take besides a number ("NORMAL_CLEARING", "BUSY"), without case.
[[nodiscard]] std::optional<Cause> cause_by_name(std::string_view name);
/// A number 0 to 127 or a name; nothing for other text.
[[nodiscard]] std::optional<Cause> parse_cause(std::string_view text);

}  // namespace asterism
