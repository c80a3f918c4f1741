// Actions on mailboxes that another program keeps: MWIUpdate, MWIGet, MWIDelete.
#include <optional>

#include "asterism/config/options.hpp"
#include "asterism/features/mailboxes.hpp"
#include "asterism/runtime/regex.hpp"
#include "core.hpp"

namespace asterism::ami {
namespace {

/// A count that may be left out; nothing: it is none.
std::optional<std::int64_t> count(std::string_view text) {
    if (text.empty()) return 0;
    const auto number = config::parse_int(text);
    return number && *number >= 0 && *number <= 1'000'000 ? number : std::nullopt;
}

void update(Exchange& x) {
    const auto name = x.get("Mailbox");
    if (name.empty()) return x.error("Missing mailbox parameter in request");
    const auto old_messages = count(x.get("OldMessages"));
    if (!old_messages) return x.error("Invalid OldMessages parameter");
    const auto new_messages = count(x.get("NewMessages"));
    if (!new_messages) return x.error("Invalid NewMessages parameter");
    const features::MailboxCounts counts{
        .name = std::string(name), .old_messages = *old_messages, .new_messages = *new_messages};
    if (!features::set_mailbox(x.pbx(), counts)) return x.error("Mailbox update failed");
    x.reply().end();
}

/// What "Mailbox" means: one, or those that match "/expression/". Nothing: it has been answered.
std::optional<std::vector<features::MailboxCounts>> chosen(Exchange& x) {
    std::string_view name = x.get("Mailbox");
    std::vector<features::MailboxCounts> found;
    if (name.empty()) {
        x.error("Missing mailbox parameter in request");
        return std::nullopt;
    }
    if (name.front() != '/') {
        if (auto counts = features::mailbox(x.pbx(), name)) found.push_back(std::move(*counts));
        return found;
    }
    name.remove_prefix(1);
    if (name.ends_with('/')) name.remove_suffix(1);
    const Regex regex{std::string(name)};
    if (!regex.good()) {
        x.error("Mailbox regular expression could not be compiled");
        return std::nullopt;
    }
    for (auto& counts : features::mailboxes(x.pbx()))
        if (regex.matches(counts.name)) found.push_back(std::move(counts));
    return found;
}

void get(Exchange& x) {
    const auto found = chosen(x);
    if (!found) return;
    x.list("Mailboxes will follow");
    for (const auto& counts : *found) {
        auto item = x.item("MWIGet");
        item.header("Mailbox", counts.name).header("OldMessages", counts.old_messages);
        item.header("NewMessages", counts.new_messages).end();
    }
    x.complete("MWIGetComplete", found->size()).end();
}

void remove(Exchange& x) {
    const auto found = chosen(x);
    if (!found) return;
    for (const auto& counts : *found) features::remove_mailbox(x.pbx(), counts.name);
    x.reply().end();
}

}  // namespace

Actions mwi_actions() {
    constexpr auto look = cls::call | cls::reporting;
    return {
        {"MWIGet", look, "Mailbox*", "Show how many messages mailboxes have.", get},
        {"MWIUpdate", look, "Mailbox*,OldMessages,NewMessages", "Say how many messages a mailbox has.", update},
        {"MWIDelete", look, "Mailbox*", "Forget mailboxes.", remove},
    };
}

}  // namespace asterism::ami
