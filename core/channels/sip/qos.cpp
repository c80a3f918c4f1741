#include "qos.hpp"

#include <fmt/format.h>

#include <iterator>

namespace asterism::pjsip {
namespace {

std::string summary(const media::RtpStats& s) {
    return fmt::format(
        "ssrc={};themssrc={};lp={};rxjitter={:.6f};rxcount={};txjitter={:.6f};txcount={};rlp={};rtt={:.6f};"
        "rxmes={:.6f};txmes={:.6f}",
        s.local_ssrc, s.remote_ssrc, s.rx_lost, s.rx_jitter, s.rx_packets, s.tx_jitter, s.tx_packets, s.tx_lost,
        s.rtt.last, 0.0, 0.0);
}

/// "minrxlost=000.000000;..." with the names padded to the longest of their kind, as Asterisk prints them.
void four(std::string& out, std::string_view what, const media::Spread& s) {
    fmt::format_to(std::back_inserter(out), "{:>11}={:010.6f};{:>11}={:010.6f};{:>11}={:010.6f};{:>13}={:010.6f};",
                   fmt::format("min{}", what), s.min, fmt::format("max{}", what), s.max, fmt::format("avg{}", what),
                   s.mean, fmt::format("stdev{}", what), s.stdev);
}

std::string spread(std::string_view rx, std::string_view tx, const media::Spread& local, const media::Spread& remote) {
    std::string out;
    four(out, rx, local);
    four(out, tx, remote);
    return out;
}

// Most calls end before a report came: their figures are the same zeros, printed once.
const std::string& jitter_of_none() {
    static const std::string text = spread("rxjitter", "txjitter", {}, {});
    return text;
}
const std::string& loss_of_none() {
    static const std::string text = spread("rxlost", "txlost", {}, {});
    return text;
}
const std::string& rtt_of_none() {
    static const std::string text = [] {
        std::string out;
        four(out, "rtt", {});
        return out;
    }();
    return text;
}
const std::string& mes() {
    static const std::string text = spread("rxmes", "txmes", {}, {});
    return text;
}

std::string jitter(const media::RtpStats& s) {
    if (s.local_jitter.count == 0 && s.remote_jitter.count == 0) return jitter_of_none();
    return spread("rxjitter", "txjitter", s.local_jitter, s.remote_jitter);
}
std::string loss(const media::RtpStats& s) {
    if (s.local_loss.count == 0 && s.remote_loss.count == 0) return loss_of_none();
    return spread("rxlost", "txlost", s.local_loss, s.remote_loss);
}
std::string rtt(const media::RtpStats& s) {
    if (s.rtt.count == 0) return rtt_of_none();
    std::string out;
    four(out, "rtt", s.rtt);
    return out;
}

}  // namespace

void set_qos_variables(Channel& channel, const media::RtpStats& s) {
    channel.set_variable("RTPAUDIOQOS", summary(s));
    channel.set_variable("RTPAUDIOQOSJITTER", jitter(s));
    channel.set_variable("RTPAUDIOQOSLOSS", loss(s));
    channel.set_variable("RTPAUDIOQOSRTT", rtt(s));
    channel.set_variable("RTPAUDIOQOSMES", mes());
}

std::optional<std::string> qos_field(std::string_view what, const media::RtpStats& s) {
    const auto count = [](auto n) { return std::to_string(n); };
    const auto real = [](double n) { return fmt::format("{:.6f}", n); };
    if (what == "all" || what.empty()) return summary(s);
    if (what == "all_jitter") return jitter(s);
    if (what == "all_loss") return loss(s);
    if (what == "all_rtt") return rtt(s);
    if (what == "all_mes") return mes();
    if (what == "txcount") return count(s.tx_packets);
    if (what == "rxcount") return count(s.rx_packets);
    if (what == "txoctetcount") return count(s.tx_octets);
    if (what == "rxoctetcount") return count(s.rx_octets);
    if (what == "txploss" || what == "remote_lostpackets") return count(s.tx_lost);
    if (what == "rxploss" || what == "local_lostpackets") return count(s.rx_lost);
    if (what == "txjitter") return real(s.tx_jitter);
    if (what == "rxjitter") return real(s.rx_jitter);
    if (what == "rtt") return real(s.rtt.last);
    if (what == "minrtt") return real(s.rtt.min);
    if (what == "maxrtt") return real(s.rtt.max);
    if (what == "normdevrtt") return real(s.rtt.mean);
    if (what == "stdevrtt") return real(s.rtt.stdev);
    if (what == "local_ssrc") return count(s.local_ssrc);
    if (what == "remote_ssrc") return count(s.remote_ssrc);
    if (what == "local_maxjitter") return real(s.local_jitter.max);
    if (what == "local_minjitter") return real(s.local_jitter.min);
    if (what == "local_normdevjitter") return real(s.local_jitter.mean);
    if (what == "local_stdevjitter") return real(s.local_jitter.stdev);
    if (what == "remote_maxjitter") return real(s.remote_jitter.max);
    if (what == "remote_minjitter") return real(s.remote_jitter.min);
    if (what == "remote_normdevjitter") return real(s.remote_jitter.mean);
    if (what == "remote_stdevjitter") return real(s.remote_jitter.stdev);
    return std::nullopt;
}

}  // namespace asterism::pjsip
