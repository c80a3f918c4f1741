// A PBX with the PJSIP technology and nothing else, in virtual time: the test is the peer and the dialplan.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "asterism/model/operations.hpp"
#include "asterism/runtime/task.hpp"
#include "asterism/sip/message.hpp"
#include "asterism/world/world.hpp"
#include "core/channels/sip/technology.hpp"
#include "support/fake_media.hpp"
#include "support/sip_net.hpp"
#include "support/test_loop.hpp"
#include "unit/config/map_source.hpp"

namespace asterism::pjsip {

inline constexpr std::string_view usual_config = R"(
[udp]
type=transport
protocol=udp
bind=127.0.0.1:5060
[tcp]
type=transport
protocol=tcp
bind=127.0.0.1:5060

[alice]
type=endpoint
context=sip
allow=ulaw,alaw
auth=alice
aors=alice
callerid=Alice <1000>
[alice]
type=auth
auth_type=digest
username=alice
password=alicepw
[alice]
type=aor
max_contacts=2

[bob]
type=endpoint
context=sip
allow=alaw,ulaw
aors=bob
[bob]
type=aor
contact=sip:bob@127.0.0.1:5072

[sipp]
type=endpoint
context=sip
allow=ulaw,alaw
aors=sipp
set_var=COLOUR=red
[sipp]
type=aor
contact=sip:sipp@127.0.0.1:5071
[sipp-id]
type=identify
endpoint=sipp
match_header=X-Sipp: yes
)";

class SipWorld : public World {
  public:
    explicit SipWorld(std::string_view config = usual_config) {
        pbx.dialplan = nullptr;  // the test is the dialplan
        pbx.start_dialplan = [](Channel& channel) { current()->started.push_back(channel.id()); };
        current() = this;
        settings.etc_dir = "/etc";
        source.files["/etc/pjsip.conf"] = config;
        auto made = std::make_unique<FakeNet>();
        net = made.get();
        tech = std::make_unique<Pjsip>(pbx, std::move(made));
        loaded = tech->load(source, report);
        tech->start();
        loop.run();
        watch = bus.subscribe([this](const Event& event) { note(event); });
    }
    /// Everybody hangs up, and what waits for an answer gives up.
    ~SipWorld() override {
        for (const ChannelId id : channels.ids())
            if (Channel* channel = channels.find(id)) channel->end(Cause::normal_clearing);
        loop.advance(std::chrono::seconds(70));
        current() = nullptr;
    }

    /// The channel whose dialplan was started last.
    Channel& channel() {
        Channel* found = started.empty() ? nullptr : channels.find(started.back());
        if (!found) throw std::logic_error("no dialplan was started on a channel that is still there");
        return *found;
    }
    /// The next message that was sent; null if there is none.
    sip::MessagePtr next() {
        if (net->sent.empty()) return nullptr;
        last_sent = net->sent.front().bytes;
        last_to = net->sent.front().to;
        net->sent.pop_front();
        auto parsed = sip::Message::parse(last_sent);
        if (!parsed) throw std::logic_error("sent what cannot be read: " + last_sent);
        return *parsed;
    }
    int next_status() {
        const auto message = next();
        return message ? message->status() : -1;
    }
    void receive(const std::string& bytes, std::uint16_t port = 5071) {
        net->receive(*sip::SocketAddress::parse("127.0.0.1", port), bytes);
        loop.run();
    }
    static SipWorld*& current() {
        static SipWorld* one = nullptr;
        return one;
    }

    config::MapSource source;
    config::Report report;
    bool loaded = false;
    FakeNet* net = nullptr;
    std::unique_ptr<Pjsip> tech;
    std::vector<ChannelId> started;
    std::string last_sent;
    sip::SocketAddress last_to;

  private:
    void note(const Event& event) {
        switch (event.kind) {
            case EventKind::channel_created:
                events.push_back("Newchannel " + as<ChannelCreated>(event).channel->name);
                break;
            case EventKind::channel_state:
                events.push_back("Newstate " + std::string(to_string(as<ChannelStateChanged>(event).channel->state)));
                break;
            case EventKind::channel_hangup:
                events.push_back("Hangup " + std::to_string(static_cast<int>(as<ChannelHangup>(event).cause)));
                break;
            case EventKind::channel_variable:
                events.push_back("VarSet " + as<ChannelVariable>(event).name + "=" + as<ChannelVariable>(event).value);
                break;
            case EventKind::channel_hold: events.push_back("Hold " + as<ChannelHold>(event).music_class); break;
            case EventKind::channel_unhold: events.push_back("Unhold"); break;
            case EventKind::endpoint_state:
                events.push_back("PeerStatus " + as<EndpointStateChanged>(event).resource + " " +
                                 as<EndpointStateChanged>(event).peer_status);
                break;
            case EventKind::contact_status:
                events.push_back("ContactStatus " + as<ContactStatus>(event).uri + " " +
                                 as<ContactStatus>(event).status);
                break;
            case EventKind::device_state:
                events.push_back("DeviceState " + as<DeviceStateChanged>(event).device + " " +
                                 as<DeviceStateChanged>(event).state);
                break;
            case EventKind::security: events.push_back("Security " + as<SecurityEvent>(event).name); break;
            case EventKind::test: events.push_back("Test " + as<TestEvent>(event).state); break;
            default: break;
        }
    }
    Bus::Subscription watch;
};

