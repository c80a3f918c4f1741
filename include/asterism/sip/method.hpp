// SIP methods and status codes.
#pragma once

#include <cstdint>
#include <string_view>

namespace asterism::sip {

enum class Method : std::uint8_t {
    unknown,
    invite,
    ack,
    bye,
    cancel,
    options,
    register_,
    prack,
    update,
    info,
    message,
    refer,
    notify,
    subscribe,
    publish,
};

/// Methods are case-sensitive (RFC 3261 7.1).
[[nodiscard]] Method method_of(std::string_view text);
/// "INVITE"; empty for unknown.
[[nodiscard]] std::string_view name(Method method);

/// The phrase of RFC 3261 21 and its extensions, as Asterisk writes it; "Unknown" classes give the class's x00 phrase.
[[nodiscard]] std::string_view reason_phrase(int code);

/// What the Allow header of Asterisk says.
inline constexpr std::string_view allow_methods =
    "OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE, INFO, REFER";
inline constexpr std::string_view supported_extensions = "100rel, timer, replaces, norefersub";
inline constexpr std::string_view accepted_types =
    "application/sdp, application/simple-message-summary, application/pidf+xml, application/xpidf+xml, "
    "application/cpim-pidf+xml, application/dialog-info+xml, application/simple-message-summary, "
    "application/pidf+xml, application/dialog-info+xml, message/sipfrag;version=2.0";
inline constexpr std::string_view allowed_events = "message-summary, presence, dialog, refer";

}  // namespace asterism::sip
