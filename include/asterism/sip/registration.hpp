// Outbound registration (pjsip.conf type=registration): keeps one binding at a registrar alive.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "asterism/sip/stack.hpp"

namespace asterism::sip {

struct RegistrationSettings {
    std::string server_uri{};
    std::string client_uri{};
    std::string contact_user = "s";
    std::string contact_params{};  ///< header parameters of the Contact ("+sip.instance=...")
    std::string transport{};
    std::vector<std::string> routes{};           ///< outbound_proxy
    std::uint32_t expiration = 3600;             ///< seconds
    std::uint32_t retry_interval = 60;           ///< seconds; 0: never
    std::uint32_t forbidden_retry_interval = 0;  ///< after 403
    std::uint32_t fatal_retry_interval = 0;      ///< after other 4xx, 5xx, 6xx that are final
    std::uint32_t max_retries = 10;
    std::uint32_t max_random_initial_delay = 10;  ///< seconds
    bool auth_rejection_permanent = true;
    bool support_path = false;  ///< the registrar may keep the Path of a proxy between us (RFC 3327)
    bool line = false;          ///< the Contact has a parameter `line`, by which calls for it are known
    std::shared_ptr<const CredentialList> credentials{};
    std::vector<std::string> security_mechanisms{};  ///< not empty: security_negotiation=mediasec
};

/// Owned by the driver. Destroying it stops it silently; use stop() to unregister first.
class RegistrationClient {
  public:
    enum class State : std::uint8_t { unregistered, registering, registered, rejected, stopped };
    /// `code` is the last response's; 408 and 503 as in RequestResult.
    using Changed = std::move_only_function<void(State state, int code)>;

    RegistrationClient(Stack& stack, RegistrationSettings settings, Changed changed);
    ~RegistrationClient();
    RegistrationClient(const RegistrationClient&) = delete;
    RegistrationClient& operator=(const RegistrationClient&) = delete;

    /// Registers, after a random delay up to max_random_initial_delay if `delayed`.
    void start(bool delayed = false);
    /// Sends Expires: 0 and keeps quiet from then on (state stopped when answered). `then_start`: registers again.
    void stop(bool then_start = false);

    [[nodiscard]] State state() const { return state_; }
    /// When the next REGISTER is due (refresh or retry); nothing if none is.
    [[nodiscard]] std::optional<TimePoint> next_attempt() const { return next_; }
    /// When the binding ends at the registrar; the past if it has none.
    [[nodiscard]] TimePoint expires_at() const { return expires_at_; }
    [[nodiscard]] const RegistrationSettings& settings() const { return settings_; }
    /// What was agreed with the server about media; null if nothing is to be.
    [[nodiscard]] const std::shared_ptr<SecurityAgreement>& agreement() const { return agreement_; }
    /// The value of the Contact's `line`; empty: it has none.
    [[nodiscard]] const std::string& line() const { return line_; }

  private:
    void send(std::uint32_t expires);
    void on_done(const RequestResult& result, std::uint32_t expires);
    void schedule(Duration delay);
    void change(State state, int code);

    Stack& stack_;
    RegistrationSettings settings_;
    Changed changed_;
    Timer timer_;
    std::string call_id_, line_;
    std::uint32_t cseq_ = 0;
    std::uint32_t retries_ = 0;
    std::uint32_t min_expires_ = 0;
    std::optional<TimePoint> next_;
    TimePoint expires_at_{};
    std::shared_ptr<SecurityAgreement> agreement_;
    ClientRequestPtr request_;
    Flow flow_;
    State state_ = State::unregistered;
    bool restart_ = false;
};

}  // namespace asterism::sip
