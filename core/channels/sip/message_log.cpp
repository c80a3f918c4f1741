#include "message_log.hpp"

#include "asterism/runtime/log.hpp"
#include "net.hpp"

namespace asterism::pjsip {

void MessageLog::all(bool on) {
    all_ = on;
    hosts_.clear();
    stack_.set_tap(on ? this : nullptr);
}

void MessageLog::host(const Network& network, bool add) {
    all_ = false;
    if (!add) hosts_.clear();
    hosts_.push_back(network);
    stack_.set_tap(this);
}

bool MessageLog::wants(const sip::Flow& flow) const {
    if (all_) return true;
    const auto ip = to_ip(flow.remote);
    for (const auto& network : hosts_)
        if (network.holds(ip)) return true;
    return false;
}

namespace {
std::string_view what(std::string_view bytes) { return bytes.starts_with("SIP/2.0") ? "response" : "request"; }
}  // namespace

void MessageLog::received(const sip::Flow& flow, std::string_view bytes) {
    if (!wants(flow)) return;
    log::verbose(0, "<--- Received SIP {} ({} bytes) from {}:{} --->\n{}\n", what(bytes), bytes.size(),
                 sip::via_name(flow.protocol()), flow.remote.text(), bytes);
}

void MessageLog::sent(const sip::Flow& flow, std::string_view bytes) {
    if (!wants(flow)) return;
    log::verbose(0, "<--- Transmitting SIP {} ({} bytes) to {}:{} --->\n{}\n", what(bytes), bytes.size(),
                 sip::via_name(flow.protocol()), flow.remote.text(), bytes);
}

}  // namespace asterism::pjsip
