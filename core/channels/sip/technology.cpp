#include "technology.hpp"

#include <algorithm>

#include "asio_net.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/events/events.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::pjsip {

Pjsip::Pjsip(Pbx& pbx, std::unique_ptr<Net> net)
    : pbx_(pbx),
      net_(std::move(net)),
      transports_(*pbx.loop, *pbx.random, *net_),
      stack_(*pbx.loop, *pbx.random, transports_),
      digest_(pbx.loop->clock(), *pbx.random),
      message_log_(stack_),
      contacts_(pbx, stack_),
      registrar_(pbx.loop->clock(), contacts_),
      config_(std::make_shared<Configuration>()),
      notifier_(pbx, stack_),
      lamps_(*this, notifier_) {
    identifier_ = std::make_unique<Identifier>(config_, *net_);
    transports_.set_stack(&stack_);
    transports_.set_filter([this](const sip::Flow& flow) {
        return config_->acl.empty() || config_->acl.allows(to_ip(flow.remote), &config_->named_acls);
    });
    transports_.on_connection_lost([this](const sip::Flow& flow) { contacts_.connection_lost(*flow.transport); });
    stack_.set_handler(this);
    contacts_.on_changed([this](const std::string& name) { endpoint_changed(name); });
    if (pbx_.technologies) pbx_.technologies->add(*this);
    counting_ = pbx_.bus->subscribe([this](const Event& event) {
        Channel* channel = pbx_.channels->find(as<ChannelStateChanged>(event).channel->id);
        if (Call* call = channel ? call_of(*channel) : nullptr) call->count();
    });
    counting_.want_all(false);
    counting_.want(EventKind::channel_state, true);
}

Pjsip::~Pjsip() {
    *alive_ = false;
    stack_.set_handler(nullptr);
    transports_.set_stack(nullptr);
    transports_.close_all();
}

std::string Pjsip::user_agent() const {
    return "Asterisk PBX " + (pbx_.settings ? pbx_.settings->reported_version : std::string("22.11.0"));
}

// ---- configuration ----

bool Pjsip::load(config::FileSource& source, config::Report& report) {
    const auto where = pbx_.settings ? pbx_.settings->read_options() : config::ReadOptions{};
    auto made = load_configuration(source, where, nullptr, user_agent(), report);
    if (!made) return false;
    apply(std::move(made), true);
    return true;
}

void Pjsip::reload(std::function<void(bool ok)> done) {
    if (std::exchange(reloading_, true)) {
        log::notice("A reload of pjsip.conf is under way already");
        if (done) done(false);
        return;
    }
    struct Work {
        config::ReadOptions where;
        ConfigurationPtr before, made;
        std::string user_agent;
        config::Report report;
    };
    auto work = std::make_shared<Work>();
    work->where = pbx_.settings ? pbx_.settings->read_options() : config::ReadOptions{};
    work->before = config_;
    work->user_agent = user_agent();
    pbx_.loop->blocking(
        [work] {
            config::DiskSource disk;
            work->made = load_configuration(disk, work->where, work->before.get(), work->user_agent, work->report);
        },
        [this, alive = alive_, work, done = std::move(done)] {
            if (!*alive) return;
            reloading_ = false;
            work->report.log();
            if (work->made)
                apply(work->made, false);
            else
                log::error("pjsip.conf has errors: nothing was changed");
            if (done) done(work->made != nullptr);
        });
}

void Pjsip::apply(ConfigurationPtr config, bool first) {
    const ConfigurationPtr before = std::exchange(config_, std::move(config));
    sip::StackSettings settings = stack_.settings();
    settings.t1 = std::chrono::milliseconds(config_->system->timer_t1);
    settings.timer_b = std::chrono::milliseconds(config_->system->timer_b);
    settings.user_agent = config_->global->user_agent;
    settings.max_forwards = config_->global->max_forwards;
    settings.ask_rport = !config_->system->disable_rport;
    stack_.set_settings(std::move(settings));
    if (config_->global->debug != before->global->debug || first) {
        if (const auto on = config::parse_bool(config_->global->debug))
            message_log_.all(*on);
        else if (const auto network = Network::parse(config_->global->debug))
            message_log_.host(*network, false);
    }
    identifier_ = std::make_unique<Identifier>(config_, *net_);
    if (pbx_.media) pbx_.media->set_ports(config_->rtp.ports);

    if (pbx_.endpoints) {
        for (const auto& [name, endpoint] : before->endpoints)
            if (!config_->endpoints.contains(name)) pbx_.endpoints->remove("PJSIP", name);
        for (const auto& [name, endpoint] : config_->endpoints)
            if (!before->endpoints.contains(name)) pbx_.endpoints->add("PJSIP", name, "offline");
    }
    for (const auto& [name, endpoint] : before->endpoints)
        if (!config_->endpoints.contains(name)) regcontext_.set(name, false);
    regcontext_.use(config_->global->regcontext);
    wizard_hints_.apply(config_->wizard_hints);
    net_->set_name_servers(config_->name_servers);
    if (started_) transports_.apply(*config_);
    contacts_.apply(config_, first);
    notifier_.apply(*config_);
    lamps_.apply(*before, started_);
    if (started_) {
        transports_.set_keepalive(std::chrono::seconds(config_->global->keep_alive_interval));
        apply_registrations(*before, false);
    }
}

void Pjsip::start() {
    if (std::exchange(started_, true)) return;
    transports_.apply(*config_);
    transports_.set_keepalive(std::chrono::seconds(config_->global->keep_alive_interval));
    apply_registrations(Configuration{}, true);
    lamps_.start();
}

