// One leg of a call: a party, what it may say and hear, and who decides about it.
//
// Life: a Technology makes it (ChannelRegistry::create), a controller runs it, end() ends it, the registry frees it at
// the end of the turn. A controller is a coroutine that has taken a Hold: the dialplan executor, Dial for the channels
// it calls, Stasis, AsyncAGI. While there is a Hold, request_hangup() only asks, and the controller ends the channel
// when it has cleaned up; without one it ends at once. Everybody else keeps the ChannelId and looks it up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/model/driver.hpp"
#include "asterism/model/party.hpp"
#include "asterism/model/signal.hpp"
#include "asterism/model/snapshot.hpp"
#include "asterism/model/variables.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism {

struct Pbx;
class Bridge;
class Channel;

/// A place in the dialplan.
struct Location {
    std::string context, exten;
    int priority = 1;
    bool operator==(const Location&) const = default;
};

/// Data that an engine keeps on a channel (Gosub's frames, TIMEOUT(), a queue's entry), found by its type.
struct ChannelExtra {
    virtual ~ChannelExtra() = default;
};

/// Listens to a channel's signals for as long as it lives; signals go to a mailbox of the listener's.
class Observation {
  public:
    Observation() = default;
    /// `takes_digits` false: digits are kept for whoever asks for them next, as if nobody listened.
    Observation(Channel& channel, Mailbox<ChannelSignal>& box, bool takes_digits = true);
    Observation(Observation&& other) noexcept;
    Observation& operator=(Observation&& other) noexcept;
    ~Observation() { end(); }
    void end();

  private:
    Pbx* pbx_ = nullptr;
    ChannelId channel_;
    Mailbox<ChannelSignal>* box_ = nullptr;
};

class Channel {
  public:
    /// Being the channel's controller. The last Hold to end, on a channel that nobody continues, ends the channel.
    class Hold {
      public:
        Hold() = default;
        explicit Hold(Channel& channel);
        Hold(Hold&& other) noexcept;
        Hold& operator=(Hold&& other) noexcept;
        ~Hold() { release(); }
        void release();

      private:
        Pbx* pbx_ = nullptr;
        ChannelId channel_;
    };
    /// What another controller does with a channel that it takes: run to its end, then the dialplan goes on, or where
    /// there is none the channel ends.
    using Takeover = std::function<Task<void>(Channel&)>;

