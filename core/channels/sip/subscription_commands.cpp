// `pjsip show subscriptions`: who watches us.
#include <algorithm>

#include "asterism/cli/registry.hpp"
#include "asterism/runtime/regex.hpp"
#include "functions.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

using cli::Context;
using cli::Result;

constexpr std::string_view heading =
    "Endpoint: <Endpoint/Caller-ID.............................................>\n"
    "Resource: <Resource/Event.................................................>\n"
    "  Expiry: <Expiry>  <Call-id..............................................>\n"
    "===========================================================================\n\n";

/// What `inbound|outbound [like <pattern>]` says. We subscribe to nobody: outbound ones there are none.
Result show_all(Pjsip& t, Context& c) {
    const auto count = c.arguments();
    if ((count != 1 && count != 3) || (c.argument(0) != "inbound" && c.argument(0) != "outbound")) return Result::usage;
    if (count == 3 && c.argument(1) != "like") return Result::usage;
    std::optional<Regex> pattern;
    if (count == 3 && !pattern.emplace(std::string(c.argument(2))).good()) {
        c.print("'{}' is not a regular expression: {}\n", c.argument(2), pattern->error());
        return Result::failure;
    }
    std::string out(heading);
    std::size_t shown = 0;
    if (c.argument(0) == "inbound") {
        for (const auto& one : t.subscriptions()) {
            if (pattern && !pattern->matches(one.endpoint) && !pattern->matches(one.resource) &&
                !pattern->matches(one.call_id))
                continue;
            out += fmt::format("Endpoint: {}/{}\nResource: {}/{}\n  Expiry: {:8}  {}\n\n", one.endpoint, one.caller,
                               one.resource, one.event, one.expires_in, one.call_id);
            ++shown;
        }
    }
    c.print("{}{} active subscriptions\n", out, shown);
    return Result::success;
}

Result show_one(Pjsip& t, Context& c) {
    if (c.arguments() != 2 || (c.argument(0) != "inbound" && c.argument(0) != "outbound")) return Result::usage;
    const auto all = c.argument(0) == "inbound" ? t.subscriptions() : std::vector<SubscriptionInfo>();
    const auto found = std::ranges::find(all, c.argument(1), &SubscriptionInfo::call_id);
    if (found == all.end()) {
        c.print("Subscription not found: '{}'\n", c.argument(1));
        return Result::failure;
    }
    const std::string state = found->state.empty() ? std::string() : fmt::format("   State: {}\n", found->state);
    std::string mailboxes;
    for (const auto& mailbox : found->mailboxes) mailboxes += fmt::format(" Mailbox: {}\n", mailbox);
    c.print("Endpoint: {}/{}\nResource: {}/{}\n{}{}  Expiry: {}\n Call-id: {}\n", found->endpoint, found->caller,
            found->resource, found->event, state, mailboxes, found->expires_in, found->call_id);
    return Result::success;
}

std::vector<std::string> directions(const cli::Completion&) { return {"inbound", "outbound"}; }

}  // namespace

void add_subscription_commands(Pjsip& t, cli::Registry& registry) {
    for (const std::string verb : {"list", "show"}) {
        registry.add(
            {.name = "pjsip " + verb + " subscriptions",
             .summary = verb == "list" ? "List active inbound/outbound subscriptions"
                                       : "Show active inbound/outbound subscriptions",
             .usage = "{inbound|outbound} [like <pattern>]\n       Who watches extensions and mailboxes here.\n",
             .run = [&t](Context& c) { return show_all(t, c); },
             .complete = directions});
    }
    registry.add({.name = "pjsip show subscription",
                  .summary = "Show active subscription details",
                  .usage = "{inbound|outbound} <call-id>\n       One subscription, by its Call-ID.\n",
                  .run = [&t](Context& c) { return show_one(t, c); },
                  .complete = directions});
}

}  // namespace asterism::pjsip
