// `pjsip ...` on the console.
#include "asterism/cli/registry.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/task.hpp"
#include "cli_text.hpp"
#include "functions.hpp"

namespace asterism::pjsip {
namespace {

using cli::Context;
using cli::Result;

/// "[ like <pattern> ]" behind a command: which names are wanted.
class Like {
  public:
    explicit Like(const Context& c) {
        if (c.arguments() >= 2 && c.argument(0) == "like") pattern_.emplace("/" + std::string(c.argument(1)) + "/");
        ok_ = c.arguments() == 0 || (c.arguments() == 2 && pattern_);
    }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool operator()(std::string_view name) const { return !pattern_ || pattern_->matches(name); }

  private:
    std::optional<Pattern> pattern_;
    bool ok_ = false;
};

/// Heading, one block for each object, and how many there were.
template <class T, class Block>
Result print_list(Context& c, std::string_view heading, const std::vector<T>& objects, Block block, bool spaced) {
    const Like like(c);
    if (!like.ok()) return Result::usage;
    std::string out;
    std::size_t count = 0;
    for (const auto& object : objects) {
        if (!like(object.name)) continue;
        ++count;
        out += block(object);
        if (spaced) out += '\n';
    }
    if (count == 0) {
        c.print("No objects found.\n\n");
        return Result::success;
    }
    c.print("\n{}{}\n{}\nObjects found: {}\n\n", heading, text::rule(), out, count);
    return Result::success;
}

constexpr std::string_view endpoint_list_heading =
    " Endpoint:  <Endpoint/CID.....................................>  <State.....>  <Channels.>\n";
constexpr std::string_view aor_heading =
    "      Aor:  <Aor..............................................>  <MaxContact>\n";
constexpr std::string_view aor_contact_heading =
    "    Contact:  <Aor/ContactUri............................> <Hash....> <Status> <RTT(ms)..>\n";
constexpr std::string_view contact_heading =
    "  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>\n";
constexpr std::string_view auth_heading =
    "  I/OAuth:  <AuthId/UserName.............................................................>\n";
constexpr std::string_view transport_heading =
    "Transport:  <TransportId........>  <Type>  <cos>  <tos>  <BindAddress....................>\n";
constexpr std::string_view identify_heading =
    " Identify:  <Identify/Endpoint...........................................................>\n"
    "      Match:  <criteria...........................>\n";
constexpr std::string_view channel_heading =
    "  Channel:  <ChannelId........................................>  <State.....>  <Time.....>\n"
    "      Exten: <DialedExten.............>  CLCID: <ConnectedLineCID.......>\n";
constexpr std::string_view registration_heading =
    " <Registration/ServerURI..............................>  <Auth....................>  <Status.......>\n";

struct NamedContact : ContactInfo {
    std::string name;
};
struct NamedChannel {
    std::string name;
    Channel* channel;
};

class Commands {
  public:
    Commands(Pjsip& technology, cli::Registry& registry) : t_(technology), registry_(registry) {}

