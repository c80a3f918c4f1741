// Where endpoints can be reached: the permanent contacts of pjsip.conf and the registered ones, with what qualifying
// found out about them. Registered ones survive a restart in AstDB (family registrar).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "asterism/channels/pjsip.hpp"
#include "asterism/sip/qualify.hpp"
#include "asterism/sip/registrar.hpp"
#include "asterism/sip/stack.hpp"
#include "objects.hpp"

namespace asterism {
struct Pbx;
}

namespace asterism::pjsip {

/// One contact. Owned by Contacts.
struct Contact {
    std::string aor;
    sip::Binding binding;
    bool permanent = false;
    ContactInfo::Status status = ContactInfo::Status::non_qualified;
    Duration round_trip{};
    std::unique_ptr<sip::ContactQualifier> qualifier;
    std::string hash;  ///< MD5 of the URI

    [[nodiscard]] std::string id() const { return aor + (permanent ? "@@" : ";@") + hash; }
    /// Whether a call may be tried.
    [[nodiscard]] bool usable() const { return status != ContactInfo::Status::unreachable; }
};

/// Control loop only. Tells `changed(aor)` after any change, later in the turn, once for each AOR.
class Contacts final : public sip::BindingStore {
  public:
    Contacts(Pbx& pbx, sip::Stack& stack);
    ~Contacts() override;

    /// Takes the AORs of a configuration: permanent contacts and qualification by difference. `first`: reads what was
    /// registered before the start, too.
    void apply(const ConfigurationPtr& config, bool first);
    void on_changed(std::function<void(const std::string& aor)> action) { changed_ = std::move(action); }

    [[nodiscard]] std::vector<const Contact*> of(std::string_view aor) const;
    [[nodiscard]] const Contact* find(std::string_view id) const;
    /// The first that may be called; null if there is none.
    [[nodiscard]] const Contact* usable(std::string_view aor) const;
    [[nodiscard]] ContactInfo info(const Contact& contact) const;
    [[nodiscard]] std::vector<std::string> aor_names() const;
    /// OPTIONS now, to all contacts of an AOR.
    void qualify(std::string_view aor);
    /// Contacts that were registered over a connection that is gone, and cannot be reached otherwise.
    void connection_lost(const sip::Transport& transport);
    /// First endpoint whose `aors` names it; empty: none.
    [[nodiscard]] std::string endpoint_of(std::string_view aor) const;

    // ---- BindingStore: the registrar ----
    [[nodiscard]] std::vector<sip::Binding> bindings(std::string_view aor) const override;
    void add(std::string_view aor, const sip::Binding& binding) override;
    void update(std::string_view aor, const sip::Binding& binding) override;
    void remove(std::string_view aor, const sip::Binding& binding, Removal why) override;

  private:
    using List = std::vector<std::unique_ptr<Contact>>;
    Contact& insert(std::string_view aor, sip::Binding binding, bool permanent);
    void erase(List& list, std::size_t at, std::string_view status);
    void start_qualifying(Contact& contact, const AorConfig& aor, bool first);
    void qualified(const std::string& aor, const std::string& hash, sip::ContactQualifier::Status now, Duration rtt);
    void save(const Contact& contact) const;
    void load_saved();
    void publish(const Contact& contact, std::string_view status) const;
    void mark(std::string_view aor);
    void expect_expiry(WallTime when);
    void expire();

    Pbx& pbx_;
    sip::Stack& stack_;
    ConfigurationPtr config_;
    std::map<std::string, List, std::less<>> by_aor_;
    std::map<std::string, std::string, std::less<>> endpoints_;  // aor -> endpoint
    std::function<void(const std::string&)> changed_;
    std::set<std::string> dirty_;
    Timer expiry_;
    WallTime expiry_due_{};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::pjsip
