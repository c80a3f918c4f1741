// The inner loop of the dialplan. A priority whose application does not wait costs no coroutine and no storage.
#include <exception>

#include "asterism/dialplan/function.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/dialplan/realtime_extensions.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "core/dialplan/channel_scope.hpp"
#include "core/dialplan/running.hpp"

namespace asterism::dialplan {
namespace {

/// So many priorities run before everybody else has a turn: a loop of Goto must not starve SIP.
constexpr unsigned steps_per_turn = 200;
/// Databases that one search may lead to.
constexpr int most_questions = 100;

const Application* look_up(Channel& channel, const std::string& name) {
    const Application* application = channel.pbx().applications->find(name);
    if (!application) {
        const Location& at = channel.location();
        log::warning("No application '{}' for extension ({}, {}, {})", name, at.context, at.exten, at.priority);
    }
    return application;
}

const Application* look_up(Channel& channel, const Priority& priority) {
    const Applications* all = channel.pbx().applications;
    auto& known = priority.resolved;
    if (known.in != all || known.version != all->version() || !known.application) {
        known = {.in = all, .version = all->version(), .application = look_up(channel, priority.application)};
    }
    return known.application;
}

/// Tells the world what runs now (`announced`), then runs it as far as it goes without waiting.
AppResult start(Channel& channel, const Application& application, std::string_view data, bool announced) {
    const log::CallScope scope(channel.call());
    if (log::enabled(log::Level::verbose, 3)) {
        const Location& at = channel.location();
        log::verbose(3, "Executing [{}@{}:{}] {}(\"{}\", \"{}\") in new stack", at.exten, at.context, at.priority,
                     application.name, channel.name(), data);
    }
    channel.set_application(application.name, data, announced);
    return application.run_now ? application.run_now(channel, data) : AppResult::wait();
}

/// An application that throws ends its own call, nobody else's.
Task<AppResult> run_to_end(Channel& channel, const Application& application, std::string data) {
    try {
        co_return co_await application.run(channel, std::move(data));
    } catch (const std::exception& error) {
        log::error("{} on {}: {}", application.name, channel.name(), error.what());
    }
    co_return AppResult::hang_up();
}

AppResult start_safely(Channel& channel, const Application& application, std::string_view data, bool announced = true) {
    try {
        return start(channel, application, data, announced);
    } catch (const std::exception& error) {
        log::error("{} on {}: {}", application.name, channel.name(), error.what());
    }
    return AppResult::hang_up();
}

}  // namespace

const Priority* Running::locate(Channel& channel) {
    const Location& at = channel.location();
    if (extension && at.exten == exten && at.context == context) {
        if (const Priority* priority = extension->find(at.priority)) return priority;
    }
    plan = channel.pbx().dialplan->plan();
    return settle(channel, plan->find(query_for(channel, at.context, at.exten), at.priority));
}

const Priority* Running::settle(Channel& channel, const Found& found) {
    extension = found.first_choice ? found.extension : nullptr;
    keeps = found.keeps;
    // Behind a switch the channel goes on under the name that the extension has there.
    if (const auto& there = found.elsewhere) channel.set_location({there->context, there->exten, there->priority});
    if (extension) {
        const Location& at = channel.location();
        context = at.context;
        exten = at.exten;
    }
    return found.priority;
}

Task<const Priority*> Running::locate_outside(Channel& channel) {
    const Location at = channel.location();
    if (extension && at.exten == exten && at.context == context) {
        if (const Priority* priority = extension->find(at.priority)) co_return priority;
    }
    Found found;
    for (int asked = 0; asked < most_questions; ++asked) {
        plan = channel.pbx().dialplan->plan();
        std::optional<RealtimeQuestion> need;
        Plan::Query query = query_for(channel, at.context, at.exten);
        query.need = &need;
        found = plan->find(query, at.priority);
        if (!need) break;
        if (plan->outside() == nullptr) break;
        co_await plan->outside()->fetch(std::move(*need));
        if (to_end(channel)) co_return nullptr;
    }
    co_return settle(channel, found);
}

Task<Stop> run_priorities(Channel& channel, std::optional<std::size_t> floor) {
    using Why = Stop::Why;
    auto& running = channel.extra<Running>();
    struct Depth {
        int& depth;
        explicit Depth(int& d) : depth(++d) {}
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;
        ~Depth() { --depth; }
    } const depth(running.depth);
    running.jump.reset();
    running.forget_place();
    Pbx& pbx = channel.pbx();
    for (;;) {
        if (to_end(channel)) co_return Stop{Why::hangup};
        if (channel.interrupted()) co_return Stop{Why::interrupted};
        const Priority* priority = nullptr;
        if (pbx.dialplan->plan()->outside() == nullptr) {
            priority = running.locate(channel);
        } else {
            priority = co_await running.locate_outside(channel);
            if (to_end(channel)) co_return Stop{Why::hangup};
            if (channel.interrupted()) co_return Stop{Why::interrupted};
        }
        if (!priority) co_return Stop{Why::no_priority};
        const Application* application = look_up(channel, *priority);
        if (!application) co_return Stop{Why::hangup};

        AppResult result;
        // The priority's text may go away with its plan while an application waits.
        const std::shared_ptr<const Plan> held = running.plan;
        const std::shared_ptr<const void> kept = running.keeps;
        const Template& text = priority->data;
        if (text.plain()) {
            result = start_safely(channel, *application, text.text());
            if (result.kind == AppResult::Kind::later) result = co_await run_to_end(channel, *application, text.text());
        } else {
            // Nested loops use the buffer too: this one owns it meanwhile.
            std::string data = std::move(running.data);
            data.clear();
            if (text.may_wait(*pbx.functions)) {
                data = co_await text.substitute_later(pbx, channel);
                if (to_end(channel)) co_return Stop{Why::hangup};
            } else {
                ChannelScope scope(pbx, &channel);
                text.substitute(scope, data);
            }
            result = start_safely(channel, *application, data);
            if (result.kind == AppResult::Kind::later)
                result = co_await run_to_end(channel, *application, std::move(data));
            else
                running.data = std::move(data);
        }

        if (to_end(channel)) co_return Stop{Why::hangup};
        if (channel.interrupted()) co_return Stop{Why::interrupted};
        switch (result.kind) {
            case AppResult::Kind::hangup: co_return Stop{Why::hangup};
            case AppResult::Kind::digit: co_return Stop{Why::digit, result.digit};
            case AppResult::Kind::incomplete: co_return Stop{Why::incomplete};
            default: break;
        }
        if (running.jump) {
            Location where = *std::exchange(running.jump, std::nullopt);
            // A jump sees what a reload has changed, but one that stays in its extension keeps the search's result.
            if (running.plan != pbx.dialplan->plan()) running.forget_place();
            if (floor) {
                const auto* stack = channel.find_extra<GosubStack>();
                if (!stack || stack->depth() <= *floor) co_return Stop{Why::returned};
            }
            channel.set_location(std::move(where));
        } else {
            channel.set_priority(channel.location().priority + 1);
        }
        if (++running.steps % steps_per_turn == 0) co_await Yield(*pbx.loop);
    }
}

Task<AppResult> execute(Channel& channel, std::string name, std::string data) {
    const Application* application = look_up(channel, name);
    if (!application) co_return AppResult::hang_up();
    // As in Asterisk, only a priority of the dialplan is announced; what ran before is shown again afterwards.
    const std::string before = channel.application(), before_data = channel.application_data();
    AppResult result = start_safely(channel, *application, data, false);
    if (result.kind == AppResult::Kind::later) result = co_await run_to_end(channel, *application, std::move(data));
    if (!channel.ended()) channel.set_application(before, before_data, false);
    co_return result;
}

}  // namespace asterism::dialplan