    void add_all() {
        for (const std::string verb : {"list", "show"}) {
            const bool all = verb == "show";
            add(verb, "endpoints", "PJSIP endpoints", [this, all](Context& c) { return endpoints(c, all); });
            add(verb, "aors", "PJSIP AORs", [this, all](Context& c) { return aors(c, all); });
            add(verb, "contacts", "PJSIP contacts", [this](Context& c) { return contacts(c); });
            add(verb, "auths", "PJSIP auths", [this](Context& c) {
                return print_list(
                    c, auth_heading, t_.auths(), [](const auto& a) { return text::auth_line(a, "Auth", 12); }, false);
            });
            add(verb, "transports", "PJSIP transports", [this](Context& c) {
                return print_list(c, transport_heading, t_.transports(), text::transport_line, false);
            });
            add(verb, "identifies", "PJSIP identifies", [this](Context& c) {
                return print_list(
                    c, identify_heading, t_.identifies(), [](const auto& i) { return text::identify_block(i, 12); },
                    true);
            });
            add(verb, "channels", "PJSIP channels", [this](Context& c) { return channels(c); });
            add(verb, "registrations", "PJSIP outbound registrations", [this](Context& c) {
                return print_list(c, registration_heading, t_.registrations(), text::registration_line, false);
            });
        }
        one("endpoint", "Show PJSIP Endpoint", [this](Context& c) { return endpoint(c); }, &Commands::endpoint_names);
        one("aor", "Show PJSIP Aor", [this](Context& c) { return aor(c); }, &Commands::aor_names);
        one("auth", "Show PJSIP Auth", [this](Context& c) { return auth(c); }, &Commands::auth_names);
        one("transport", "Show PJSIP Transport", [this](Context& c) { return transport(c); }, nullptr);
        one("contact", "Show PJSIP Contact", [this](Context& c) { return contact(c); }, nullptr);
        registry_.add(
            {.name = "pjsip show version", .summary = "Show the version of pjproject in use", .run = [](Context& c) {
                 c.print("PJPROJECT version currently running against: 2.17\n");
                 return Result::success;
             }});
        registry_.add({.name = "pjsip show settings",
                       .summary = "Show global and system configuration options",
                       .run = [this](Context& c) {
                           c.print("\nGlobal Settings:\n\n{}\nSystem Settings:\n\n{}",
                                   text::parameters(t_.global_settings()), text::parameters(t_.system_settings()));
                           return Result::success;
                       }});
        registry_.add({.name = "pjsip show identifiers",
                       .summary = "List registered endpoint identifiers",
                       .run = [](Context& c) {
                           c.print("Identifier Names:   \n");
                           for (const char* name : {"name not specified", "ip", "username", "anonymous",
                                                    "auth_username", "header", "request_uri"})
                               c.print("{:<20}\n", name);
                           return Result::success;
                       }});
        registry_.add({.name = "pjsip show channelstats",
                       .summary = "Show PJSIP Channel Stats",
                       .run = [this](Context& c) { return channel_stats(c); }});
        registry_.add({.name = "pjsip qualify",
                       .summary = "Send an OPTIONS request to a PJSIP endpoint",
                       .usage = "<endpoint>\n       Sends OPTIONS to all contacts of the endpoint.\n",
                       .run = [this](Context& c) { return qualify(c); },
                       .complete = [this](const cli::Completion&) { return t_.endpoint_names(); }});
        registry_.add({.name = "pjsip show qualify endpoint",
                       .summary = "Show the current qualify options for all Aors on the PJSIP endpoint",
                       .usage = "<id>\n",
                       .run = [this](Context& c) { return show_qualify(c); }});
        registry_.add({.name = "pjsip send register",
                       .summary = "Registers an outbound registration target",
                       .usage = "<registration> | *all\n",
                       .run = [this](Context& c) { return registration(c, true); }});
        registry_.add({.name = "pjsip send unregister",
                       .summary = "Unregisters outbound registration target",
                       .usage = "<registration> | *all\n",
                       .run = [this](Context& c) { return registration(c, false); }});
        registry_.add(
            {.name = "pjsip send notify",
             .summary = "Send a NOTIFY request to a SIP endpoint",
             .usage = "<type> {endpoint|uri|channel} <peer> [<peer>...]\n"
                      "       Sends what the section <type> of pjsip_notify.conf says; to a channel within its call.\n",
             .run_async = [this](Context& c) { return notify(c); }});
        registry_.add(
            {.name = "pjsip set logger",
             .summary = "Enable/Disable PJSIP Logger Output",
             .usage = "{on|off|host <address/subnet>|add <address/subnet>}\n"
                      "       Writes SIP messages to the log and the consoles.\n",
             .run = [this](Context& c) { return logger(c); },
             .complete = [](const cli::Completion&) { return std::vector<std::string>{"on", "off", "host", "add"}; }});
        registry_.add({.name = "pjsip set debug",
                       .summary = "The same as pjsip set logger",
                       .run = [this](Context& c) { return logger(c); },
                       .hidden = true});
        registry_.add({.name = "pjsip reload", .summary = "Reload pjsip.conf", .run_async = [this](Context& c) {
                           return reload(c);
                       }});
    }

  private:
    void add(const std::string& verb, const std::string& what, const std::string& about,
             std::function<Result(Context&)> run) {
        registry_.add({.name = "pjsip " + verb + " " + what,
                       .summary = (verb == "list" ? "List " : "Show ") + about,
                       .usage = "[ like <pattern> ]\n       " + std::string(verb == "list" ? "Lists" : "Shows") + " " +
                                about + ", optionally those whose names fit a regular expression.\n",
                       .run = std::move(run)});
    }
    void one(const std::string& what, const std::string& summary, std::function<Result(Context&)> run,
             std::vector<std::string> (Commands::*names)() const) {
        cli::Command command{
            .name = "pjsip show " + what, .summary = summary, .usage = "<id>\n", .run = std::move(run)};
        if (names) command.complete = [this, names](const cli::Completion&) { return (this->*names)(); };
        registry_.add(std::move(command));
    }
    std::vector<std::string> endpoint_names() const { return t_.endpoint_names(); }
    std::vector<std::string> aor_names() const {
        std::vector<std::string> out;
        for (const auto& [name, aor] : t_.config().aors) out.push_back(name);
        return out;
    }
    std::vector<std::string> auth_names() const {
        std::vector<std::string> out;
        for (const auto& [name, auth] : t_.config().auths) out.push_back(name);
        return out;
    }

