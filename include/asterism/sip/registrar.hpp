// The registrar (RFC 3261 10.3) with Asterisk's habits, as a pure object over a store of bindings.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/runtime/time.hpp"
#include "asterism/sip/builder.hpp"
#include "asterism/sip/message.hpp"
#include "asterism/sip/transaction.hpp"
#include "asterism/sip/transport.hpp"

namespace asterism::sip {

/// One registered contact of an AOR.
struct Binding {
    std::string uri{};  ///< the contact's URI (rewritten if rewrite_contact)
    std::string call_id{};
    std::uint32_t cseq = 0;
    WallTime expires{};  ///< when it ends
    std::string user_agent{};
    std::string path{};         ///< Path values, if the AOR supports them
    std::string via_address{};  ///< host of the top Via
    std::uint16_t via_port = 0;
    Flow flow{};             ///< where the REGISTER came from
    std::string endpoint{};  ///< who registered it
    bool prune_on_boot = false;
    bool unavailable = false;  ///< set by the store: qualify found it dead (remove_unavailable)
};

/// The AOR's options (pjsip.conf type=aor).
struct AorSettings {
    std::uint32_t minimum_expiration = 60;  ///< seconds
    std::uint32_t maximum_expiration = 7200;
    std::uint32_t default_expiration = 3600;
    std::uint32_t max_contacts = 0;  ///< 0: registration is refused
    bool remove_existing = false;
    bool remove_unavailable = false;
    bool support_path = false;
    bool rewrite_contact = false;  ///< the endpoint's: bindings get the packet's source address
};

/// Where bindings live (AstDB and memory). Their order does not matter: answers list them by contact_id.
class BindingStore {
  public:
    virtual ~BindingStore() = default;
    [[nodiscard]] virtual std::vector<Binding> bindings(std::string_view aor) const = 0;
    virtual void add(std::string_view aor, const Binding& binding) = 0;
    virtual void update(std::string_view aor, const Binding& binding) = 0;  ///< same URI, refreshed
    enum class Removal : std::uint8_t { unregistered, replaced };
    virtual void remove(std::string_view aor, const Binding& binding, Removal why) = 0;
};

class Registrar {
  public:
    explicit Registrar(const Clock& clock, BindingStore& store) : clock_(clock), store_(store) {}

    /// Handles an authenticated REGISTER for `aor`: changes the store and gives the response: 200 with Date, Contacts
    /// (expires one second short) and Expires (if the request had one); 400 for a bad Contact or `*`; 403 for too many
    /// contacts. The CSeq is not looked at, as in Asterisk.
    [[nodiscard]] Response handle(const Message& request, const Flow& flow, std::string_view aor,
                                  const AorSettings& settings, std::string_view endpoint);

  private:
    const Clock& clock_;
    BindingStore& store_;
};

/// `alice;@HASH`: Asterisk's id of a contact, the AOR and the MD5 of the URI.
[[nodiscard]] std::string contact_id(std::string_view aor, std::string_view uri);

/// `Sat, 21 Nov 2026 19:25:24 GMT` (RFC 3261 20.17).
[[nodiscard]] std::string http_date(WallTime time);

}  // namespace asterism::sip
