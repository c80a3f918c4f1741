#include "exchange.hpp"

#include "core.hpp"

namespace asterism::ami {

Pbx& Exchange::pbx() const { return core_.pbx(); }

Block Exchange::reply(std::string_view response) {
    Block block(out_);
    block.header("Response", response);
    id();
    return block;
}

void Exchange::id() {
    if (auto id = request_.action_id(); !id.empty()) Block(out_).header("ActionID", id);
}

void Exchange::whole(std::string_view response, std::string_view message) {
    reply(response).header("Message", message).end();
}

void Exchange::error_lf(std::string_view message) {
    reply("Error");
    out_.append("Message: ").append(message).append("\n\r\n\r\n");
}

void Exchange::list(std::string_view message, std::string_view start) {
    reply().header("EventList", start).header("Message", message).end();
}

Block Exchange::item(std::string_view event, bool id_last) {
    Block block(out_);
    block.header("Event", event);
    if (!id_last) id();
    return block;
}

Block Exchange::complete(std::string_view event, std::size_t items) {
    auto block = item(event);
    block.header("EventList", "Complete").header("ListItems", items);
    return block;
}

}  // namespace asterism::ami
