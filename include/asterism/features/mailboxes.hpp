// Mailboxes whose counts an application keeps (ARI /mailboxes, AMI's MWIUpdate): what message waiting lamps show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism {
struct Pbx;
}

namespace asterism::features {

struct MailboxCounts {
    std::string name;
    std::int64_t old_messages = 0, new_messages = 0;
};

/// At the start: makes the devices "MWI:NAME" of all mailboxes known, for the hints that name them.
void restore_mailbox_lamps(Pbx& pbx);

/// Kept in AstDB, family "mwi_external", so that they outlive the daemon.
[[nodiscard]] std::vector<MailboxCounts> mailboxes(const Pbx& pbx);
[[nodiscard]] std::optional<MailboxCounts> mailbox(const Pbx& pbx, std::string_view name);
/// False: the name is empty or too long. Publishes AMI's MessageWaiting if a count changed.
bool set_mailbox(Pbx& pbx, const MailboxCounts& counts);
/// Whether there was one; its lamps go out.
bool remove_mailbox(Pbx& pbx, std::string_view name);

}  // namespace asterism::features
