// /events
#include "asterism/events/events.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/pbx.hpp"
#include "broadcast.hpp"
#include "json_body.hpp"
#include "render.hpp"
#include "service.hpp"

namespace asterism::ari {

using http::Method;

namespace {

/// An event that an application is sent by its own kind: shown to that application, and to those who watch the source.
void user_event(Call& call, Reply& reply) {
    Service& service = call.service;
    Pbx& pbx = service.pbx;
    const App* app = service.applications.active(call.text("application"));
    if (app == nullptr) {
        reply.error(404, "Application not found");
        return;
    }
    const auto variables = call.named("variables");
    if (!variables) {
        reply.error(400, "Invalid userevent data");
        return;
    }
    EventBuilder event(service, "ChannelUserevent", service.now());
    event.json().put("eventname", call.text("eventName")).key("userevent").begin();
    for (const auto& variable : *variables) event.json().put(variable.name, variable.value);
    event.json().put("eventname", call.text("eventName")).end();
    for (const auto& uri : call.list("source")) {
        const auto colon = uri.find(':');
        const auto scheme = uri.substr(0, colon);
        const auto id = colon == std::string::npos ? std::string() : uri.substr(colon + 1);
        if (scheme == "channel") {
            Channel* channel = pbx.channels->find_uniqueid(id);
            if (channel == nullptr) {
                reply.error(422, "Event source was not found");
                return;
            }
            event.channel("channel", channel->snapshot());
        } else if (scheme == "bridge") {
            Bridge* bridge = pbx.bridges->find(std::string_view(id));
            if (bridge == nullptr) {
                reply.error(422, "Event source was not found");
                return;
            }
            event.bridge("bridge", bridge->snapshot());
        } else if (scheme == "endpoint") {
            const auto slash = id.find('/');
            const Endpoint* endpoint = slash == std::string::npos || pbx.endpoints == nullptr
                                           ? nullptr
                                           : pbx.endpoints->find(id.substr(0, slash), id.substr(slash + 1));
            if (endpoint == nullptr) {
                reply.error(422, "Event source was not found");
                return;
            }
            append_endpoint(event.json().key("endpoint"), *endpoint);
        } else {
            reply.error(400, "Invalid event source URI scheme");
            return;
        }
    }
    service.send(*app, event.done());
    reply.no_content();
}

}  // namespace

Resource event_operations() {
    return {"events",
            "WebSocket resource",
            {
                // Service::open_events does the work.
                {Method::get,
                 "/events",
                 "eventWebsocket",
                 "Carries the events of applications",
                 "Message",
                 {query("app").should().many(), flag("subscribeAll"), query("since").beyond(),
                  query("mode").among("replace|broadcast|shared|claim").beyond(), query("socket").beyond()},
                 {},
                 nullptr,
                 "ari"},
                {Method::post,
                 "/events/user/{eventName}",
                 "userEvent",
                 "Sends an event of its own to an application",
                 "void",
                 {path("eventName"), query("application").must(), query("source").many(), body("variables")},
                 {404, 422, 400},
                 user_event},
                {Method::post,
                 "/events/claim",
                 "claimChannel",
                 "Takes a channel that was offered to several applications",
                 "void",
                 {query("channelId").should(), query("application").should(), query("socket").beyond()},
                 {400, 404, 409},
                 claim_channel},
            }};
}

}  // namespace asterism::ari
