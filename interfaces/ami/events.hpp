// Events of the bus as AMI shows them: name, class, and the block of headers in the order that clients know.
#pragma once

#include <string>
#include <string_view>

#include "asterism/events/events.hpp"
#include "asterism/pbx.hpp"
#include "block.hpp"
#include "classes.hpp"

namespace asterism::ami {

/// What is known of an event before it is formatted; enough to tell whether any session could want it.
struct EventHead {
    std::string_view name;  ///< empty: AMI shows no such event
    Classes classes = cls::none;
};
/// The views live as long as the event.
[[nodiscard]] EventHead head_of(const Event& event);

/// Appends the whole event with its empty line. `timestamps`: a Timestamp header after Privilege (timestampevents).
void format_event(std::string& out, const EventHead& head, const Event& event, bool timestamps);
/// Appends "Event: NAME", "Privilege: ..." and perhaps "Timestamp: seconds.microseconds".
void begin_event(std::string& out, const EventHead& head, WallTime time, bool timestamps);

/// The fourteen headers of a channel (and Tenantid, ChanVariable where there are any), each with `prefix` before it.
void channel_headers(Block& block, const ChannelSnapshot& channel, std::string_view prefix = {});
/// The seven headers of a bridge (and BridgeVideoSource).
void bridge_headers(Block& block, const BridgeSnapshot& bridge, std::string_view prefix = {});

/// Appends FullyBooted: its figures are those of the moment.
void fully_booted_event(std::string& out, const Pbx& pbx, WallTime now, bool timestamps);

/// "1795288275.943712"
[[nodiscard]] std::string seconds_text(WallTime time);
/// "2026-11-21T19:11:14.936+0000", as EventTV has it (UTC).
[[nodiscard]] std::string iso_text(WallTime time);

}  // namespace asterism::ami
