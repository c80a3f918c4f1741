// Reading pjsip.conf: sections become objects by their `type`, are validated together, and what did not change since
// the last time stays the same object.
#include <algorithm>
#include <set>

#include "asterism/channels/pjsip.hpp"
#include "object_tables.hpp"

namespace asterism::pjsip {
namespace {

/// Everything that a section says, so that two can be compared.
std::string fingerprint(const config::Section& section) {
    std::string out;
    for (const auto& variable : section.variables) {
        out += variable.name;
        out += '=';
        out += variable.value;
        out += '\n';
    }
    return out;
}

bool adds_up(Kind kind, std::string_view option) {
    return option == "set_var" || option == "match_header" || option == "contact" || option == "password_digest" ||
           (kind == Kind::identify && option == "match") || option == "local_net";
}

class Loader {
  public:
    Loader(const Configuration* before, config::Report& report)
        : before_(before), report_(report), made_(std::make_shared<Configuration>()) {}

    void take(const config::File& file) {
        for (const auto& section : file.sections()) {
            const std::string* type = section.last("type");
            // There is one of each, which needs no more than its name.
            if (!type && (section.name == "global" || section.name == "system")) type = &section.name;
            if (!type) {
                report_.warning(section.origin, "[" + section.name + "] has no type and is ignored");
                continue;
            }
            if (!made_->memory_only.contains(*type)) take(section, *type);
        }
    }
    /// Called before take(): which types live in memory, and what lives there.
    void take_dynamic(std::set<std::string, std::less<>> types, std::set<std::string, std::less<>> only,
                      DynamicObjects objects) {
        made_->memory_types = std::move(types);
        made_->memory_only = std::move(only);
        made_->dynamic = std::move(objects);
        for (const auto& [key, section] : made_->dynamic) take(section, key.first);
    }

    ConfigurationPtr finish(std::string_view user_agent) {
        if (!made_->global || !got_global_) {
            auto global = std::make_shared<GlobalConfig>(global_options().defaults());
            global->user_agent = user_agent;
            global->shown.set(Kind::global, "user_agent", user_agent);
            made_->global = std::move(global);
        } else if (made_->global->user_agent.empty()) {
            auto global = std::make_shared<GlobalConfig>(*made_->global);
            global->user_agent = user_agent;
            global->shown.set(Kind::global, "user_agent", user_agent);
            made_->global = std::move(global);
        }
        if (!got_system_) made_->system = std::make_shared<SystemConfig>(system_options().defaults());
        drop_refused();
        link_registrations();
        link_endpoints();
        for (const auto& [name, identify] : made_->identifies) {
            if (!made_->endpoints.contains(identify->endpoint))
                report_.warning({}, "pjsip.conf: identify '" + name + "' names endpoint '" + identify->endpoint +
                                        "', which does not exist");
        }
        return made_;
    }

