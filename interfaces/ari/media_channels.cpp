#include "media_channels.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cstring>

#include "asterism/media/codec.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::ari {

void LegDriver::call() {
    // Not inside the caller's own call.
    pbx_.loop->defer([&pbx = pbx_, id = channel_->id()] {
        if (Channel* channel = pbx.channels->find(id)) channel->answered();
    });
}

void LegDriver::answer() { channel_->set_state(ChannelState::up); }

void LegDriver::hangup() {
    if (leg_) pbx_.media->close(std::exchange(leg_, {}));
}

namespace {

media::LegHandler events_to(Pbx& pbx, const std::shared_ptr<ChannelId>& id) {
    return [&pbx, id](media::LegId, const media::LegEvent& event) {
        if (Channel* channel = pbx.channels->find(*id)) channel->media_event(event);
    };
}

struct Wanted {
    media::Address remote;
    media::CodecId codec = media::CodecId::ulaw;
};

/// "127.0.0.1:4000/c(slin16)", "[::1]:4000".
std::optional<Wanted> parse_data(std::string_view data) {
    Wanted wanted;
    const auto slash = data.find('/');
    const auto address = data.substr(0, slash);
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto port = parse_whole<std::uint16_t>(address.substr(colon + 1));
    if (!port || *port == 0) return std::nullopt;
    wanted.remote = {std::string(host == "localhost" ? "127.0.0.1" : host), *port};
    if (slash != std::string_view::npos) {
        const auto options = data.substr(slash + 1);
        const auto open = options.find("c(");
        const auto close = options.find(')', open == std::string_view::npos ? 0 : open);
        if (open != std::string_view::npos && close != std::string_view::npos) {
            const auto codec = media::codec_by_name(options.substr(open + 2, close - open - 2));
            if (!codec) return std::nullopt;
            wanted.codec = *codec;
        }
    }
    return wanted;
}

}  // namespace

std::string local_address_towards(const media::Address& remote) {
    sockaddr_storage to{};
    socklen_t size = 0;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&to);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&to);
    if (::inet_pton(AF_INET, remote.ip.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(remote.port);
        size = sizeof *v4;
    } else if (::inet_pton(AF_INET6, remote.ip.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(remote.port);
        size = sizeof *v6;
    } else {
        return {};
    }
    // A UDP socket that is connected sends nothing, but knows its own address.
    const int fd = ::socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return {};
    std::string found;
    sockaddr_storage own{};
    socklen_t own_size = sizeof own;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), size) == 0 &&
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size) == 0) {
        char text[INET6_ADDRSTRLEN] = "";
        const void* bytes = own.ss_family == AF_INET
                                ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(&own)->sin_addr)
                                : static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(&own)->sin6_addr);
        if (::inet_ntop(own.ss_family, bytes, text, sizeof text) != nullptr) found = text;
    }
    ::close(fd);
    return found;
}

std::expected<Channel*, Cause> UnicastRtp::request(const ChannelRequest& request) {
    const auto wanted = parse_data(request.data);
    if (!wanted) {
        log::error("Unable to parse '{}' as address and codec of a media server", request.data);
        return std::unexpected(Cause::invalid_number_format);
    }
    const std::string local = local_address_towards(wanted->remote);
    if (local.empty()) return std::unexpected(Cause::no_route_destination);
    const auto id = std::make_shared<ChannelId>();
    const auto port = pbx_.media->open_rtp({.bind_ip = local}, events_to(pbx_, id));
    if (!port) {
        log::error("No RTP port for a media server: {}", port.error());
        return std::unexpected(Cause::normal_temporary_failure);
    }
    const auto& codec = media::codec_info(wanted->codec);
    media::RtpConfig config;
    config.remote = wanted->remote;
    config.send = {static_cast<std::uint8_t>(codec.payload_type), wanted->codec};
    config.receive = {config.send};
    config.dtmf = media::DtmfMode::none;
    config.strict = media::StrictRtp::no;
    pbx_.media->configure_rtp(port->leg, config);

    ChannelSetup setup;
    setup.name = fmt::format("UnicastRTP/{}-0x{:012x}", request.data.substr(0, request.data.find('/')),
                             0x7f0000000000 | (pbx_.random->next() & 0xffffffffff));
    setup.exact_name = true;
    setup.uniqueid = request.uniqueid;
    setup.linkedid = request.linkedid;
    auto driver = std::make_unique<LegDriver>(pbx_, name());
    LegDriver& raw = *driver;
    raw.set_format(std::string(codec.name));
    Channel& channel = pbx_.channels->create(std::move(setup), std::move(driver));
    *id = channel.id();
    raw.attach(channel, port->leg);
    channel.set_variable("UNICASTRTP_LOCAL_PORT", std::to_string(port->rtp.port));
    channel.set_variable("UNICASTRTP_LOCAL_ADDRESS", local);
    return &channel;
}

Channel& make_snoop(Pbx& pbx, Channel& spied, const media::TapOptions& options, std::string uniqueid) {
    const auto id = std::make_shared<ChannelId>();
    const auto leg = pbx.media->open_tap(spied.leg(), options, events_to(pbx, id));
    ChannelSetup setup;
    setup.name = "Snoop/" + spied.uniqueid();
    setup.uniqueid = std::move(uniqueid);
    setup.state = ChannelState::up;
    auto driver = std::make_unique<LegDriver>(pbx, "Snoop");
    LegDriver& raw = *driver;
    Channel& channel = pbx.channels->create(std::move(setup), std::move(driver));
    *id = channel.id();
    raw.attach(channel, leg);
    return channel;
}

}  // namespace asterism::ari
