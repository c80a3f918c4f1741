// MessageSend: a text out of any call.
#include "asterism/features/messages.hpp"
#include "asterism/applications/text_messages.hpp"
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
    static constexpr const char* names[] = {"SUCCESS", "FAILURE", "INVALID_PROTOCOL", "INVALID_URI"};
    Pbx& pbx = channel.pbx();
    const Arguments args(data, ',', 3);
    const auto& message = channel.extra<features::TextMessage>();
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& field : message.data)
        if (field.outbound) headers.emplace_back(field.name, field.value);
    const auto sent = send_message(pbx, args[0], args.has(1) ? args[1] : message.from, message.body, headers, args[2]);
    channel.set_variable("MESSAGE_SEND_STATUS", names[static_cast<std::size_t>(sent)]);
    return AppResult::go_on();
}

}  // namespace

MessageSent send_message(Pbx& pbx, std::string_view to, std::string_view from, std::string_view body,
                         const std::vector<std::pair<std::string, std::string>>& headers, std::string_view receiver) {
    const auto colon = to.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        log::warning("A message cannot be sent to '{}': a destination is technology:address", to);
        return MessageSent::invalid_uri;
    }
    const std::string_view scheme = to.substr(0, colon);
    Technology* technology = technology_of(pbx, scheme);
    if (!technology) {
        log::warning("A message cannot be sent to '{}': there is no such technology", to);
        return MessageSent::invalid_protocol;
    }
    const bool sip = functions::lower(scheme).starts_with("sip");
    const bool sent = technology->send_message(sip ? to : to.substr(colon + 1), from, body, headers, receiver);
    return sent ? MessageSent::success : MessageSent::failure;
}

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
