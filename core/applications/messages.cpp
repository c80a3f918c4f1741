// MessageSend: a text out of any call.
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// The technology behind "pjsip:alice", "sip:alice@host".
Technology* technology_of(const Pbx& pbx, std::string_view scheme) {
    const auto name = functions::lower(scheme);
    return pbx.technologies->find(name == "sip" || name == "sips" ? "PJSIP" : scheme);
}

AppResult message_send(Channel& channel, std::string_view data) {
    Pbx& pbx = channel.pbx();
    const Arguments args(data, ',', 3);
    const auto tell = [&](const char* status) {
        channel.set_variable("MESSAGE_SEND_STATUS", status);
        return AppResult::go_on();
    };
    const std::string& to = args[0];
    const auto colon = to.find(':');
    if (colon == std::string::npos || colon == 0) {
        log::warning("MessageSend: '{}' is no destination: technology:address", to);
        return tell("INVALID_URI");
    }
    Technology* technology = technology_of(pbx, std::string_view(to).substr(0, colon));
    if (!technology) {
        log::warning("MessageSend: there is no technology for '{}'", to);
        return tell("INVALID_PROTOCOL");
    }
    const auto field = [&](const char* name) { return dialplan::get_variable(pbx, &channel, name).value_or(""); };
    const bool sip = functions::lower(std::string_view(to).substr(0, colon)).starts_with("sip");
    const std::string_view resource = sip ? std::string_view(to) : std::string_view(to).substr(colon + 1);
    const std::string from = args.has(1) ? args[1] : field("MESSAGE(from)");
    return tell(technology->send_message(resource, from, field("MESSAGE(body)")) ? "SUCCESS" : "FAILURE");
}

}  // namespace

void add_message_applications(dialplan::Applications& all) {
    all.add({.name = "MessageSend",
             .synopsis = "send a text that belongs to no call",
             .syntax = "MessageSend(destination[,from[,to]])",
             .parameters = {{"destination", "pjsip:alice, sip:alice@example.com; the text is MESSAGE(body)"},
                            {"from", "whose it is; nothing: MESSAGE(from)"},
                            {"to",
                             "who is named as its receiver: as the destination. MESSAGE_SEND_STATUS: SUCCESS, "
                             "FAILURE, INVALID_PROTOCOL, INVALID_URI"}},
             .run_now = message_send,
             .module = "builtin"});
}

}  // namespace asterism::applications
