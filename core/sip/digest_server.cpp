#include <charconv>

#include "asterism/sip/digest.hpp"
#include "core/sip/digest_response.hpp"

namespace asterism::sip {

DigestServer::DigestServer(const Clock& clock, Random& random) : DigestServer(clock, random, Settings{}) {}

DigestServer::DigestServer(const Clock& clock, Random& random, Settings settings)
    : clock_(clock), random_(random), settings_(std::move(settings)), secret_(random.hex(32)) {}

static std::int64_t epoch_of(const Clock& clock) {
    return std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch()).count();
}

std::string DigestServer::nonce(std::int64_t epoch, std::string_view realm) const {
    std::string out = std::to_string(epoch);
    std::string text = out;
    text += ':';
    text += secret_;
    text += ':';
    text += realm;
    out += '/';
    out += digest_hex(DigestAlgorithm::md5, text);
    return out;
}

std::string DigestServer::challenge(std::string_view realm, DigestAlgorithm algorithm, bool stale) {
    std::string out = "Digest realm=";
    out += quote(realm);
    out += ",nonce=\"";
    out += nonce(epoch_of(clock_), realm);
    out += "\",opaque=\"";
    out += random_.hex(16);
    out += '"';
    if (stale) out += ",stale=true";
    out += ",algorithm=";
    out += name(algorithm);
    out += ",qop=\"auth\"";
    return out;
}

DigestServer::Result DigestServer::check(const Message& request, const Credential& secret, std::string_view realm,
                                         bool proxy) {
    const HeaderId id = proxy ? HeaderId::proxy_authorization : HeaderId::authorization;
    Result result = Result::none;
    // A request may carry answers to several challenges, each in a line of its own (RFC 3261 22.3).
    for (std::size_t i = 0; i < request.lines() && result != Result::ok && result != Result::stale; ++i) {
        const Message::Line line = request.line(i);
        if (line.id != id) continue;
        const auto digest = DigestHeader::parse(line.value);
        if (!digest || digest->realm != realm) continue;
        result = Result::wrong;
        const auto algorithm = digest->hash();
        if (!algorithm || digest->userhash || digest->username != secret.username) continue;
        const auto ha1 = secret.ha1(*algorithm, realm);
        if (!ha1) continue;
        if (!digest->qop.empty()) {
            // The nonce count must be eight hexadecimal digits and not zero (RFC 7616 3.4). It is not remembered: the
            // nonce is stateless and short-lived, as Asterisk's is.
            std::uint32_t count = 0;
            const auto [end, error] =
                std::from_chars(digest->nc.data(), digest->nc.data() + digest->nc.size(), count, 16);
            if (!iequals(digest->qop, "auth") || digest->nc.size() != 8 || error != std::errc() ||
                end != digest->nc.data() + digest->nc.size() || count == 0 || digest->cnonce.empty())
                continue;
        }
        const std::string wanted = digest_response(*algorithm, *ha1, request.method_text(), digest->uri, digest->nonce,
                                                   digest->nc, digest->cnonce, digest->qop);
        std::string given(digest->response);
        for (char& c : given) c = lower(c);
        if (!constant_time_equal(wanted, given)) continue;
        // The password is right. The nonce must be ours, and young.
        std::int64_t epoch = 0;
        const std::size_t slash = digest->nonce.find('/');
        if (slash == std::string_view::npos) continue;
        const auto [end, error] = std::from_chars(digest->nonce.data(), digest->nonce.data() + slash, epoch);
        if (error != std::errc() || end != digest->nonce.data() + slash) continue;
        if (!constant_time_equal(nonce(epoch, realm), digest->nonce)) {
            result = Result::stale;  // of another start of this daemon, perhaps: RFC 7616 3.3 lets the client retry
            continue;
        }
        const std::int64_t age = epoch_of(clock_) - epoch;
        const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(settings_.nonce_lifetime).count();
        result = age < 0 || age > lifetime ? Result::stale : Result::ok;
    }
    return result;
}

}  // namespace asterism::sip
