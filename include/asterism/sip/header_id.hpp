// Numbers for the header names that the library knows, so that looking one up compares no text.
#pragma once

#include <cstdint>
#include <string_view>

namespace asterism::sip {

enum class HeaderId : std::uint8_t {
    other,  ///< known by its text only
    accept,
    accept_encoding,
    accept_language,
    alert_info,
    allow,
    allow_events,
    authentication_info,
    authorization,
    call_id,
    call_info,
    contact,
    content_disposition,
    content_encoding,
    content_length,
    content_type,
    cseq,
    date,
    diversion,
    error_info,
    event,
    expires,
    from,
    geolocation,
    history_info,
    in_reply_to,
    max_forwards,
    mime_version,
    min_expires,
    min_se,
    organization,
    p_asserted_identity,
    p_preferred_identity,
    path,
    priority,
    privacy,
    proxy_authenticate,
    proxy_authorization,
    proxy_require,
    rack,
    reason,
    record_route,
    refer_sub,
    refer_to,
    referred_by,
    remote_party_id,
    replaces,
    reply_to,
    request_disposition,
    require,
    retry_after,
    route,
    rseq,
    server,
    service_route,
    session_expires,
    sip_etag,
    sip_if_match,
    subject,
    subscription_state,
    supported,
    timestamp,
    to,
    unsupported,
    user_agent,
    via,
    warning,
    www_authenticate,
    count_,
};

/// Case-insensitive, compact forms included (RFC 3261 7.3.3); `other` for any other name.
[[nodiscard]] HeaderId header_id(std::string_view name);
/// The name as it is written on the wire; empty for `other`.
[[nodiscard]] std::string_view header_name(HeaderId id);

}  // namespace asterism::sip