inline constexpr std::string_view usual_sdp =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 27600 RTP/AVP 0 8 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
    "a=ptime:20\r\na=sendrecv\r\n";

/// The same with another direction than sendrecv.
inline std::string usual_sdp_as(std::string_view direction) {
    std::string sdp(usual_sdp);
    return sdp.replace(sdp.find("sendrecv"), 8, direction);
}

/// A request as the recorded agent wrote it.
struct Ask {
    std::string method = "INVITE", uri = "sip:200@127.0.0.1:5060", from = "\"Cat\" <sip:sippy@127.0.0.1>;tag=f1",
                to = "<sip:200@127.0.0.1:5060>", call_id = "cat1@127.0.0.1", branch = "z9hG4bK1";
    int cseq = 1;
    std::vector<std::string> headers{"X-Sipp: yes"};
    std::string body{}, type = "application/sdp";
    std::uint16_t port = 5071;

    [[nodiscard]] std::string text() const {
        std::string out = method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" + std::to_string(port) +
                          ";rport;branch=" + branch + "\r\nMax-Forwards: 70\r\nFrom: " + from + "\r\nTo: " + to +
                          "\r\nCall-ID: " + call_id + "\r\nCSeq: " + std::to_string(cseq) + " " + method +
                          "\r\nContact: <sip:sippy@127.0.0.1:" + std::to_string(port) + ">\r\n";
        for (const auto& header : headers) out += header + "\r\n";
        if (!body.empty()) out += "Content-Type: " + type + "\r\n";
        return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
};

/// An incoming call that is answered and acknowledged, its messages taken; the To with our tag.
inline std::string answered_call(SipWorld& w, Ask ask = {}) {
    if (ask.body.empty()) ask.body = usual_sdp;
    w.receive(ask.text(), ask.port);
    answer(w.channel());
    w.loop.run();
    std::string to;
    while (const auto message = w.next())
        if (message->status() == 200) to = *message->header(sip::HeaderId::to);
    const Ask ack{.method = "ACK",
                  .to = to,
                  .call_id = ask.call_id,
                  .branch = ask.branch + "a",
                  .cseq = ask.cseq,
                  .port = ask.port};
    w.receive(ack.text(), ask.port);
    return to;
}

/// A response to a request that the technology sent.
inline std::string reply(const sip::Message& request, int code, std::string_view reason, std::string_view tag = "uas1",
                         std::vector<std::string> headers = {}, std::string_view body = {}) {
    std::string out = "SIP/2.0 " + std::to_string(code) + " " + std::string(reason) + "\r\n";
    for (std::size_t i = 0; i < request.lines(); ++i) {
        const auto line = request.line(i);
        switch (line.id) {
            case sip::HeaderId::via:
            case sip::HeaderId::from:
            case sip::HeaderId::call_id:
            case sip::HeaderId::cseq: out += std::string(line.name) + ": " + std::string(line.value) + "\r\n"; break;
            case sip::HeaderId::to:
                out += "To: " + std::string(line.value);
                if (request.to_tag().empty() && !tag.empty()) out += ";tag=" + std::string(tag);
                out += "\r\n";
                break;
            default: break;
        }
    }
    for (const auto& header : headers) out += header + "\r\n";
    if (!body.empty()) out += "Content-Type: application/sdp\r\n";
    return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// An outgoing call, made but not sent yet.
inline Channel& dial(SipWorld& w, const std::string& data, std::vector<std::string> formats = {}) {
    auto made = w.tech->request({.data = data,
                                 .requestor = {},
                                 .formats = std::move(formats),
                                 .uniqueid = {},
                                 .other_uniqueid = {},
                                 .linkedid = {},
                                 .account_code = {},
                                 .language = {}});
    if (!made) throw std::logic_error("no channel was made for " + data);
    return **made;
}

/// What happened on a channel to a controller, which the test is.
struct Watch {
    Watch(SipWorld& w, Channel& channel) : hold(channel), box(w.loop), observation(channel, box) {}
    /// What the signalling said; that media came as well is another matter.
    std::vector<ChannelSignal::Kind> kinds() {
        std::vector<ChannelSignal::Kind> out;
        while (auto one = box.try_next())
            if (one->kind != ChannelSignal::Kind::heard) out.push_back(one->kind);
        return out;
    }
    Channel::Hold hold;
    Mailbox<ChannelSignal> box;
    Observation observation;
};

}  // namespace asterism::pjsip
