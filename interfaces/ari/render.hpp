// Channels, bridges and the rest as ARI shows them.
#pragma once

#include "app.hpp"
#include "asterism/events/events.hpp"
#include "asterism/model/snapshot.hpp"
#include "json.hpp"

namespace asterism {
struct Pbx;
struct Endpoint;
}  // namespace asterism

namespace asterism::ari {

class Service;

void append_channel(Json& json, Pbx& pbx, const ChannelSnapshot& channel);
void append_bridge(Json& json, Service& service, const BridgeSnapshot& bridge);
void append_endpoint(Json& json, const Endpoint& endpoint);
void append_endpoint(std::string& out, const Endpoint& endpoint);
/// "mixing", "holding": what kind of bridge a technology makes.
[[nodiscard]] std::string_view bridge_kind(std::string_view technology);

/// Builds an event: type and timestamp first, asterisk_id and the application's name last.
class EventBuilder {
  public:
    EventBuilder(Service& service, std::string_view type, WallTime time);
    /// With members before `type`; call head() when they are written.
    EventBuilder(Service& service, std::string_view type);
    EventBuilder& head(WallTime time);
    EventBuilder& channel(std::string_view key, const ChannelShot& shot);
    EventBuilder& bridge(std::string_view key, const BridgeShot& shot);
    [[nodiscard]] Json& json() { return json_; }
    [[nodiscard]] EventText done();

  private:
    Service& service_;
    std::string_view type_;
    std::string channel_;
    Json json_;
};

/// A bus event as ARI shows it; an empty type: it doesn't.
[[nodiscard]] EventText render(Service& service, const Event& event);

}  // namespace asterism::ari
