// The calling side of an invite session, with a bench instead of a network.
#pragma once

#include "asterism/sip/cause.hpp"
#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

using State = InviteSession::State;

inline const std::string offer_sdp = crlf("v=0\no=- 7 7 IN IP4 127.0.0.1\ns=Asterisk\n");
inline constexpr std::string_view peer_contact = "Contact: <sip:callee@127.0.0.2:5080>\n";

struct Uac : testing::Test {
    explicit Uac(Protocol protocol = Protocol::udp) : b(protocol) { settings.contact_user = "asterisk"; }
    ~Uac() override {
        if (session) session->detach();
    }
    MessagePtr call(std::string offer = offer_sdp, Headers headers = {}) {
        Call c;
        c.uri = "sip:callee@127.0.0.2:5080";
        c.from = "\"Out Bound\" <sip:5550@127.0.0.1>";
        c.offer = std::move(offer);
        c.headers = std::move(headers);
        c.settings = std::make_shared<const SessionSettings>(settings);
        session = InviteSession::call(b.stack, std::move(c), listener);
        invite = b.take_message();
        return invite;
    }
    void reply(int code, std::string_view tag = "uas1", std::string_view extra = {}, std::string_view body = {}) {
        b.receive(respond_to(*invite, code, tag, extra, body));
    }
    void establish(std::string extra = {}) {
        call();
        reply(200, "uas1", std::string(peer_contact) + extra, some_sdp);
        b.take();
        listener.take();
    }
    /// A request of the callee in the dialog.
    std::string from_peer(std::string_view method, std::uint32_t cseq, std::string_view extra = {},
                          std::string_view body = {}) {
        std::string out = std::string(method) + " sip:asterisk@127.0.0.1:5060 SIP/2.0\n";
        out +=
            "Via: SIP/2.0/UDP 127.0.0.2:5080;rport;branch=z9hG4bK" + std::string(method) + std::to_string(cseq) + "\n";
        out += "From: <sip:callee@127.0.0.2>;tag=uas1\nTo: <sip:5550@127.0.0.1>;tag=" + std::string(invite->from_tag());
        out += "\nCall-ID: " + std::string(invite->call_id()) + "\nCSeq: " + std::to_string(cseq) + " " +
               std::string(method) + "\n" + std::string(extra);
        if (!body.empty()) out += "Content-Type: application/sdp\n";
        std::size_t length = body.size();
        for (char c : body) length += c == '\n';
        return out + "Content-Length: " + std::to_string(length) + "\n\n" + std::string(body);
    }
    std::string sent() { return b.sent(); }

    Bench b;
    SessionSettings settings;
    Listener listener;
    InviteSessionPtr session;
    MessagePtr invite;
};

inline const std::string agent = "Max-Forwards: 70\r\nUser-Agent: Asterisk PBX 22.11.0-rc1\r\n";

}  // namespace asterism::sip::test
