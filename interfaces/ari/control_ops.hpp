// What the operations of channels and bridges have in common.
#pragma once

#include "asterism/model/channel.hpp"
#include "media_jobs.hpp"
#include "operation.hpp"
#include "service.hpp"
#include "stasis.hpp"

namespace asterism::ari {

/// A channel that an application has.
struct Controlled {
    Channel* channel = nullptr;
    Control* control = nullptr;
    explicit operator bool() const { return control != nullptr; }
};
/// Of {channelId}; after 404 or 409 was answered it is false.
[[nodiscard]] Controlled require_any_control(Call& call, Reply& reply);
/// The same, and one that can be acted on: 412 for a channel that was created and not dialled, or is about to end.
[[nodiscard]] Controlled require_control(Call& call, Reply& reply);

/// Queues media on a channel or bridge and answers 201.
void start_playback(Call& call, Reply& reply, PlayQueue& queue, std::string target_uri, const std::string& language);
/// Checks name, format and ifExists, then records and answers 201; 4xx if something is wrong.
void start_recording(Call& call, Reply& reply, std::string target_uri, ChannelId channel, BridgeId bridge);

/// Channel rows, by file.
void originate(Call& call, Reply& reply);
void create(Call& call, Reply& reply);
void dial(Call& call, Reply& reply);
void get_channel_variable(Call& call, Reply& reply);
void set_channel_variable(Call& call, Reply& reply);
void get_channel_variables(Call& call, Reply& reply);
void set_channel_variables(Call& call, Reply& reply);
void rtp_statistics(Call& call, Reply& reply);
void snoop(Call& call, Reply& reply);
void external_media(Call& call, Reply& reply);

}  // namespace asterism::ari
