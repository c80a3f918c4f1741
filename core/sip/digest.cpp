#include "asterism/sip/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/sip/digest_response.hpp"

namespace asterism::sip {

namespace {

const EVP_MD* hash_of(DigestAlgorithm algorithm) {
    // Fetched once: looking an algorithm up costs more than hashing with it.
    static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
    static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    static const EVP_MD* const sha512_256 = EVP_MD_fetch(nullptr, "SHA2-512/256", nullptr);
    switch (algorithm) {
        case DigestAlgorithm::md5: return md5;
        case DigestAlgorithm::sha256: return sha256;
        case DigestAlgorithm::sha512_256: return sha512_256;
    }
    return nullptr;
}

std::string_view strip_quotes(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
    return text;
}

}  // namespace

std::string_view name(DigestAlgorithm algorithm) {
    switch (algorithm) {
        case DigestAlgorithm::md5: return "MD5";
        case DigestAlgorithm::sha256: return "SHA-256";
        case DigestAlgorithm::sha512_256: return "SHA-512-256";
    }
    return {};
}

std::optional<DigestAlgorithm> digest_algorithm(std::string_view text) {
    for (const auto a : {DigestAlgorithm::md5, DigestAlgorithm::sha256, DigestAlgorithm::sha512_256})
        if (iequals(text, name(a))) return a;
    return std::nullopt;
}

std::string digest_hex(DigestAlgorithm algorithm, std::string_view data) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const EVP_MD* const md = hash_of(algorithm);
    if (md == nullptr || EVP_Digest(data.data(), data.size(), hash, &size, md, nullptr) != 1) return {};
    std::string out(size * 2, '0');
    for (unsigned i = 0; i < size; ++i) {
        out[i * 2] = "0123456789abcdef"[hash[i] >> 4];
        out[i * 2 + 1] = "0123456789abcdef"[hash[i] & 15];
    }
    return out;
}

std::string digest_ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                       std::string_view password) {
    std::string text(user);
    text += ':';
    text += realm;
    text += ':';
    text += password;
    return digest_hex(algorithm, text);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::expected<DigestHeader, ParseError> DigestHeader::parse(std::string_view value) {
    value = trim(value);
    const std::size_t space = value.find_first_of(" \t");
    if (space == std::string_view::npos || !iequals(value.substr(0, space), "Digest"))
        return std::unexpected(ParseError{"not a Digest header"});
    std::string_view rest = value.substr(space + 1), element;
    DigestHeader out;
    std::size_t count = 0;
    while (next_element(rest, element)) {
        if (++count > 64) return std::unexpected(ParseError{"too many Digest parameters"});
        const std::size_t equals = element.find('=');
        if (equals == std::string_view::npos) return std::unexpected(ParseError{"Digest parameter without value"});
        const std::string_view key = trim(element.substr(0, equals));
        const std::string_view text = strip_quotes(trim(element.substr(equals + 1)));
        if (iequals(key, "username"))
            out.username = text;
        else if (iequals(key, "realm"))
            out.realm = text;
        else if (iequals(key, "nonce"))
            out.nonce = text;
        else if (iequals(key, "uri"))
            out.uri = text;
        else if (iequals(key, "response"))
            out.response = text;
        else if (iequals(key, "algorithm"))
            out.algorithm = text;
        else if (iequals(key, "cnonce"))
            out.cnonce = text;
        else if (iequals(key, "opaque"))
            out.opaque = text;
        else if (iequals(key, "qop"))
            out.qop = text;
        else if (iequals(key, "nc"))
            out.nc = text;
        else if (iequals(key, "domain"))
            out.domain = text;
        else if (iequals(key, "stale"))
            out.stale = text;
        else if (iequals(key, "userhash"))
            out.userhash = iequals(text, "true");
    }
    return out;
}

std::optional<DigestAlgorithm> DigestHeader::hash() const {
    if (algorithm.empty()) return DigestAlgorithm::md5;
    return digest_algorithm(algorithm);
}

std::optional<std::string> Credential::ha1(DigestAlgorithm algorithm, std::string_view in_realm) const {
    const std::string& ready = algorithm == DigestAlgorithm::md5      ? ha1_md5
                               : algorithm == DigestAlgorithm::sha256 ? ha1_sha256
                                                                      : ha1_sha512_256;
    if (!ready.empty()) return ready;
    if (password.empty() && !(ha1_md5.empty() && ha1_sha256.empty() && ha1_sha512_256.empty())) return std::nullopt;
    return digest_ha1(algorithm, username, in_realm, password);
}

std::string digest_response(DigestAlgorithm algorithm, std::string_view ha1, std::string_view method,
                            std::string_view uri, std::string_view nonce, std::string_view nc, std::string_view cnonce,
                            std::string_view qop) {
    std::string a2(method);
    a2 += ':';
    a2 += uri;
    std::string text(ha1);
    text += ':';
    text += nonce;
    if (!qop.empty()) {
        text += ':';
        text += nc;
        text += ':';
        text += cnonce;
        text += ':';
        text += qop;
    }
    text += ':';
    text += digest_hex(algorithm, a2);
    return digest_hex(algorithm, text);
}

}  // namespace asterism::sip