    // ---- identity ----
    [[nodiscard]] ChannelId id() const { return id_; }
    [[nodiscard]] Pbx& pbx() const { return pbx_; }
    [[nodiscard]] CallId call() const { return call_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& uniqueid() const { return uniqueid_; }
    [[nodiscard]] const std::string& linkedid() const { return linkedid_; }
    void set_linkedid(std::string_view linkedid);
    void rename(std::string name);
    [[nodiscard]] ChannelDriver& driver() const { return *driver_; }
    [[nodiscard]] std::string_view technology() const { return driver_->technology(); }
    [[nodiscard]] media::LegId leg() const { return driver_->leg(); }
    [[nodiscard]] WallTime created() const { return created_; }
    /// When it was answered; nothing before.
    [[nodiscard]] std::optional<WallTime> answered_at() const { return answered_at_; }
    /// The picture after the latest change; the same pointer until something changes.
    [[nodiscard]] const ChannelShot& snapshot();

    // ---- state ----
    [[nodiscard]] ChannelState state() const { return state_; }
    [[nodiscard]] bool up() const { return state_ == ChannelState::up; }
    /// Publishes a Newstate unless it is the state already.
    void set_state(ChannelState state);
    [[nodiscard]] const CallerParty& caller() const { return caller_; }
    [[nodiscard]] const ConnectedParty& connected() const { return connected_; }
    [[nodiscard]] const DialedParty& dialed() const { return dialed_; }
    [[nodiscard]] const RedirectingParty& redirecting() const { return redirecting_; }
    void set_caller(CallerParty caller);
    /// `tell_party`: also by the technology (SIP UPDATE or re-INVITE, as the endpoint allows).
    void set_connected(ConnectedParty connected, bool tell_party = false);
    void set_dialed(DialedParty dialed);
    void set_redirecting(RedirectingParty redirecting, bool tell_party = false);
    [[nodiscard]] const std::string& language() const { return language_; }
    [[nodiscard]] const std::string& account_code() const { return account_code_; }
    [[nodiscard]] const std::string& peer_account() const { return peer_account_; }
    [[nodiscard]] const std::string& user_field() const { return user_field_; }
    [[nodiscard]] const std::string& music_class() const { return music_class_; }
    [[nodiscard]] const std::string& tenant_id() const { return tenant_id_; }
    [[nodiscard]] int ama_flags() const { return ama_flags_; }
    void set_language(std::string_view language);
    void set_account_code(std::string_view code);
    void set_peer_account(std::string_view code);
    void set_user_field(std::string_view field);
    void set_music_class(std::string_view music_class);
    void set_tenant_id(std::string_view tenant);
    void set_ama_flags(int flags);
    /// A channel that is a tool of another (a spy, an announcer): hidden from some lists.
    void set_internal(bool on) {
        internal_ = on;
        touch();
    }
    [[nodiscard]] bool internal() const { return internal_; }

    // ---- dialplan ----
    [[nodiscard]] const Location& location() const { return location_; }
    void set_location(Location location);
    void set_priority(int priority) {
        location_.priority = priority;
        touch();
    }
    [[nodiscard]] const std::string& application() const { return application_; }
    [[nodiscard]] const std::string& application_data() const { return application_data_; }
    /// What runs now; publishes Newexten if it is to be announced.
    void set_application(std::string_view application, std::string_view data, bool announced = true);
    [[nodiscard]] Variables& variables() { return variables_; }
    /// Sets a variable (a leading _ or __ makes it inheritable) and publishes VarSet.
    void set_variable(std::string_view name, std::string_view value);
    /// A variable of the channel; not globals, not those that are computed. Null if unset.
    [[nodiscard]] const std::string* variable(std::string_view name) const { return variables_.find(name); }

    /// Engine data by type: channel.extra<GosubStack>() makes it on first use; find_extra only looks.
    template <class T>
    T& extra() {
        auto& slot = extras_[key<T>()];
        if (!slot) slot = std::make_unique<T>();
        return static_cast<T&>(*slot);
    }
    template <class T>
    [[nodiscard]] T* find_extra() {
        auto found = extras_.find(key<T>());
        return found == extras_.end() ? nullptr : static_cast<T*>(found->second.get());
    }
    template <class T>
    void drop_extra() {
        extras_.erase(key<T>());
    }

    // ---- called by the technology: what the party does ----
    /// The far end answered: state up, publishes, signals `answered`.
    void answered();
    /// ringing, progress, proceeding, busy, congestion from the far end of an outgoing call.
    void indicated(ChannelSignal::Kind kind);
    void digit_begin(char digit);
    void digit_end(char digit, std::chrono::milliseconds duration);
    void party_held(bool on, std::string_view music_class = {});
    void party_text(std::string_view text);
    /// What came of ChannelDriver::transfer(): 0, or the protocol's code of failure.
    void transferred(int code);
    void forwarded(std::string_view destination);
    /// The party hung up: a HangupRequest event, then as request_hangup. `cause`: if it said why.
    void party_hung_up(std::optional<Cause> cause);
    /// Events of the leg, for a technology whose leg has no other: digits and the like become signals.
    void media_event(const media::LegEvent& event);

    // ---- ending ----
    /// Asks the controller to end the channel; ends it at once if there is none. Idempotent; the first cause stays.
    void request_hangup(Cause cause, std::string_view source = {});
    [[nodiscard]] bool hangup_requested() const { return hangup_requested_; }
    /// Forgets that a hangup was asked for (h extension, hangup handlers): operations still fail, but waits go on.
    void enter_afterlife() { afterlife_ = true; }
    [[nodiscard]] bool in_afterlife() const { return afterlife_; }
    /// Ends it now: leaves its bridge, stops media, tells the party, publishes Hangup, signals `ended`, is freed at the
    /// end of the turn. Only its controller calls this. Idempotent.
    void end(Cause cause = Cause::not_defined);
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] Cause cause() const { return cause_; }
    void set_cause(Cause cause) {
        cause_ = cause;
        touch();
    }
    /// The SIP response or the like behind the cause, for HANGUPCAUSE(chan,tech).
    [[nodiscard]] const std::string& technology_cause() const { return technology_cause_; }
    void set_technology_cause(std::string_view text) { technology_cause_ = text; }
    [[nodiscard]] const std::string& hangup_source() const { return hangup_source_; }