  private:
    void take(const config::Section& section, std::string_view type) {
        if (type == "endpoint") {
            read(section, Kind::endpoint, endpoint_options(), fresh_endpoints_);
        } else if (type == "aor") {
            read(section, Kind::aor, aor_options(), made_->aors, before_ ? &before_->aors : nullptr);
        } else if (type == "auth") {
            read(section, Kind::auth, auth_options(), made_->auths, before_ ? &before_->auths : nullptr);
        } else if (type == "transport") {
            if (read(section, Kind::transport, transport_options(), made_->transports,
                     before_ ? &before_->transports : nullptr))
                made_->transport_order.push_back(section.name);
        } else if (type == "identify") {
            read(section, Kind::identify, identify_options(), made_->identifies,
                 before_ ? &before_->identifies : nullptr);
        } else if (type == "registration") {
            read(section, Kind::registration, registration_options(), fresh_registrations_);
        } else if (type == "global") {
            Objects<GlobalConfig> one;
            read(section, Kind::global, global_options(), one, static_cast<const decltype(one)*>(nullptr));
            if (!one.empty()) made_->global = one.begin()->second;
            got_global_ = true;
        } else if (type == "system") {
            Objects<SystemConfig> one;
            read(section, Kind::system, system_options(), one, static_cast<const decltype(one)*>(nullptr));
            if (!one.empty()) made_->system = one.begin()->second;
            got_system_ = true;
        } else if (type == "acl") {
            for (const auto& variable : section.variables) take_acl(variable);
        } else if (type == "domain_alias") {
            if (const auto* domain = section.last("domain")) made_->domain_aliases.push_back(*domain);
        } else {
            static constexpr std::string_view others[] = {"contact",
                                                          "resource_list",
                                                          "phoneprov",
                                                          "outbound-publish",
                                                          "asterisk-publication",
                                                          "inbound-publication",
                                                          "subscription_persistence",
                                                          "profile"};
            const bool known = std::find(std::begin(others), std::end(others), type) != std::end(others);
            if (told_.insert("type " + std::string(type)).second)
                report_.warning(section.origin, known
                                                    ? "objects of type '" + std::string(type) + "' have no effect here"
                                                    : "'" + std::string(type) + "' is no type of object");
        }
    }

    void take_acl(const config::Variable& variable) {
        // contact_permit, contact_deny and contact_acl are about the addresses that Contact headers name.
        const bool contact = variable.name.size() > 8 && config::equal_nocase(variable.name.substr(0, 8), "contact_");
        config::Acl& acl = contact ? made_->contact_acl : made_->acl;
        const std::string_view name = std::string_view(variable.name).substr(contact ? 8 : 0);
        config::Set done;
        if (config::equal_nocase(name, "permit")) {
            done = acl.add(config::Acl::Sense::permit, variable.value);
        } else if (config::equal_nocase(name, "deny")) {
            done = acl.add(config::Acl::Sense::deny, variable.value);
        } else if (config::equal_nocase(name, "acl")) {
            acl.add_named(variable.value);
        }
        if (!done) report_.error(variable.origin, variable.name + ": " + done.error());
    }

    /// The values of a section, each checked; what has no effect is told once for the whole file.
    template <class T>
    void apply(const config::Section& section, Kind kind, const config::Options<T>& table, T& into) {
        for (const auto& variable : section.variables) {
            if (variable.is("type")) continue;
            std::string option = variable.name;
            for (char& c : option) c = sip::lower(c);
            // The names that chan_pjsip had before, and those without an underscore, as its sample configurations say.
            const auto* row = table.table().find(option);
            if (!row) {
                if (option.starts_with('@')) continue;  // sorcery's own
                std::vector<std::string_view> names;
                for (const auto& known : known_options(kind)) names.push_back(known.name);
                const auto near = config::nearest(option, names);
                report_.warning(variable.origin,
                                "unknown option '" + variable.name + "' in [" + section.name + "]" +
                                    (near.empty() ? "" : ", did you mean '" + std::string(near) + "'?"));
                continue;
            }
            if (auto ok = table.set(into, option, variable.value); !ok) {
                report_.error(variable.origin, variable.name + ": " + ok.error());
                continue;
            }
            into.shown.set(kind, option, variable.value, adds_up(kind, option));
            if (!row->set) tell_unused(kind, option, variable);
        }
    }

    void tell_unused(Kind kind, const std::string& option, const config::Variable& variable) {
        const auto rows = known_options(kind);
        const auto known = std::find_if(rows.begin(), rows.end(), [&](const Known& k) { return k.name == option; });
        if (known == rows.end() || known->quiet) return;
        // Saying what would happen anyway needs no warning.
        const auto asked = config::parse_bool(variable.value);
        const auto is = config::parse_bool(known->by_default);
        if ((asked && is && *asked == *is) || variable.value == known->by_default || variable.value.empty()) return;
        if (told_.insert(std::string(name(kind)) + "/" + option).second)
            report_.warning(variable.origin, "option '" + option + "' has no effect here");
    }

