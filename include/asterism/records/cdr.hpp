// Call detail records: what a call was, for whoever bills or counts it. One record for each pair of parties that had to
// do with each other, and for a party that was alone; docs/cdr.md says when one begins and ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/model/snapshot.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism::records {

/// Numbers as CDR(disposition,u) shows them.
enum class Disposition : int { none = 0, failed = 1, busy = 2, no_answer = 4, answered = 8, congestion = 16 };
[[nodiscard]] std::string_view to_string(Disposition disposition);
/// "OMIT", "BILLING", "DOCUMENTATION".
[[nodiscard]] std::string_view ama_text(int flags);

/// One record.
struct Cdr {
    enum class State : std::uint8_t { single, dial, dialed, bridge, finalized };

    State state = State::single;
    ChannelShot party_a, party_b;  ///< as last seen; B: null while there is none
    std::string context, exten, application, application_data;
    bool locked = false;  ///< application and extension stay: they led to the other party
    WallTime start;
    std::optional<WallTime> answer, end;
    Disposition disposition = Disposition::none;
    std::string user_field_a, user_field_b;
    std::vector<std::pair<std::string, std::string>> variables_a, variables_b;
    std::string bridge;  ///< uniqueid of the bridge it is about
    std::uint64_t sequence = 0;
    bool disabled = false;
    bool dialed = false;  ///< of a party that was called: no record of its own while it is alone

    /// The text that a back end writes for CDR(name); `raw`: numbers instead of texts, `fractions`: of seconds. `now`
    /// stands for the end of one that goes on. Nothing: no such field or variable.
    [[nodiscard]] std::optional<std::string> field(std::string_view name, WallTime now, bool raw = false,
                                                   bool fractions = false) const;
    [[nodiscard]] std::chrono::microseconds duration(WallTime now) const;
    /// Since the answer; nothing answered: 0.
    [[nodiscard]] std::chrono::microseconds billed(WallTime now) const;
    [[nodiscard]] std::string caller_id() const;
    [[nodiscard]] std::string user_field() const;
    /// Whether seconds that have begun count as whole (initiatedseconds).
    bool rounds_up = false;
    /// What the back ends are given is in this zone: local time, or UTC.
    [[nodiscard]] static std::string time_text(WallTime time, bool utc = false);
};

/// Where finished records go: a file, a manager event, a database. Owned by the Records; control loop only.
class CdrBackend {
  public:
    virtual ~CdrBackend() = default;
    /// As `cdr show status` lists it.
    [[nodiscard]] virtual std::string_view name() const = 0;
    virtual void write(const Cdr& record) = 0;
};

}  // namespace asterism::records
