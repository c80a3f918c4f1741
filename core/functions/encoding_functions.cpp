// Hashes and encodings.
#include <iconv.h>
#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>

#include "asterism/functions/functions.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/say.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

Text md5(FunctionCall& call) { return md5_hex(call.args); }
Text sha1(FunctionCall& call) { return sha1_hex(call.args); }
Text to_base64(FunctionCall& call) { return base64_encode(call.args); }
Text from_base64(FunctionCall& call) { return base64_decode(call.args); }
Text to_uri(FunctionCall& call) { return uri_encode(call.args); }
Text from_uri(FunctionCall& call) { return uri_decode(call.args); }

/// AES-128 in ECB mode, block by block, as Asterisk's: the last block is filled with zeros.
Text aes(FunctionCall& call, bool encrypt) {
    const Arguments args(call.args, ',', 2);
    if (args[0].size() != 16) return failed(call, "the key must have 16 characters");
    std::string in = encrypt ? args[1] : base64_decode(args[1]);
    in.resize((in.size() + 15) / 16 * 16, '\0');
    std::string out(in.size() + 32, '\0');
    int size = 0;
    auto* context = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(context, EVP_aes_128_ecb(), nullptr, reinterpret_cast<const unsigned char*>(args[0].data()),
                      nullptr, encrypt ? 1 : 0);
    EVP_CIPHER_CTX_set_padding(context, 0);
    EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                     reinterpret_cast<const unsigned char*>(in.data()), static_cast<int>(in.size()));
    EVP_CIPHER_CTX_free(context);
    out.resize(static_cast<std::size_t>(size));
    if (encrypt) return base64_encode(out);
    return out.substr(0, out.find('\0'));
}
Text aes_encrypt(FunctionCall& call) { return aes(call, true); }
Text aes_decrypt(FunctionCall& call) { return aes(call, false); }

Text convert(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    if (args.size() < 3) return failed(call, "needs two character sets and a text");
    const auto with = iconv_open(args[1].c_str(), args[0].c_str());
    if (with == reinterpret_cast<iconv_t>(-1)) return failed(call, "an unknown character set");
    std::string in = args[2];
    std::string out(in.size() * 4 + 16, '\0');
    char* from = in.data();
    char* to = out.data();
    std::size_t in_left = in.size();
    std::size_t out_left = out.size();
    iconv(with, &from, &in_left, &to, &out_left);
    iconv_close(with);
    out.resize(out.size() - out_left);
    return out;
}

/// One value of a JSON text in a variable: JSON_DECODE(var,a/b,/).
Text json_decode(FunctionCall& call) {
    const Arguments args(call.args, ',', 4);
    if (args.size() < 2) return failed(call, "needs a variable's name and a key");
    const auto document = nlohmann::json::parse(value_of(call, args[0]), nullptr, false);
    if (document.is_discarded()) return failed(call, "the variable holds no JSON");
    const auto* at = &document;
    const auto keys = split(args[1], args.has(2) ? args[2].front() : '.');
    for (auto key : keys) {
        if (at->is_array()) {
            const auto place = parse_number(key);
            if (!place || *place < 0 || *place >= static_cast<double>(at->size())) return std::nullopt;
            at = &(*at)[static_cast<std::size_t>(*place)];
        } else if (at->is_object() && at->contains(std::string(key))) {
            at = &(*at)[std::string(key)];
        } else {
            return std::nullopt;
        }
    }
    if (args[3].contains('c') && at->is_array()) return std::to_string(at->size());
    if (at->is_string()) return at->get<std::string>();
    if (at->is_null()) return std::string{};
    if (at->is_boolean()) return truth(at->get<bool>());
    return at->dump();
}

