#include "session.hpp"

#include <set>

#include "asterism/http/message.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/whole.hpp"
#include "json_body.hpp"
#include "scope.hpp"
#include "service.hpp"
#include "stasis.hpp"

namespace asterism::ari {

namespace {

std::string text_of(const nlohmann::ordered_json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) return {};
    return scalar_text(*found).value_or(std::string());
}

http::Method method_of(std::string_view name) {
    using http::Method;
    for (const auto& [text, method] : {std::pair<std::string_view, Method>{"GET", Method::get},
                                       {"POST", Method::post},
                                       {"PUT", Method::put},
                                       {"DELETE", Method::del}}) {
        if (http::equal_ignoring_case(name, text)) return method;
    }
    return Method::other;
}

}  // namespace

namespace {

/// The parameters of GET /events.
struct EventsRequest {
    std::vector<std::string> names;
    Session::Wishes wishes;
    std::string error;  ///< what is wrong with them, or empty
};

EventsRequest read_events(const http::Request& request) {
    EventsRequest read;
    Session::Wishes& wishes = read.wishes;
    for (const auto& [name, value] : request.query()) {
        if (name == "subscribeAll") {
            wishes.subscribe_all =
                value == "true" || value == "yes" || value == "1" || value == "on" || value == "True";
        } else if (name == "mode") {
            if (const auto sharing = parse_sharing(value)) {
                wishes.joining.sharing = *sharing;
            } else {
                read.error = "Invalid value for parameter mode: broadcast, shared, claim or replace";
            }
        } else if (name == "socket") {
            wishes.joining.name = value;
        } else if (name == "since") {
            wishes.joining.numbered = true;
            if (const auto number = parse_whole<std::uint64_t>(value)) {
                wishes.since = *number;
            } else if (value != "now") {
                read.error = "Invalid value for parameter since: a sequence number or now";
            }
        }
        if (name != "app") continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            if (comma != 0) read.names.emplace_back(rest.substr(0, comma));
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
    }
    const bool divided = wishes.joining.sharing == Sharing::shared || wishes.joining.sharing == Sharing::claim;
    if (divided && wishes.joining.numbered) read.error = "Parameter since goes with one socket or with mode=broadcast";
    return read;
}

}  // namespace

void Service::open_events(const http::Request& request, http::Responder responder, const User& user) {
    EventsRequest read = read_events(request);
    if (read.names.empty() && http::has_token(request.header("Upgrade"), "websocket")) {
        add_cors(request, responder.response());
        responder.error(400, "Bad Request", "HTTP request is missing param: [app]");
        return;
    }
    Reply refused;
    if (!read.error.empty()) {
        refused.error(400, read.error);
    } else if (const auto why = outside(user.scope, read.names, read.wishes.subscribe_all)) {
        refused.error(403, *why);
    } else if (const App* other = of_another_kind(read.names, read.wishes.joining.sharing)) {
        refused.error(409, "Application '" + other->name + "' has sockets of another mode");
    }
    if (refused.status != 200) {
        add_cors(request, responder.response());
        deliver(responder.response(), std::move(refused));
        responder.send();
        return;
    }
    auto session = std::make_unique<Session>(*this, user, std::move(read.names));
    auto socket = responder.accept_websocket(request, {"", "ari"}, socket_limits(), *session);
    if (!socket) return;
    Session& kept = *session;
    keep(std::move(session));
    kept.start(std::move(socket), read.wishes);
}

const App* Service::of_another_kind(const std::vector<std::string>& names, Sharing sharing) const {
    if (sharing == Sharing::replace) return nullptr;
    for (const auto& name : names) {
        const App* app = applications.active(name);
        if (app != nullptr && app->sharing != sharing) return app;
    }
    return nullptr;
}

http::WebSocketLimits Service::socket_limits() const {
    http::WebSocketLimits limits;
    limits.queue_bytes = config_.queue_bytes;
    limits.queue_count = config_.queue_count;
    limits.message_bytes = 256 << 10;
    limits.budget = budget_;
    return limits;
}

