// What the dial strings of media channels have in common.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "asterism/media/engine.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/driver.hpp"

namespace asterism::media_channels {

/// Before and behind the first `at`; all of it and nothing without one.
[[nodiscard]] std::pair<std::string_view, std::string_view> cut(std::string_view text, char at);

/// What every channel made for a request begins with.
[[nodiscard]] ChannelSetup setup_for(Pbx& pbx, const ChannelRequest& request);

/// Passes a leg's events to the channel that `id` will name.
[[nodiscard]] media::LegHandler events_to(Pbx& pbx, std::shared_ptr<ChannelId> id);

}  // namespace asterism::media_channels
