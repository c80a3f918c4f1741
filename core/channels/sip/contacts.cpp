#include "contacts.hpp"

#include <algorithm>

#include "asterism/events/events.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/store/astdb.hpp"
#include "contact_store.hpp"

namespace asterism::pjsip {

std::string_view ami_status(ContactInfo::Status status) {
    switch (status) {
        case ContactInfo::Status::unknown: return "Unknown";
        case ContactInfo::Status::created: return "Created";
        case ContactInfo::Status::reachable: return "Reachable";
        case ContactInfo::Status::unreachable: return "Unreachable";
        case ContactInfo::Status::non_qualified: break;
    }
    return "NonQualified";
}

std::string_view cli_status(ContactInfo::Status status) {
    switch (status) {
        case ContactInfo::Status::unknown: return "Unknown";
        case ContactInfo::Status::created: return "Created";
        case ContactInfo::Status::reachable: return "Avail";
        case ContactInfo::Status::unreachable: return "Unavail";
        case ContactInfo::Status::non_qualified: break;
    }
    return "NonQual";
}

Contacts::Contacts(Pbx& pbx, sip::Stack& stack) : pbx_(pbx), stack_(stack), expiry_(*pbx.loop) {}
Contacts::~Contacts() { *alive_ = false; }

// ---- configuration ----

void Contacts::apply(const ConfigurationPtr& config, bool first) {
    const ConfigurationPtr before = std::exchange(config_, config);
    endpoints_.clear();
    for (const auto& [name, endpoint] : config->endpoints)
        for (const auto& aor : endpoint->aors) endpoints_.emplace(aor, name);
    if (first) load_saved();

    // AORs that are gone take their permanent contacts with them; registered ones run out by themselves.
    for (auto& [name, list] : by_aor_) {
        const auto aor = config->aor(name);
        for (std::size_t i = list.size(); i-- > 0;) {
            if (!list[i]->permanent) continue;
            const auto& uri = list[i]->binding.uri;
            if (aor && std::find(aor->contacts.begin(), aor->contacts.end(), uri) != aor->contacts.end()) continue;
            erase(list, i, "Removed");
        }
    }
    for (const auto& [name, aor] : config->aors) {
        if (before && before->aor(name) == aor && !first) continue;
        auto& list = by_aor_[name];
        for (const auto& uri : aor->contacts) {
            const bool there = std::any_of(list.begin(), list.end(),
                                           [&](const auto& c) { return c->permanent && c->binding.uri == uri; });
            if (there) continue;
            sip::Binding binding;
            binding.uri = uri;
            insert(name, std::move(binding), true);
        }
        for (auto& contact : list) start_qualifying(*contact, *aor, true);
        mark(name);
    }
}

Contact& Contacts::insert(std::string_view aor, sip::Binding binding, bool permanent) {
    auto made = std::make_unique<Contact>();
    made->aor = aor;
    made->permanent = permanent;
    made->hash = sip::digest_hex(sip::DigestAlgorithm::md5, binding.uri);
    made->binding = std::move(binding);
    auto& list = by_aor_.try_emplace(std::string(aor)).first->second;
    list.push_back(std::move(made));
    return *list.back();
}

void Contacts::erase(List& list, std::size_t at, std::string_view status) {
    auto gone = std::move(list[at]);
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
    publish(*gone, status);
    mark(gone->aor);
    pbx_.loop->reap(std::move(gone));  // it may be its own qualifier that found out
}

// ---- questions ----

std::string Contacts::endpoint_of(std::string_view aor) const {
    const auto found = endpoints_.find(aor);
    return found == endpoints_.end() ? std::string() : found->second;
}

std::vector<const Contact*> Contacts::of(std::string_view aor) const {
    std::vector<const Contact*> out;
    if (const auto found = by_aor_.find(aor); found != by_aor_.end())
        for (const auto& contact : found->second) out.push_back(contact.get());
    return out;
}

const Contact* Contacts::find(std::string_view id) const {
    for (const auto separator : {std::string_view("@@"), std::string_view(";@"), std::string_view("/")}) {
        const auto at = id.rfind(separator);
        const auto cut = separator == "/" ? id.find('/') : at;
        if (cut == std::string_view::npos) continue;
        const auto list = by_aor_.find(id.substr(0, cut));
        if (list == by_aor_.end()) continue;
        const auto rest = id.substr(cut + separator.size());
        for (const auto& contact : list->second)
            if (separator == "/" ? contact->binding.uri == rest : contact->hash == rest) return contact.get();
    }
    return nullptr;
}

const Contact* Contacts::usable(std::string_view aor) const {
    const auto found = by_aor_.find(aor);
    if (found == by_aor_.end()) return nullptr;
    // One that registered goes before a permanent one.
    const Contact* permanent = nullptr;
    for (const auto& contact : found->second) {
        if (!contact->usable()) continue;
        if (!contact->permanent) return contact.get();
        if (permanent == nullptr) permanent = contact.get();
    }
    return permanent;
}

ContactInfo Contacts::info(const Contact& contact) const {
    const sip::Binding& b = contact.binding;
    ContactInfo info;
    info.id = contact.id();
    info.hash = contact.hash;
    info.aor = contact.aor;
    info.endpoint = b.endpoint.empty() ? endpoint_of(contact.aor) : b.endpoint;
    info.uri = b.uri;
    info.user_agent = b.user_agent;
    info.via_address = b.via_address;
    info.via_port = b.via_port;
    info.call_id = b.call_id;
    info.path = b.path;
    info.permanent = contact.permanent;
    info.prune_on_boot = b.prune_on_boot;
    info.status = contact.status;
    if (contact.round_trip > Duration::zero())
        info.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(contact.round_trip);
    if (!contact.permanent)
        info.expiration = std::chrono::duration_cast<std::chrono::seconds>(b.expires.time_since_epoch()).count();
    if (const auto aor = config_ ? config_->aor(contact.aor) : nullptr) {
        info.qualify_frequency =
            static_cast<unsigned>(std::chrono::duration_cast<std::chrono::seconds>(aor->qualify_frequency).count());
        info.qualify_timeout = std::chrono::duration<double>(aor->qualify_timeout).count();
        info.qualify_2xx_only = aor->qualify_2xx_only;
        info.authenticate_qualify = aor->authenticate_qualify;
        info.outbound_proxy = aor->outbound_proxy;
    }
    return info;
}

std::vector<std::string> Contacts::aor_names() const {
    std::vector<std::string> out;
    for (const auto& [name, list] : by_aor_)
        if (!list.empty()) out.push_back(name);
    return out;
}

// ---- qualify ----

void Contacts::start_qualifying(Contact& contact, const AorConfig& aor, bool first) {
    sip::QualifySettings settings;
    settings.contact_uri = contact.binding.uri;
    if (!aor.outbound_proxy.empty()) settings.routes.push_back("<" + aor.outbound_proxy + ">");
    const auto endpoint = config_->endpoint(endpoint_of(contact.aor));
    if (endpoint) {
        settings.hint.transport = endpoint->transport;
        if (!endpoint->from_user.empty() && !endpoint->from_domain.empty())
            settings.from = "<sip:" + endpoint->from_user + "@" + endpoint->from_domain + ">";
        settings.contact_user = endpoint->contact_user;
        settings.credentials = endpoint->credentials;
        if (settings.routes.empty() && endpoint->session) settings.routes = endpoint->session->routes;
    }
    settings.hint.flow = contact.binding.flow;
    settings.authenticate = aor.authenticate_qualify;
    settings.frequency = aor.qualify_frequency;
    settings.timeout = aor.qualify_timeout > Duration::zero() ? aor.qualify_timeout : std::chrono::seconds(3);
    settings.two_hundred_only = aor.qualify_2xx_only;
    contact.qualifier =
        std::make_unique<sip::ContactQualifier>(stack_, std::move(settings),
                                                [this, name = contact.aor, hash = contact.hash](
                                                    sip::ContactQualifier::Status now, sip::ContactQualifier::Status,
                                                    Duration rtt) { qualified(name, hash, now, rtt); });
    if (aor.qualify_frequency <= Duration::zero()) {
        contact.status = ContactInfo::Status::non_qualified;
        contact.round_trip = {};
        return;
    }
    if (contact.status == ContactInfo::Status::non_qualified) contact.status = ContactInfo::Status::unknown;
    Duration delay{};
    if (const auto most = config_->global->max_initial_qualify_time; first && most > 0)
        delay = std::chrono::milliseconds(pbx_.random->below(std::uint64_t{most} * 1000 + 1));
    contact.qualifier->start(delay);
}

void Contacts::qualified(const std::string& aor, const std::string& hash, sip::ContactQualifier::Status now,
                         Duration rtt) {
    const auto list = by_aor_.find(aor);
    if (list == by_aor_.end()) return;
    for (auto& contact : list->second) {
        if (contact->hash != hash) continue;
        const auto status = now == sip::ContactQualifier::Status::available ? ContactInfo::Status::reachable
                                                                            : ContactInfo::Status::unreachable;
        const bool news = contact->status != status;
        contact->status = status;
        contact->binding.unavailable = status == ContactInfo::Status::unreachable;
        contact->round_trip = status == ContactInfo::Status::reachable ? rtt : Duration{};
        if (pbx_.bus->wanted(EventKind::test)) {
            TestEvent event;
            event.state = "AOR_CONTACT_QUALIFY_RESULT";
            event.headers = {
                {"Contact", contact->binding.uri}, {"AOR", aor}, {"Status", std::string(ami_status(status))}};
            pbx_.bus->publish(std::move(event));
        }
        if (!news) return;
        log::verbose(3, "Contact {}/{} is now {}.  RTT: {:.3f} msec", aor, contact->binding.uri, ami_status(status),
                     std::chrono::duration<double, std::milli>(contact->round_trip).count());
        mark(aor);
        publish(*contact, ami_status(status));
        return;
    }
}

void Contacts::qualify(std::string_view aor) {
    const auto found = by_aor_.find(aor);
    if (found == by_aor_.end()) return;
    const auto config = config_->aor(aor);
    for (auto& contact : found->second) {
        if (!contact->qualifier && config) start_qualifying(*contact, *config, false);
        if (contact->qualifier) contact->qualifier->qualify_now();
    }
}

void Contacts::connection_lost(const sip::Transport& transport) {
    for (auto& [name, list] : by_aor_) {
        for (std::size_t i = list.size(); i-- > 0;) {
            if (list[i]->permanent || list[i]->binding.flow.transport.get() != &transport) continue;
            list[i]->binding.flow = {};
            if (!list[i]->binding.prune_on_boot) continue;
            log::verbose(3, "Removed contact '{}' from AOR '{}' because its connection was closed",
                         list[i]->binding.uri, name);
            if (pbx_.db) pbx_.db->del("registrar", "contact;" + list[i]->id());
            erase(list, i, "Removed");
        }
    }
}

// ---- the registrar's store ----

std::vector<sip::Binding> Contacts::bindings(std::string_view aor) const {
    std::vector<sip::Binding> out;
    if (const auto found = by_aor_.find(aor); found != by_aor_.end())
        for (const auto& contact : found->second)
            if (!contact->permanent) out.push_back(contact->binding);
    return out;
}

namespace {
void tell_test(Pbx& pbx, std::string_view state, std::string_view aor, const sip::Binding& binding) {
    if (!pbx.bus->wanted(EventKind::test)) return;
    TestEvent event;
    event.state = state;
    event.app_file = "res_pjsip_registrar.c";
    event.app_function = "registrar_add_contact";
    const auto left = std::chrono::round<std::chrono::seconds>(binding.expires - pbx.loop->clock().wall()).count();
    event.headers = {{"Contact", binding.uri},
                     {"AOR", std::string(aor)},
                     {"Expiration", std::to_string(left)},
                     {"UserAgent", binding.user_agent}};
    pbx.bus->publish(std::move(event));
}
}  // namespace

void Contacts::add(std::string_view aor, const sip::Binding& binding) {
    Contact& contact = insert(aor, binding, false);
    if (contact.binding.endpoint.empty()) contact.binding.endpoint = endpoint_of(aor);
    save(contact);
    log::verbose(3, "Added contact '{}' to AOR '{}' with expiration of {} seconds", binding.uri, aor,
                 std::chrono::duration_cast<std::chrono::seconds>(binding.expires - pbx_.loop->clock().wall()).count());
    tell_test(pbx_, "AOR_CONTACT_ADDED", aor, binding);
    const auto config = config_->aor(aor);
    const bool asks = config && config->qualify_frequency > Duration::zero();
    if (asks) contact.status = ContactInfo::Status::created;
    mark(aor);
    publish(contact, asks ? "Created" : "NonQualified");
    if (config) start_qualifying(contact, *config, false);
    expect_expiry(binding.expires);
}

void Contacts::update(std::string_view aor, const sip::Binding& binding) {
    const auto found = by_aor_.find(aor);
    if (found == by_aor_.end()) return;
    for (auto& contact : found->second) {
        if (contact->permanent || contact->binding.uri != binding.uri) continue;
        const bool moved = contact->binding.flow.transport != binding.flow.transport;
        std::string endpoint = contact->binding.endpoint;
        contact->binding = binding;
        if (contact->binding.endpoint.empty()) contact->binding.endpoint = std::move(endpoint);
        save(*contact);
        log::debug(3, "Refreshed contact '{}' on AOR '{}'", binding.uri, aor);
        tell_test(pbx_, "AOR_CONTACT_REFRESHED", aor, binding);
        if (config_->global->send_status_on_update) publish(*contact, "Updated");
        if (const auto config = config_->aor(aor); config && moved && config->qualify_frequency > Duration::zero())
            start_qualifying(*contact, *config, false);
        expect_expiry(binding.expires);
        return;
    }
    add(aor, binding);
}

void Contacts::remove(std::string_view aor, const sip::Binding& binding, Removal why) {
    const auto found = by_aor_.find(aor);
    if (found == by_aor_.end()) return;
    auto& list = found->second;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i]->permanent || list[i]->binding.uri != binding.uri) continue;
        log::verbose(3, "Removed contact '{}' from AOR '{}' due to {}", binding.uri, aor,
                     why == Removal::replaced ? "remove existing" : "request");
        if (pbx_.db) pbx_.db->del("registrar", "contact;" + list[i]->id());
        tell_test(pbx_, "AOR_CONTACT_REMOVED", aor, binding);
        erase(list, i, "Removed");
        return;
    }
}