    template <class T>
    bool read(const config::Section& section, Kind kind, const config::Options<T>& table, Objects<T>& into,
              const Objects<T>* before) {
        if (into.contains(section.name)) {
            return refuse_type(section, kind);
        }
        std::string print = fingerprint(section);
        const std::string key = std::string(name(kind)) + "/" + section.name;
        if (before && before_->fingerprints.contains(key) && before_->fingerprints.find(key)->second == print) {
            if (const auto old = before->find(section.name); old != before->end()) {
                into[section.name] = old->second;
                made_->fingerprints[key] = std::move(print);
                return true;
            }
        }
        auto object = std::make_shared<T>(defaults(table));
        if constexpr (requires { object->name; }) object->name = section.name;
        const std::size_t told = report_.findings().size();
        apply(section, kind, table, *object);
        check(*object, section);
        if (wrong_since(told)) return skip(section, kind);
        made_->fingerprints[key] = std::move(print);
        into[section.name] = std::move(object);
        return true;
    }

    /// Endpoints and registrations are completed when everything else is there.
    template <class T>
    bool read(const config::Section& section, Kind kind, const config::Options<T>& table,
              std::map<std::string, std::shared_ptr<T>, std::less<>>& into) {
        if (into.contains(section.name)) {
            return refuse_type(section, kind);
        }
        made_->fingerprints[std::string(name(kind)) + "/" + section.name] = fingerprint(section);
        auto object = std::make_shared<T>(defaults(table));
        object->name = section.name;
        const std::size_t told = report_.findings().size();
        apply(section, kind, table, *object);
        if (wrong_since(told)) return skip(section, kind);
        into[section.name] = std::move(object);
        return true;
    }

    [[nodiscard]] bool wrong_since(std::size_t told) const {
        const auto& all = report_.findings();
        return std::any_of(all.begin() + static_cast<std::ptrdiff_t>(told), all.end(),
                           [](const config::Finding& f) { return f.severity == config::Finding::Severity::error; });
    }
    /// Which of two is meant nobody knows: none of that type is taken, as in Asterisk.
    bool refuse_type(const config::Section& section, Kind kind) {
        report_.error(section.origin, "there is already a [" + section.name + "] of type " + std::string(name(kind)) +
                                          ": no object of this type is loaded");
        refused_.insert(kind);
        return false;
    }
    void drop_refused() {
        for (const Kind kind : refused_) {
            if (kind == Kind::endpoint) fresh_endpoints_.clear();
            if (kind == Kind::registration) fresh_registrations_.clear();
            if (kind == Kind::aor) made_->aors.clear();
            if (kind == Kind::auth) made_->auths.clear();
            if (kind == Kind::identify) made_->identifies.clear();
            if (kind == Kind::transport) {
                made_->transports.clear();
                made_->transport_order.clear();
            }
        }
    }
    /// An object with an error is left out; the others load.
    bool skip(const config::Section& section, Kind kind) {
        report_.error(section.origin, "[" + section.name + "] of type " + std::string(name(kind)) +
                                          " is not loaded because of its errors");
        return false;
    }

    /// Setting 80 defaults for each of 1,000 endpoints would cost more than reading them.
    template <class T>
    const T& defaults(const config::Options<T>& table) {
        static const T made = table.defaults();
        return made;
    }

    template <class T>
    void check(T&, const config::Section&) {}
    void check(TransportConfig& t, const config::Section& section) {
        const auto* bind = section.last("bind");
        if (!bind && t.protocol != "ws" && t.protocol != "wss" && t.protocol != "flow")
            report_.error(section.origin, "[" + section.name + "] has no bind address");
        if (t.bind.port == 0) t.bind.port = t.protocol == "tls" ? 5061 : 5060;
        t.shown.set(Kind::transport, "bind", t.bind.text());
        t.shown.set(Kind::transport, "tos", std::to_string(t.tos));
    }
    void check(AorConfig& a, const config::Section& section) {
        for (const auto& contact : a.contacts) {
            const auto uri = sip::Uri::parse(contact);
            if (!uri || !uri->is_sip())
                report_.error(section.origin, "[" + section.name + "] contact '" + contact + "' is no SIP URI");
        }
    }