    // ---- who controls it ----
    /// Coroutines that run on this channel; they end with it.
    [[nodiscard]] TaskScope& tasks() { return tasks_; }
    [[nodiscard]] bool controlled() const { return holds_ > 0; }
    /// How many controllers hold it.
    [[nodiscard]] int holds() const { return holds_; }
    /// Whether the dialplan executor runs on it (set by the executor).
    [[nodiscard]] bool has_dialplan() const { return has_dialplan_; }
    void set_has_dialplan(bool on);
    /// Redirect: whoever controls it lets go, then the dialplan runs from `where` (started if there was none).
    void redirect(Location where);
    /// The same with something else than the dialplan (AMI Bridge, ARI move). After it the dialplan goes on at the next
    /// priority, or at a location set meanwhile.
    void take_over(Takeover what);
    /// Whether the controller is asked to let go. Operations end with End::interrupted while this is so.
    [[nodiscard]] bool interrupted() const { return pending_location_.has_value() || pending_takeover_; }
    /// Taken by the executor (or by continue_elsewhere) when the old controller has let go.
    [[nodiscard]] std::optional<Location> take_pending_location();
    [[nodiscard]] Takeover take_pending_takeover();

    // ---- bridge ----
    [[nodiscard]] BridgeId bridge() const { return bridge_; }
    /// Set by Bridge only.
    void set_bridge(BridgeId bridge, std::string_view bridge_uniqueid);

    // ---- digits ----
    /// Digits that came while nobody listened for them, oldest first; at most 64.
    [[nodiscard]] std::string take_early_digits();
    /// Puts digits in front of what comes next (BackGround hands the first one to the executor).
    void put_back_digits(std::string_view digits);
    [[nodiscard]] bool on_hold() const { return held_; }
    /// Whether any media of the party's has come yet; ChannelSignal::heard says when.
    [[nodiscard]] bool heard() const { return heard_; }

    void signal(ChannelSignal signal);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

  private:
    friend class ChannelRegistry;
    friend class Observation;
    Channel(Pbx& pbx, ChannelId id, CallId call);
    void touch() { shot_.reset(); }
    template <class T>
    static const void* key() {
        static const char place = 0;
        return &place;
    }

    Pbx& pbx_;
    ChannelId id_;
    CallId call_;
    std::string name_, uniqueid_, linkedid_;
    WallTime created_;
    std::optional<WallTime> answered_at_;
    ChannelShot shot_;

    ChannelState state_ = ChannelState::down;
    CallerParty caller_;
    ConnectedParty connected_;
    DialedParty dialed_;
    RedirectingParty redirecting_;
    std::string language_, account_code_, peer_account_, user_field_, music_class_, tenant_id_;
    int ama_flags_ = 3;
    Location location_;
    std::string application_, application_data_;
    Variables variables_;
    std::unordered_map<const void*, std::unique_ptr<ChannelExtra>> extras_;

