// /asterisk/config/dynamic: objects of pjsip.conf's kinds that are made while the daemon runs.
#include "asterisk_ops.hpp"
#include "asterism/channels/pjsip.hpp"
#include "json.hpp"
#include "service.hpp"

namespace asterism::ari {

namespace {

using Refusal = pjsip::Directory::Refusal;

/// The only class of objects there is; null after 404 was answered.
pjsip::Directory* require_class(Call& call, Reply& reply) {
    pjsip::Directory* pjsip = call.service.pjsip;
    if (pjsip != nullptr && call.text("configClass") == "res_pjsip") return pjsip;
    reply.error(404, "configClass '" + call.text("configClass") + "' not found");
    return nullptr;
}

void refuse(Call& call, Reply& reply, const pjsip::Directory::Refused& refused, std::string_view verb) {
    const std::string& type = call.text("objectType");
    switch (refused.why) {
        case Refusal::no_such_type: reply.error(404, "objectType '" + type + "' not found"); return;
        case Refusal::no_such_object: reply.error(404, "Object with id '" + call.text("id") + "' not found"); return;
        case Refusal::not_allowed:
            reply.error(403, "Cannot " + std::string(verb) + " sorcery objects of type '" + type + "'");
            return;
        case Refusal::bad_value: reply.error(400, refused.text); return;
    }
}

void show(Reply& reply, const pjsip::Fields& fields) {
    Json json;
    json.begin_list();
    for (const auto& [name, value] : fields) json.begin().put("attribute", name).put("value", value).end();
    reply.json(json.end_list().take());
}

}  // namespace

void get_object(Call& call, Reply& reply) {
    pjsip::Directory* pjsip = require_class(call, reply);
    if (pjsip == nullptr) return;
    const auto found = pjsip->object(call.text("objectType"), call.text("id"));
    if (found) {
        show(reply, *found);
    } else {
        refuse(call, reply, found.error(), "retrieve");
    }
}

void update_object(Call& call, Reply& reply) {
    pjsip::Directory* pjsip = require_class(call, reply);
    if (pjsip == nullptr) return;
    const std::string& type = call.text("objectType");
    const std::string& id = call.text("id");
    const auto before = pjsip->object(type, id);
    if (!before && before.error().why == Refusal::no_such_type) return refuse(call, reply, before.error(), "update");
    const auto fields = call.named("fields");
    if (!fields || call.json() == nullptr) {
        reply.error(400, "Fields must be an array of attribute and value objects");
        return;
    }
    pjsip::Fields changes;
    for (const auto& field : *fields) changes.emplace_back(field.name, field.value);
    const auto made = pjsip->set_object(type, id, changes);
    if (made) {
        show(reply, *made);
    } else {
        refuse(call, reply, made.error(), before ? "update" : "create");
    }
}

void delete_object(Call& call, Reply& reply) {
    pjsip::Directory* pjsip = require_class(call, reply);
    if (pjsip == nullptr) return;
    const auto done = pjsip->delete_object(call.text("objectType"), call.text("id"));
    if (done) {
        reply.no_content();
    } else {
        refuse(call, reply, done.error(), "delete");
    }
}

}  // namespace asterism::ari
