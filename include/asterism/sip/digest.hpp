// Digest authentication (RFC 2617, 7616, 8760), both sides.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/runtime/random.hpp"
#include "asterism/runtime/time.hpp"
#include "asterism/sip/limits.hpp"
#include "asterism/sip/message.hpp"

namespace asterism::sip {

enum class DigestAlgorithm : std::uint8_t { md5, sha256, sha512_256 };
/// "MD5", "SHA-256", "SHA-512-256".
[[nodiscard]] std::string_view name(DigestAlgorithm algorithm);
[[nodiscard]] std::optional<DigestAlgorithm> digest_algorithm(std::string_view name);

/// Hash as lower-case hexadecimal.
[[nodiscard]] std::string digest_hex(DigestAlgorithm algorithm, std::string_view data);
/// HA1 = H(user:realm:password).
[[nodiscard]] std::string digest_ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                                     std::string_view password);
/// Compares without telling by its time where two texts differ.
[[nodiscard]] bool constant_time_equal(std::string_view a, std::string_view b);

/// The parameters of Authorization, Proxy-Authorization, WWW-Authenticate or Proxy-Authenticate. Views without quotes
/// (escapes still in them). `realm_given` etc. are not needed: what is absent is empty.
struct DigestHeader {
    std::string_view username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc, domain, stale;
    bool userhash = false;

    [[nodiscard]] static std::expected<DigestHeader, ParseError> parse(std::string_view value);
    /// MD5 if none is named; nothing if it is unknown (also the -sess variants).
    [[nodiscard]] std::optional<DigestAlgorithm> hash() const;
};

/// One secret. `ha1` (md5_cred and its kin) goes before `password` for its algorithm.
struct Credential {
    std::string realm{};  ///< empty or "*": any
    std::string username{};
    std::string password{};
    std::string ha1_md5{};
    std::string ha1_sha256{};
    std::string ha1_sha512_256{};

    /// HA1 for this realm; nothing if there is neither a password nor the right hash.
    [[nodiscard]] std::optional<std::string> ha1(DigestAlgorithm algorithm, std::string_view in_realm) const;
};
using CredentialList = std::vector<Credential>;

/// The answering side: challenges and checks them. Stateless: a nonce is `EPOCH/HASH` and carries its age, so that it
/// costs no memory. One for the process; its secret is made at start.
class DigestServer {
  public:
    struct Settings {
        std::string realm = "asterisk";
        Duration nonce_lifetime = std::chrono::seconds(32);
    };
    enum class Result : std::uint8_t {
        ok,
        none,   ///< no Authorization for this realm: challenge
        stale,  ///< right, but the nonce is too old: challenge with stale=true
        wrong,  ///< wrong user, password or parameters: challenge afresh
    };
    DigestServer(const Clock& clock, Random& random);
    DigestServer(const Clock& clock, Random& random, Settings settings);

    /// The header's value: `Digest realm="asterisk",nonce="..",opaque="..",algorithm=MD5,qop="auth"`.
    [[nodiscard]] std::string challenge(std::string_view realm, DigestAlgorithm algorithm = DigestAlgorithm::md5,
                                        bool stale = false);
    /// Checks a request against one endpoint's secret. `realm` is the one that was challenged with. `proxy` looks at
    /// Proxy-Authorization. Takes the same time for an unknown user (give a Credential with a random password).
    [[nodiscard]] Result check(const Message& request, const Credential& secret, std::string_view realm,
                               bool proxy = false);
    [[nodiscard]] const Settings& settings() const { return settings_; }

  private:
    [[nodiscard]] std::string nonce(std::int64_t epoch, std::string_view realm) const;
    const Clock& clock_;
    Random& random_;
    Settings settings_;
    std::string secret_;
};

/// The asking side: the value of an Authorization header for a challenge. Nothing if no credential fits its realm or
/// its algorithm is unknown. `count` is the nonce count (from 1).
[[nodiscard]] std::optional<std::string> answer_challenge(const DigestHeader& challenge, const CredentialList& secrets,
                                                          std::string_view method, std::string_view uri,
                                                          std::string_view cnonce, std::uint32_t count = 1);

/// Adds to `headers` what answers a 401 or 407 (the strongest algorithm of each realm). False: no secret fits, or the
/// same challenge was answered before and refused (no stale=true).
bool authorize(const Message& response, const CredentialList& secrets, std::string_view method, std::string_view uri,
               Random& random, std::vector<struct Header>& headers, std::string_view answered_nonce = {});

}  // namespace asterism::sip
