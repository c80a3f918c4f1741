// Makes call detail records from what happens on the bus.
//
// Each channel has a chain of records with itself as party A, the last one open as long as the call goes on. A record
// is of one channel alone until that dials or enters a bridge; then the other is party B. It is closed when the two
// part, and the whole chain is handed to the back ends when the channel has ended. Which of two in a bridge is party A:
// the one that says so (CDR_PROP(party_a)), else the one that is older.
//
// Newexten is not listened to, so that a priority costs nothing: where a channel was in the dialplan is looked up when
// a record begins and ends.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/events/events.hpp"
#include "asterism/pbx.hpp"
#include "asterism/records/cdr.hpp"
#include "asterism/runtime/timer.hpp"

namespace asterism {
class Channel;
}

namespace asterism::records {

/// cdr.conf, [general].
struct CdrSettings {
    bool enabled = true, unanswered = false, congestion = false, end_before_h = true, initiated_seconds = false,
         batch = false, default_enabled = true, ignore_bridges = false, ignore_dials = false;
    std::size_t batch_size = 100;
    std::chrono::seconds batch_time{300};
};

/// ForkCDR's options.
struct ForkOptions {
    bool end_original = false, answer_now = false, reset = false, drop_variables = false;
};

/// Owned by Records. Control loop only.
class CdrEngine {
  public:
    explicit CdrEngine(Pbx& pbx);
    CdrEngine(const CdrEngine&) = delete;
    CdrEngine& operator=(const CdrEngine&) = delete;
    ~CdrEngine();

    void apply(CdrSettings settings);
    [[nodiscard]] const CdrSettings& settings() const { return settings_; }
    /// Adds a back end, or puts it in the place of the one of that name; null takes that one away.
    void set_backend(std::string_view name, std::unique_ptr<CdrBackend> backend);
    [[nodiscard]] std::vector<std::string_view> backends() const;
    /// Writes what batch mode has put back.
    void flush();
    [[nodiscard]] std::size_t waiting() const { return batch_.size(); }

    // ---- for the dialplan ----
    /// The channel's last record; null if it has none.
    [[nodiscard]] const Cdr* current(Channel& channel);
    void set_variable(Channel& channel, std::string_view name, std::string_view value);
    void set_user_field(Channel& channel, std::string_view value);
    bool fork(Channel& channel, ForkOptions options);
    bool reset(Channel& channel, bool keep_variables);
    void set_party_a(Channel& channel, bool on);
    void set_disabled(Channel& channel, bool on);

  private:
    using CdrPtr = std::shared_ptr<Cdr>;
    struct Chain {
        ChannelId id;
        std::uint64_t order = 0;  ///< of creation
        ChannelShot shot;         ///< as last seen
        std::vector<CdrPtr> all;
        std::vector<std::weak_ptr<Cdr>> as_b;  ///< records of others with this channel as party B
        std::string bridge;
        bool party_a = false, disabled = false, dialed = false;
        bool over = false;                        ///< its dialplan has come to the end: h and hangup handlers are left
        bool ended_dialplan = false;              ///< and what they do is not recorded
        std::optional<WallTime> dial_answered{};  ///< when its last dial was
        int known_cause = 0;                      ///< of the hangup, as far as events have told it
    };
    void on(const Event& event);
    void created(const ChannelShot& shot);
    void answered(const ChannelShot& shot);
    void dialplan_ended(const ChannelShot& shot);
    void hung_up(const ChannelHangup& event);
    void dial_begins(const DialBegin& event);
    void dial_ends(const DialEnd& event);
    void enters(const BridgeEnter& event);
    void leaves(const BridgeLeave& event);

    [[nodiscard]] Chain* find(const ChannelShot& shot);
    [[nodiscard]] Chain* find(Channel& channel);
    void seen(Chain& chain, const ChannelShot& shot);
    /// Where the channel is in the dialplan goes into its open records.
    void place(Chain& chain, const ChannelSnapshot& shot);
    /// A record for what the channel has done in the dialplan since its last one was closed.
    void catch_up(Chain& chain, const ChannelSnapshot& shot);
    CdrPtr begin(Chain& chain, WallTime start);
    /// Latest pictures of both parties.
    void refresh(Cdr& record);
    void close(Chain& chain, Cdr& record);
    void close_all(Chain& chain);
    void pair(Chain& x, Chain& y, const std::string& bridge);
    [[nodiscard]] static bool join(Chain& a, const Chain& b, const std::string& bridge);
    [[nodiscard]] Disposition by_cause(int cause) const;
    [[nodiscard]] Disposition by_status(std::string_view status) const;
    void set_party_b(const CdrPtr& record, Chain& other);
    void dispatch(Chain& chain);
    void post(CdrPtr record);
    [[nodiscard]] WallTime now() const;

    Pbx& pbx_;
    CdrSettings settings_;
    Bus::Subscription subscription_;
    std::unordered_map<ChannelId, Chain> chains_;
    std::vector<std::unique_ptr<CdrBackend>> backends_;
    std::vector<CdrPtr> batch_;
    Timer batch_timer_;
    std::uint64_t sequence_ = 0, order_ = 0;
};

}  // namespace asterism::records