void Contacts::save(const Contact& contact) const {
    if (!pbx_.db) return;
    pbx_.db->put("registrar", "contact;" + contact.id(), write_contact(info(contact)));
}

void Contacts::load_saved() {
    if (!pbx_.db) return;
    const WallTime now = pbx_.loop->clock().wall();
    for (const auto& [path, text] : pbx_.db->tree("registrar")) {
        static constexpr std::string_view prefix = "/registrar/contact;";
        if (!path.starts_with(prefix)) continue;
        const auto key = std::string_view(path).substr(std::string_view("/registrar/").size());
        const auto id = key.substr(std::string_view("contact;").size());
        const auto at = id.rfind(";@");
        auto read = read_contact(text);
        if (at == std::string_view::npos || !read || read->prune_on_boot || read->expires <= now ||
            !config_->aor(id.substr(0, at))) {
            pbx_.db->del("registrar", key);
            continue;
        }
        const WallTime expires = read->expires;
        insert(id.substr(0, at), std::move(*read), false);
        expect_expiry(expires);
    }
}

// ---- expiry, events ----

/// The timer stands at the earliest end there was: a refreshed contact only makes it look once in vain.
void Contacts::expect_expiry(WallTime when) {
    if (expiry_.pending() && when >= expiry_due_) return;
    expiry_due_ = when;
    const auto wait = std::max<WallTime::duration>(when - pbx_.loop->clock().wall(), WallTime::duration::zero());
    expiry_.start(std::chrono::duration_cast<Duration>(wait) + 1ms, [this] { expire(); });
}

