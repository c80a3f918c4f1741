// Actions on who watches us: PJSIP's inbound subscriptions. We subscribe to nobody.
#include "asterism/channels/pjsip.hpp"
#include "core.hpp"

namespace asterism::ami {
namespace {

void show_inbound(Exchange& x) {
    const auto* all = x.core().hooks().pjsip;
    const auto subscriptions = all ? all->subscriptions() : std::vector<pjsip::SubscriptionInfo>();
    x.list("Following are Events for each inbound Subscription");
    for (const auto& one : subscriptions) {
        auto item = x.item("InboundSubscriptionDetail");
        item.header("Role", "Notifier").header("Endpoint", one.endpoint).header("Callid", one.call_id);
        item.header("State", "ACTIVE").header("Callerid", one.caller);
        if (one.state.empty()) {
            item.header("SubscriptionType", "mwi").format("Mailboxes", "{}", fmt::join(one.mailboxes, ",")).end();
        } else {
            item.header("SubscriptionType", "extension_state").header("Extension", one.resource);
            item.header("ExtensionStates", one.state).end();
        }
    }
    x.complete("InboundSubscriptionDetailComplete", subscriptions.size()).end();
}

void show_outbound(Exchange& x) {
    x.list("Following are Events for each outbound Subscription");
    x.complete("OutboundSubscriptionDetailComplete", 0).end();
}

}  // namespace

Actions subscription_actions() {
    return {
        {"PJSIPShowSubscriptionsInbound", cls::system, "", "List who watches extensions and mailboxes.", show_inbound},
        {"PJSIPShowSubscriptionsOutbound", cls::system, "", "List whom we watch: nobody.", show_outbound},
    };
}

}  // namespace asterism::ami
