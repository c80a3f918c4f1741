// One client of the manager, over TCP or HTTP: who it is, what it may, which events it gets, and what is to be written
// to it. Knows no socket.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/events/events.hpp"
#include "config.hpp"
#include "exchange.hpp"

namespace asterism::ami {

/// The transport of a session; owns it.
class SessionLink {
  public:
    virtual ~SessionLink() = default;
    /// The action has ended, its reply and what was held stand in output(); the next request may come.
    virtual void reply_ready() = 0;
    /// Events stand in output(): write them when the turn has ended.
    virtual void events_ready() = 0;
    /// The session is over. `drop`: at once, else when output() has been written. Never called from within feed.
    virtual void session_over(bool drop) = 0;
};

/// Ends of the connection, as security events write them ("IPV4/TCP/127.0.0.1/5038").
struct SessionAddresses {
    std::string local, remote;
    config::IpAddress remote_ip;
};

class Session {
  public:
    enum class Kind { tcp, http };
    Session(Core& core, SessionLink& link, Kind kind, SessionAddresses addresses);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // ---- the transport's side ----
    /// The line that a TCP client is greeted with.
    void greet() { out_.append("Asterisk Call Manager/11.0.0\r\n"); }
    /// Carries out one request; not while busy(). Its reply is in output() when reply_ready() is called, which may be
    /// before this returns.
    void execute(Request request);
    /// A line or a request that broke the limits.
    void refuse(std::string_view message);
    [[nodiscard]] bool busy() const { return busy_; }
    /// Nothing more is to be read.
    [[nodiscard]] bool over() const { return over_; }
    /// Bytes for the client. The transport takes them and says with written() when they have left the process.
    [[nodiscard]] bool has_output() const { return !out_.empty(); }
    void take_output(std::string& into);
    void written(std::size_t bytes) { in_flight_ -= bytes; }
    /// Bytes that wait, in and out of the transport's hands.
    [[nodiscard]] std::size_t queued_bytes() const { return out_.size() + held_.size() + in_flight_; }

    // ---- events ----
    /// Whether it may see and wants to see an event of these classes.
    [[nodiscard]] bool wants(Classes classes) const { return (read_ & mask_ & classes) != 0 && !over_; }
    [[nodiscard]] Classes wanted() const { return over_ ? cls::none : read_ & mask_; }
    void deliver(std::string_view name, std::string_view event);
    /// For WaitEvent: calls `woken` when an event is held. Null: no more.
    void on_held(std::function<void()> woken) { woken_ = std::move(woken); }
    /// Ends a WaitEvent that runs.
    void end_wait() {
        if (woken_) woken_();
    }
    [[nodiscard]] bool holds_events() const { return !held_.empty(); }
    /// Events that came since the last reply; they are not delivered again.
    [[nodiscard]] std::string take_held();
    void set_mask(Classes mask);
    [[nodiscard]] Classes mask() const { return mask_; }
    void add_filter(std::shared_ptr<const Filter> filter) { filters_.push_back(std::move(filter)); }

    // ---- who it is ----
    [[nodiscard]] bool authenticated() const { return user_ != nullptr; }
    [[nodiscard]] const User* user() const { return user_.get(); }
    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] const SessionAddresses& addresses() const { return addresses_; }
    [[nodiscard]] const std::string& id() const { return id_; }
    /// What the console knows it by.
    [[nodiscard]] std::uint64_t number() const { return number_; }
    void set_number(std::uint64_t number) { number_ = number; }
    [[nodiscard]] WallTime begun() const { return begun_; }
    /// Action: Challenge: a new challenge for an MD5 login.
    std::string challenge();
    /// Checks name, address and secret or key; what failed is published as a security event.
    [[nodiscard]] std::shared_ptr<const User> check_login(const Request& request);
    void login(std::shared_ptr<const User> user);
    /// Publishes a security event about this session; `more` stands behind RemoteAddress.
    void security(std::string_view name, bool error, Headers more, std::string_view account, bool account_first = true);
    /// What the user may do now; of the configuration it logged in with.
    [[nodiscard]] bool may(Classes privilege) const;
    /// Ends it when what it was sent has been written; `drop`: at once.
    void finish(bool drop = false);

  private:
    void dispatch(Exchange& exchange);
    Task<void> run(const Action* action);
    void completed();
    void overflow();

    Core& core_;
    SessionLink& link_;
    Kind kind_;
    SessionAddresses addresses_;
    std::string id_;
    std::uint64_t number_ = 0;
    WallTime begun_;
    std::shared_ptr<const User> user_;
    std::string challenge_;
    Classes read_ = cls::none, write_ = cls::none, mask_ = cls::all;
    std::vector<std::shared_ptr<const Filter>> filters_;

    std::string out_, held_;
    std::size_t queued_events_ = 0, in_flight_ = 0;
    bool busy_ = false, over_ = false;
    std::function<void()> woken_;
    std::unique_ptr<Exchange> current_;
    TaskScope tasks_;  // last: what runs ends before what it uses
};

}  // namespace asterism::ami
