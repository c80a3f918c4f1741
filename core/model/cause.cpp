#include "asterism/model/cause.hpp"

#include <strings.h>

#include <array>
#include <string>

#include "asterism/runtime/whole.hpp"

namespace asterism {

namespace {

struct Row {
    Cause cause;
    std::string_view name, text;
};
// Names as the dialplan's HANGUPCAUSE and AMI's Cause take them; texts as the Hangup event shows them.
constexpr std::array rows{
    Row{Cause::not_defined, "NOTDEFINED", "Unknown"},
    Row{Cause::unallocated, "UNALLOCATED", "Unallocated (unassigned) number"},
    Row{Cause::no_route_transit_net, "NO_ROUTE_TRANSIT_NET", "No route to specified transmit network"},
    Row{Cause::no_route_destination, "NO_ROUTE_DESTINATION", "No route to destination"},
    Row{Cause::misdialled_trunk_prefix, "MISDIALLED_TRUNK_PREFIX", "Misdialled trunk prefix"},
    Row{Cause::channel_unacceptable, "CHANNEL_UNACCEPTABLE", "Channel unacceptable"},
    Row{Cause::call_awarded_delivered, "CALL_AWARDED_DELIVERED",
        "Call awarded and being delivered in an established channel"},
    Row{Cause::pre_empted, "PRE_EMPTED", "Pre-empted"},
    Row{Cause::number_ported_not_here, "NUMBER_PORTED_NOT_HERE", "Number ported elsewhere"},
    Row{Cause::normal_clearing, "NORMAL_CLEARING", "Normal Clearing"},
    Row{Cause::user_busy, "USER_BUSY", "User busy"},
    Row{Cause::no_user_response, "NO_USER_RESPONSE", "No user responding"},
    Row{Cause::no_answer, "NO_ANSWER", "User alerting, no answer"},
    Row{Cause::subscriber_absent, "SUBSCRIBER_ABSENT", "Subscriber absent"},
    Row{Cause::call_rejected, "CALL_REJECTED", "Call Rejected"},
    Row{Cause::number_changed, "NUMBER_CHANGED", "Number changed"},
    Row{Cause::redirected_to_new_destination, "REDIRECTED_TO_NEW_DESTINATION", "Redirected to new destination"},
    Row{Cause::answered_elsewhere, "ANSWERED_ELSEWHERE", "Answered elsewhere"},
    Row{Cause::destination_out_of_order, "DESTINATION_OUT_OF_ORDER", "Destination out of order"},
    Row{Cause::invalid_number_format, "INVALID_NUMBER_FORMAT", "Invalid number format"},
    Row{Cause::facility_rejected, "FACILITY_REJECTED", "Facility rejected"},
    Row{Cause::response_to_status_enquiry, "RESPONSE_TO_STATUS_ENQUIRY", "Response to STATus ENQuiry"},
    Row{Cause::normal_unspecified, "NORMAL_UNSPECIFIED", "Normal, unspecified"},
    Row{Cause::normal_circuit_congestion, "NORMAL_CIRCUIT_CONGESTION", "Circuit/channel congestion"},
    Row{Cause::network_out_of_order, "NETWORK_OUT_OF_ORDER", "Network out of order"},
    Row{Cause::normal_temporary_failure, "NORMAL_TEMPORARY_FAILURE", "Temporary failure"},
    Row{Cause::switch_congestion, "SWITCH_CONGESTION", "Switching equipment congestion"},
    Row{Cause::access_info_discarded, "ACCESS_INFO_DISCARDED", "Access information discarded"},
    Row{Cause::requested_chan_unavail, "REQUESTED_CHAN_UNAVAIL", "Requested channel not available"},
    Row{Cause::facility_not_subscribed, "FACILITY_NOT_SUBSCRIBED", "Facility not subscribed"},
    Row{Cause::outgoing_call_barred, "OUTGOING_CALL_BARRED", "Outgoing call barred"},
    Row{Cause::incoming_call_barred, "INCOMING_CALL_BARRED", "Incoming call barred"},
    Row{Cause::bearercapability_notauth, "BEARERCAPABILITY_NOTAUTH", "Bearer capability not authorized"},
    Row{Cause::bearercapability_notavail, "BEARERCAPABILITY_NOTAVAIL", "Bearer capability not available"},
    Row{Cause::bearercapability_notimpl, "BEARERCAPABILITY_NOTIMPL", "Bearer capability not implemented"},
    Row{Cause::chan_not_implemented, "CHAN_NOT_IMPLEMENTED", "Channel not implemented"},
    Row{Cause::facility_not_implemented, "FACILITY_NOT_IMPLEMENTED", "Facility not implemented"},
    Row{Cause::invalid_call_reference, "INVALID_CALL_REFERENCE", "Invalid call reference value"},
    Row{Cause::incompatible_destination, "INCOMPATIBLE_DESTINATION", "Incompatible destination"},
    Row{Cause::invalid_msg_unspecified, "INVALID_MSG_UNSPECIFIED", "Invalid message unspecified"},
    Row{Cause::mandatory_ie_missing, "MANDATORY_IE_MISSING", "Mandatory information element is missing"},
    Row{Cause::message_type_nonexist, "MESSAGE_TYPE_NONEXIST", "Message type nonexist."},
    Row{Cause::wrong_message, "WRONG_MESSAGE", "Wrong message"},
    Row{Cause::ie_nonexist, "IE_NONEXIST", "Info. element nonexist or not implemented"},
    Row{Cause::invalid_ie_contents, "INVALID_IE_CONTENTS", "Invalid information element contents"},
    Row{Cause::wrong_call_state, "WRONG_CALL_STATE", "Message not compatible with call state"},
    Row{Cause::recovery_on_timer_expire, "RECOVERY_ON_TIMER_EXPIRE", "Recover on timer expiry"},
    Row{Cause::mandatory_ie_length_error, "MANDATORY_IE_LENGTH_ERROR", "Mandatory IE length error"},
    Row{Cause::protocol_error, "PROTOCOL_ERROR", "Protocol error, unspecified"},
    Row{Cause::interworking, "INTERWORKING", "Interworking, unspecified"},
};
// Names that Asterisk takes for one of the above.
constexpr std::array<std::pair<std::string_view, Cause>, 6> aliases{{
    {"BUSY", Cause::user_busy},
    {"FAILURE", Cause::network_out_of_order},
    {"NORMAL", Cause::normal_clearing},
    {"NOANSWER", Cause::no_answer},
    {"CONGESTION", Cause::normal_circuit_congestion},
    {"UNREGISTERED", Cause::subscriber_absent},
}};

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string_view cause_text(Cause cause) {
    for (const auto& row : rows) {
        if (row.cause == cause) return row.text;
    }
    return "Unknown";
}

std::optional<Cause> cause_by_name(std::string_view name) {
    if (name.size() > 9 && same(name.substr(0, 10), "AST_CAUSE_")) name.remove_prefix(10);
    for (const auto& row : rows) {
        if (same(row.name, name)) return row.cause;
    }
    for (const auto& [alias, cause] : aliases) {
        if (same(alias, name)) return cause;
    }
    return std::nullopt;
}

std::optional<Cause> parse_cause(std::string_view text) {
    if (const auto number = parse_whole<int>(text)) {
        if (*number < 0 || *number > 127) return std::nullopt;
        return static_cast<Cause>(*number);
    }
    return cause_by_name(text);
}

}  // namespace asterism
