// Actions about the session itself: Login, Challenge, Logoff, Events, Filter, WaitEvent, Ping.
#include <charconv>

#include "asterism/runtime/loop.hpp"
#include "core.hpp"
#include "events.hpp"

namespace asterism::ami {

namespace {

void ping(Exchange& x) {
    x.reply().header("Ping", "Pong").header("Timestamp", seconds_text(x.core().loop().clock().wall())).end();
}

void challenge(Exchange& x) {
    if (!same_name(x.get("AuthType"), "MD5")) return x.error("Must specify AuthType");
    x.reply().header("Challenge", x.session().challenge()).end();
}

Task<void> refuse_login(Exchange& x, std::string_view why) {
    // The client is kept waiting, so that guessing passwords takes time.
    co_await sleep_for(x.core().loop(), x.core().limits().login_delay);
    x.error(why);
    x.session().finish();
}

Task<void> login(Exchange& x) {
    auto& session = x.session();
    if (session.authenticated()) {
        x.success("Already authenticated");
        co_return;
    }
    auto known = x.core().config().find(x.get("Username"));
    if (known && !known->allow_multiple_login && x.core().sessions_of(known->name) > 0) {
        session.security("SessionLimit", true, {}, known->name);
        co_return co_await refuse_login(x, "Login Already In Use");
    }
    auto user = session.check_login(x.request());
    if (!user) co_return co_await refuse_login(x, "Authentication failed");
    if (auto mask = parse_mask(x.get("Events"))) session.set_mask(*mask);
    session.login(user);
    x.success("Authentication accepted");
    auto& pbx = x.pbx();
    if (pbx.fully_booted && session.wants(cls::system)) {
        fully_booted_event(x.out(), pbx, x.core().loop().clock().wall(), x.core().config().general.timestamp_events);
    }
    session.security("SuccessfulAuth", false, {{"UsingPassword", "0"}}, user->name);
}

void logoff(Exchange& x) {
    x.reply("Goodbye").header("Message", "Thanks for all the fish.").end();
    x.session().finish();
}

void events(Exchange& x) {
    auto mask = parse_mask(x.get("EventMask"));
    if (!mask) return x.error("Invalid event mask");
    x.session().set_mask(*mask);
    if (x.core().config().general.broken_events_action) return;
    x.reply().header("Events", *mask ? "On" : "Off").end();
}

void filter(Exchange& x) {
    if (!same_name(x.get("Operation"), "Add")) return x.error("Unknown operation");
    auto made = Filter::parse(x.get("MatchCriteria"), x.get("Filter"));
    if (!made) {
        return x.error(made.error() == FilterError::expression
                           ? "Filter did not compile.  Check the syntax of the filter given."
                           : "Filter was formatted incorrectly.  Check the syntax of the filter given.");
    }
    x.session().add_filter(std::make_shared<const Filter>(std::move(*made)));
    x.success("Success");
}

Task<void> wait_event(Exchange& x) {
    auto& session = x.session();
    auto& loop = x.core().loop();
    long seconds = -1;
    auto text = x.get("Timeout");
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (session.kind() == Session::Kind::http) {
        // The answer must come while the client's session still lives.
        long longest = std::max(1l, static_cast<long>(x.core().config().general.http_timeout.count()) - 5);
        if (seconds < 0 || seconds > longest) seconds = longest;
    }
    Mailbox<bool> box(loop);
    session.on_held([&box] {
        if (box.empty()) box.send(true);
    });
    if (!session.holds_events()) {
        if (seconds < 0) {
            co_await box.next();
        } else {
            (void)co_await box.next_within(std::chrono::seconds(std::min(seconds, 86'400l)));
        }
    }
    session.on_held(nullptr);
    x.success("Waiting for Event completed.");
    x.out().append(session.take_held());
    x.item("WaitEventComplete").end();
}

void list_commands(Exchange& x) {
    auto block = x.reply();
    for (const auto* action : x.core().all()) {
        if (!x.session().may(action->privilege)) continue;
        block.format(action->name, "{}  (Priv: {})", action->synopsis, privilege_text(action->privilege));
    }
    block.end();
}

}  // namespace

Actions session_actions() {
    return {
        {"Ping", cls::none, "", "Ask whether the manager answers.", ping},
        {"Challenge", cls::none, "AuthType*", "Ask for a challenge to log in by MD5.", challenge},
        {.name = "Login",
         .params = "Username*,AuthType,Secret,Key,Events",
         .synopsis = "Log in to the manager.",
         .wait = login},
        {"Logoff", cls::none, "", "Log off and close the connection.", logoff},
        {"Events", cls::none, "EventMask*", "Choose the classes of events this session gets.", events},
        {"Filter", cls::system, "Operation,MatchCriteria,Filter", "Add an event filter to this session.", filter},
        {.name = "WaitEvent",
         .params = "Timeout*",
         .synopsis = "Wait for the next event, for clients over HTTP.",
         .wait = wait_event},
        {"ListCommands", cls::none, "", "List the actions this user may use.", list_commands},
    };
}

}  // namespace asterism::ami
