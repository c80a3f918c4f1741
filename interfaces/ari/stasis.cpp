#include "stasis.hpp"

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/transfer.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "media_jobs.hpp"
#include "outbound.hpp"
#include "render.hpp"
#include "service.hpp"
#include "stasis_bridges.hpp"

namespace asterism::ari {

Control::~Control() = default;

void Control::wake(Channel& channel) const {
    if (box != nullptr) box->send({.channel = channel.id(), .kind = ChannelSignal::Kind::media});
}

Control* control_of(Channel& channel) {
    Control* control = channel.find_extra<Control>();
    return control != nullptr && control->box != nullptr ? control : nullptr;
}

std::vector<std::string> split_args(std::string_view text) {
    if (text.empty()) return {};
    return dialplan::split_arguments(text);
}

namespace {

void stasis_start(Service& service, Channel& channel, App& app, const std::vector<std::string>& args,
                  const ChannelShot& replaced = nullptr) {
    app.channels.add(channel.uniqueid());
    app.deal(channel.uniqueid());
    EventBuilder event(service, "StasisStart", service.now());
    event.json().list("args", args);
    event.channel("channel", channel.snapshot()).channel("replace_channel", replaced);
    service.send(app, event.done());
}

void stasis_end(Service& service, Channel& channel, const std::string& name) {
    App* app = service.applications.find(name);
    if (app == nullptr) return;
    service.send(*app, EventBuilder(service, "StasisEnd", service.now()).channel("channel", channel.snapshot()).done());
    app->channels.remove(channel.uniqueid());
    app->disown(channel.uniqueid());
    service.applications.remove_if_unused(name);
}

void move_failed(Service& service, Channel& channel, const std::string& from, const Control::Move& move) {
    App* app = service.applications.find(from);
    if (app == nullptr) return;
    EventBuilder event(service, "ApplicationMoveFailed", service.now());
    event.channel("channel", channel.snapshot()).json().put("destination", move.app).list("args", move.args);
    service.send(*app, event.done());
}

/// Takes the channel out of the bridge that the application put it into.
void leave_bridge(Service& service, Channel& channel, Control& control) {
    if (!control.bridge) return;
    Bridge* bridge = service.pbx.bridges->find(control.bridge);
    if (bridge != nullptr && channel.bridge() == bridge->id()) bridge->remove(channel, false);
    control.bridge = {};
}

/// Another channel comes into the application, and into the bridge, in place of this one.
void hand_over(Service& service, ChannelId old_id, Channel& by) {
    Channel* old = service.pbx.channels->find(old_id);
    Control* control = old != nullptr ? control_of(*old) : nullptr;
    if (control == nullptr) return;
    Replaced replaced{.shot = old->snapshot(), .channel = old_id, .bridge = control->bridge};
    by.tasks().spawn(run_stasis_alone(service, by, control->app, {}, false, std::move(replaced)));
}

/// Into the bridge that the replaced channel was in.
void take_place(Service& service, Channel& channel, Control& control, const Replaced& replaced) {
    Bridge* bridge = service.pbx.bridges->find(replaced.bridge);
    if (bridge == nullptr) return;
    control.bridge = bridge->id();
    bridge->add(channel, BridgeRole::participant, service.pbx.channels->find(replaced.channel));
    bridge = service.pbx.bridges->find(replaced.bridge);
    if (bridge != nullptr) introduce(service.pbx, *bridge, true);
}

/// Waits until the application is to let go, carrying out moves in between.
Task<void> attend(Service& service, Channel& channel, Control& control, Mailbox<ChannelSignal>& box) {
    for (;;) {
        if (channel.ended() || channel.hangup_requested() || channel.interrupted()) co_return;
        if (control.move) {
            const Control::Move move = *std::exchange(control.move, std::nullopt);
            App* target = service.applications.active(move.app);
            if (target == nullptr) {
                move_failed(service, channel, control.app, move);
            } else {
                stasis_end(service, channel, control.app);
                control.app = move.app;
                control.args = move.args;
                stasis_start(service, channel, *target, move.args);
            }
            continue;
        }
        if (control.leave) co_return;
        const auto signal = co_await box.next();
        if (signal.kind == ChannelSignal::Kind::ended) co_return;
        if (signal.kind == ChannelSignal::Kind::left_bridge) control.bridge = {};
    }
}

/// Ends a connection that was opened for a call with it.
struct CloseLink {
    std::shared_ptr<Link> link;
    ~CloseLink() {
        if (link) link->stop(false);
    }
};

/// Opens the connection that is configured for calls into this application, and waits until it is there. Null: there is
/// none, or it can't be opened.
Task<std::shared_ptr<Link>> open_for_call(Service& service, Channel& channel, std::string name) {
    auto link = service.outbounds->for_call(name, channel.uniqueid());
    if (!link) co_return nullptr;
    CloseLink unless_up{link};
    const Channel::Hold hold(channel);
    Mailbox<ChannelSignal> box(*service.pbx.loop);
    const Observation observation(channel, box, false);
    struct Listen {
        Link& link;
        ~Listen() { link.on_change = nullptr; }
    };
    const Listen listen{*link};
    link->on_change = [&box, id = channel.id()] { box.send({.channel = id, .kind = ChannelSignal::Kind::media}); };
    using State = Link::State;
    while (link->state() != State::up && link->state() != State::failed && link->state() != State::stopped &&
           !channel.ended() && !channel.hangup_requested() && !channel.interrupted()) {
        co_await box.next();
    }
    if (link->state() != State::up) co_return nullptr;
    co_return std::exchange(unless_up.link, nullptr);
}

/// Waits in the grace period until the application has a client.
Task<App*> wait_for_client(Service& service, Channel& channel, const std::string& name) {
    const Channel::Hold hold(channel);
    Mailbox<ChannelSignal> box(*service.pbx.loop);
    const Observation observation(channel, box, false);
    const Service::Waiting waiting(service, name, channel.id(), box);
    log::verbose(3, "Channel {} waits for a client of Stasis app '{}'", channel.name(), name);
    const TimePoint deadline = service.pbx.loop->now() + service.config().stasis_grace;
    while (service.applications.active(name) == nullptr && !channel.ended() && !channel.hangup_requested() &&
           !channel.interrupted()) {
        const auto signal = co_await box.next_before(deadline);
        if (!signal || signal->kind == ChannelSignal::Kind::ended) break;
    }
    const bool here = !channel.ended() && !channel.hangup_requested() && !channel.interrupted();
    co_return here ? service.applications.active(name) : nullptr;
}

}  // namespace

EventText start_again(Service& service, Channel& channel, const Control& control) {
    EventBuilder event(service, "StasisStart", service.now());
    event.json().list("args", control.args).put("resumed", true);
    return event.channel("channel", channel.snapshot()).done();
}

Task<bool> run_stasis(Service& service, Channel& channel, std::string name, std::vector<std::string> args,
                      std::optional<Replaced> replaced) {
    App* app = service.applications.active(name);
    CloseLink own;
    if (app == nullptr) {
        own.link = co_await open_for_call(service, channel, name);
        if (own.link) {
            name = own.link->apps().front();
            app = service.applications.active(name);
        }
    }
    if (app == nullptr && service.config().stasis_grace.count() > 0) {
        app = co_await wait_for_client(service, channel, name);
    }
    if (app == nullptr) {
        log::error("Stasis app '{}' not registered", name);
        channel.set_variable("STASISSTATUS", "FAILED");
        co_return false;
    }
    if (control_of(channel) != nullptr) {
        log::error("Channel {} is in a Stasis application already", channel.name());
        channel.set_variable("STASISSTATUS", "FAILED");
        co_return false;
    }
    const Channel::Hold hold(channel);
    channel.set_variable("STASISSTATUS", "");
    Mailbox<ChannelSignal> box(*service.pbx.loop);
    const Observation observation(channel, box, true);
    Control& control = channel.extra<Control>();
    control.service = &service;
    control.app = name;
    control.args = args;
    control.box = &box;
    control.tasks = std::make_unique<TaskScope>(*service.pbx.loop, channel.call());
    control.plays = std::make_unique<PlayQueue>(service, channel.id());
    // Whatever way the coroutine ends, also by being destroyed with its channel: nobody may use the mailbox after it.
    struct Detach {
        Channel& channel;
        Control& control;
        ~Detach() {
            if (auto* handover = channel.find_extra<features::Handover>()) handover->to = nullptr;
            control.box = nullptr;
            control.tasks.reset();
            control.plays.reset();
        }
    };
    std::optional<Location> next;
    {
        const Detach detach{channel, control};
        channel.extra<features::Handover>().to = [&service, id = channel.id()](Channel& by) {
            hand_over(service, id, by);
        };
        stasis_start(service, channel, *app, args, replaced ? replaced->shot : nullptr);
        if (replaced) take_place(service, channel, control, *replaced);
        co_await attend(service, channel, control, box);
        next = std::move(control.next);
        if (channel.ended()) co_return true;
        control.plays->stop_all();
        service.recordings->stop_of(channel.id());
        if (control.silence != 0) service.pbx.media->stop(media::OpId{control.silence});
        leave_bridge(service, channel, control);
        stasis_end(service, channel, control.app);
    }
    channel.drop_extra<Control>();
    channel.set_variable("STASISSTATUS", "SUCCESS");
    if (next) dialplan::go_to(channel, std::move(*next));
    co_return true;
}

Task<void> run_stasis_alone(Service& service, Channel& channel, std::string app, std::string args_text, bool quietly,
                            std::optional<Replaced> replaced) {
    const Channel::Hold hold(channel);
    if (quietly) service.quiet = channel.id();
    channel.set_application("Stasis", args_text.empty() ? app : app + "," + args_text);
    service.quiet = {};
    const Location before = channel.location();
    const bool ran = co_await run_stasis(service, channel, std::move(app), split_args(args_text), std::move(replaced));
    if (!ran || channel.ended() || channel.hangup_requested() || channel.interrupted()) {
        // The end of the last Hold runs what was asked for, or ends the channel.
        if (!ran) channel.request_hangup(Cause::not_defined);
        co_return;
    }
    // Behind the application, as if it had stood in the dialplan.
    if (channel.location() == before) channel.set_priority(before.priority + 1);
    dialplan::start(channel);
}

void register_stasis(Service& service) {
    if (service.pbx.applications == nullptr) return;
    dialplan::Application stasis;
    stasis.name = "Stasis";
    stasis.synopsis = "Hands the channel to an application that is connected by ARI";
    stasis.syntax = "Stasis(app_name[,args])";
    stasis.parameters = {{"app_name", "name under which the application is connected"},
                         {"args", "passed on to it, separated by commas"}};
    stasis.module = "app_stasis";
    stasis.run = [&service](Channel& channel, std::string data) -> Task<dialplan::AppResult> {
        auto args = dialplan::split_arguments(data);
        if (args.empty() || args[0].empty()) {
            log::error("Stasis app_name argument missing");
            channel.set_variable("STASISSTATUS", "FAILED");
            co_return dialplan::AppResult::go_on();
        }
        std::string app = std::move(args[0]);
        args.erase(args.begin());
        co_await run_stasis(service, channel, std::move(app), std::move(args));
        if (channel.ended() || channel.hangup_requested()) co_return dialplan::AppResult::hang_up();
        co_return dialplan::AppResult::go_on();
    };
    service.pbx.applications->add(std::move(stasis));
}

void unregister_stasis(Service& service) {
    if (service.pbx.applications != nullptr) service.pbx.applications->remove("Stasis");
}

}  // namespace asterism::ari
