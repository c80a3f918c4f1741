#include "asterism/sip/registrar.hpp"

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>

#include "asterism/sip/digest.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

std::string http_date(WallTime time) {
    static constexpr std::string_view days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm t{};
    gmtime_r(&seconds, &t);
    const auto two = [](int value) {
        return std::string{static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
    };
    std::string out(days[t.tm_wday]);
    out += ", " + two(t.tm_mday) + ' ';
    out += months[t.tm_mon];
    out += ' ' + std::to_string(t.tm_year + 1900) + ' ' + two(t.tm_hour) + ':' + two(t.tm_min) + ':' + two(t.tm_sec);
    out += " GMT";
    return out;
}

namespace {

struct Wanted {
    std::string uri;  // as it is stored
    std::uint32_t expires;
};

std::uint32_t clamp_expiration(std::uint32_t seconds, const AorSettings& s) {
    if (seconds == 0) return 0;
    return std::min(std::max(seconds, s.minimum_expiration), s.maximum_expiration);
}

bool same_contact(const std::string& stored, const std::string& wanted) {
    if (stored == wanted) return true;
    const auto a = Uri::parse(stored), b = Uri::parse(wanted);
    return a && b && equivalent(*a, *b);
}

/// The contact's URI, or with the packet's source in it (rewrite_contact).
std::string stored_uri(const Uri& uri, const Flow& flow, bool rewrite) {
    if (rewrite && uri.is_sip()) return uri_at_source(uri, flow, UriContext::contact);
    std::string out;
    uri.print(out, UriContext::contact);
    return out;
}

}  // namespace

std::string contact_id(std::string_view aor, std::string_view uri) {
    std::string out(aor);
    out += ";@";
    out += digest_hex(DigestAlgorithm::md5, uri);
    return out;
}

Response Registrar::handle(const Message& request, const Flow& flow, std::string_view aor, const AorSettings& settings,
                           std::string_view endpoint) {
    const WallTime now = clock_.wall();
    const auto expires_value = request.header(HeaderId::expires);
    // 20.19: an Expires that cannot be read counts as 3600; here as none.
    const std::optional<std::uint32_t> expires_header = expires_value ? delta_seconds(*expires_value) : std::nullopt;

    std::vector<Wanted> wanted;
    bool star = false, bad = false;
    std::size_t count = 0;
    request.each(HeaderId::contact, [&](std::string_view element) {
        const auto address = Address::parse(element);
        if (!address || ++count > limits::contacts) {
            bad = true;
            return;
        }
        if (address->star) {
            star = true;
            return;
        }
        if (!address->uri.is_sip()) {
            bad = true;
            return;
        }
        std::uint32_t seconds = expires_header.value_or(settings.default_expiration);
        if (const auto own = address->params.get("expires")) seconds = delta_seconds(*own).value_or(seconds);
        Wanted one{stored_uri(address->uri, flow, settings.rewrite_contact), clamp_expiration(seconds, settings)};
        // Named twice: the last counts.
        std::erase_if(wanted, [&](const Wanted& w) { return same_contact(w.uri, one.uri); });
        wanted.push_back(std::move(one));
    });
    // 10.3 step 6: `*` stands alone and only to remove.
    if (bad || (star && (count != 1 || expires_header.value_or(1) != 0))) return Response{.code = 400};

    std::vector<Binding> bindings = store_.bindings(aor);
    const auto find = [&](const std::string& uri) {
        return std::find_if(bindings.begin(), bindings.end(),
                            [&](const Binding& b) { return same_contact(b.uri, uri); });
    };
    // 10.3 step 7 would have the CSeq grow within a Call-ID. Asterisk does not look at it, and phones that begin anew
    // under their old Call-ID after a restart live by that.
    if (star) {
        for (const Binding& b : bindings) store_.remove(aor, b, BindingStore::Removal::unregistered);
    } else if (!wanted.empty()) {
        if (settings.max_contacts == 0) return Response{.code = 403};
        std::size_t added = 0, removed = 0;
        for (const Wanted& w : wanted) {
            const auto known = find(w.uri);
            if (w.expires == 0)
                removed += known != bindings.end();
            else
                added += known == bindings.end();
        }
        const std::size_t others = bindings.size() - removed;
        // Permanent contacts do not count.
        std::size_t excess = others + added > settings.max_contacts ? others + added - settings.max_contacts : 0;
        std::vector<Binding> victims;
        if (excess > 0 && added > 0) {
            // Those that this request does not touch may have to go: dead ones first, then the ones that end soonest.
            std::vector<Binding> candidates;
            for (const Binding& b : bindings) {
                const bool touched = std::any_of(wanted.begin(), wanted.end(),
                                                 [&](const Wanted& w) { return same_contact(b.uri, w.uri); });
                if (!touched && (settings.remove_existing || (settings.remove_unavailable && b.unavailable)))
                    candidates.push_back(b);
            }
            std::sort(candidates.begin(), candidates.end(), [&](const Binding& a, const Binding& b) {
                if (settings.remove_unavailable && a.unavailable != b.unavailable) return a.unavailable;
                return a.expires != b.expires ? a.expires < b.expires : a.uri < b.uri;
            });
            if (candidates.size() < excess) return Response{.code = 403};
            victims.assign(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(excess));
        }
        std::string path;
        if (settings.support_path) {
            request.each(HeaderId::path, [&](std::string_view element) {
                if (!path.empty()) path += ", ";
                path += element;
            });
        }
        for (const Wanted& w : wanted) {
            const auto known = find(w.uri);
            if (w.expires == 0) {
                if (known == bindings.end()) continue;
                store_.remove(aor, *known, BindingStore::Removal::unregistered);
                bindings.erase(known);
                continue;
            }
            Binding b;
            if (known != bindings.end()) b = *known;
            b.uri = known != bindings.end() ? known->uri : w.uri;
            b.call_id = request.call_id();
            b.cseq = request.cseq();
            b.expires = now + std::chrono::seconds(w.expires);
            b.user_agent = request.header(HeaderId::user_agent).value_or(std::string_view{});
            b.path = path;
            const Via& via = request.top_via();
            b.via_address = via.host;
            b.via_port = via.port;
            b.flow = flow;
            b.endpoint = endpoint;
            b.unavailable = false;
            b.prune_on_boot = flow.reliable();
            if (known != bindings.end()) {
                *known = b;
                store_.update(aor, b);
            } else {
                bindings.push_back(b);
                store_.add(aor, b);
            }
        }
        for (const Binding& b : victims) store_.remove(aor, b, BindingStore::Removal::replaced);
    }

    Response out{.code = 200, .headers = {{"Date", http_date(now)}}};
    // RFC 3327 5.3: the Path as it came.
    if (settings.support_path) {
        for (std::size_t i = 0; i < request.lines(); ++i)
            if (request.line(i).id == HeaderId::path)
                out.headers.push_back({"Path", std::string(request.line(i).value)});
        out.headers.push_back({"Supported", "path"});
    }
    // Asterisk lists contacts in the order of their ids.
    std::vector<std::pair<std::string, Binding>> listed;
    for (Binding& b : store_.bindings(aor)) listed.emplace_back(contact_id(aor, b.uri), std::move(b));
    std::sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [id, b] : listed) {
        // A second is lost on the way, as Asterisk counts.
        const auto left = std::chrono::duration_cast<std::chrono::seconds>(b.expires - now).count() - 1;
        if (left < 0) continue;
        out.headers.push_back({"Contact", "<" + b.uri + ">;expires=" + std::to_string(left)});
    }
    if (expires_header) {
        std::uint32_t granted = star ? 0 : clamp_expiration(*expires_header, settings);
        out.headers.push_back({"Expires", std::to_string(granted)});
    }
    return out;
}

}  // namespace asterism::sip
