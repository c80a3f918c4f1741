// Commands about the call itself.
#include <algorithm>

#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "interfaces/agi/arguments.hpp"
#include "interfaces/agi/commands.hpp"
#include "interfaces/agi/session.hpp"

namespace asterism::agi {
namespace {

void answer(Session& session) {
    asterism::answer(session.channel());
    session.result(session.channel().up() ? 0 : -1);
}

void async_break(Session& session) {
    session.finish();
    session.result(0);
}

void channel_status(Session& session) {
    const Channel* channel = &session.channel();
    if (session.words().size() > 2) channel = session.pbx().channels->find(session.word(2));
    session.result(channel ? static_cast<int>(channel->state()) : -1);
}

void hangup(Session& session) {
    Channel* channel = &session.channel();
    if (session.words().size() > 1) channel = session.pbx().channels->find(session.word(1));
    if (!channel) {
        session.result(-1);
        return;
    }
    hang_up(*channel, Cause::normal_clearing, session.channel().name());
    session.result(1);
}

void noop(Session& session) { session.result(0); }

void set_autohangup(Session& session) {
    const auto seconds = number(session.word(2));
    if (!seconds || *seconds < 0) return;
    std::optional<Duration> time;
    if (*seconds > 0) time = std::chrono::seconds(*seconds);
    dialplan::set_absolute_timeout(session.channel(), time);
    session.result(0);
}

void set_callerid(Session& session) {
    auto caller = session.channel().caller();
    const auto parsed = parse_caller_id(session.word(2));
    for (auto* id : {&caller.id, &caller.ani}) {
        if (id == &caller.ani && parsed.number.text.empty()) continue;
        if (!parsed.number.text.empty()) {
            id->number.text = parsed.number.text;
            id->number.valid = true;
        }
        if (id == &caller.id && !parsed.name.text.empty()) {
            id->name.text = parsed.name.text;
            id->name.valid = true;
        }
    }
    session.channel().set_caller(std::move(caller));
    session.result(1);
}

void set_context(Session& session) {
    auto where = session.channel().location();
    where.context = session.word(2);
    session.channel().set_location(std::move(where));
    session.result(0);
}

void set_extension(Session& session) {
    auto where = session.channel().location();
    where.exten = session.word(2);
    session.channel().set_location(std::move(where));
    session.result(0);
}

void set_priority(Session& session) {
    auto& channel = session.channel();
    auto where = channel.location();
    if (const auto priority = number(session.word(2)); priority && *priority > 0) {
        where.priority = static_cast<int>(*priority);
    } else {
        const auto place = dialplan::parse_location(channel, session.word(2));
        if (!place) return;
        where = *place;
    }
    dialplan::go_to(channel, std::move(where));
    session.result(0);
}

void set_music(Session& session) {
    const auto word = functions::lower(session.word(2));
    if (word == "on")
        start_music(session.channel(), session.word(3));
    else if (word == "off")
        stop_music(session.channel());
    session.result(0);
}

void verbose(Session& session) {
    const auto level = number(session.word(2)).value_or(0);
    log::verbose(static_cast<int>(std::clamp(level, 0L, 10L)), "{}", session.word(1));
    session.result(1);
}

Task<void> exec(Session& session) {
    const std::string name(session.word(1));
    if (!session.pbx().applications->find(name)) {
        log::warning("AGI: there is no application '{}' for EXEC", name);
        session.result(-2);
        co_return;
    }
    const auto how = co_await dialplan::execute(session.channel(), name, std::string(session.word(2)));
    session.result(how.over() ? -1 : how.kind == dialplan::AppResult::Kind::digit ? how.digit : 0);
}

Task<void> gosub(Session& session) {
    auto& channel = session.channel();
    const auto place = fmt::format("{},{},{}", session.word(1), session.word(2), session.word(3));
    const auto where = dialplan::parse_location(channel, place);
    if (!where || !dialplan::exists(channel, *where)) {
        log::error("AGI: there is no {} for GOSUB", place);
        session.reply("200 result=-1 Gosub label not found");
        co_return;
    }
    session.interim("100 result=0 Trying...");
    const bool returned = co_await dialplan::run_gosub(channel, fmt::format("{}({})", place, session.word(4)));
    session.reply(returned ? "200 result=0 Gosub complete" : "200 result=-1 Gosub failed");
}

constexpr Command table[] = {
    {"ANSWER", "", 0, 0, false, "answer the channel",
     "Answers the channel if it is not up. Gives 0, or -1 if that failed.", answer},
    {"ASYNCAGI BREAK", "", 0, 127, true, "leave async AGI",
     "Ends AGI(agi:async): the dialplan goes on. Does nothing elsewhere. Gives 0.", async_break},
    {"CHANNEL STATUS", "[channelname]", 0, 1, false, "state of a channel",
     "Gives the state of this or the named channel: 0 down, 1 reserved, 2 off hook, 3 dialling, 4 ring, 5 ringing, "
     "6 up, 7 busy; -1 if there is none of the name.",
     channel_status},
    {"EXEC", "application options", 1, 127, true, "run a dialplan application",
     "Gives what the application gives, -2 if there is none of the name.", exec},
    {"GOSUB", "context extension priority [optional-argument]", 3, 4, false, "run a dialplan subroutine",
     "Says 100 at once and 200 when the subroutine has returned.", gosub},
    {"HANGUP", "[channelname]", 0, 1, false, "hang up a channel",
     "Hangs up this or the named channel. Gives 1, or -1 if there is none of the name.", hangup},
    {"NOOP", "", 0, 127, true, "do nothing", "Gives 0, whatever the arguments are.", noop},
    {"SET AUTOHANGUP", "time", 1, 1, false, "hang up later", "Ends the call in so many seconds; 0 forgets it. Gives 0.",
     set_autohangup},
    {"SET CALLERID", "number", 1, 1, false, "set the caller ID", "Takes a number or \"name <number>\". Gives 1.",
     set_callerid},
    {"SET CONTEXT", "context", 1, 1, false, "context on exit",
     "The dialplan goes on in this context. Gives 0; nothing is checked.", set_context},
    {"SET EXTENSION", "extension", 1, 1, false, "extension on exit",
     "The dialplan goes on with this extension. Gives 0; nothing is checked.", set_extension},
    {"SET MUSIC", "on|off [class]", 1, 2, false, "music on hold", "Starts or stops music towards the channel. Gives 0.",
     set_music},
    {"SET PRIORITY", "priority", 1, 1, false, "priority on exit",
     "The dialplan goes on at this priority or label. Gives 0.", set_priority},
    {"VERBOSE", "message [level]", 1, 2, true, "write to the log", "Writes a message of verbosity `level`. Gives 1.",
     verbose},
};

}  // namespace

std::span<const Command> call_commands() { return table; }

}  // namespace asterism::agi
