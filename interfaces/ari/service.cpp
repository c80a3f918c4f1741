#include "service.hpp"

#include <algorithm>

#include "api_docs.hpp"
#include "asterism/cli/registry.hpp"
#include "asterism/config/acl.hpp"
#include "asterism/events/events.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "auth.hpp"
#include "broadcast.hpp"
#include "json_body.hpp"
#include "media_channels.hpp"
#include "media_jobs.hpp"
#include "openapi.hpp"
#include "outbound.hpp"
#include "scope.hpp"
#include "session.hpp"
#include "stasis.hpp"
#include "stasis_bridges.hpp"

namespace asterism::ari {

using http::Method;

namespace {
constexpr std::string_view base = "/ari";
constexpr std::string_view docs = "/api-docs/";
constexpr std::string_view open_api_path = "/openapi.json";
/// Applications without a client whose events are kept; the oldest goes first.
constexpr std::size_t max_kept_replays = 64;
}  // namespace

std::unique_ptr<Interface> make_interface(Pbx& pbx, http::Router& router, pjsip::Directory* pjsip,
                                          http::WebSocketDialer* dialer) {
    return std::make_unique<Service>(pbx, router, pjsip, dialer);
}

Service::Service(Pbx& p, http::Router& router, pjsip::Directory* sip, http::WebSocketDialer* dialer)
    : pbx(p),
      pjsip(sip),
      playbacks(std::make_unique<Playbacks>(*this)),
      recordings(std::make_unique<Recordings>(*this)),
      bridges(std::make_unique<StasisBridges>(*this)),
      unicast_rtp(std::make_unique<UnicastRtp>(p)),
      outbounds(std::make_unique<Outbounds>(*this, dialer)),
      router_(router),
      table_(all_resources()),
      replay_timer_(*p.loop) {
    subscription_ = pbx.bus->subscribe([this](const Event& event) { on_event(event); });
    // Without a client nothing is even formatted.
    subscription_.want_all(false);
    applications.on_activity = [this](bool active) { subscription_.want_all(active); };
    applications.on_attach = [this](const App& app) {
        for (const Waiting* one : *waiting_) {
            if (one->app == app.name) one->box.send({.channel = one->channel, .kind = ChannelSignal::Kind::media});
        }
    };
    applications.on_orphan = [this](App& app, const std::string& uniqueid) {
        Channel* channel = pbx.channels->find_uniqueid(uniqueid);
        const Control* control = channel != nullptr ? control_of(*channel) : nullptr;
        if (control == nullptr || control->app != app.name) return;
        app.deal(uniqueid);
        send(app, start_again(*this, *channel, *control));
    };
    if (pbx.technologies != nullptr) pbx.technologies->add(*unicast_rtp);
    if (pbx.endpoints != nullptr) {
        pbx.endpoints->listen(this, [this](const TextMessage& message) { return on_text(message); });
    }
    register_stasis(*this);
    register_broadcast(*this);
}

Service::~Service() {
    *alive_ = false;
    outbounds.reset();
    if (pbx.endpoints != nullptr) pbx.endpoints->forget(this);
    router_.remove(base);
    unregister_broadcast(*this);
    unregister_stasis(*this);
    // Channels may outlive us: what of ours runs on them ends now.
    for (const ChannelId id : pbx.channels->ids()) {
        Channel* channel = pbx.channels->find(id);
        Control* control = channel != nullptr ? control_of(*channel) : nullptr;
        if (control == nullptr) continue;
        control->plays.reset();
        control->tasks.reset();
    }
    applications.on_activity = nullptr;
    applications.on_orphan = nullptr;
    sessions_.clear();
}

Service::Waiting::Waiting(Service& s, std::string name, ChannelId id, Mailbox<ChannelSignal>& mailbox)
    : all(s.waiting_), app(std::move(name)), channel(id), box(mailbox) {
    all->push_back(this);
}

Service::Waiting::~Waiting() { std::erase(*all, this); }

void Service::keep_replays() {
    const TimePoint now = pbx.loop->now();
    std::vector<Replay*> kept;
    applications.each([&](App& app) {
        if (!app.replay || app.active()) return;
        if (!std::exchange(app.replay->waits, true)) app.replay->until = now + config_.resume_time;
        kept.push_back(app.replay.get());
    });
    if (kept.empty()) return;
    std::ranges::sort(kept, {}, &Replay::until);
    for (std::size_t i = 0; i + max_kept_replays < kept.size(); ++i) kept[i]->until = now;
    replay_timer_.start_at(kept.front()->until, [this] { drop_replays(); });
}

void Service::drop_replays() {
    const TimePoint now = pbx.loop->now();
    std::vector<std::string> names;
    applications.each([&](App& app) {
        if (!app.replay || app.active() || !app.replay->waits || app.replay->until > now) return;
        app.replay.reset();
        names.push_back(app.name);
    });
    for (const auto& name : names) applications.remove_if_unused(name);
    keep_replays();
}

void Service::apply(Config config) {
    config_ = std::move(config);
    budget_->limit_bytes = config_.queue_total_bytes;
    verified_.clear();
    pbx.ari_channel_variables = config_.channel_variables;
    if (!config_.enabled) {
        outbounds->apply({});
        router_.remove(base);
        return;
    }
    http::Route route;
    route.path = base;
    route.subtree = true;
    route.description = "Asterisk RESTful API";
    route.handler = [this](const http::Request& request, http::Responder responder) {
        handle(request, std::move(responder));
    };
    router_.add(std::move(route));
    outbounds->apply(config_.outbound);
}

std::vector<AppInfo> Service::apps() const {
    std::vector<AppInfo> all;
    applications.each([&all](const App& app) { all.push_back({app.name, app.active()}); });
    return all;
}

WallTime Service::now() const { return pbx.loop->clock().wall(); }

// ---- who asks ----

Service::Access Service::authenticate(const http::Request& request, const User*& user, std::string& needs_hash) const {
    std::optional<std::pair<std::string, std::string>> credentials;
    if (const auto header = request.header("Authorization"); !header.empty()) {
        credentials = parse_basic(header);
    } else if (const auto* key = request.param("api_key")) {
        credentials = split_credentials(*key);
    }
    if (!credentials) return Access::wrong;
    for (const User& one : config_.users) {
        if (one.name != credentials->first || one.password.empty()) continue;
        if (one.acl) {
            const auto address = config::IpAddress::parse(request.remote.ip);
            if (!address || !one.acl->allows(*address, config_.named_acls.get())) return Access::from_elsewhere;
        }
        user = &one;
        if (!one.crypted) {
            return equal_in_constant_time(credentials->second, one.password) ? Access::granted : Access::wrong;
        }
        if (!verified_.contains(credential_digest(one.name, credentials->second, one.password))) {
            needs_hash = credentials->second;
        }
        return Access::granted;
    }
    return Access::wrong;
}

void Service::unauthorized(const http::Request& request, http::Responder responder) {
    ++counters_.refused;
    auto& response = responder.response();
    response.status = 401;
    add_cors(request, response);
    response.add_header("WWW-Authenticate", "Basic realm=\"" + config_.auth_realm + "\"");
    response.add_header("Content-type", "application/json");
    response.body = R"({"message":"Authentication required"})";
    responder.send();
}

void Service::handle(const http::Request& request, http::Responder responder) {
    pbx.loop->working_on("ARI request");
    ++counters_.requests;
    std::string password;
    const User* user = nullptr;
    const Access access = authenticate(request, user, password);
    if (access == Access::from_elsewhere) {
        ++counters_.refused;
        Reply reply;
        reply.error(403, "Forbidden");
        add_cors(request, responder.response());
        deliver(responder.response(), std::move(reply));
        responder.send();
        return;
    }
    if (access == Access::wrong) {
        if (is_preflight(request))
            options(request, std::move(responder));
        else
            unauthorized(request, std::move(responder));
        return;
    }
    if (password.empty()) {
        answer(request, std::move(responder), *user);
        return;
    }
    // crypt(3) takes its time: the loop goes on meanwhile.
    auto ok = std::make_shared<bool>(false);
    auto held = std::make_shared<http::Responder>(std::move(responder));
    pbx.loop->blocking([ok, password, hash = user->password] { *ok = check_crypt(password, hash); },
                       [this, ok, held, &request, password, name = user->name, alive = alive_] {
                           if (!*alive) return;
                           const auto found = std::ranges::find(config_.users, name, &User::name);
                           if (!*ok || found == config_.users.end()) {
                               unauthorized(request, std::move(*held));
                               return;
                           }
                           verified_.insert(credential_digest(name, password, found->password));
                           answer(request, std::move(*held), *found);
                       });
}

// ---- what is asked ----

bool Service::allows_origin(std::string_view origin) const {
    return !origin.empty() && std::ranges::any_of(config_.allowed_origins, [origin](const std::string& one) {
        return one == "*" || http::equal_ignoring_case(one, origin);
    });
}

bool Service::is_preflight(const http::Request& request) const {
    return request.method == Method::options && request.has_header("Access-Control-Request-Method") &&
           allows_origin(request.header("Origin"));
}

void Service::add_cors(const http::Request& request, http::Response& response) const {
    const auto origin = request.header("Origin");
    if (!allows_origin(origin)) return;
    response.add_header("Access-Control-Allow-Origin", origin);
    response.add_header("Access-Control-Allow-Credentials", "true");
}

void Service::options(const http::Request& request, http::Responder responder) {
    const auto match = table_.find(Method::options, request.path.substr(base.size()));
    auto& response = responder.response();
    if (!match.known) {
        Reply reply;
        reply.error(404, "Resource not found");
        deliver(response, std::move(reply));
        responder.send();
        return;
    }
    response.status = 204;
    add_cors(request, response);
    response.add_header("Allow", match.allow);
    if (is_preflight(request)) {
        response.add_header("Access-Control-Allow-Methods", match.allow);
        if (const auto wanted = request.header("Access-Control-Request-Headers"); !wanted.empty()) {
            response.add_header("Access-Control-Allow-Headers", wanted);
        }
    }
    responder.send();
}

void Service::deliver(http::Response& response, Reply&& reply) const {
    response.status = reply.status;
    response.reason = std::move(reply.reason);
    if (!reply.headers_name.empty()) response.add_header(reply.headers_name, reply.headers_value);
    if (reply.status == 204 || (reply.text().empty() && reply.status != 200)) return;
    response.add_header("Content-type", reply.content_type);
    if (config_.pretty && reply.content_type == "application/json") {
        if (const auto parsed = parse_json(reply.text())) {
            reply.body = parsed->dump(2);
            reply.shared.reset();
        }
    }
    response.shared_body = std::move(reply.shared);
    response.body = std::move(reply.body);
}

void Service::answer(const http::Request& request, http::Responder responder, const User& user) {
    if (request.method == Method::options) {
        options(request, std::move(responder));
        return;
    }
    const auto path = request.path.substr(base.size());
    if (user.read_only && request.method != Method::get && request.method != Method::head) {
        auto& response = responder.response();
        add_cors(request, response);
        Reply reply;
        reply.error(403, "Write access denied");
        deliver(response, std::move(reply));
        responder.send();
        return;
    }
    if (path == "/events" && request.method == Method::get) {
        open_events(request, std::move(responder), user);
        return;
    }
    if ((path.starts_with(docs) || path == open_api_path) && request.method == Method::get) {
        Reply reply;
        const auto host = request.header("Host");
        const std::string address =
            host.empty() ? request.local.ip + ":" + std::to_string(request.local.port) : std::string(host);
        const std::string prefix(request.target().substr(0, request.target().find(base)));
        const std::string url = (request.secure ? "https://" : "http://") + address + prefix + std::string(base);
        if (path == open_api_path) {
            reply.json(open_api(url));
        } else if (auto text = api_docs(path.substr(docs.size()), url)) {
            reply.json(std::move(*text));
        } else {
            reply.error(404, "Resource not found");
        }
        add_cors(request, responder.response());
        deliver(responder.response(), std::move(reply));
        responder.send();
        return;
    }
    add_cors(request, responder.response());
    auto held = std::make_shared<http::Responder>(std::move(responder));
    execute(user, request.method, path, request.query(), request.body.empty() ? std::string() : request.content_type(),
            request.body, [this, held, alive = alive_](Reply&& reply) {
                if (!*alive) return;
                deliver(held->response(), std::move(reply));
                held->send();
            });
}

void Service::execute(const User& user, Method method, std::string_view path, const http::Params& query,
                      std::string_view content_type, std::string_view body, std::function<void(Reply&&)> done) {
    Reply reply;
    const auto match = table_.find(method, path);
    if (!match.known) {
        reply.error(404, "Resource not found");
        done(std::move(reply));
        return;
    }
    if (match.operation == nullptr || match.operation->handler == nullptr) {
        reply.error(405, "Invalid method");
        reply.headers_name = "Allow";
        reply.headers_value = match.allow;
        done(std::move(reply));
        return;
    }
    if (debugging.all) {
        log::verbose(0, "ARI request of user '{}': {} {} {}", user.name, match.operation->nickname, path,
                     match.operation->nickname == "updateObject" ? "(an object)" : body);
        done = [path = std::string(path), done = std::move(done)](Reply&& reply) {
            log::verbose(0, "ARI answer to {}: {} {}", path, reply.status, reply.body);
            done(std::move(reply));
        };
    }
    Call call(*this, user, *match.operation);
    auto refused = outside(user.scope, *match.operation);
    if (!refused && call.read(match.values, query, content_type, body, reply)) {
        refused = outside(call);
    } else if (!refused) {
        done(std::move(reply));
        return;
    }
    if (refused) {
        reply.error(403, *refused);
    } else {
        call.set_done(&done);
        match.operation->handler(call, reply);
        if (call.deferred()) return;
    }
    done(std::move(reply));
}

Channel* require_channel(Call& call, Reply& reply) {
    Channel* channel = call.service.pbx.channels->find(std::string_view(call.text("channelId")));
    if (channel == nullptr) reply.error(404, "Channel not found");
    return channel;
}

void Service::register_commands() {
    if (pbx.cli == nullptr) return;
    outbounds->register_commands();
    add_commands(*this);
    pbx.cli->add({.name = "ari show status",
                  .summary = "Show ARI settings",
                  .usage = "\n       Shows all ARI settings\n",
                  .run = [this](cli::Context& c) {
                      std::string origins;
                      for (const auto& origin : config_.allowed_origins)
                          origins += (origins.empty() ? "" : ",") + origin;
                      c.print("ARI Status:\nEnabled: {}\nOutput format: {}\nAuth realm: {}\nAllowed Origins: {}\n",
                              config_.enabled ? "Yes" : "No", config_.pretty ? "pretty" : "compact", config_.auth_realm,
                              origins);
                      return cli::Result::success;
                  }});
    pbx.cli->add({.name = "ari show apps",
                  .summary = "List registered ARI applications",
                  .usage = "\n       Lists all registered applications.\n",
                  .run = [this](cli::Context& c) {
                      c.print("{:<25}\n{:=<25}\n", "Application Name", "");
                      for (const auto& app : apps()) c.print("{}\n", app.name);
                      return cli::Result::success;
                  }});
    pbx.cli->add({.name = "ari show users",
                  .summary = "List ARI users",
                  .usage = "\n       Shows all ARI users\n",
                  .run = [this](cli::Context& c) {
                      c.print("r/o?  ACL?  Username\n----  ----  --------\n");
                      for (const auto& user : config_.users) {
                          c.print("{:<4}  {:<4}  {}\n", user.read_only ? "Yes" : "No", user.acl ? "Yes" : "No",
                                  user.name);
                      }
                      return cli::Result::success;
                  }});
    pbx.cli->add({.name = "ari show user",
                  .summary = "Show an ARI user",
                  .usage = "<username>\n       Shows a specific ARI user\n",
                  .run = [this](cli::Context& c) {
                      if (c.arguments() != 1) return cli::Result::usage;
                      const auto found = std::ranges::find(config_.users, c.argument(0), &User::name);
                      if (found == config_.users.end()) {
                          c.print("User '{}' not found\n", c.argument(0));
                          return cli::Result::success;
                      }
                      c.print("Username: {}\nRead only?: {}\nACL?: {}\n", found->name, found->read_only ? "Yes" : "No",
                              found->acl ? "Yes" : "No");
                      return cli::Result::success;
                  }});
}

}  // namespace asterism::ari
