// RTP figures as Asterisk words them: RTPAUDIOQOS and its kin, CHANNEL(rtcp,...).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "asterism/media/rtp.hpp"
#include "asterism/model/channel.hpp"

namespace asterism::pjsip {

/// Sets RTPAUDIOQOS, ...JITTER, ...LOSS, ...RTT, ...MES.
void set_qos_variables(Channel& channel, const media::RtpStats& stats);
/// CHANNEL(rtcp,WHAT): "all", "all_jitter", "all_loss", "all_rtt", "txcount", "rxjitter"...; nothing for another word.
[[nodiscard]] std::optional<std::string> qos_field(std::string_view what, const media::RtpStats& stats);

}  // namespace asterism::pjsip
