#include <algorithm>

#include "asterism/sip/builder.hpp"
#include "asterism/sip/digest.hpp"
#include "core/sip/digest_response.hpp"

namespace asterism::sip {

namespace {

const Credential* credential_for(const CredentialList& secrets, std::string_view realm) {
    const Credential* any = nullptr;
    for (const Credential& c : secrets) {
        if (c.realm == realm) return &c;
        if (any == nullptr && (c.realm.empty() || c.realm == "*")) any = &c;
    }
    return any;
}

/// A list of qop values that offers plain authentication; "auth-int" alone is not supported.
bool offers_auth(std::string_view qop) { return list_contains(qop, "auth"); }

void add(std::string& out, std::string_view key, std::string_view value, bool quoted) {
    if (out.back() != ' ') out += ", ";
    out += key;
    out += '=';
    if (quoted) out += '"';
    out += value;
    if (quoted) out += '"';
}

}  // namespace

std::optional<std::string> answer_challenge(const DigestHeader& challenge, const CredentialList& secrets,
                                            std::string_view method, std::string_view uri, std::string_view cnonce,
                                            std::uint32_t count) {
    const auto algorithm = challenge.hash();
    if (!algorithm || (!challenge.qop.empty() && !offers_auth(challenge.qop))) return std::nullopt;
    // Values are hashed and repeated as they stand in the challenge: their escapes are left alone.
    const Credential* const secret = credential_for(secrets, challenge.realm);
    if (secret == nullptr) return std::nullopt;
    const auto ha1 = secret->ha1(*algorithm, challenge.realm);
    if (!ha1) return std::nullopt;
    std::string nc(8, '0');
    for (std::size_t i = 8; i-- > 0; count >>= 4) nc[i] = "0123456789abcdef"[count & 15];

    const std::string_view qop = challenge.qop.empty() ? std::string_view{} : "auth";
    std::string out = "Digest ";
    std::string user;
    for (char c : secret->username) {
        if (c == '"' || c == '\\') user += '\\';
        user += c;
    }
    add(out, "username", user, true);
    add(out, "realm", challenge.realm, true);
    add(out, "nonce", challenge.nonce, true);
    add(out, "uri", uri, true);
    add(out, "response", digest_response(*algorithm, *ha1, method, uri, challenge.nonce, nc, cnonce, qop), true);
    if (!challenge.algorithm.empty()) add(out, "algorithm", challenge.algorithm, false);
    if (!challenge.qop.empty()) {
        add(out, "cnonce", cnonce, true);
    }
    if (!challenge.opaque.empty()) add(out, "opaque", challenge.opaque, true);
    if (!challenge.qop.empty()) {
        add(out, "qop", "auth", false);
        add(out, "nc", nc, false);
    }
    return out;
}

bool authorize(const Message& response, const CredentialList& secrets, std::string_view method, std::string_view uri,
               Random& random, Headers& headers, std::string_view answered_nonce) {
    struct Answer {
        std::string realm;
        DigestAlgorithm algorithm;
        Header header;
    };
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < response.lines(); ++i) {
        const Message::Line line = response.line(i);
        const bool proxy = line.id == HeaderId::proxy_authenticate;
        if (!proxy && line.id != HeaderId::www_authenticate) continue;
        const auto challenge = DigestHeader::parse(line.value);
        if (!challenge || !challenge->hash()) continue;
        // The same challenge again means that the password is wrong, unless only the nonce was too old.
        if (!answered_nonce.empty() && !iequals(challenge->stale, "true")) return false;
        const auto known = std::find_if(answers.begin(), answers.end(), [&](const Answer& a) {
            return a.realm == challenge->realm &&
                   a.header.name == header_name(proxy ? HeaderId::proxy_authorization : HeaderId::authorization);
        });
        if (known != answers.end() && known->algorithm >= *challenge->hash()) continue;
        auto value = answer_challenge(*challenge, secrets, method, uri, random.hex(16));
        if (!value) continue;
        Answer answer{std::string(challenge->realm),
                      *challenge->hash(),
                      {std::string(header_name(proxy ? HeaderId::proxy_authorization : HeaderId::authorization)),
                       std::move(*value)}};
        if (known != answers.end())
            *known = std::move(answer);
        else
            answers.push_back(std::move(answer));
    }
    for (Answer& a : answers) headers.push_back(std::move(a.header));
    return !answers.empty();
}

}  // namespace asterism::sip
