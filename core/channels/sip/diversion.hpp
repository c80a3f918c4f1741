// Who sent a call on: Diversion (RFC 5806) and History-Info (RFC 7044) in requests and responses, as REDIRECTING shows
// it.
#pragma once

#include <optional>
#include <string_view>

#include "asterism/model/party.hpp"
#include "asterism/sip/builder.hpp"
#include "asterism/sip/message.hpp"
#include "objects.hpp"

namespace asterism::pjsip {

/// What an INVITE or a 302 or 181 to one says of a call that is sent on: Diversion, else History-Info; nothing without.
/// Diversion names who sends it on, but in a 181 where to, as Asterisk writes and reads it; `from` is not valid then. A
/// 302 names in Contact where the call is to go.
[[nodiscard]] std::optional<RedirectingParty> redirecting_in(const sip::Message& message);
/// Whom a response's Contact names.
[[nodiscard]] PartyId contact_party(const sip::Message& response);

/// Adds Diversion if the call was sent on and the endpoint wants it (send_diversion), and History-Info if it wants that
/// (send_history_info): to an INVITE (`response` is false) with who sent it on, to a 181 with where to. `uri`: the
/// Request-URI of the INVITE that the message is, or answers. `host`: our address towards the peer.
void add_redirecting(sip::Headers& headers, const RedirectingParty& redirecting, const EndpointConfig& endpoint,
                     std::string_view host, std::string_view uri, bool response);

}  // namespace asterism::pjsip
