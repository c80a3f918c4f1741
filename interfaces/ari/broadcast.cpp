#include "broadcast.hpp"

#include <algorithm>
#include <charconv>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/regex.hpp"
#include "render.hpp"
#include "service.hpp"
#include "stasis.hpp"

namespace asterism::ari {

namespace {

/// Longest filter: a pattern that a dialplan could mean, not one that eats the matcher.
constexpr std::size_t max_filter_bytes = 256;

/// Empty: every application.
class Filter {
  public:
    explicit Filter(const std::string& text) : too_long_(text.size() > max_filter_bytes) {
        if (!text.empty() && !too_long_) regex_.emplace(text);
    }
    [[nodiscard]] bool good() const { return !too_long_ && (!regex_ || regex_->good()); }
    [[nodiscard]] bool matches(std::string_view name) const { return !regex_ || regex_->matches(name); }

  private:
    bool too_long_;
    std::optional<Regex> regex_;
};

/// Sends CallBroadcast to every connected application that the filter lets through, and notes who they were.
void offer(Service& service, Channel& channel, const Filter& filter, BroadcastOffer& made) {
    EventBuilder event(service, "CallBroadcast", service.now());
    event.channel("channel", channel.snapshot());
    if (const auto& number = channel.caller().id.number; number.valid) event.json().put("caller", number.text);
    event.json().put("called", channel.location().exten);
    const EventText text = event.done();
    service.applications.each([&](const App& app) {
        if (!app.active() || !filter.matches(app.name)) return;
        made.apps.push_back(app.name);
        service.send(app, text);
    });
}

void tell_losers(Service& service, Channel& channel, const BroadcastOffer& made) {
    EventBuilder event(service, "CallClaimed", service.now());
    event.channel("channel", channel.snapshot()).json().put("winner_app", made.winner);
    const EventText text = event.done();
    for (const auto& name : made.apps) {
        const App* app = name != made.winner ? service.applications.active(name) : nullptr;
        if (app != nullptr) service.send(*app, text);
    }
}

/// Waits until somebody claims the channel, the time is over or the channel goes. Returns whether it was claimed.
Task<bool> wait_for_claim(Channel& channel, BroadcastOffer& made, Mailbox<ChannelSignal>& box, Duration timeout) {
    struct Detach {
        BroadcastOffer& made;
        ~Detach() { made.box = nullptr; }
    };
    const Detach detach{made};
    const TimePoint deadline = channel.pbx().loop->now() + timeout;
    while (made.winner.empty() && !channel.hangup_requested() && !channel.interrupted()) {
        const auto signal = co_await box.next_before(deadline);
        if (!signal || signal->kind == ChannelSignal::Kind::ended) break;
    }
    co_return !made.winner.empty();
}

Task<dialplan::AppResult> run(Service& service, Channel& channel, std::string data) {
    using dialplan::AppResult;
    const auto args = dialplan::split_arguments(data);
    const auto argument = [&args](std::size_t at) { return at < args.size() ? args[at] : std::string(); };
    // [timeout in ms, 500 ms unless said; app_filter; args, separated by colons; notify_claimed]
    std::int64_t milliseconds = 500;
    if (const auto text = argument(0); !text.empty()) {
        const auto parsed = config::parse_int(text);
        if (!parsed || *parsed < 0 || *parsed > 86'400'000) {
            log::warning("StasisBroadcast: '{}' is no timeout in milliseconds", text);
            channel.set_variable("STASISSTATUS", "FAILED");
            co_return AppResult::go_on();
        }
        milliseconds = *parsed;
    }
    const Filter filter(argument(1));
    if (!filter.good()) {
        log::warning("StasisBroadcast: '{}' is no regular expression", argument(1));
        channel.set_variable("STASISSTATUS", "FAILED");
        co_return AppResult::go_on();
    }
    const Channel::Hold hold(channel);
    Mailbox<ChannelSignal> box(*service.pbx.loop);
    bool claimed = false;
    std::string winner;
    {
        const Observation observation(channel, box, false);
        channel.drop_extra<BroadcastOffer>();
        auto& made = channel.extra<BroadcastOffer>();
        made.box = &box;
        offer(service, channel, filter, made);
        if (made.apps.empty()) {
            log::notice("StasisBroadcast: no connected application wants channel {}", channel.name());
        }
        claimed = co_await wait_for_claim(channel, made, box, std::chrono::milliseconds(milliseconds));
        winner = made.winner;
        if (claimed && config::parse_bool(argument(3)).value_or(false)) tell_losers(service, channel, made);
    }
    if (channel.ended() || channel.hangup_requested()) co_return AppResult::hang_up();
    if (!claimed) {
        channel.set_variable("STASISSTATUS", channel.interrupted() ? "FAILED" : "TIMEOUT");
        co_return AppResult::go_on();
    }
    std::vector<std::string> app_args;
    if (const auto text = argument(2); !text.empty()) app_args = config::parse_list(text, ':');
    co_await run_stasis(service, channel, std::move(winner), std::move(app_args));
    if (channel.ended() || channel.hangup_requested()) co_return AppResult::hang_up();
    co_return AppResult::go_on();
}

/// The application has the channel; of its sockets, the first to claim it gets what happens to it from now on.
void claim_among_sockets(Call& call, Channel& channel, App& app, Reply& reply) {
    Service& service = call.service;
    const std::string& name = call.text("socket");
    EventSocket* by = app.client_named(name);
    const bool asks_itself =
        std::ranges::any_of(app.clients, [&service](const App::Client& one) { return one.socket == service.asking; });
    if (by == nullptr && name.empty() && asks_itself) by = service.asking;
    if (by == nullptr) {
        reply.error(name.empty() ? 400 : 404, name.empty() ? "Missing parameter socket" : "Socket not found");
        return;
    }
    if (app.owner(channel.uniqueid()) != nullptr) {
        reply.error(409, "Channel has already been claimed");
        return;
    }
    EventBuilder event(service, "CallClaimed", service.now());
    event.channel("channel", channel.snapshot()).json().put("winner_app", app.name);
    app.send(event.done(), {}, by);
    app.set_owner(channel.uniqueid(), *by);
    reply.no_content();
}

}  // namespace

void claim_channel(Call& call, Reply& reply) {
    Service& service = call.service;
    for (const std::string_view name : {"channelId", "application"}) {
        if (!call.text(name).empty()) continue;
        reply.error(400, "Missing parameter " + std::string(name));
        return;
    }
    if (service.applications.active(call.text("application")) == nullptr) {
        reply.error(404, "Application not found");
        return;
    }
    Channel* channel = require_channel(call, reply);
    if (channel == nullptr) return;
    App& app = *service.applications.active(call.text("application"));
    const Control* control = control_of(*channel);
    if (app.sharing == Sharing::claim && control != nullptr && control->app == app.name) {
        claim_among_sockets(call, *channel, app, reply);
        return;
    }
    auto* made = channel->find_extra<BroadcastOffer>();
    if (made == nullptr || (made->box == nullptr && made->winner.empty())) {
        reply.error(404, "Channel is not offered to applications");
        return;
    }
    if (!made->winner.empty()) {
        reply.error(409, "Channel has already been claimed");
        return;
    }
    if (std::ranges::find(made->apps, call.text("application")) == made->apps.end()) {
        reply.error(404, "Channel was not offered to this application");
        return;
    }
    made->winner = call.text("application");
    made->box->send({.channel = channel->id(), .kind = ChannelSignal::Kind::media});
    reply.no_content();
}

void register_broadcast(Service& service) {
    if (service.pbx.applications == nullptr) return;
    dialplan::Application broadcast;
    broadcast.name = "StasisBroadcast";
    broadcast.synopsis = "Offers the channel to several applications; the first to claim it gets it";
    broadcast.syntax = "StasisBroadcast([timeout[,app_filter[,args[,notify_claimed]]]])";
    broadcast.parameters = {{"timeout", "milliseconds to wait for a claim; 500 unless given"},
                            {"app_filter", "regular expression: which applications are offered the channel"},
                            {"args", "passed on to the application, separated by colons"},
                            {"notify_claimed", "yes: the others are told who claimed it (CallClaimed)"}};
    broadcast.module = "app_stasis_broadcast";
    broadcast.run = [&service](Channel& channel, std::string data) { return run(service, channel, std::move(data)); };
    service.pbx.applications->add(std::move(broadcast));
}

void unregister_broadcast(Service& service) {
    if (service.pbx.applications != nullptr) service.pbx.applications->remove("StasisBroadcast");
}

}  // namespace asterism::ari
