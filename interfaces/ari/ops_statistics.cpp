// /channels/{channelId}/rtp_statistics
#include <fmt/format.h>

#include "asterism/media/engine.hpp"
#include "asterism/pbx.hpp"
#include "control_ops.hpp"

namespace asterism::ari {

namespace {

/// Always with a point: 0.0.
void put_number(Json& json, std::string_view name, double value) {
    auto text = fmt::format("{:.6g}", value);
    if (text.find_first_of(".en") == std::string::npos) text += ".0";
    json.key(name).raw(text);
}

void put_spread(Json& json, const std::string& prefix, std::string_view what, const media::Spread& spread) {
    const auto name = [&](std::string_view which) { return prefix + std::string(which) + std::string(what); };
    put_number(json, name("max"), spread.max);
    put_number(json, name("min"), spread.min);
    put_number(json, name("normdev"), spread.mean);
    put_number(json, name("stdev"), spread.stdev);
}

std::string describe_stats(const media::RtpStats& stats, const std::string& uniqueid) {
    Json json;
    const auto count = [&json](std::string_view name, std::uint64_t value) {
        json.put(name, static_cast<std::int64_t>(value));
    };
    json.begin();
    count("txcount", stats.tx_packets);
    count("rxcount", stats.rx_packets);
    count("txploss", stats.tx_lost);
    count("rxploss", stats.rx_lost);
    count("local_ssrc", stats.local_ssrc);
    count("remote_ssrc", stats.remote_ssrc);
    count("txoctetcount", stats.tx_octets);
    count("rxoctetcount", stats.rx_octets);
    json.put("channel_uniqueid", uniqueid);
    put_number(json, "txjitter", stats.tx_jitter);
    put_number(json, "rxjitter", stats.rx_jitter);
    put_spread(json, "remote_", "jitter", stats.remote_jitter);
    put_spread(json, "local_", "jitter", stats.local_jitter);
    put_spread(json, "remote_", "rxploss", stats.remote_loss);
    put_spread(json, "local_", "rxploss", stats.local_loss);
    put_number(json, "rtt", stats.rtt.last);
    put_spread(json, "", "rtt", stats.rtt);
    return json.end().take();
}

}  // namespace

void rtp_statistics(Call& call, Reply& reply) {
    Channel* channel = require_channel(call, reply);
    if (channel == nullptr) return;
    if (channel->technology() != "PJSIP" || !channel->leg()) {
        reply.error(403, "Unsupported channel type");
        return;
    }
    call.service.pbx.media->stats(channel->leg(),
                                  [uniqueid = channel->uniqueid(), done = call.later()](const media::RtpStats& stats) {
                                      Reply later;
                                      later.json(describe_stats(stats, uniqueid));
                                      done(std::move(later));
                                  });
}

}  // namespace asterism::ari
