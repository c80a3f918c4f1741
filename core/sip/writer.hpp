// Writes whole requests and responses in Asterisk's header order.
#pragma once

#include <string>
#include <string_view>

#include "asterism/sip/stack.hpp"

namespace asterism::sip {

/// `request` answered by `response`, with `to_tag` unless the request has one. 100 gets no tag.
void write_response(std::string& out, const Message& request, const Flow& flow, const Response& response,
                    std::string_view to_tag, bool force_rport, const StackSettings& settings);

/// A request whose call_id, from_tag and cseq are filled in, to be sent over `flow`.
void write_request(std::string& out, const Request& request, const Flow& flow, std::string_view branch,
                   const StackSettings& settings);

/// ACK to a final response other than 2xx (RFC 3261 17.1.1.3) of the INVITE that was written as `invite`.
[[nodiscard]] std::string write_failure_ack(const Message& invite, const Message& response,
                                            const StackSettings& settings);
/// CANCEL of that INVITE (9.1). `headers`: Reason.
[[nodiscard]] std::string write_cancel(const Message& invite, const Headers& headers, const StackSettings& settings);

/// A name-addr as it stands in From and To: always in brackets, without port; text that cannot be read as it is.
[[nodiscard]] std::string from_to_address(std::string_view text);

/// `<sip:user@host:port;transport=TCP>` for a flow.
[[nodiscard]] std::string contact_for(const Flow& flow, std::string_view user, std::string_view uri_params = {});

/// `uri` with the address that its packet came from instead of its own host and port (rewrite_contact).
[[nodiscard]] std::string uri_at_source(const Uri& uri, const Flow& flow, UriContext context);

/// Where a response goes: back to the source, or to the port in Via (RFC 3261 18.2.2, RFC 3581 4).
[[nodiscard]] SocketAddress response_address(const Message& request, const Flow& flow, bool force_rport);

}  // namespace asterism::sip
