// MESSAGE and MESSAGE_DATA: the text that a channel carries outside calls.
#include "asterism/features/messages.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"

namespace asterism::functions {
namespace {

using features::TextMessage;

Text message_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    const auto* message = channel->find_extra<TextMessage>();
    const auto field = lower(call.args);
    if (field != "to" && field != "from" && field != "body") return failed(call, "only to, from and body can be read");
    if (!message) return std::string{};
    return field == "to" ? message->to : field == "from" ? message->from : message->body;
}

bool message_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    auto& message = channel->extra<TextMessage>();
    const auto field = lower(call.args);
    if (field == "to") {
        message.to = value;
    } else if (field == "from") {
        message.from = value;
    } else if (field == "body") {
        message.body = value;
    } else if (field == "custom_data" && (value == "mark_all_outbound" || value == "clear_all_outbound")) {
        for (auto& one : message.data) one.outbound = value == "mark_all_outbound";
    } else if (field == "custom_data") {
        return refused(call, "only mark_all_outbound and clear_all_outbound");
    } else {
        return refused(call, "only to, from, body and custom_data can be set");
    }
    return true;
}

Text data_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    if (call.args.empty()) return failed(call, "needs the name of a header");
    auto* message = channel->find_extra<TextMessage>();
    const auto* field = message ? message->find(call.args) : nullptr;
    return field ? field->value : std::string{};
}

bool data_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    if (call.args.empty()) return refused(call, "needs the name of a header");
    if (value.find_first_of("\r\n") != std::string_view::npos) return refused(call, "the value has an end of line");
    channel->extra<TextMessage>().set(call.args, value);
    return true;
}

}  // namespace

void add_message_functions(dialplan::Functions& all) {
    all.add({.name = "MESSAGE",
             .synopsis = "part of the text that came, or that MessageSend sends",
             .syntax = "MESSAGE(argument)",
             .parameters = {{"argument",
                             "to, from, body; setting custom_data to mark_all_outbound or clear_all_outbound decides "
                             "whether the headers that came go out too"}},
             .read = message_read,
             .write = message_write,
             .module = "builtin"});
    all.add({.name = "MESSAGE_DATA",
             .synopsis = "a header of the text that came, or of the one that MessageSend sends",
             .syntax = "MESSAGE_DATA(argument)",
             .parameters = {{"argument", "name of the header"}},
             .read = data_read,
             .write = data_write,
             .module = "builtin"});
}

}  // namespace asterism::functions
