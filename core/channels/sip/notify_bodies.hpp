// What NOTIFYs say about an extension (PIDF: RFC 3863 and 4480, XPIDF, dialog-info: RFC 4235) and about mailboxes (RFC
// 3842), as Asterisk writes them: phones have been taught by its bodies, not by the RFCs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "asterism/model/device_state.hpp"

namespace asterism::pjsip {

inline constexpr std::string_view pidf_type = "application/pidf+xml";
inline constexpr std::string_view xpidf_type = "application/xpidf+xml";
inline constexpr std::string_view cpim_pidf_type = "application/cpim-pidf+xml";
inline constexpr std::string_view dialog_info_type = "application/dialog-info+xml";
inline constexpr std::string_view mwi_type = "application/simple-message-summary";

/// What is told of an extension, and may change.
struct ExtensionLook {
    ExtensionState state = ExtensionState::none;
    bool shows_presence = false;  ///< Digium's phones are told the presence, too
    std::string presence{}, presence_subtype{}, presence_message{};
    bool operator==(const ExtensionLook&) const = default;
};

/// Who tells it to whom.
struct ExtensionParties {
    std::string local{};                ///< URI of what is watched: "sip:100@pbx:5060"
    std::string remote{};               ///< URI of who watches
    std::string exten{};                ///< id of its one dialog or tuple
    bool early_in_use_ringing = false;  ///< notify_early_inuse_ringing
};

/// The body in one of the XML types above; empty for another type. `version` is dialog-info's: 0 at first, one more
/// with each NOTIFY.
[[nodiscard]] std::string extension_body(std::string_view type, const ExtensionParties& parties,
                                         const ExtensionLook& look, unsigned version);

/// message-summary. `account`: URI to call for the messages; empty: no Message-Account.
[[nodiscard]] std::string mwi_body(std::int64_t new_messages, std::int64_t old_messages, std::string_view account);

}  // namespace asterism::pjsip