void Service::keep(std::unique_ptr<Session> session) {
    Session* key = session.get();
    sessions_.emplace(key, std::move(session));
}

void Service::forget(Session& session) {
    const auto found = sessions_.find(&session);
    if (found == sessions_.end()) return;
    pbx.loop->reap(std::move(found->second));
    sessions_.erase(found);
}

Session::Session(Service& service, User user, std::vector<std::string> apps)
    : service_(service), number_(++service.last_session), user_(std::move(user)), apps_(std::move(apps)) {}

std::string Session::remote() const {
    return socket_ ? socket_->remote().ip + ":" + std::to_string(socket_->remote().port) : std::string();
}

Session::~Session() {
    *alive_ = false;
    // One that never got its socket may outlive the service.
    if (started_) service_.applications.detach(*this);
    if (socket_) socket_->detach();
}

void Session::start(std::shared_ptr<http::WebSocket> socket, const Wishes& wishes) {
    socket_ = std::move(socket);
    started_ = true;
    for (const auto& name : apps_) {
        const auto [app, before] = service_.applications.attach(name, wishes.subscribe_all, *this, wishes.joining);
        for (EventSocket* one : before) {
            Json json;
            json.begin().put("type", "ApplicationReplaced").put("timestamp", service_.now()).put("application", name);
            json.put("asterisk_id", service_.pbx.entity_id).end();
            one->send(std::make_shared<const std::string>(json.take()));
        }
        if (!before.empty()) log::verbose(1, "Replacing Stasis app '{}'", name);
        if (wishes.joining.numbered) resume(*app, wishes.since);
    }
}

/// ApplicationResumed, what came behind `since`, and StasisStart for each channel that the application has.
void Session::resume(App& app, std::optional<std::uint64_t> since) {
    const Config& config = service_.config();
    if (!app.replay) app.replay = std::make_unique<Replay>(service_.now(), config.resume_events, config.resume_bytes);
    const Replay& replay = *app.replay;
    const std::uint64_t from = since.value_or(replay.last());
    Json json;
    json.begin().put("type", "ApplicationResumed").put("timestamp", service_.now()).put("application", app.name);
    json.key("sequence").raw(std::to_string(replay.last()));
    json.put("complete", replay.reaches_back_to(from)).put("asterisk_id", service_.pbx.entity_id).end();
    send(std::make_shared<const std::string>(json.take()));
    std::set<std::string> started;
    for (const auto& item : replay.items()) {
        if (item.sequence <= from) continue;
        send(item.text);
        if (!item.started.empty()) started.insert(item.started);
    }
    for (const ChannelId id : service_.pbx.channels->ids()) {
        Channel* channel = service_.pbx.channels->find(id);
        const Control* control = channel != nullptr ? control_of(*channel) : nullptr;
        if (control == nullptr || control->app != app.name || started.contains(channel->uniqueid())) continue;
        const EventText text = start_again(service_, *channel, *control);
        Json name;
        name.value(app.name);
        send(std::make_shared<const std::string>(text.before + "\"application\":" + name.text() + text.after));
    }
}

bool Session::send(std::shared_ptr<const std::string> event) {
    ++service_.counters_.events;
    if (service_.debugging.wants(apps_)) log::verbose(0, "ARI event to '{}': {}", apps_.front(), *event);
    return socket_ && socket_->send(std::move(event));
}

void Session::on_end(http::WebSocket&, http::WebSocketEnd end, std::uint16_t) {
    if (end == http::WebSocketEnd::too_slow) ++service_.counters_.sockets_dropped;
    log::verbose(2, "WebSocket connection of ARI user '{}' ended: {}", user_.name, http::describe(end));
    service_.applications.detach(*this);
    service_.keep_replays();
    socket_.reset();
    if (const auto gone = std::exchange(on_gone, nullptr)) gone();
    service_.forget(*this);
}

