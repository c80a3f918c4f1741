#include "auth.hpp"

#include <crypt.h>
#include <openssl/evp.h>

#include <array>

#include "asterism/http/message.hpp"

namespace asterism::ari {

namespace {

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> split_credentials(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    return std::pair(std::string(text.substr(0, colon)), std::string(text.substr(colon + 1)));
}

std::optional<std::pair<std::string, std::string>> parse_basic(std::string_view header) {
    if (header.size() < 6 || !http::equal_ignoring_case(header.substr(0, 6), "Basic ")) return std::nullopt;
    header.remove_prefix(6);
    while (header.starts_with(' ')) header.remove_prefix(1);
    while (header.ends_with('=')) header.remove_suffix(1);
    std::string text;
    unsigned bits = 0;
    int have = 0;
    for (const char c : header) {
        const int value = base64_value(c);
        if (value < 0) return std::nullopt;
        bits = (bits << 6) | static_cast<unsigned>(value);
        have += 6;
        if (have >= 8) {
            have -= 8;
            text += static_cast<char>((bits >> have) & 0xFFU);
        }
    }
    return split_credentials(text);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    unsigned different = a.size() == b.size() ? 0U : 1U;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const char other = b.empty() ? '\0' : b[i % b.size()];
        different |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other));
    }
    return different == 0;
}

bool check_crypt(const std::string& password, const std::string& hash) {
    crypt_data data{};
    const char* made = ::crypt_r(password.c_str(), hash.c_str(), &data);
    return made != nullptr && made[0] != '*' && equal_in_constant_time(made, hash);
}

std::string make_crypt(const std::string& password) {
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (::crypt_gensalt_rn("$6$", 0, nullptr, 0, setting, sizeof setting) == nullptr) return {};
    crypt_data data{};
    const char* made = ::crypt_r(password.c_str(), setting, &data);
    return made != nullptr && made[0] != '*' ? std::string(made) : std::string();
}

std::string credential_digest(std::string_view name, std::string_view password, std::string_view hash) {
    std::string text;
    text.append(name).append(1, '\0').append(hash).append(1, '\0').append(password);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return {reinterpret_cast<const char*>(digest.data()), length};
}

}  // namespace asterism::ari
