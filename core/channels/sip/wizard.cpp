#include "wizard.hpp"

#include <algorithm>
#include <string_view>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/builder.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::pjsip {
namespace {

constexpr std::string_view registrar = "res_pjsip_config_wizard";

constexpr std::string_view own_options[] = {"type",
                                            "sends_auth",
                                            "accepts_auth",
                                            "sends_registrations",
                                            "sends_line_with_registrations",
                                            "accepts_registrations",
                                            "remote_hosts",
                                            "outbound_proxy",
                                            "transport",
                                            "server_uri_pattern",
                                            "client_uri_pattern",
                                            "contact_pattern",
                                            "has_phoneprov",
                                            "has_hint",
                                            "hint_context",
                                            "hint_exten",
                                            "hint_application"};
/// What stands before the slash of an option for one of the objects.
constexpr std::string_view objects[] = {"endpoint", "aor",          "inbound_auth", "outbound_auth",
                                        "identify", "registration", "phoneprov"};

/// Expands one section.
class Expansion {
  public:
    Expansion(const config::Section& wizard, WizardObjects& into, config::Report& report)
        : wizard_(wizard), into_(into), report_(report) {}

    void run() {
        check_options();
        hosts_ = config::parse_list(text("remote_hosts", ""));
        if (yes("sends_registrations") && hosts_.empty()) return wrong("sends_registrations needs remote_hosts");
        if (yes("sends_auth") && !has("outbound_auth/username"))
            return wrong("sends_auth needs outbound_auth/username");
        if (yes("accepts_auth") && !has("inbound_auth/username"))
            return wrong("accepts_auth needs inbound_auth/username");
        if (yes("has_hint") && text("hint_exten", "").empty()) return wrong("has_hint needs hint_exten");
        endpoint();
        aor();
        if (yes("sends_auth")) auth("oauth", "outbound_auth");
        if (yes("accepts_auth")) auth("iauth", "inbound_auth");
        identify();
        if (yes("sends_registrations")) registrations();
        if (yes("has_hint")) hint();
    }

  private:
    void wrong(const std::string& what) {
        report_.error(wizard_.origin, "pjsip_wizard.conf: [" + wizard_.name + "]: " + what);
    }
    void check_options() {
        for (const auto& variable : wizard_.variables) {
            const auto slash = variable.name.find('/');
            const auto name = std::string_view(variable.name).substr(0, slash);
            const bool known = slash == std::string::npos
                                   ? std::ranges::any_of(own_options, [&](auto o) { return variable.is(o); })
                                   : std::ranges::find(objects, name) != std::end(objects);
            if (!known) report_.warning(variable.origin, "unknown option '" + variable.name + "' of a wizard");
            if (variable.is("has_phoneprov") && config::parse_bool(variable.value).value_or(false))
                report_.warning(variable.origin, "option 'has_phoneprov' has no effect here");
        }
    }

    [[nodiscard]] std::string text(std::string_view name, std::string_view by_default) const {
        const auto* value = wizard_.last(name);
        return value && !value->empty() ? *value : std::string(by_default);
    }
    [[nodiscard]] bool has(std::string_view name) const { return !text(name, "").empty(); }
    [[nodiscard]] bool yes(std::string_view name) const { return config::parse_bool(text(name, "no")).value_or(false); }
    [[nodiscard]] std::string filled(std::string pattern, const std::string& host) const {
        const auto replace = [&pattern](std::string_view what, const std::string& with) {
            for (auto at = pattern.find(what); at != std::string::npos; at = pattern.find(what, at + with.size()))
                pattern.replace(at, what.size(), with);
        };
        replace("${REMOTE_HOST}", host);
        replace("${USERNAME}", text("outbound_auth/username", ""));
        return pattern;
    }

    config::Section& object(const std::string& name, std::string_view type) {
        into_.sections.push_back({.name = name, .origin = wizard_.origin});
        auto& section = into_.sections.back();
        put(section, "type", std::string(type));
        return section;
    }
    void put(config::Section& section, std::string_view name, std::string value) {
        if (!value.empty())
            section.variables.push_back(
                {.name = std::string(name), .value = std::move(value), .origin = wizard_.origin});
    }
    /// `PREFIX/option` lines, behind what the wizard set, so that they win.
    void put_own(config::Section& section, std::string_view prefix) {
        for (const auto& variable : wizard_.variables) {
            const auto slash = variable.name.find('/');
            if (slash == std::string::npos || std::string_view(variable.name).substr(0, slash) != prefix) continue;
            auto own = variable;
            own.name.erase(0, slash + 1);
            section.variables.push_back(std::move(own));
        }
    }