Text say_files(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    const auto kind = args.has(1) ? lower(args[1]) : std::string("alpha");
    Prompts prompts;
    if (kind == "alpha")
        prompts = say_letters(args[0]);
    else if (kind == "digits")
        prompts = say_digits(args[0]);
    else if (kind == "phonetic")
        prompts = say_phonetic(args[0]);
    else if (kind == "money")
        prompts = say_money(args[0]);
    else if (kind == "number" || kind == "ordinal") {
        const auto value = parse_number(args[0]);
        if (!value) return failed(call, "needs a number");
        const auto whole = whole_number(*value);
        const std::string_view language = call.channel ? std::string_view(call.channel->language()) : "en";
        prompts = (kind == "number" ? say_number(whole, language) : say_ordinal(whole, language)).value_or(Prompts{});
    } else {
        return failed(call, "an unknown way to say it");
    }
    return join({prompts.begin(), prompts.end()}, "&");
}

}  // namespace

void add_encoding_functions(dialplan::Functions& all) {
    const dialplan::Parameter data{"data", "any text"};
    const dialplan::Parameter key{"key", "16 characters"};
    all.add({.name = "MD5",
             .synopsis = "MD5 hash in hexadecimal",
             .syntax = "MD5(data)",
             .parameters = {data},
             .read = md5,
             .module = "func_md5"});
    all.add({.name = "SHA1",
             .synopsis = "SHA-1 hash in hexadecimal",
             .syntax = "SHA1(data)",
             .parameters = {data},
             .read = sha1,
             .module = "func_sha1"});
    all.add({.name = "BASE64_ENCODE",
             .synopsis = "in base64",
             .syntax = "BASE64_ENCODE(string)",
             .parameters = {data},
             .read = to_base64,
             .module = "func_base64"});
    all.add({.name = "BASE64_DECODE",
             .synopsis = "out of base64",
             .syntax = "BASE64_DECODE(string)",
             .parameters = {data},
             .read = from_base64,
             .module = "func_base64"});
    all.add({.name = "URIENCODE",
             .synopsis = "percent encoded for a URI",
             .syntax = "URIENCODE(data)",
             .parameters = {data},
             .read = to_uri,
             .module = "func_uri"});
    all.add({.name = "URIDECODE",
             .synopsis = "percent decoded",
             .syntax = "URIDECODE(data)",
             .parameters = {data},
             .read = from_uri,
             .module = "func_uri"});
    all.add({.name = "AES_ENCRYPT",
             .synopsis = "encrypted by AES-128, in base64",
             .syntax = "AES_ENCRYPT(key,string)",
             .parameters = {key, data},
             .read = aes_encrypt,
             .module = "func_aes"});
    all.add({.name = "AES_DECRYPT",
             .synopsis = "AES_ENCRYPT's text in clear",
             .syntax = "AES_DECRYPT(key,string)",
             .parameters = {key, data},
             .read = aes_decrypt,
             .module = "func_aes"});
    all.add({.name = "ICONV",
             .synopsis = "in another character set",
             .syntax = "ICONV(in-charset,out-charset,string)",
             .parameters = {{"in-charset", "of the text"}, {"out-charset", "wanted"}, data},
             .read = convert,
             .module = "func_iconv"});
    all.add({.name = "JSON_DECODE",
             .synopsis = "one value of a JSON text",
             .syntax = "JSON_DECODE(varname,item[,separator[,options]])",
             .parameters = {{"varname", "name of the variable that holds the JSON"},
                            {"item", "key, or keys joined by the separator; numbers in arrays"},
                            {"separator", "between the keys of a path; ."},
                            {"options", "c: how many items the array has"}},
             .read = json_decode,
             .module = "func_json"});
    all.add({.name = "SAYFILES",
             .synopsis = "the prompts that say something, joined by &",
             .syntax = "SAYFILES(value[,type])",
             .parameters = {{"value", "what is said"}, {"type", "alpha, digits, money, number, ordinal, phonetic"}},
             .read = say_files,
             .module = "func_sayfiles"});
}

}  // namespace asterism::functions