void Session::close() {
    on_gone = nullptr;
    if (socket_) socket_->close();
}

void Session::on_text(http::WebSocket&, std::string_view text) {
    auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) {
        Reply reply;
        reply.status = 400;
        reply.reason = "Failed to parse request message JSON";
        respond({}, {}, {}, std::move(reply));
        return;
    }
    const auto& message = *parsed;
    const std::string transaction = text_of(message, "transaction_id");
    const std::string request = text_of(message, "request_id");
    if (text_of(message, "type") != "RESTRequest") {
        Reply reply;
        reply.error(400, "Unknown request type.", "Bad request");
        respond(transaction, request, {}, std::move(reply));
        return;
    }
    const std::string uri = text_of(message, "uri");
    const std::string method = text_of(message, "method");
    if (uri.empty() || method.empty()) {
        Reply reply;
        reply.error(400, std::string("Missing '") + (uri.empty() ? "uri" : "method") + "' in request.", "Bad request");
        respond(transaction, request, uri, std::move(reply));
        return;
    }
    // "channels/1?x=y", "/ari/channels" and "ari/channels" name the same thing.
    std::string_view path = uri;
    http::Params query;
    if (const auto question = path.find('?'); question != std::string_view::npos) {
        http::parse_params(path.substr(question + 1), query);
        path = path.substr(0, question);
    }
    while (path.starts_with('/')) path.remove_prefix(1);
    if (path.starts_with("ari/")) path.remove_prefix(4);
    if (const auto found = message.find("query_strings"); found != message.end() && found->is_array()) {
        for (const auto& item : *found) {
            if (item.is_object()) query.emplace_back(text_of(item, "name"), text_of(item, "value"));
        }
    }
    const auto verb = method_of(method);
    if (verb == http::Method::other || path == "events") {
        Reply reply;
        reply.error(400,
                    verb == http::Method::other ? "Unknown method." : "A WebSocket can't be opened over a WebSocket.",
                    "Bad request");
        respond(transaction, request, uri, std::move(reply));
        return;
    }
    const auto content_type = text_of(message, "content_type");
    if (!text_of(message, "message_body").empty() && content_type != "application/json" &&
        content_type != "application/x-www-form-urlencoded") {
        Reply reply;
        reply.error(400, "Request with body but no or an unknown content_type.", "Bad request");
        respond(transaction, request, uri, std::move(reply));
        return;
    }
    if (user_.read_only && verb != http::Method::get) {
        Reply reply;
        reply.error(403, "Write access denied");
        respond(transaction, request, uri, std::move(reply));
        return;
    }
    struct Asking {
        Service& service;
        ~Asking() { service.asking = nullptr; }
    };
    service_.asking = this;
    const Asking asking{service_};
    service_.execute(user_, verb, "/" + std::string(path), query, text_of(message, "content_type"),
                     text_of(message, "message_body"),
                     [this, transaction, request, uri, alive = alive_](Reply&& reply) {
                         if (*alive) respond(transaction, request, uri, std::move(reply));
                     });
}

void Session::respond(const std::string& transaction, const std::string& request, const std::string& uri,
                      Reply&& reply) {
    Json json;
    json.begin().put("type", "RESTResponse").put("transaction_id", transaction).put("request_id", request);
    json.put("status_code", reply.status);
    json.put("reason_phrase",
             reply.reason.empty() ? http::reason_phrase(reply.status) : std::string_view(reply.reason));
    json.put("uri", uri);
    if (!reply.headers_name.empty()) {
        json.key("headers").begin_list().begin().put("name", reply.headers_name).put("value", reply.headers_value);
        json.end().end_list();
    }
    if (!reply.text().empty()) json.put("content_type", reply.content_type).put("message_body", reply.text());
    json.put("application", apps_.front()).put("timestamp", service_.now());
    json.put("asterisk_id", service_.pbx.entity_id).end();
    if (socket_) socket_->send(std::make_shared<const std::string>(json.take()));
}

}  // namespace asterism::ari
