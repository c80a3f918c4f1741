#include "asterism/sip/cause.hpp"

namespace asterism::sip {

int response_of_cause(int cause) {
    switch (cause) {
        case 1:
        case 2:
        case 3: return 404;
        case 17: return 486;
        case 18: return 408;
        case 19:
        case 20:
        case 31: return 480;
        case 21: return 403;
        case 22: return 410;
        case 23: return 302;
        case 27: return 502;
        case 28: return 484;
        case 29: return 501;
        case 34:
        case 42:
        case 66: return 503;
        case 38: return 500;
        case 58: return 488;
        default: return 603;
    }
}

int cause_of_response(int code) {
    switch (code) {
        case 401:
        case 403:
        case 407:
        case 603: return 21;
        case 404:
        case 485:
        case 604: return 1;
        case 408: return 18;
        case 409: return 41;
        case 410: return 22;
        case 420: return 3;
        case 480:
        case 483: return 19;
        case 484: return 28;
        case 486:
        case 600: return 17;
        case 488:
        case 606: return 58;
        case 500: return 38;
        case 501: return 29;
        case 502: return 27;
        case 503:
        case 513:
        case 580: return 34;
        case 504: return 102;
        case 302: return 23;
        default: break;
    }
    if (code < 400) return 16;
    return 127;
}

std::string reason_header(int cause) {
    if (cause == 26) return "SIP;cause=200;text=\"Call completed elsewhere\"";
    return "Q.850;cause=" + std::to_string(cause);
}

std::optional<int> cause_in(const Message& message) {
    std::optional<int> found;
    message.each(HeaderId::reason, [&](std::string_view element) {
        const auto reason = Reason::parse(element);
        if (!reason || !reason->cause || found) return;
        if (iequals(reason->protocol, "Q.850") && *reason->cause < 128)
            found = static_cast<int>(*reason->cause);
        else if (iequals(reason->protocol, "SIP") && *reason->cause == 200)
            found = 26;
    });
    return found;
}

}  // namespace asterism::sip