    void endpoint() {
        auto& e = object(wizard_.name, "endpoint");
        put(e, "aors", wizard_.name);
        put(e, "transport", text("transport", ""));
        put(e, "outbound_proxy", text("outbound_proxy", ""));
        if (yes("accepts_auth")) put(e, "auth", wizard_.name + "-iauth");
        if (yes("sends_auth")) put(e, "outbound_auth", wizard_.name + "-oauth");
        put_own(e, "endpoint");
    }
    void aor() {
        auto& a = object(wizard_.name, "aor");
        put(a, "outbound_proxy", text("outbound_proxy", ""));
        if (yes("accepts_registrations")) {
            put(a, "max_contacts", "1");
        } else {
            for (const auto& host : hosts_)
                put(a, "contact", filled(text("contact_pattern", "sip:${REMOTE_HOST}"), host));
        }
        put_own(a, "aor");
    }
    void auth(std::string_view suffix, std::string_view prefix) {
        auto& a = object(wizard_.name + "-" + std::string(suffix), "auth");
        put(a, "auth_type", "userpass");
        put_own(a, prefix);
    }
    /// Who registers or proves itself needs no other recognition.
    void identify() {
        if (yes("accepts_registrations") || yes("accepts_auth") || hosts_.empty()) return;
        auto& i = object(wizard_.name + "-identify", "identify");
        put(i, "endpoint", wizard_.name);
        for (const auto& host : hosts_) put(i, "match", host);
        put_own(i, "identify");
    }
    void registrations() {
        const std::string client = text("client_uri_pattern", "sip:${USERNAME}@${REMOTE_HOST}");
        if (client.find("${USERNAME}") != std::string::npos && !has("outbound_auth/username"))
            return wrong("client_uri_pattern needs outbound_auth/username");
        for (std::size_t n = 0; n < hosts_.size(); ++n) {
            auto& r = object(wizard_.name + "-reg-" + std::to_string(n), "registration");
            put(r, "server_uri", filled(text("server_uri_pattern", "sip:${REMOTE_HOST}"), hosts_[n]));
            put(r, "client_uri", filled(client, hosts_[n]));
            put(r, "transport", text("transport", ""));
            put(r, "outbound_proxy", text("outbound_proxy", ""));
            if (yes("sends_auth")) put(r, "outbound_auth", wizard_.name + "-oauth");
            if (yes("sends_line_with_registrations")) {
                put(r, "line", "yes");
                put(r, "endpoint", wizard_.name);
            }
            put_own(r, "registration");
        }
    }
    void hint() {
        WizardHint made{.context = text("hint_context", text("endpoint/context", "default")),
                        .exten = text("hint_exten", ""),
                        .device = "PJSIP/" + wizard_.name,
                        .application = {},
                        .data = {}};
        const std::string call = text("hint_application", "");
        const auto open = call.find('(');
        made.application = std::string(config::trim(std::string_view(call).substr(0, open)));
        if (open != std::string::npos && call.ends_with(')')) made.data = call.substr(open + 1, call.size() - open - 2);
        into_.hints.push_back(std::move(made));
    }

    const config::Section& wizard_;
    WizardObjects& into_;
    config::Report& report_;
    std::vector<std::string> hosts_;
};

}  // namespace

WizardObjects expand_wizards(const config::File& file, config::Report& report) {
    WizardObjects out;
    for (const auto& section : file.sections()) {
        const auto* type = section.last("type");
        if (!type || *type != "wizard") {
            report.warning(section.origin, "[" + section.name + "] is not of type wizard and is ignored");
            continue;
        }
        Expansion(section, out, report).run();
    }
    return out;
}

void WizardHints::apply(const std::vector<WizardHint>& hints) {
    if (!pbx_.dialplan || hints == made_) return;
    dialplan::PlanBuilder plan(*pbx_.dialplan->plan());
    const auto gone = [](const std::vector<WizardHint>& from, const WizardHint& hint) {
        return std::ranges::find(from, hint) == from.end();
    };
    for (const auto& hint : made_) {
        if (!gone(hints, hint)) continue;
        (void)plan.remove(hint.context, hint.exten, -1);
        if (!hint.application.empty()) (void)plan.remove(hint.context, hint.exten, 1);
    }
    std::vector<WizardHint> made;
    for (const auto& hint : hints) {
        made.push_back(hint);
        if (!gone(made_, hint)) continue;
        std::string error;
        if (const auto* context = pbx_.dialplan->plan()->context(hint.context)) {
            const bool there = std::ranges::any_of(context->extensions(), [&](const dialplan::Extension* e) {
                return e->name == hint.exten && !e->hint.empty() && e->hint_registrar != registrar;
            });
            if (there) {
                log::warning("pjsip_wizard.conf: '{}' of '{}' has a hint of its own", hint.exten, hint.context);
                made.pop_back();
                continue;
            }
        }
        if (!plan.add_hint(hint.context, hint.exten, hint.device, {}, error, std::string(registrar))) {
            log::warning("pjsip_wizard.conf: {}", error);
            made.pop_back();
            continue;
        }
        if (hint.application.empty()) continue;
        const bool added = plan.add({.context = hint.context,
                                     .exten = hint.exten,
                                     .application = hint.application,
                                     .data = hint.data,
                                     .registrar = std::string(registrar)},
                                    error);
        if (!added) {
            log::warning("pjsip_wizard.conf: {}", error);
            made.back().application.clear();
        }
    }
    made_ = std::move(made);
    pbx_.dialplan->set(plan.build());
}

}  // namespace asterism::pjsip
