// Asking a contact with OPTIONS whether it is there, and how far away.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "asterism/sip/stack.hpp"

namespace asterism::sip {

/// pjsip.conf type=aor: qualify_*.
struct QualifySettings {
    std::string contact_uri{};
    std::string from{};          ///< name-addr; empty: the contact's own (as Asterisk does without from_user)
    std::string contact_user{};  ///< of our Contact; empty: the contact's user
    std::vector<std::string> routes{};
    RouteHint hint{};
    std::shared_ptr<const CredentialList> credentials{};  ///< answer challenges
    bool authenticate = false;                            ///< in turn, too (authenticate_qualify), not only when asked
    Duration frequency{};                                 ///< 0: only when asked
    Duration timeout = std::chrono::seconds(3);
    bool two_hundred_only = false;  ///< qualify_2xx_only
};

/// Owned by whoever keeps the contact; destroying it stops it.
class ContactQualifier {
  public:
    enum class Status : std::uint8_t { unknown, available, unavailable };
    /// Called after each attempt. `round_trip` is of the attempt just made; zero when unavailable.
    using Changed = std::move_only_function<void(Status now, Status before, Duration round_trip)>;

    ContactQualifier(Stack& stack, QualifySettings settings, Changed changed);
    ~ContactQualifier();
    ContactQualifier(const ContactQualifier&) = delete;
    ContactQualifier& operator=(const ContactQualifier&) = delete;

    /// Starts the cycle; the first OPTIONS goes out after `initial_delay` (max_initial_qualify_time spreads them).
    void start(Duration initial_delay = {});
    /// Asks now, out of turn.
    void qualify_now() { ask(true); }
    [[nodiscard]] Status status() const { return status_; }
    [[nodiscard]] Duration round_trip() const { return round_trip_; }

  private:
    void ask(bool by_hand);
    void on_done(const RequestResult& result);
    Stack& stack_;
    QualifySettings settings_;
    Changed changed_;
    Timer timer_;
    ClientRequestPtr request_;
    TimePoint sent_{};
    Duration round_trip_{};
    Status status_ = Status::unknown;
};

}  // namespace asterism::sip
