// /mailboxes
#include "asterism/features/mailboxes.hpp"
#include "asterism/pbx.hpp"
#include "json.hpp"
#include "service.hpp"

namespace asterism::ari {

using http::Method;

namespace {

void append(Json& json, const features::MailboxCounts& counts) {
    json.begin().put("name", counts.name).put("old_messages", counts.old_messages);
    json.put("new_messages", counts.new_messages).end();
}

void list(Call& call, Reply& reply) {
    Json json;
    json.begin_list();
    for (const auto& counts : features::mailboxes(call.service.pbx)) append(json, counts);
    reply.json(json.end_list().take());
}

void get(Call& call, Reply& reply) {
    const auto found = features::mailbox(call.service.pbx, call.text("mailboxName"));
    if (!found) {
        reply.error(404, "Mailbox does not exist");
        return;
    }
    Json json;
    append(json, *found);
    reply.json(json.take());
}

void update(Call& call, Reply& reply) {
    features::MailboxCounts counts;
    counts.name = call.text("mailboxName");
    counts.old_messages = call.integer("oldMessages");
    counts.new_messages = call.integer("newMessages");
    if (counts.old_messages < 0 || counts.new_messages < 0) {
        reply.error(400, "Message counts cannot be negative");
    } else if (!features::set_mailbox(call.service.pbx, counts)) {
        reply.error(400, "The mailbox's name cannot be used");
    } else {
        reply.no_content();
    }
}

void remove(Call& call, Reply& reply) {
    if (features::remove_mailbox(call.service.pbx, call.text("mailboxName"))) {
        reply.no_content();
    } else {
        reply.error(404, "Mailbox does not exist");
    }
}

}  // namespace

Resource mailbox_operations() {
    return {"mailboxes",
            "Mailboxes resources",
            {
                {Method::get, "/mailboxes", "list", "Lists the mailboxes", "List[Mailbox]", {}, {}, list},
                {Method::get,
                 "/mailboxes/{mailboxName}",
                 "get",
                 "Shows one mailbox",
                 "Mailbox",
                 {path("mailboxName")},
                 {404},
                 get},
                {Method::put,
                 "/mailboxes/{mailboxName}",
                 "update",
                 "Sets the message counts of a mailbox",
                 "void",
                 {path("mailboxName"), number("oldMessages").should(), number("newMessages").should()},
                 {404},
                 update},
                {Method::del,
                 "/mailboxes/{mailboxName}",
                 "delete",
                 "Forgets a mailbox",
                 "void",
                 {path("mailboxName")},
                 {404},
                 remove},
            }};
}

}  // namespace asterism::ari
