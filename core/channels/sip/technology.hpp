// The PJSIP technology: configuration, transports, stack, contacts, and the calls that run over them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "asterism/channels/pjsip.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/events/bus.hpp"
#include "asterism/features/messages.hpp"
#include "asterism/model/driver.hpp"
#include "asterism/pbx.hpp"
#include "asterism/sip/registrar.hpp"
#include "asterism/sip/registration.hpp"
#include "asterism/sip/stack.hpp"
#include "call.hpp"
#include "contacts.hpp"
#include "identify.hpp"
#include "mailboxes.hpp"
#include "message_log.hpp"
#include "notifier.hpp"
#include "regcontext.hpp"
#include "transports.hpp"

namespace asterism::pjsip {

/// Owned by main (as Service). Outlives all its channels.
class Pjsip final : public Service, public Technology, private sip::StackHandler {
  public:
    Pjsip(Pbx& pbx, std::unique_ptr<Net> net);
    ~Pjsip() override;

    // ---- Service ----
    bool load(config::FileSource& source, config::Report& report) override;
    void start() override;
    void reload(std::function<void(bool ok)> done) override;
    void stop() override;
    [[nodiscard]] Technology& technology() override { return *this; }
    void register_commands() override;

    // ---- Technology ----
    [[nodiscard]] std::string_view name() const override { return "PJSIP"; }
    [[nodiscard]] std::string_view description() const override { return "PJSIP Channel Driver"; }
    std::expected<Channel*, Cause> request(const ChannelRequest& request) override;
    [[nodiscard]] std::string device_state(std::string_view device) const override;
    [[nodiscard]] bool has_device_state() const override { return true; }
    bool send_message(std::string_view to, std::string_view from, std::string_view body, const Named& variables,
                      std::string_view receiver = {}) override;
    bool refer(std::string_view to, std::string_view from, std::string_view refer_to, bool to_self,
               const Named& variables) override;

    // ---- Directory (directory.cpp) ----
    [[nodiscard]] std::vector<std::string> endpoint_names() const override;
    [[nodiscard]] std::vector<EndpointInfo> endpoints() const override;
    [[nodiscard]] std::optional<EndpointInfo> endpoint(std::string_view name) const override;
    [[nodiscard]] std::vector<AorInfo> aors() const override;
    [[nodiscard]] std::optional<AorInfo> aor(std::string_view name) const override;
    [[nodiscard]] std::vector<AuthInfo> auths() const override;
    [[nodiscard]] std::optional<AuthInfo> auth(std::string_view name) const override;
    [[nodiscard]] std::vector<ContactInfo> contacts(std::string_view aor) const override;
    [[nodiscard]] std::optional<ContactInfo> contact(std::string_view id) const override;
    [[nodiscard]] std::vector<IdentifyInfo> identifies() const override;
    [[nodiscard]] std::vector<TransportInfo> transports() const override;
    [[nodiscard]] std::vector<RegistrationInfo> registrations() const override;
    [[nodiscard]] std::vector<SubscriptionInfo> subscriptions() const override { return notifier_.all(); }
    [[nodiscard]] Fields global_settings() const override { return config_->global->shown.all(Kind::global); }
    [[nodiscard]] Fields system_settings() const override { return config_->system->shown.all(Kind::system); }
    [[nodiscard]] std::expected<Fields, Refused> object(std::string_view type, std::string_view id) const override;
    std::expected<Fields, Refused> set_object(std::string_view type, std::string_view id,
                                              const Fields& fields) override;
    std::expected<void, Refused> delete_object(std::string_view type, std::string_view id) override;
    bool qualify(std::string_view endpoint) override;
    bool send_register(std::string_view registration) override;
    bool send_unregister(std::string_view registration) override;
    bool notify_endpoint(std::string_view endpoint, const Fields& headers) override;
    bool notify_uri(std::string_view uri, const Fields& headers) override;
    bool notify_channel(std::string_view channel, const Fields& headers) override;
    bool set_maintenance(std::string_view endpoint, bool on) override;
    [[nodiscard]] std::vector<std::string> in_maintenance() const override;
    bool hang_up(std::string_view channel, int sip_code) override;