    bool internal_ = false, hangup_requested_ = false, afterlife_ = false, ended_ = false, has_dialplan_ = false,
         held_ = false, heard_ = false;
    Cause cause_ = Cause::not_defined;
    std::string technology_cause_, hangup_source_;
    int holds_ = 0;
    std::optional<Location> pending_location_;
    Takeover pending_takeover_;
    BridgeId bridge_;
    std::string bridge_uniqueid_;
    std::string early_digits_;
    struct Observer {
        Mailbox<ChannelSignal>* box;
        bool takes_digits;
    };
    std::vector<Observer> observers_;

    std::unique_ptr<ChannelDriver> driver_;
    TaskScope tasks_;  // last: what runs on the channel ends before the rest of it
};

/// What a new channel starts with.
struct ChannelSetup {
    std::string name{};  ///< "PJSIP/alice": the registry adds "-00000001" unless `exact_name`
    bool exact_name = false;
    ChannelState state = ChannelState::down;
    std::string uniqueid{};  ///< empty: made here ("1795288305.7")
    std::string linkedid{};  ///< empty: the same as uniqueid
    CallId call{};           ///< none: a new call
    CallerParty caller{};
    ConnectedParty connected{};
    DialedParty dialed{};
    std::string language = "en", account_code{}, music_class{}, tenant_id{};
    Location location{"default", "s", 1};
    bool internal = false;
};

/// Owns all channels. Control loop only.
class ChannelRegistry {
  public:
    explicit ChannelRegistry(Pbx& pbx) : pbx_(pbx) {}
    ~ChannelRegistry();
    ChannelRegistry(const ChannelRegistry&) = delete;
    ChannelRegistry& operator=(const ChannelRegistry&) = delete;

    /// Makes a channel and publishes ChannelCreated (Newchannel). The driver may be told its channel by a setter before
    /// this returns control to others: `driver` is not called from here.
    Channel& create(ChannelSetup setup, std::unique_ptr<ChannelDriver> driver);
    /// Nullptr for one that is gone or has ended.
    [[nodiscard]] Channel* find(ChannelId id) const;
    /// By name without case, or by uniqueid.
    [[nodiscard]] Channel* find(std::string_view name_or_uniqueid) const;
    [[nodiscard]] Channel* find_uniqueid(std::string_view uniqueid) const;
    /// In order of creation; ids, because acting on one channel may end others.
    [[nodiscard]] std::vector<ChannelId> ids() const;
    [[nodiscard]] std::size_t size() const { return live_; }
    /// Channels that the dialplan runs on: what Asterisk calls the active calls.
    [[nodiscard]] std::size_t calls() const { return calls_; }
    /// Since start: `core show channels count`.
    [[nodiscard]] std::uint64_t calls_processed() const { return calls_processed_; }
    void count_call() { ++calls_processed_; }
    /// Next number of a technology's channel names ("-%08x").
    [[nodiscard]] std::uint32_t next_sequence() { return sequence_++; }
    /// An id as a channel would get it.
    [[nodiscard]] std::string new_uniqueid();
    [[nodiscard]] bool uniqueid_taken(std::string_view uniqueid) const { return find_uniqueid(uniqueid) != nullptr; }

  private:
    friend class Channel;
    friend class Observation;
    void reap(Channel& channel);
    void renamed(Channel& channel, const std::string& old_name);
    [[nodiscard]] Channel* any(ChannelId id) const;

    Pbx& pbx_;
    std::unordered_map<ChannelId, std::unique_ptr<Channel>> channels_;
    std::unordered_map<std::string, ChannelId> by_name_, by_uniqueid_;
    std::vector<std::unique_ptr<Channel>> leaving_;
    std::uint64_t last_id_ = 0, last_call_ = 0, unique_ = 0, calls_processed_ = 0;
    std::size_t calls_ = 0;
    std::uint32_t sequence_ = 0;
    std::size_t live_ = 0;
};

}  // namespace asterism