void Pjsip::stop() {
    if (!std::exchange(started_, false)) return;
    for (auto& [name, registration] : registrations_)
        if (registration.client) registration.client->stop();
}

void Pjsip::apply_registrations(const Configuration&, bool first) {
    for (auto one = registrations_.begin(); one != registrations_.end();) {
        const auto now = Configuration::find(config_->registrations, one->first);
        if (now == one->second.config) {
            ++one;
            continue;
        }
        // The old binding is given back; its client lives until that is answered.
        if (auto client = std::move(one->second.client)) {
            client->stop();
            pbx_.loop->timers().schedule(pbx_.loop->now() + 40s,
                                         [kept = std::shared_ptr<sip::RegistrationClient>(std::move(client))] {});
        }
        one = registrations_.erase(one);
    }
    for (const auto& [name, config] : config_->registrations) {
        if (registrations_.contains(name)) continue;
        Registration made{.config = config, .client = {}};
        made.client = std::make_unique<sip::RegistrationClient>(
            stack_, config->settings, [this, name, config](sip::RegistrationClient::State state, int code) {
                using State = sip::RegistrationClient::State;
                const auto& settings = config->settings;  // also of one that was deleted and unregisters now
                if (state == State::rejected)
                    log::warning("Registration '{}' to '{}' as '{}' was refused: {}", name, settings.server_uri,
                                 settings.client_uri, code);
                if (state == State::registering) return;
                if (!pbx_.bus->wanted(EventKind::generic)) return;
                GenericEvent event;
                event.name = "Registry";
                event.event_class = "system";
                event.headers = {{"ChannelType", "PJSIP"},
                                 {"Username", settings.client_uri},
                                 {"Domain", settings.server_uri},
                                 {"Status", state == State::registered ? "Registered"
                                            : state == State::rejected ? "Rejected"
                                                                       : "Unregistered"}};
                pbx_.bus->publish(std::move(event));
            });
        made.client->start(first);
        registrations_.emplace(name, std::move(made));
    }
}

sip::Headers Pjsip::security_headers(const EndpointConfig& endpoint) const {
    if (!endpoint.mediasec) return {};
    for (const auto& [name, registration] : registrations_)
        if (registration.config->endpoint == endpoint.name && registration.client && registration.client->agreement() &&
            !registration.client->agreement()->server.empty())
            return registration.client->agreement()->headers();
    return {};
}

// ---- states ----

std::string Pjsip::reachability(const EndpointConfig& endpoint) const {
    for (const auto& aor : endpoint.aors)
        if (contacts_.usable(aor)) return "online";
    return "offline";
}

void Pjsip::endpoint_changed(const std::string& aor) {
    const std::string name = contacts_.endpoint_of(aor);
    const auto endpoint = config_->endpoint(name);
    if (!endpoint) return;
    regcontext_.set(name, reachability(*endpoint) == "online");
    if (pbx_.endpoints) {
        // At start a thousand endpoints are as unreachable as they were.
        const std::string state = reachability(*endpoint);
        const Endpoint* known = pbx_.endpoints->find("PJSIP", name);
        if (known && known->state == state) return;
        pbx_.endpoints->set_state("PJSIP", name, state);
    }
    if (pbx_.device_states) pbx_.device_states->changed("PJSIP/" + name);
}

std::string Pjsip::device_state(std::string_view device) const {
    const auto name = device.substr(0, device.find('/'));
    const auto endpoint = config_->endpoint(name);
    if (!endpoint) return "INVALID";
    const auto found = calls_.find(name);
    static const EndpointCalls none;
    const EndpointCalls& calls = found == calls_.end() ? none : found->second;
    const std::size_t ringing = calls.count(DeviceUse::ringing), busy = calls.count(DeviceUse::busy),
                      talking = calls.count(DeviceUse::talking), held = calls.count(DeviceUse::on_hold);
    const std::size_t all = ringing + busy + talking + held;
    if (all == 0) return reachability(*endpoint) == "online" ? "NOT_INUSE" : "UNAVAILABLE";
    if (endpoint->device_state_busy_at > 0 && all >= endpoint->device_state_busy_at) return "BUSY";
    std::vector<DeviceState> states;  // one for each kind: more of the same add up to the same
    if (ringing > 0) states.push_back(DeviceState::ringing);
    if (busy > 0) states.push_back(DeviceState::busy);
    if (talking > 0) states.push_back(DeviceState::in_use);
    if (held > 0) states.push_back(DeviceState::on_hold);
    return std::string(to_string(aggregate(states)));
}

// ---- calls ----

const std::vector<Call*>& Pjsip::calls_of(std::string_view endpoint) const {
    static const std::vector<Call*> none;
    const auto found = calls_.find(endpoint);
    return found == calls_.end() ? none : found->second.list;
}

std::vector<Call*> Pjsip::calls() const {
    std::vector<Call*> all;
    for (const auto& [name, calls] : calls_) all.insert(all.end(), calls.list.begin(), calls.list.end());
    std::ranges::sort(all, [](const Call* a, const Call* b) { return a->channel()->id() < b->channel()->id(); });
    return all;
}

EndpointCalls& Pjsip::add_call(Call& call) {
    EndpointCalls& calls = calls_[call.endpoint().name];
    calls.list.push_back(&call);
    return calls;
}

void Pjsip::remove_call(Call& call) {
    const auto found = calls_.find(call.endpoint().name);
    if (found == calls_.end()) return;
    std::erase(found->second.list, &call);
    if (found->second.list.empty()) calls_.erase(found);
}

std::unique_ptr<Service> make_service(Pbx& pbx, AsioLoop& loop) {
    return std::make_unique<Pjsip>(pbx, make_asio_net(loop));
}

}  // namespace asterism::pjsip