void Contacts::expire() {
    const WallTime now = pbx_.loop->clock().wall();
    std::optional<WallTime> next;
    for (auto& [name, list] : by_aor_) {
        for (std::size_t i = list.size(); i-- > 0;) {
            if (list[i]->permanent) continue;
            if (list[i]->binding.expires > now) {
                if (!next || list[i]->binding.expires < *next) next = list[i]->binding.expires;
                continue;
            }
            log::verbose(3, "Removed contact '{}' from AOR '{}' due to expiration", list[i]->binding.uri, name);
            if (pbx_.db) pbx_.db->del("registrar", "contact;" + list[i]->id());
            tell_test(pbx_, "AOR_CONTACT_REMOVED", name, list[i]->binding);
            erase(list, i, "Removed");
        }
    }
    // With thousands of contacts the ends come closer than it pays to look for them.
    if (next) expect_expiry(std::max<WallTime>(*next, now + 250ms));
}

void Contacts::publish(const Contact& contact, std::string_view status) const {
    if (!pbx_.bus->wanted(EventKind::contact_status)) return;
    const ContactInfo about = info(contact);
    ContactStatus event;
    event.uri = about.uri;
    event.status = status;
    event.aor = about.aor;
    event.endpoint = about.endpoint;
    event.user_agent = about.user_agent;
    event.via_address = about.via_address;
    event.call_id = about.call_id;
    event.expiration = about.expiration;
    if (about.round_trip) event.round_trip_us = about.round_trip->count();
    // Later in the turn, after the endpoint's and the device's state: the order in which Asterisk tells it.
    pbx_.loop->defer([this, alive = alive_, event = std::move(event)]() mutable {
        if (*alive) pbx_.bus->publish(std::move(event));
    });
}

void Contacts::mark(std::string_view aor) {
    const bool first = dirty_.empty();
    dirty_.emplace(aor);
    if (!first) return;
    pbx_.loop->defer([this, alive = alive_] {
        if (!*alive) return;
        for (const auto& name : std::exchange(dirty_, {}))
            if (changed_) changed_(name);
    });
}

}  // namespace asterism::pjsip
