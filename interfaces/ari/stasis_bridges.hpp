// Bridges that applications made: what plays on them. Other bridges are only looked at.
#pragma once

#include <map>
#include <memory>

#include "asterism/events/bus.hpp"
#include "media_jobs.hpp"

namespace asterism {
class Bridge;
}

namespace asterism::ari {

class StasisBridges {
  public:
    struct State {
        std::unique_ptr<PlayQueue> plays;
        media::OpId music;
    };

    explicit StasisBridges(Service& service);
    ~StasisBridges();
    StasisBridges(const StasisBridges&) = delete;
    StasisBridges& operator=(const StasisBridges&) = delete;

    void add(const Bridge& bridge);
    /// Null for a bridge that no application made.
    [[nodiscard]] State* find(BridgeId bridge);

  private:
    Service& service_;
    std::map<BridgeId, State> states_;
    Bus::Subscription subscription_;
};

}  // namespace asterism::ari
