#include "cli_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace asterism::pjsip::text {

std::string rule() { return std::string(90, '=') + "\n"; }

std::string label(std::string_view name, std::size_t column) { return fmt::format("{:>{}}:  ", name, column - 3); }

std::string parameters(const Fields& fields) {
    std::size_t width = std::string_view("ParameterName").size(), longest = std::string_view("ParameterValue").size();
    for (const auto& [name, value] : fields) {
        width = std::max(width, name.size());
        longest = std::max(longest, value.size());
    }
    std::string out =
        fmt::format(" {:<{}} : ParameterValue\n {}\n", "ParameterName", width, std::string(width + 3 + longest, '='));
    for (const auto& [name, value] : fields) out += fmt::format(" {:<{}} : {}\n", name, width, value);
    return out;
}

std::string endpoint_line(const EndpointInfo& e) {
    const std::string name = e.caller_number.empty() ? e.name : e.name + "/" + e.caller_number;
    const std::string most = e.device_state_busy_at > 0 ? std::to_string(e.device_state_busy_at) : "inf";
    return fmt::format("{}{:<53}{:<14}{} of {}\n", label("Endpoint", 12), name, e.device_state, e.active_channels,
                       most);
}

std::string aor_line(const AorInfo& aor, std::size_t column) {
    return fmt::format("{}{:<{}}{}\n", label("Aor", column), aor.name, 65 - column, aor.max_contacts);
}

std::string contact_line(const ContactInfo& c, std::size_t column) {
    std::string name = c.aor + "/" + c.uri;
    const std::size_t width = 58 - column;
    if (name.size() > width) name.resize(width);
    const std::string rtt =
        c.round_trip ? fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(*c.round_trip).count()) : "nan";
    return fmt::format("{}{:<{}} {:.10} {:<7} {:>11}\n", label("Contact", column), name, width, c.hash,
                       cli_status(c.status), rtt);
}

std::string auth_line(const AuthInfo& auth, std::string_view name, std::size_t column) {
    return fmt::format("{}{}/{}\n", label(name, column), auth.name, auth.username);
}

std::string transport_line(const TransportInfo& t) {
    return fmt::format("Transport:  {:<21}  {:>6}  {:>5}  {:>5}  {}\n", t.name, t.protocol, t.cos, t.tos, t.bind);
}

std::string identify_block(const IdentifyInfo& identify, std::size_t column) {
    std::string out = fmt::format("{}{}/{}\n", label("Identify", column), identify.name, identify.endpoint);
    for (const auto& match : identify.matches) out += fmt::format("{:>{}}: {}\n", "Match", column - 1, match);
    for (const auto& header : identify.headers) out += fmt::format("{:>{}}: {}\n", "Header", column - 1, header);
    return out;
}

std::string channel_block(Channel& channel, std::size_t column, WallTime now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - channel.created()).count();
    const std::string time = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    const auto& connected = channel.connected().id;
    std::string out =
        fmt::format("{:>{}}: {:<{}}{:<14}{:<11}\n", "Channel", column - 3, channel.name() + "/" + channel.application(),
                    66 - column, to_string(channel.state()), time);
    out += fmt::format("{:>{}}: {:<{}}CLCID: \"{}\" <{}>\n", "Exten", column - 1, channel.location().exten, 40 - column,
                       connected.name.valid ? connected.name.text : "",
                       connected.number.valid ? connected.number.text : "");
    return out;
}

std::string registration_line(const RegistrationInfo& r) {
    std::string name = r.name + "/" + r.server_uri;
    const std::string expiry = r.expires_in == 0  ? std::string()
                               : r.expires_in > 0 ? fmt::format("(exp. {}s)", r.expires_in)
                                                  : fmt::format("(exp. {}s ago)", -r.expires_in);
    std::string line =
        fmt::format(" {:<54}  {:<26}  {:<18}{}", name, r.auths.empty() ? "n/a" : r.auths.front(), r.status, expiry);
    return line + "\n";
}

std::string endpoint_heading() {
    return "\n Endpoint:  <Endpoint/CID.....................................>  <State.....>  <Channels.>\n"
           "    I/OAuth:  <AuthId/UserName...........................................................>\n"
           "        Aor:  <Aor............................................>  <MaxContact>\n"
           "      Contact:  <Aor/ContactUri..........................> <Hash....> <Status> <RTT(ms)..>\n"
           "  Transport:  <TransportId........>  <Type>  <cos>  <tos>  <BindAddress..................>\n"
           "   Identify:  <Identify/Endpoint.........................................................>\n"
           "        Match:  <criteria.........................>\n"
           "    Channel:  <ChannelId......................................>  <State.....>  <Time.....>\n"
           "        Exten: <DialedExten...........>  CLCID: <ConnectedLineCID.......>\n" +
           rule() + "\n";
}

std::string endpoint_block(Pjsip& technology, const EndpointInfo& endpoint) {
    std::string out = endpoint_line(endpoint);
    for (const auto& name : endpoint.auths)
        if (const auto auth = technology.auth(name)) out += auth_line(*auth, "InAuth", 14);
    for (const auto& name : endpoint.outbound_auths)
        if (const auto auth = technology.auth(name)) out += auth_line(*auth, "OutAuth", 14);
    for (const auto& name : endpoint.aors) {
        const auto aor = technology.aor(name);
        if (!aor) continue;
        out += aor_line(*aor, 14);
        for (const auto& contact : technology.contacts(name)) out += contact_line(contact, 16);
    }
    if (!endpoint.transport.empty()) {
        for (const auto& transport : technology.transports())
            if (transport.name == endpoint.transport)
                out += fmt::format("  Transport:  {:<19}  {:>6}  {:>5}  {:>5}  {}\n", transport.name,
                                   transport.protocol, transport.cos, transport.tos, transport.bind);
    }
    for (const auto& identify : technology.identifies())
        if (identify.endpoint == endpoint.name) out += identify_block(identify, 14);
    const WallTime now = technology.pbx().loop->clock().wall();
    for (const Call* call : technology.calls_of(endpoint.name))
        if (call->channel() && !call->channel()->ended()) out += channel_block(*call->channel(), 14, now);
    return out;
}

}  // namespace asterism::pjsip::text
