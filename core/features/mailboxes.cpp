#include "asterism/features/mailboxes.hpp"

#include <charconv>

#include "asterism/events/events.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/pbx.hpp"
#include "asterism/store/astdb.hpp"

namespace asterism::features {

namespace {

constexpr std::string_view family = "mwi_external";

/// "OLD/NEW"
MailboxCounts parse(std::string_view name, std::string_view text) {
    MailboxCounts counts{.name = std::string(name)};
    const auto slash = text.find('/');
    const auto number = [](std::string_view part, std::int64_t& into) {
        std::from_chars(part.data(), part.data() + part.size(), into);
    };
    number(text.substr(0, slash), counts.old_messages);
    if (slash != std::string_view::npos) number(text.substr(slash + 1), counts.new_messages);
    return counts;
}

/// A hint may name the device "MWI:NAME": in use while there are new messages.
void show(Pbx& pbx, const MailboxCounts& counts) {
    if (pbx.device_states == nullptr) return;
    pbx.device_states->set("MWI:" + counts.name,
                           counts.new_messages > 0 ? DeviceState::in_use : DeviceState::not_in_use);
}

void tell(Pbx& pbx, const MailboxCounts& counts) {
    if (!pbx.bus->wanted(EventKind::generic)) return;
    GenericEvent event;
    event.name = "MessageWaiting";
    event.event_class = "call";
    event.headers = {{"Mailbox", counts.name},
                     {"Waiting", counts.new_messages > 0 ? "1" : "0"},
                     {"New", std::to_string(counts.new_messages)},
                     {"Old", std::to_string(counts.old_messages)}};
    pbx.bus->publish(std::move(event));
}

}  // namespace

void restore_mailbox_lamps(Pbx& pbx) {
    for (const auto& counts : mailboxes(pbx)) show(pbx, counts);
}

std::vector<MailboxCounts> mailboxes(const Pbx& pbx) {
    std::vector<MailboxCounts> all;
    if (pbx.db == nullptr) return all;
    const std::size_t prefix = family.size() + 2;  // "/family/"
    for (const auto& [path, value] : pbx.db->tree(family)) {
        if (path.size() > prefix) all.push_back(parse(std::string_view(path).substr(prefix), value));
    }
    return all;
}

std::optional<MailboxCounts> mailbox(const Pbx& pbx, std::string_view name) {
    const auto value = pbx.db != nullptr ? pbx.db->get(family, name) : std::nullopt;
    if (!value) return std::nullopt;
    return parse(name, *value);
}

bool set_mailbox(Pbx& pbx, const MailboxCounts& counts) {
    const auto before = mailbox(pbx, counts.name);
    const std::string value = std::to_string(counts.old_messages) + "/" + std::to_string(counts.new_messages);
    if (pbx.db == nullptr || !pbx.db->put(family, counts.name, value)) return false;
    show(pbx, counts);
    const MailboxCounts was = before.value_or(MailboxCounts{});
    if (was.old_messages != counts.old_messages || was.new_messages != counts.new_messages) tell(pbx, counts);
    return true;
}

bool remove_mailbox(Pbx& pbx, std::string_view name) {
    const auto before = mailbox(pbx, name);
    if (!before) return false;
    pbx.db->del(family, name);
    show(pbx, {.name = std::string(name)});
    if (before->old_messages != 0 || before->new_messages != 0) tell(pbx, {.name = std::string(name)});
    return true;
}

}  // namespace asterism::features