    // ---- for its calls, commands and functions ----
    [[nodiscard]] Pbx& pbx() { return pbx_; }
    [[nodiscard]] sip::Stack& stack() { return stack_; }
    [[nodiscard]] Transports& ways() { return transports_; }
    [[nodiscard]] const Contacts& book() const { return contacts_; }
    [[nodiscard]] const Configuration& config() const { return *config_; }
    [[nodiscard]] MessageLog& message_log() { return message_log_; }
    /// Calls of an endpoint, oldest first.
    [[nodiscard]] const std::vector<Call*>& calls_of(std::string_view endpoint) const;
    [[nodiscard]] std::vector<Call*> calls() const;
    EndpointCalls& add_call(Call& call);
    void remove_call(Call& call);
    /// Where `PJSIP/data` goes. Error: what is wrong with it, for the log.
    [[nodiscard]] std::expected<std::pair<EndpointPtr, CallTarget>, std::string> find_target(
        std::string_view data) const;
    /// PJSIP_DIAL_CONTACTS.
    [[nodiscard]] std::string dial_contacts(std::string_view endpoint, std::string_view aor,
                                            std::string_view user) const;
    /// A NOTIFY out of any dialog, without body and headers of its own; nothing: it is no SIP URI.
    [[nodiscard]] static std::optional<sip::Request> notify_request(const std::string& uri,
                                                                    const EndpointConfig* endpoint,
                                                                    const sip::Flow& flow);
    /// What the registration of an endpoint with security_negotiation agreed on, for its requests.
    [[nodiscard]] sip::Headers security_headers(const EndpointConfig& endpoint) const;
    /// What a 200 to OPTIONS lists.
    [[nodiscard]] static sip::Headers abilities();

  private:
    // inbound.cpp
    void on_request(sip::ServerTransactionPtr transaction) override;
    /// False: it has been answered (401, 403).
    bool authenticate(const sip::ServerTransactionPtr& transaction, const EndpointConfig* endpoint);
    void challenge(const sip::ServerTransactionPtr& transaction, const EndpointConfig* endpoint, bool stale);
    void on_invite(const sip::ServerTransactionPtr& transaction, const EndpointPtr& endpoint);
    void on_options(const sip::ServerTransactionPtr& transaction, const EndpointConfig& endpoint);
    /// Whether no Contact of the request is an address that the list refuses.
    [[nodiscard]] bool contacts_allowed(const sip::Message& request, const config::Acl& acl) const;
    /// Whose registration's Contact the request was sent to (line=yes); null: nobody's.
    [[nodiscard]] EndpointPtr by_line(const sip::Message& request) const;
    void on_register(const sip::ServerTransactionPtr& transaction, const EndpointConfig& endpoint);
    void on_message(const sip::ServerTransactionPtr& transaction, const EndpointConfig& endpoint);
    enum class Dialable : std::uint8_t { no, yes, more };
    [[nodiscard]] Dialable dialable(const std::string& context, const std::string& exten,
                                    std::string_view caller) const;
    [[nodiscard]] std::string exten_of(const sip::Message& request) const;
    void security_event(std::string_view name, const sip::Message& request, const sip::Flow& flow,
                        std::string_view account, const Fields& more, bool error = false) const;

    /// Takes another set of dynamic objects. Error: what is wrong with it; nothing is changed then.
    std::expected<void, std::string> change_dynamic(DynamicObjects objects);
    [[nodiscard]] std::string sender_of(std::string_view from) const;
    /// Where a request out of any call goes. Error: what is wrong with it, for the log.
    struct Receiver {
        EndpointPtr endpoint;  ///< null: nobody's, no default_outbound_endpoint
        std::string uri;       ///< as it was written, if it was
        CallTarget target;
    };
    [[nodiscard]] std::expected<Receiver, std::string> receiver_of(std::string_view to) const;
    [[nodiscard]] std::expected<Receiver, std::string> receiver_at(EndpointPtr endpoint, std::string_view uri) const;
    static void aim(sip::Request& request, const Receiver& receiver);
    void apply(ConfigurationPtr config, bool first);
    void apply_registrations(const Configuration& before, bool first);
    void endpoint_changed(const std::string& aor);
    [[nodiscard]] std::string reachability(const EndpointConfig& endpoint) const;
    [[nodiscard]] std::string user_agent() const;
    [[nodiscard]] EndpointInfo describe(const EndpointConfig& endpoint) const;
    [[nodiscard]] AorInfo describe(const AorConfig& aor) const;
    bool notify(const std::string& uri, const EndpointConfig* endpoint, const sip::Flow& flow, const Fields& headers);

    struct Registration {
        std::shared_ptr<const RegistrationConfig> config;
        std::unique_ptr<sip::RegistrationClient> client;
    };

    Pbx& pbx_;
    features::MessageQueue messages_{pbx_};
    std::unique_ptr<Net> net_;
    Transports transports_;
    sip::Stack stack_;
    sip::DigestServer digest_;
    MessageLog message_log_;
    Contacts contacts_;
    sip::Registrar registrar_;
    ConfigurationPtr config_;
    Notifier notifier_;
    MailboxLamps lamps_;
    RegistrationContext regcontext_{pbx_};
    WizardHints wizard_hints_{pbx_};
    std::unique_ptr<Identifier> identifier_;
    std::map<std::string, Registration, std::less<>> registrations_;
    std::set<std::string, std::less<>> maintenance_;  // names of endpoints
    std::unordered_map<std::string, EndpointCalls, dialplan::TextHash, std::equal_to<>> calls_;
    Bus::Subscription counting_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::shared_ptr<void> commands_;  // what the console commands refer to
    bool started_ = false, reloading_ = false;
};

}  // namespace asterism::pjsip
