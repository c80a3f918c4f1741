#include "outbound.hpp"

#include <algorithm>

#include "asterism/cli/registry.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "json.hpp"
#include "service.hpp"
#include "session.hpp"

namespace asterism::ari {

Link::Link(Service& service, http::WebSocketDialer& dialer, OutboundConfig config, std::vector<std::string> apps)
    : service_(service),
      dialer_(dialer),
      config_(std::move(config)),
      apps_(std::move(apps)),
      timer_(*service.pbx.loop) {}

Link::~Link() = default;

void Link::start() {
    if (state_ != State::idle) return;
    attempts_ = 0;
    connect();
}

void Link::become(State state) {
    state_ = state;
    if (on_change) on_change();
}

void Link::connect() {
    const auto& users = service_.config().users;
    const auto user = std::ranges::find(users, config_.local_user, &User::name);
    if (user == users.end()) {
        log::error("Outbound WebSocket '{}': there is no ARI user '{}'", config_.name, config_.local_user);
        return become(State::failed);
    }
    ++attempts_;
    state_ = State::connecting;
    auto session = std::make_unique<Session>(service_, *user, apps_);
    Session& handler = *session;
    auto held = std::make_shared<std::unique_ptr<Session>>(std::move(session));
    dialer_.connect(config_.target, service_.socket_limits(), handler, [self = shared_from_this(), held](auto result) {
        if (self->state_ == State::stopped) {
            if (result) {
                (*held)->adopt(*result);
                self->service_.keep(std::move(*held));
                (*result)->close();
            }
            return;
        }
        if (!result) {
            self->lost(result.error());
            return;
        }
        Session& kept = *held->get();
        self->service_.keep(std::move(*held));
        self->session_ = &kept;
        kept.on_gone = [weak = self->weak_from_this()] {
            if (const auto link = weak.lock()) {
                link->session_ = nullptr;
                link->lost("the connection ended");
            }
        };
        self->opened(*result);
    });
}

void Link::opened(std::shared_ptr<http::WebSocket> socket) {
    attempts_ = 0;
    session_->start(std::move(socket), {.subscribe_all = config_.subscribe_all});
    log::verbose(3, "Outbound WebSocket '{}' to {} is connected", config_.name, config_.target.uri);
    tell_apps("ApplicationRegistered");
    become(State::up);
}

void Link::tell_apps(std::string_view type) {
    for (const auto& name : apps_) {
        Json json;
        json.begin().put("type", type).put("timestamp", service_.now()).put("application", name);
        json.put("asterisk_id", service_.pbx.entity_id).end();
        session_->send(std::make_shared<const std::string>(json.take()));
    }
}

void Link::lost(const std::string& why) {
    if (state_ == State::stopped) return;
    if (config_.reconnect_attempts != 0 && attempts_ > config_.reconnect_attempts) {
        log::error("Outbound WebSocket '{}' to {}: {}; giving up after {} attempts", config_.name, config_.target.uri,
                   why, attempts_);
        return become(State::failed);
    }
    log::warning("Outbound WebSocket '{}' to {}: {}", config_.name, config_.target.uri, why);
    become(State::waiting);
    timer_.start(config_.reconnect_interval, [this] { connect(); });
}

void Link::stop(bool tell) {
    if (state_ == State::stopped) return;
    const auto self = shared_from_this();
    timer_.cancel();
    state_ = State::stopped;
    if (session_ != nullptr) {
        if (tell) tell_apps("ApplicationUnregistered");
        session_->close();
        session_ = nullptr;
    }
    if (on_change) on_change();
}

// ---- all of them ----

void Outbounds::apply(const std::vector<OutboundConfig>& configs) {
    configs_ = configs;
    for (auto at = persistent_.begin(); at != persistent_.end();) {
        const auto now = std::ranges::find(configs_, at->first, &OutboundConfig::name);
        if (now != configs_.end() && *now == at->second->config() && !now->per_call) {
            ++at;
            continue;
        }
        at->second->stop(true);
        at = persistent_.erase(at);
    }
    if (dialer_ == nullptr) return;
    for (const auto& config : configs_) {
        if (config.per_call || persistent_.contains(config.name)) continue;
        auto link = std::make_shared<Link>(service_, *dialer_, config, config.apps);
        persistent_.emplace(config.name, link);
        link->start();
    }
}

std::shared_ptr<Link> Outbounds::for_call(std::string_view app, const std::string& uniqueid) {
    if (dialer_ == nullptr) return nullptr;
    for (const auto& config : configs_) {
        if (!config.per_call || std::ranges::find(config.apps, app) == config.apps.end()) continue;
        auto link = std::make_shared<Link>(service_, *dialer_, config,
                                           std::vector<std::string>{std::string(app) + "-" + uniqueid});
        std::erase_if(of_calls_, [](const auto& one) { return one.expired(); });
        of_calls_.push_back(link);
        link->start();
        return link;
    }
    return nullptr;
}

void Outbounds::stop_all(bool tell) {
    for (const auto& [name, link] : persistent_) link->stop(tell);
    for (const auto& weak : of_calls_)
        if (const auto link = weak.lock()) link->stop(tell);
    persistent_.clear();
    of_calls_.clear();
}

bool Outbounds::stop(std::string_view name) {
    const auto found = persistent_.find(name);
    if (found == persistent_.end()) return false;
    found->second->stop(true);
    persistent_.erase(found);
    return true;
}

std::expected<void, std::string> Outbounds::start(std::string_view name) {
    const auto config = std::ranges::find(configs_, name, &OutboundConfig::name);
    if (config == configs_.end()) return std::unexpected("there is no outbound WebSocket of that name");
    if (config->per_call) return std::unexpected("it is opened for each call");
    if (dialer_ == nullptr) return std::unexpected("there is no HTTP server");
    if (const auto found = persistent_.find(name); found != persistent_.end()) {
        if (found->second->state() != Link::State::failed) return std::unexpected("it runs already");
        persistent_.erase(found);
    }
    auto link = std::make_shared<Link>(service_, *dialer_, *config, config->apps);
    persistent_.emplace(config->name, link);
    link->start();
    return {};
}

namespace {

std::string_view name_of(Link::State state) {
    switch (state) {
        case Link::State::up: return "Connected";
        case Link::State::connecting: return "Connecting";
        case Link::State::waiting: return "Disconnected";
        case Link::State::failed: return "Failed";
        case Link::State::idle:
        case Link::State::stopped: break;
    }
    return "Stopped";
}

}  // namespace

void Outbounds::register_commands() {
    auto* cli = service_.pbx.cli;
    if (cli == nullptr) return;
    cli->add({.name = "ari shutdown websocket sessions",
              .summary = "Shutdown all websocket sessions",
              .usage = "\n       Ends the outbound WebSockets and tells their applications.\n",
              .run = [this](cli::Context& c) {
                  stop_all(true);
                  c.print("Shutdown scheduled for all websocket sessions\n");
                  return cli::Result::success;
              }});
    cli->add({.name = "ari show outbound-websockets",
              .summary = "Show outbound websockets",
              .usage = "\n       Shows all outbound WebSockets.\n",
              .run = [this](cli::Context& c) {
                  c.print("{:<24} {:<16} {:<14} {}\n", "Name", "Type", "State", "URI");
                  for (const auto& config : configs_) {
                      const auto link = persistent_.find(config.name);
                      c.print("{:<24} {:<16} {:<14} {}\n", config.name,
                              config.per_call ? "per_call_config" : "persistent",
                              link != persistent_.end() ? name_of(link->second->state()) : "-", config.target.uri);
                  }
                  return cli::Result::success;
              }});
    const auto names = [this](const cli::Completion&) {
        std::vector<std::string> all;
        for (const auto& config : configs_) all.push_back(config.name);
        return all;
    };
    cli->add({.name = "ari show outbound-websocket",
              .summary = "Show outbound websocket",
              .usage = "<connection id>\n       Shows one outbound WebSocket.\n",
              .run =
                  [this](cli::Context& c) {
                      if (c.arguments() != 1) return cli::Result::usage;
                      const auto config = std::ranges::find(configs_, c.argument(0), &OutboundConfig::name);
                      if (config == configs_.end()) {
                          c.print("Outbound websocket '{}' not found\n", c.argument(0));
                          return cli::Result::failure;
                      }
                      const auto link = persistent_.find(config->name);
                      std::string apps;
                      for (const auto& app : config->apps) apps += (apps.empty() ? "" : ",") + app;
                      const auto row = [&c](std::string_view name, const auto& value) {
                          c.print("{:<20} {}\n", name, value);
                      };
                      row("Name:", config->name);
                      row("Connection type:", config->per_call ? "per_call_config" : "persistent");
                      row("State:", link != persistent_.end() ? name_of(link->second->state()) : "-");
                      row("Applications:", apps);
                      row("Local ARI user:", config->local_user);
                      row("Subscribe all:", config->subscribe_all ? "Yes" : "No");
                      row("Websocket client:", config->client_id);
                      row("URI:", config->target.uri);
                      row("Reconnect interval:", config->reconnect_interval.count());
                      row("Reconnect attempts:", config->reconnect_attempts);
                      return cli::Result::success;
                  },
              .complete = names});
    cli->add(
        {.name = "ari start outbound-websocket",
         .summary = "Start an outbound websocket",
         .usage = "<connection id>\n       Opens a persistent outbound WebSocket that was shut down or has failed.\n",
         .run =
             [this](cli::Context& c) {
                 if (c.arguments() != 1) return cli::Result::usage;
                 const auto started = start(c.argument(0));
                 if (!started) {
                     c.print("Outbound websocket '{}' can't be started: {}\n", c.argument(0), started.error());
                     return cli::Result::failure;
                 }
                 c.print("Outbound websocket '{}' is being started\n", c.argument(0));
                 return cli::Result::success;
             },
         .complete = names});
}

}  // namespace asterism::ari
