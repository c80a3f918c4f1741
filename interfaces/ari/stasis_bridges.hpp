// Bridges that applications made: what plays on them. Other bridges are only looked at.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asterism/events/bus.hpp"
#include "media_jobs.hpp"

namespace asterism {
class Bridge;
class Channel;
struct BridgeLeave;
struct ChannelDtmfEnd;
struct Pbx;
}  // namespace asterism

namespace asterism::ari {

/// Tells the members of a bridge who they are together with: BRIDGEPEER, and with two of them the connected line.
void introduce(Pbx& pbx, Bridge& bridge, bool connected_lines);

class StasisBridges {
  public:
    struct State {
        std::unique_ptr<PlayQueue> plays;
        media::OpId music;
        std::vector<std::string> reported;  ///< variables that go into its events (report_events)
        /// Members that are muted or whose digits stay with them, until they leave.
        struct Restrained {
            ChannelId channel;
            bool muted, digits;
        };
        std::vector<Restrained> restrained;
        /// Recordings of the bridge that a member's digit ends.
        struct EndedBy {
            std::string recording, digits;
        };
        std::vector<EndedBy> ended_by;
    };

    explicit StasisBridges(Service& service);
    ~StasisBridges();
    StasisBridges(const StasisBridges&) = delete;
    StasisBridges& operator=(const StasisBridges&) = delete;

    void add(const Bridge& bridge);
    /// For as long as the channel is in the bridge: what it says (and its digits) does not reach the others.
    void restrain(Bridge& bridge, Channel& channel, bool muted, bool digits);
    /// Null for a bridge that no application made.
    [[nodiscard]] State* find(BridgeId bridge);

  private:
    void left(const BridgeLeave& event);
    void pressed(const ChannelDtmfEnd& event);

    Service& service_;
    std::map<BridgeId, State> states_;
    Bus::Subscription subscription_;
};

}  // namespace asterism::ari