    Result endpoints(Context& c, bool all) {
        if (!all) return print_list(c, endpoint_list_heading, t_.endpoints(), text::endpoint_line, false);
        const Like like(c);
        if (!like.ok()) return Result::usage;
        std::string out;
        std::size_t count = 0;
        for (const auto& endpoint : t_.endpoints()) {
            if (!like(endpoint.name)) continue;
            ++count;
            out += text::endpoint_block(t_, endpoint) + "\n";
        }
        if (count == 0)
            c.print("No objects found.\n\n");
        else
            c.print("{}{}\nObjects found: {}\n\n", text::endpoint_heading(), out, count);
        return Result::success;
    }

    Result aors(Context& c, bool all) {
        const std::string heading = std::string(aor_heading) + (all ? std::string(aor_contact_heading) : std::string());
        return print_list(
            c, heading, t_.aors(),
            [this, all](const AorInfo& aor) {
                std::string out = text::aor_line(aor, 12);
                if (all)
                    for (const auto& contact : t_.contacts(aor.name)) out += text::contact_line(contact, 14);
                return out;
            },
            all);
    }

    Result contacts(Context& c) {
        std::vector<NamedContact> named;
        for (auto& info : t_.contacts({})) {
            NamedContact one;
            static_cast<ContactInfo&>(one) = std::move(info);
            one.name = one.aor + "/" + one.uri;
            named.push_back(std::move(one));
        }
        return print_list(
            c, contact_heading, named, [](const NamedContact& one) { return text::contact_line(one, 12); }, false);
    }

    Result channels(Context& c) {
        std::vector<NamedChannel> named;
        for (const Call* call : t_.calls())
            if (call->channel() && !call->channel()->ended())
                named.push_back({call->channel()->name(), call->channel()});
        const WallTime now = t_.pbx().loop->clock().wall();
        return print_list(
            c, channel_heading, named,
            [now](const NamedChannel& one) { return text::channel_block(*one.channel, 12, now); }, true);
    }

    Result channel_stats(Context& c) {
        c.print(
            "\n                                             ...........Receive......... .........Transmit..........\n"
            " BridgeId ChannelId ........ UpTime.. Codec.   Count    Lost Pct  Jitter   Count    Lost Pct  Jitter "
            "RTT....\n {}\n\n",
            std::string(107, '='));
        std::size_t count = 0;
        for (const Call* call : t_.calls()) {
            if (!call->channel() || call->channel()->ended()) continue;
            ++count;
            c.print(" {:<19.19} {:<6.6} not valid\n", call->channel()->name().substr(6), call->codec_in_use());
        }
        c.print("\nObjects found: {}\n\n", count);
        return Result::success;
    }

    template <class T>
    Result missing(Context& c, const std::optional<T>&) {
        c.print("Unable to find object {}.\n\n", c.argument(0));
        return Result::success;
    }

    Result endpoint(Context& c) {
        if (c.arguments() != 1) return Result::usage;
        const auto found = t_.endpoint(c.argument(0));
        if (!found) return missing(c, found);
        c.print("{}{}\n\n{}\n", text::endpoint_heading(), text::endpoint_block(t_, *found),
                text::parameters(found->options));
        return Result::success;
    }
    Result aor(Context& c) {
        if (c.arguments() != 1) return Result::usage;
        const auto found = t_.aor(c.argument(0));
        if (!found) return missing(c, found);
        c.print("\n{}{}{}\n{}", aor_heading, aor_contact_heading, text::rule(), text::aor_line(*found, 12));
        for (const auto& contact : t_.contacts(found->name)) c.print("{}", text::contact_line(contact, 14));
        c.print("\n\n{}\n", text::parameters(found->options));
        return Result::success;
    }
    Result auth(Context& c) {
        if (c.arguments() != 1) return Result::usage;
        const auto found = t_.auth(c.argument(0));
        if (!found) return missing(c, found);
        c.print("\n{}{}\n{}\n{}\n", auth_heading, text::rule(), text::auth_line(*found, "Auth", 12),
                text::parameters(found->options));
        return Result::success;
    }
    Result transport(Context& c) {
        if (c.arguments() != 1) return Result::usage;
        for (const auto& one : t_.transports()) {
            if (one.name != c.argument(0)) continue;
            c.print("\n{}{}\n{}\n{}\n", transport_heading, text::rule(), text::transport_line(one),
                    text::parameters(one.options));
            return Result::success;
        }
        c.print("Unable to find object {}.\n\n", c.argument(0));
        return Result::success;
    }
    Result contact(Context& c) {
        if (c.arguments() != 1) return Result::usage;
        const auto found = t_.contact(c.argument(0));
        if (!found) return missing(c, found);
        c.print("\n{}{}\n{}\n", contact_heading, text::rule(), text::contact_line(*found, 12));
        return Result::success;
    }

