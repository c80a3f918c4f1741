// Dynamic configuration: objects that an application makes, changes and deletes while the daemon runs.
#include <algorithm>

#include "asterism/config/report.hpp"
#include "asterism/runtime/log.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

constexpr std::string_view types[] = {"endpoint", "aor",    "auth", "transport", "identify",    "registration",
                                      "global",   "system", "acl",  "contact",   "domain_alias"};

bool known(std::string_view type) { return std::ranges::find(types, type) != std::end(types); }

template <class T>
std::expected<Fields, Directory::Refused> fields_of(const Objects<T>& objects, std::string_view id, Kind kind) {
    const auto found = Configuration::find(objects, id);
    if (!found) return std::unexpected(Directory::Refused{Directory::Refusal::no_such_object});
    return found->shown.all(kind);
}

/// The fields replace all lines of the same name; a name that is given twice adds up.
void merge(config::Section& section, const Fields& fields) {
    for (const auto& [name, value] : fields)
        std::erase_if(section.variables, [&](const auto& v) { return v.is(name); });
    for (const auto& [name, value] : fields) section.variables.push_back({.name = name, .value = value, .origin = {}});
}

}  // namespace

std::expected<Fields, Directory::Refused> Pjsip::object(std::string_view type, std::string_view id) const {
    const Refused absent{Refusal::no_such_object};
    if (!known(type)) return std::unexpected(Refused{Refusal::no_such_type});
    if (type == "endpoint") return fields_of(config_->endpoints, id, Kind::endpoint);
    if (type == "aor") {
        const auto found = aor(id);
        return found ? std::expected<Fields, Refused>(found->options) : std::unexpected(absent);
    }
    if (type == "auth") return fields_of(config_->auths, id, Kind::auth);
    if (type == "transport") return fields_of(config_->transports, id, Kind::transport);
    if (type == "identify") return fields_of(config_->identifies, id, Kind::identify);
    if (type == "registration") return fields_of(config_->registrations, id, Kind::registration);
    if (type == "global" && id == "global") return global_settings();
    if (type == "system" && id == "system") return system_settings();
    if (type == "contact") {
        const auto found = contact(id);
        if (!found) return std::unexpected(absent);
        return Fields{{"authenticate_qualify", found->authenticate_qualify ? "true" : "false"},
                      {"call_id", found->call_id},
                      {"endpoint", found->endpoint},
                      {"expiration_time", std::to_string(found->expiration)},
                      {"outbound_proxy", found->outbound_proxy},
                      {"path", found->path},
                      {"prune_on_boot", found->prune_on_boot ? "true" : "false"},
                      {"qualify_frequency", std::to_string(found->qualify_frequency)},
                      {"qualify_timeout", std::to_string(found->qualify_timeout)},
                      {"reg_server", found->reg_server},
                      {"uri", found->uri},
                      {"user_agent", found->user_agent},
                      {"via_addr", found->via_address},
                      {"via_port", std::to_string(found->via_port)}};
    }
    return std::unexpected(absent);
}

std::expected<void, std::string> Pjsip::change_dynamic(DynamicObjects objects) {
    config::Report report;
    auto made = with_dynamic(*config_, std::move(objects), user_agent(), report);
    if (made) {
        // What pjsip.conf's own lines deserve was said when it was read.
        apply(std::move(made), false);
        return {};
    }
    for (const auto& finding : report.findings())
        if (finding.severity == config::Finding::Severity::error) return std::unexpected(finding.what);
    return std::unexpected("the object cannot be used");
}

std::expected<Fields, Directory::Refused> Pjsip::set_object(std::string_view type, std::string_view id,
                                                            const Fields& fields) {
    if (!known(type)) return std::unexpected(Refused{Refusal::no_such_type});
    if (!config_->memory_types.contains(type)) return std::unexpected(Refused{Refusal::not_allowed});
    const std::pair<std::string, std::string> key(type, id);
    // One of pjsip.conf's own stays as it is written there.
    if (!config_->dynamic.contains(key) && object(type, id)) return std::unexpected(Refused{Refusal::not_allowed});
    DynamicObjects objects = config_->dynamic;
    auto& section = objects[key];
    section.name = id;
    merge(section, fields);
    for (const auto& [name, value] : fields) {
        // What a file may say with a warning is wrong in a request.
        const auto kind = static_cast<Kind>(std::ranges::find(types, type) - std::begin(types));
        const auto rows = known_options(kind);
        const bool there = std::ranges::any_of(rows, [&](const Known& row) { return sip::iequals(row.name, name); });
        if (!there) return std::unexpected(Refused{Refusal::bad_value, "unknown attribute '" + name + "'"});
    }
    if (auto done = change_dynamic(std::move(objects)); !done)
        return std::unexpected(Refused{Refusal::bad_value, std::move(done.error())});
    return object(type, id);
}

std::expected<void, Directory::Refused> Pjsip::delete_object(std::string_view type, std::string_view id) {
    if (!known(type)) return std::unexpected(Refused{Refusal::no_such_type});
    const auto found = config_->dynamic.find({std::string(type), std::string(id)});
    if (found == config_->dynamic.end()) {
        const bool there = object(type, id).has_value();
        return std::unexpected(Refused{there ? Refusal::not_allowed : Refusal::no_such_object});
    }
    DynamicObjects objects = config_->dynamic;
    objects.erase(found->first);
    if (auto done = change_dynamic(std::move(objects)); !done)
        return std::unexpected(Refused{Refusal::bad_value, std::move(done.error())});
    return {};
}

}  // namespace asterism::pjsip