    std::shared_ptr<const sip::CredentialList> credentials_of(const Names& auths, const std::string& whose,
                                                              std::string& print) {
        if (auths.empty()) return nullptr;
        auto list = std::make_shared<sip::CredentialList>();
        for (const auto& name : auths) {
            const auto auth = Configuration::find(made_->auths, name);
            if (!auth) {
                report_.warning({}, "pjsip.conf: " + whose + " names auth '" + name + "', which does not exist");
                continue;
            }
            list->push_back(auth->credential());
            print += made_->fingerprints["auth/" + name];
        }
        return list;
    }

    void link_registrations() {
        for (auto& [name, registration] : fresh_registrations_) {
            const std::string key = "registration/" + name;
            std::string& print = made_->fingerprints[key];
            registration->settings.credentials =
                credentials_of(registration->auths, "registration '" + name + "'", print);
            if (registration->settings.server_uri.empty() || registration->settings.client_uri.empty()) {
                report_.error({}, "pjsip.conf: registration '" + name + "' needs server_uri and client_uri");
                continue;
            }
            if (!registration->mediasec) registration->settings.security_mechanisms.clear();
            if (registration->settings.line && registration->endpoint.empty()) {
                report_.error({}, "pjsip.conf: registration '" + name + "' says line=yes, but not whose endpoint");
                continue;
            }
            keep(made_->registrations, before_ ? &before_->registrations : nullptr, key, name, std::move(registration));
        }
    }

    void link_endpoints() {
        for (auto& [name, e] : fresh_endpoints_) {
            const std::string key = "endpoint/" + name;
            std::string& print = made_->fingerprints[key];
            print += made_->global->default_from_user;
            e->credentials = credentials_of(e->outbound_auths, "endpoint '" + name + "'", print);
            for (const auto& auth : e->auths) {
                if (!made_->auths.contains(auth))
                    report_.warning({}, "pjsip.conf: endpoint '" + name + "' names auth '" + auth +
                                            "', which does not exist: nobody can be it");
            }
            if (!e->transport.empty() && !made_->transports.contains(e->transport))
                report_.warning({}, "pjsip.conf: endpoint '" + name + "' names transport '" + e->transport +
                                        "', which does not exist");
            complete(*e);
            keep(made_->endpoints, before_ ? &before_->endpoints : nullptr, key, name, std::move(e));
        }
    }

    void complete(EndpointConfig& e) {
        const PartyId& id = e.caller_id;
        e.shown.set(Kind::endpoint, "allow", codec_text(e.codecs));
        if (id.name.valid || id.number.valid)
            e.shown.set(Kind::endpoint, "callerid", format_caller_id(id.name.text, id.number.text));
        e.caller_id.name.presentation = e.privacy;
        e.caller_id.number.presentation = e.privacy;
        auto s = std::make_shared<sip::SessionSettings>();
        using Rel = sip::SessionSettings::Reliable;
        using Timers = sip::SessionSettings::Timers;
        s->contact_user = !e.contact_user.empty() ? e.contact_user : made_->global->default_from_user;
        if (e.contact_user.empty() && !e.from_user.empty()) s->contact_user = e.from_user;
        s->transport = e.transport;
        for (const auto& route : config::parse_list(e.outbound_proxy))
            s->routes.push_back(route.starts_with('<') ? route : "<" + route + ">");
        s->timers = e.timers >= 3 ? Timers::always : static_cast<Timers>(e.timers);
        s->timers_min_se = e.timers_min_se;
        s->timers_sess_expires = e.timers_sess_expires;
        static constexpr Rel rels[] = {Rel::no, Rel::required, Rel::peer_supported, Rel::yes};
        s->rel100 = rels[static_cast<std::size_t>(e.rel100)];
        s->follow_early_media_fork = e.follow_early_media_fork && made_->system->follow_early_media_fork;
        s->rewrite_contact = e.rewrite_contact;
        s->credentials = e.credentials;
        e.session = std::move(s);
    }