    Result qualify(Context& c) {
        if (c.arguments() != 1) return Result::usage;
        const auto found = t_.endpoint(c.argument(0));
        if (!found) {
            c.print("Unable to retrieve endpoint {}\n", c.argument(0));
            return Result::failure;
        }
        for (const auto& aor : found->aors) c.print("Qualifying AOR '{}' on endpoint '{}'\n", aor, found->name);
        t_.qualify(found->name);
        return Result::success;
    }

    Result show_qualify(Context& c) {
        if (c.arguments() != 1) return Result::usage;
        const auto found = t_.config().endpoint(c.argument(0));
        if (!found) {
            c.print("Unable to retrieve endpoint {}\n", c.argument(0));
            return Result::failure;
        }
        for (const auto& name : found->aors) {
            const auto aor = t_.config().aor(name);
            if (!aor) continue;
            const auto yes = [](bool on) { return on ? "yes" : "no"; };
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(aor->qualify_frequency).count();
            const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(aor->qualify_timeout).count();
            c.print(
                " * AOR '{}' on endpoint '{}'\n  Qualify frequency    : {} sec\n  Qualify timeout      : {} ms\n"
                "  Qualify 2xx only     : {}\n  Authenticate qualify : {}\n\n",
                name, found->name, seconds, seconds == 0 ? 0 : ms, yes(aor->qualify_2xx_only),
                yes(aor->authenticate_qualify));
        }
        return Result::success;
    }

    Result registration(Context& c, bool on) {
        if (c.arguments() != 1) return Result::usage;
        std::vector<std::string> names;
        if (c.argument(0) == "*all") {
            for (const auto& one : t_.registrations()) names.push_back(one.name);
        } else {
            names.emplace_back(c.argument(0));
        }
        for (const auto& name : names) {
            if (!(on ? t_.send_register(name) : t_.send_unregister(name))) {
                c.print("Unable to retrieve registration {}\n", name);
                return Result::failure;
            }
        }
        c.print("{} initiated.\n", on ? "Re-register" : "Unregister");
        return Result::success;
    }

    Result logger(Context& c) {
        const auto what = c.argument(0);
        if (what == "on") {
            t_.message_log().all(true);
            c.print("PJSIP Logging enabled\n");
        } else if (what == "off") {
            t_.message_log().all(false);
            c.print("PJSIP Logging disabled\n");
        } else if ((what == "host" || what == "add") && c.arguments() == 2) {
            const auto network = Network::parse(c.argument(1));
            if (!network) {
                c.print("'{}' is neither an address nor a network\n", c.argument(1));
                return Result::failure;
            }
            t_.message_log().host(*network, what == "add");
            c.print("PJSIP Logging Enabled for host: {}\n", c.argument(1));
        } else {
            return Result::usage;
        }
        return Result::success;
    }

    Task<Result> notify(Context& c) {
        if (c.arguments() < 3 || (c.argument(1) != "endpoint" && c.argument(1) != "uri" && c.argument(1) != "channel"))
            co_return Result::usage;
        const std::string section(c.argument(0));
        const auto fields = co_await read_notify_option(t_.pbx(), section);
        if (!fields) {
            c.print("Unable to find notify type '{}'\n", section);
            co_return Result::failure;
        }
        for (std::size_t i = 2; i < c.arguments(); ++i) {
            const std::string peer(c.argument(i));
            c.print("Sending NOTIFY of type '{}' to '{}'\n", section, peer);
            const bool ok = c.argument(1) == "endpoint" ? t_.notify_endpoint(peer, *fields)
                            : c.argument(1) == "uri"    ? t_.notify_uri(peer, *fields)
                                                        : t_.notify_channel(peer, *fields);
            if (!ok) c.print("Unable to retrieve {} {}\n", c.argument(1), peer);
        }
        co_return Result::success;
    }

    Task<Result> reload(Context& c) {
        auto box = std::make_shared<Mailbox<bool>>(*t_.pbx().loop);
        t_.reload([box](bool ok) { box->send(ok); });
        const bool ok = co_await box->next();
        c.print("{}", ok ? "Module 'res_pjsip.so' reloaded successfully.\n"
                         : "pjsip.conf has errors: nothing was changed.\n");
        co_return ok ? Result::success : Result::failure;
    }

    Pjsip& t_;
    cli::Registry& registry_;
};

}  // namespace

void Pjsip::register_commands() {
    if (pbx_.cli) {
        commands_ = std::make_shared<Commands>(*this, *pbx_.cli);
        static_cast<Commands*>(commands_.get())->add_all();
        add_subscription_commands(*this, *pbx_.cli);
        add_maintenance_commands(*this, *pbx_.cli);
    }
    if (pbx_.functions) add_functions(*this, *pbx_.functions);
    if (pbx_.applications) add_applications(*this, *pbx_.applications);
}

}  // namespace asterism::pjsip
