// Encodings and hashes by OpenSSL, patterns by the C library.
#include <openssl/evp.h>

#include <array>

#include "asterism/functions/text.hpp"
#include "asterism/runtime/regex.hpp"

namespace asterism::functions {
namespace {

std::string hash_hex(const EVP_MD* kind, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr);
    static constexpr char hex[] = "0123456789abcdef";
    std::string result;
    for (unsigned i = 0; i < size; ++i) {
        result += hex[digest[i] >> 4];
        result += hex[digest[i] & 15];
    }
    return result;
}

}  // namespace

std::string md5_hex(std::string_view bytes) { return hash_hex(EVP_md5(), bytes); }
std::string sha1_hex(std::string_view bytes) { return hash_hex(EVP_sha1(), bytes); }

std::string base64_encode(std::string_view bytes) {
    std::string result(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    result.resize(static_cast<std::size_t>(size));
    return result;
}

std::string base64_decode(std::string_view text) {
    std::string result;
    unsigned bits = 0;
    int have = 0;
    for (char c : text) {
        unsigned value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<unsigned>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            value = static_cast<unsigned>(c - 'a') + 26;
        else if (c >= '0' && c <= '9')
            value = static_cast<unsigned>(c - '0') + 52;
        else if (c == '+')
            value = 62;
        else if (c == '/')
            value = 63;
        else
            break;
        bits = (bits << 6 | value) & 0xffffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            result += static_cast<char>(bits >> have & 0xff);
        }
    }
    return result;
}

std::expected<bool, std::string> regex_match(std::string_view pattern, std::string_view text) {
    const Regex regex{std::string(pattern)};
    if (!regex.good()) return std::unexpected(regex.error());
    return regex.matches(text);
}

}  // namespace asterism::functions
