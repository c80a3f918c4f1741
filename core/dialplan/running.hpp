// What the executor keeps on a channel while it runs there.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "asterism/dialplan/executor.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::dialplan {

struct Running : ChannelExtra {
    int depth = 0;                 ///< of loops over priorities: the dialplan's own, and subroutines within
    std::optional<Location> jump;  ///< set by go_to while an application runs

    /// The extension that ran last: while the place stays in it, no search is needed, and a reload waits.
    std::shared_ptr<const Plan> plan;
    const Extension* extension = nullptr;
    std::string context, exten;
    std::shared_ptr<const void> keeps;  ///< of a priority that came from a database

    std::string data;  ///< arguments of the present application; kept for its capacity
    unsigned steps = 0;

    /// The priority at the channel's location; null if there is none.
    const Priority* locate(Channel& channel);
    /// The same where extensions may lie in a database, which is asked.
    Task<const Priority*> locate_outside(Channel& channel);
    /// The next place is searched anew.
    void forget_place() { extension = nullptr; }

  private:
    const Priority* settle(Channel& channel, const Found& found);
};

/// Why a loop over priorities stopped.
struct Stop {
    enum class Why : unsigned char {
        no_priority,  ///< the channel's location does not exist
        hangup,       ///< the channel is to end, or an application said so
        interrupted,  ///< somebody else wants the channel
        digit,        ///< typed
        incomplete,
        returned,  ///< the subroutine that the loop was for has returned
    };
    Why why = Why::no_priority;
    char digit = 0;
};

/// Runs priorities from the channel's location on. `floor`: stops when the Gosub stack is no higher than this.
Task<Stop> run_priorities(Channel& channel, std::optional<std::size_t> floor);

/// Whether the dialplan has to stop on this channel.
[[nodiscard]] inline bool to_end(Channel& channel) {
    return channel.ended() || (channel.hangup_requested() && !channel.in_afterlife());
}

}  // namespace asterism::dialplan
