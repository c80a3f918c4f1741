// CHANNEL(...) of a PJSIP channel.
#include "asterism/dialplan/arguments.hpp"
#include "call.hpp"
#include "qos.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

std::string address_text(const media::Address& a) {
    return a.ip.find(':') != std::string::npos ? "[" + a.ip + "]:" + std::to_string(a.port)
                                               : a.ip + ":" + std::to_string(a.port);
}

}  // namespace

std::optional<std::string> Call::read(std::string_view item) const {
    const dialplan::Arguments args(item);
    const std::string& what = args[0];
    if (what == "endpoint") return endpoint_->name;
    if (what == "aor") return target_.aor;
    if (what == "contact") return target_.contact_id;
    if (what == "callgroup") return endpoint_->call_group;
    if (what == "pickupgroup") return endpoint_->pickup_group;
    if (what == "namedcallgroup") return endpoint_->named_call_group;
    if (what == "namedpickupgroup") return endpoint_->named_pickup_group;
    if (what == "dtmf_features") return std::string();
    if (what == "rtp") {
        const std::string& part = args[1];
        if (part == "src") {
            std::string host = media_host();
            return address_text({host, rtp_port_});
        }
        if (part == "dest") {
            if (!agreed_) return "(null)";
            return address_text({agreed_->remote.address, agreed_->remote_port});
        }
        if (part == "direct") return "(null)";
        if (part == "secure") return "0";
        if (part == "hold") return peer_holds_ ? "1" : "0";
        return std::nullopt;
    }
    if (what == "rtcp") {
        // The worker's figures arrive later than this is asked: what is known now, and better next time.
        if (leg_) {
            technology_.pbx().media->stats(leg_, [alive = alive_, self = const_cast<Call*>(this)](const auto& stats) {
                if (*alive) self->last_stats_ = stats;
            });
        }
        return qos_field(args[1], last_stats_.value_or(media::RtpStats{}));
    }
    if (what == "pjsip") {
        if (!session_) return std::string();
        const std::string& part = args[1];
        const sip::Dialog& dialog = session_->dialog();
        const auto uri = [](const std::string& address) {
            const auto parsed = sip::Address::parse(address);
            return parsed ? std::string(parsed->uri.text) : address;
        };
        if (part == "call-id") return dialog.call_id();
        if (part == "local_tag") return dialog.local_tag();
        if (part == "remote_tag") return dialog.remote_tag();
        if (part == "local_uri") return uri(dialog.local());
        if (part == "remote_uri") return uri(dialog.remote());
        if (part == "target_uri") return dialog.target();
        if (part == "request_uri") {
            const auto& message = session_->last_message();
            return incoming_ && message && message->is_request() ? std::string(message->request_uri()) : std::string();
        }
        if (part == "secure") return dialog.flow() && dialog.flow().protocol() == sip::Protocol::tls ? "1" : "0";
        if (part == "t38state") return "DISABLED";
        if (part == "local_addr") return dialog.flow() ? dialog.flow().transport->local().text() : std::string();
        if (part == "remote_addr") return dialog.flow() ? dialog.flow().remote.text() : std::string();
        if (part == "transport")
            return dialog.flow() ? std::string(sip::via_name(dialog.flow().protocol())) : std::string();
        return std::nullopt;
    }
    if (what == "callgroup") return endpoint_->call_group;
    if (what == "pickupgroup") return endpoint_->pickup_group;
    if (what == "namedcallgroup") return endpoint_->named_call_group;
    if (what == "namedpickupgroup") return endpoint_->named_pickup_group;
    if (what == "tonezone") return endpoint_->tone_zone;
    return std::nullopt;
}

bool Call::write(std::string_view, std::string_view) { return false; }

}  // namespace asterism::pjsip
