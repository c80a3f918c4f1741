// Who calls: From, P-Asserted-Identity and Remote-Party-ID, read from requests and written to them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "asterism/sip/builder.hpp"
#include "asterism/sip/message.hpp"
#include "objects.hpp"

namespace asterism::pjsip {

/// Name and number of an address; what follows a semicolon in its user does not belong to the number.
[[nodiscard]] PartyId party_of(const sip::Address& address);
/// The URI of a party's number at a host, as the endpoint wants numbers (user_eq_phone).
[[nodiscard]] std::string party_uri(std::string_view user, std::string_view host, const EndpointConfig& endpoint);
/// The caller of a request: the endpoint's callerid if it has a number, else From, and before both what
/// P-Asserted-Identity or Remote-Party-ID say, if the endpoint is trusted (trust_id_inbound).
[[nodiscard]] PartyId caller_of(const sip::Message& request, const EndpointConfig& endpoint);
/// From's originating line information (ANI II digits): parameter isup-oli, ss7-oli or oli of the header or its URI; 0
/// if there is none between 0 and 255.
[[nodiscard]] int originating_line_in(const sip::Message& request);
/// What a message asserts (RFC 3325, draft-ietf-sip-privacy-04); nothing if it asserts nothing.
[[nodiscard]] std::optional<PartyId> asserted_in(const sip::Message& message);

/// Whether a party may be shown: it has a number or a name, and nobody forbids it.
[[nodiscard]] bool may_show(const PartyId& party);
/// The name-addr of From: the party, anonymous, or as the endpoint's from_user and from_domain say. `host` is our
/// address towards the peer.
[[nodiscard]] std::string from_address(const PartyId& party, const EndpointConfig& endpoint, std::string_view host,
                                       std::string_view default_user);
/// Adds user=phone to a URI whose user is a number (user_eq_phone).
void add_user_phone(std::string& uri);
/// Adds P-Asserted-Identity and Remote-Party-ID as the endpoint wants them. `calling`: the party of a request (else of
/// an answer).
void add_identity(sip::Headers& headers, const PartyId& party, const EndpointConfig& endpoint, std::string_view host,
                  bool calling);
}  // namespace asterism::pjsip
