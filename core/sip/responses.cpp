#include "asterism/sip/responses.hpp"

#include <utility>

namespace asterism::sip {

Response options_response(int code) {
    return Response{.code = code,
                    .headers = {{"Accept", std::string(accepted_types)},
                                {"Allow", std::string(allow_methods)},
                                {"Supported", std::string(supported_extensions)},
                                {"Accept-Encoding", "identity"},
                                {"Accept-Language", "en"}}};
}

Response challenge_response(std::string challenge, bool proxy) {
    return Response{.code = proxy ? 407 : 401,
                    .headers = {{proxy ? "Proxy-Authenticate" : "WWW-Authenticate", std::move(challenge)}}};
}

Response refer_accepted(std::string contact, std::string to_tag) {
    return Response{.code = 202,
                    .to_tag = std::move(to_tag),
                    .headers = {{"Expires", "600"},
                                {"Contact", std::move(contact)},
                                {"Allow", std::string(allow_methods)},
                                {"Supported", std::string(supported_extensions)}}};
}

}  // namespace asterism::sip