    template <class T>
    void keep(Objects<T>& into, const Objects<T>* before, const std::string& key, const std::string& name,
              std::shared_ptr<T> made) {
        if (before) {
            const auto print = before_->fingerprints.find(key);
            const auto old = before->find(name);
            if (print != before_->fingerprints.end() && old != before->end() &&
                print->second == made_->fingerprints[key]) {
                into[name] = old->second;
                return;
            }
        }
        into[name] = std::move(made);
    }

    const Configuration* before_;
    config::Report& report_;
    std::shared_ptr<Configuration> made_;
    std::map<std::string, std::shared_ptr<EndpointConfig>, std::less<>> fresh_endpoints_;
    std::map<std::string, std::shared_ptr<RegistrationConfig>, std::less<>> fresh_registrations_;
    std::set<std::string> told_;
    std::set<Kind> refused_;
    bool got_global_ = false, got_system_ = false;
};

/// Whether a file is there. Without a wildcard glob() would just give the name back.
bool exists(config::FileSource& source, const config::ReadOptions& where, const std::string& name) {
    constexpr std::size_t limit = std::size_t{64} << 20U;  // what the reader takes of one file
    return source.load(where.directory + "/" + name, limit).has_value();
}

RtpSettings read_rtp(config::FileSource& source, const config::ReadOptions& where, config::Report& report) {
    RtpSettings rtp;
    if (!exists(source, where, "rtp.conf")) return rtp;
    const auto file = config::read(source, "rtp.conf", where, report);
    if (!file) return rtp;
    const auto number = [&](std::string_view name, auto& into, std::int64_t low, std::int64_t high) {
        const auto* value = file->value("general", name);
        if (!value) return;
        if (const auto n = config::parse_int(*value); n && *n >= low && *n <= high)
            into = static_cast<std::remove_reference_t<decltype(into)>>(*n);
        else
            report.error({}, "rtp.conf: " + std::string(name) + "=" + *value + " is not between " +
                                 std::to_string(low) + " and " + std::to_string(high));
    };
    number("rtpstart", rtp.ports.first, 1024, 65534);
    number("rtpend", rtp.ports.last, 1024, 65535);
    if (rtp.ports.first >= rtp.ports.last) {
        report.error({}, "rtp.conf: rtpstart is not below rtpend");
        rtp.ports = {};
    }
    number("probation", rtp.probation, 1, 100);
    number("rtcpinterval", rtp.rtcp_interval, 500, 60000);
    if (const auto* strict = file->value("general", "strictrtp")) {
        if (config::equal_nocase(*strict, "seqno"))
            rtp.strict = media::StrictRtp::seqno;
        else
            rtp.strict = config::parse_bool(*strict).value_or(true) ? media::StrictRtp::yes : media::StrictRtp::no;
    }
    return rtp;
}

}  // namespace

namespace {

/// sorcery.conf: `endpoint=memory,...` in any of its sections; the sections' names are those of modules.
void read_sorcery(config::FileSource& source, const config::ReadOptions& where, config::Report& report,
                  std::set<std::string, std::less<>>& memory, std::set<std::string, std::less<>>& only) {
    if (!exists(source, where, "sorcery.conf")) return;
    const auto file = config::read(source, "sorcery.conf", where, report);
    if (!file) return;
    std::set<std::string, std::less<>> from_file;
    for (const auto& section : file->sections()) {
        if (!section.name.starts_with("res_pjsip")) continue;
        for (const auto& variable : section.variables) {
            const auto slash = variable.name.find('/');
            const std::string type = variable.name.substr(0, slash);
            const auto wizard = config::trim(std::string_view(variable.value).substr(0, variable.value.find(',')));
            const bool cache = slash != std::string::npos && variable.name.substr(slash + 1) == "cache";
            if (cache) continue;
            if (wizard == "memory") {
                memory.insert(type);
            } else if (wizard == "config") {
                from_file.insert(type);
            } else if (wizard != "astdb") {
                report.warning(variable.origin, "objects cannot be kept by '" + std::string(wizard) + "' here");
            }
        }
    }
    for (const auto& type : memory)
        if (!from_file.contains(type)) only.insert(type);
}

}  // namespace

ConfigurationPtr with_dynamic(const Configuration& before, DynamicObjects dynamic, std::string_view user_agent,
                              config::Report& report) {
    config::Report found;
    Loader loader(&before, found);
    loader.take_dynamic(before.memory_types, before.memory_only, std::move(dynamic));
    if (before.file) loader.take(*before.file);
    auto made = std::const_pointer_cast<Configuration>(loader.finish(user_agent));
    made->file = before.file;
    made->rtp = before.rtp;
    made->named_acls = before.named_acls;
    made->wizard_hints = before.wizard_hints;
    made->name_servers = before.name_servers;
    const bool ok = found.ok();
    report.append(found);
    return ok ? made : nullptr;
}

ConfigurationPtr load_configuration(config::FileSource& source, const config::ReadOptions& where,
                                    const Configuration* before, std::string_view user_agent, config::Report& report) {
    config::Report found;
    Loader loader(before, found);
    std::set<std::string, std::less<>> memory, only;
    read_sorcery(source, where, found, memory, only);
    const bool dynamic = !memory.empty();
    loader.take_dynamic(std::move(memory), std::move(only), before ? before->dynamic : DynamicObjects{});
    std::shared_ptr<const config::File> kept;
    std::optional<config::File> file;
    if (exists(source, where, "pjsip.conf")) {
        file = config::read(source, "pjsip.conf", where, found);
        if (!file) {
            report.append(found);
            return nullptr;
        }
    }
    std::vector<WizardHint> hints;
    if (exists(source, where, "pjsip_wizard.conf")) {
        if (const auto wizards = config::read(source, "pjsip_wizard.conf", where, found)) {
            auto expanded = expand_wizards(*wizards, found);
            if (!file) file.emplace();
            for (auto& section : expanded.sections) file->add(std::move(section));
            hints = std::move(expanded.hints);
        }
    }
    if (file) {
        loader.take(*file);
        if (dynamic) kept = std::make_shared<const config::File>(std::move(*file));
    }
    auto made = std::const_pointer_cast<Configuration>(loader.finish(user_agent));
    made->wizard_hints = std::move(hints);
    if (exists(source, where, "resolver_unbound.conf")) {
        if (const auto resolver = config::read(source, "resolver_unbound.conf", where, found))
            made->name_servers = read_name_servers(*resolver, found);
    }
    made->file = std::move(kept);
    made->rtp = read_rtp(source, where, found);
    if (exists(source, where, "acl.conf")) {
        if (const auto lists = config::read(source, "acl.conf", where, found))
            made->named_acls = config::NamedAcls::from(*lists, found);
    }
    // At the start what is right is used, as in Asterisk; a reload with an error changes nothing.
    const bool usable = before == nullptr || found.ok();
    report.append(found);
    return usable ? made : nullptr;
}

bool check_config(config::FileSource& source, const std::string& directory, config::Report& report) {
    return load_configuration(source, {.directory = directory}, nullptr, "Asterism", report) != nullptr && report.ok();
}

}  // namespace asterism::pjsip
