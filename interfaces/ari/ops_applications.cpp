// /applications
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/pbx.hpp"
#include "json_body.hpp"
#include "scope.hpp"
#include "service.hpp"

namespace asterism::ari {

using http::Method;

namespace {

void list(Call& call, Reply& reply) {
    Json json;
    json.begin_list();
    call.service.applications.each([&](const App& app) {
        if (sees(call.user.scope, app.name)) app.append(json);
    });
    reply.json(json.end_list().take());
}

App* require_app(Call& call, Reply& reply) {
    App* app = call.service.applications.find(call.text("applicationName"));
    if (app == nullptr) reply.error(404, "Application not found");
    return app;
}

void show(const App& app, Reply& reply) {
    Json json;
    app.append(json);
    reply.json(json.take());
}

void get(Call& call, Reply& reply) {
    if (const App* app = require_app(call, reply)) show(*app, reply);
}

/// One event source ("channel:ID"; without an id all channels): which subscriptions it belongs to, under which id, and
/// whether there is such a thing.
struct Source {
    Subscriptions App::* where;
    std::string id;
    bool exists;
};

/// Nothing: the scheme is unknown.
std::optional<Source> parse_source(const Pbx& pbx, std::string_view uri) {
    const auto colon = uri.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto scheme = uri.substr(0, colon);
    const auto id = uri.substr(colon + 1);
    if (scheme == "channel") {
        if (id.empty()) return Source{&App::channels, "", true};
        const auto* channel = pbx.channels->find_uniqueid(id);
        return Source{&App::channels, std::string(id), channel != nullptr};
    }
    if (scheme == "bridge") {
        return Source{&App::bridges, std::string(id), id.empty() || pbx.bridges->find(id) != nullptr};
    }
    if (scheme == "deviceState") return Source{&App::devices, std::string(id), true};
    if (scheme == "endpoint") {
        const auto slash = id.find('/');
        if (id.empty()) return Source{&App::endpoints, "", true};
        if (pbx.endpoints == nullptr) return Source{&App::endpoints, std::string(id), false};
        if (slash != std::string_view::npos) {
            return Source{&App::endpoints, std::string(id),
                          pbx.endpoints->find(id.substr(0, slash), id.substr(slash + 1)) != nullptr};
        }
        const bool known = pbx.technologies != nullptr && pbx.technologies->find(id) != nullptr;
        return Source{&App::endpoints, std::string(id), known};
    }
    return std::nullopt;
}

/// Reads all sources before anything is changed.
std::optional<std::vector<Source>> sources(Call& call, Reply& reply) {
    std::vector<Source> all;
    for (const auto& uri : call.list("eventSource")) {
        auto source = parse_source(call.service.pbx, uri);
        if (!source) {
            reply.error(400, "Invalid event source URI scheme");
            return std::nullopt;
        }
        all.push_back(std::move(*source));
    }
    return all;
}

void subscribe(Call& call, Reply& reply) {
    App* app = require_app(call, reply);
    if (app == nullptr) return;
    const auto all = sources(call, reply);
    if (!all) return;
    for (const auto& source : *all) {
        if (!source.exists) {
            reply.error(422, "Event source does not exist");
            return;
        }
    }
    for (const auto& source : *all) (app->*source.where).add(source.id);
    show(*app, reply);
}

void unsubscribe(Call& call, Reply& reply) {
    App* app = require_app(call, reply);
    if (app == nullptr) return;
    const auto all = sources(call, reply);
    if (!all) return;
    for (const auto& source : *all) {
        if (!(app->*source.where).has(source.id)) {
            if (source.exists) {
                reply.error(422, "Event source was not subscribed to");
            } else {
                reply.error(422, "Event source does not exist");
            }
            return;
        }
    }
    for (const auto& source : *all) (app->*source.where).remove(source.id);
    show(*app, reply);
    if (app->idle() && !app->active()) call.service.applications.remove_if_unused(std::string(app->name));
}

/// [{"type": "ChannelDialplan"}, ...]; nothing for anything else.
std::optional<std::vector<std::string>> filter_types(const nlohmann::ordered_json& list) {
    if (!list.is_array()) return std::nullopt;
    std::vector<std::string> types;
    for (const auto& item : list) {
        if (!item.is_object()) return std::nullopt;
        const auto type = item.find("type");
        if (type == item.end() || !type->is_string()) return std::nullopt;
        types.push_back(type->get<std::string>());
    }
    return types;
}

void filter(Call& call, Reply& reply) {
    App* app = require_app(call, reply);
    if (app == nullptr) return;
    const auto set = [app](const nlohmann::ordered_json* body, const char* key, std::string App::* text,
                           std::vector<std::string> App::* types) {
        const auto found =
            body != nullptr && body->is_object() ? body->find(key) : nlohmann::ordered_json::const_iterator();
        if (body == nullptr || !body->is_object() || found == body->end()) return true;
        auto read = filter_types(*found);
        if (!read) return false;
        app->*text = found->dump();
        app->*types = std::move(*read);
        return true;
    };
    const auto* body = call.json() != nullptr ? &call.json()->value : nullptr;
    if (body != nullptr && body->is_object() && body->contains("filter")) body = &(*body)["filter"];
    if (body == nullptr || body->is_null() || body->empty()) {
        app->allowed_json = app->disallowed_json = "[]";
        app->allowed.clear();
        app->disallowed.clear();
    } else if (!body->is_object() || !set(body, "allowed", &App::allowed_json, &App::allowed) ||
               !set(body, "disallowed", &App::disallowed_json, &App::disallowed)) {
        reply.error(400, "Invalid format definition");
        return;
    }
    show(*app, reply);
}

}  // namespace

Resource application_operations() {
    return {"applications",
            "Stasis application resources",
            {
                {Method::get, "/applications", "list", "Lists the applications", "List[Application]", {}, {}, list},
                {Method::get,
                 "/applications/{applicationName}",
                 "get",
                 "Shows one application",
                 "Application",
                 {path("applicationName")},
                 {404},
                 get},
                {Method::post,
                 "/applications/{applicationName}/subscription",
                 "subscribe",
                 "Subscribes an application to event sources",
                 "Application",
                 {path("applicationName"), query("eventSource").must().many()},
                 {400, 404, 422},
                 subscribe},
                {Method::del,
                 "/applications/{applicationName}/subscription",
                 "unsubscribe",
                 "Ends subscriptions of an application",
                 "Application",
                 {path("applicationName"), query("eventSource").must().many()},
                 {400, 404, 409, 422},
                 unsubscribe},
                {Method::put,
                 "/applications/{applicationName}/eventFilter",
                 "filter",
                 "Says which events an application is sent",
                 "Application",
                 {path("applicationName"), body_object("filter")},
                 {400, 404},
                 filter},
            }};
}

}  // namespace asterism::ari
