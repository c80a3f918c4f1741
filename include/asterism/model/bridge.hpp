// Channels that hear each other.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/media/engine.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/snapshot.hpp"

namespace asterism {

struct BridgeSetup {
    std::string uniqueid{};     ///< empty: a new UUID
    std::string type = "base";  ///< "basic" (Dial), "stasis" (ARI), "base"
    std::string name{}, creator{};
    bool mixing = true;       ///< false: a holding bridge, where nobody hears anybody
    bool dissolves = false;   ///< the first to leave ends it for all (two-party calls)
    bool digits_pass = true;  ///< a digit of one goes to the others
    unsigned rate = 8000;
};

/// How a channel takes part.
enum class BridgeRole : std::uint8_t { participant, announcer, listener };

/// One bridge: members and the media that joins them (two legs are connected, more are mixed). Joining and leaving do
/// not change who controls a channel: the controller is told by ChannelSignal::left_bridge when somebody else takes its
/// channel out. Owned by BridgeRegistry, freed at the end of the turn in which destroy() was called.
class Bridge {
  public:
    [[nodiscard]] BridgeId id() const { return id_; }
    [[nodiscard]] const std::string& uniqueid() const { return uniqueid_; }
    [[nodiscard]] const std::string& type() const { return setup_.type; }
    [[nodiscard]] const std::string& technology() const { return technology_; }
    [[nodiscard]] const BridgeSetup& setup() const { return setup_; }
    [[nodiscard]] WallTime created() const { return created_; }
    [[nodiscard]] const std::vector<ChannelId>& members() const { return members_; }
    [[nodiscard]] bool has(ChannelId channel) const;
    [[nodiscard]] const BridgeShot& snapshot();
    [[nodiscard]] Variables& variables() { return variables_; }

    /// Adds a channel (out of any other bridge first); publishes BridgeEnter. `swap` leaves as it comes.
    void add(Channel& channel, BridgeRole role = BridgeRole::participant, Channel* swap = nullptr);
    /// Takes a channel out; publishes BridgeLeave. `tell`: signals left_bridge to its controller. A bridge that
    /// dissolves lets all others go too.
    void remove(Channel& channel, bool tell = true);
    /// All leave, BridgeDestroy is published, the bridge is freed at the end of the turn. Idempotent.
    void destroy();
    [[nodiscard]] bool destroyed() const { return destroyed_; }

    /// Where operations for all members play and record: a mixer (made when first asked for).
    [[nodiscard]] media::MixerId mixer();
    void set_mute(Channel& channel, bool in, bool on);
    /// The only other member, in a bridge of two; null otherwise.
    [[nodiscard]] Channel* peer_of(const Channel& channel) const;
    void set_video(std::string mode, std::string source);
    ~Bridge();
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

  private:
    friend class BridgeRegistry;
    Bridge(Pbx& pbx, BridgeId id, BridgeSetup setup);
    void rewire();

    Pbx& pbx_;
    BridgeId id_;
    BridgeSetup setup_;
    std::string uniqueid_, technology_, video_mode_ = "none", video_source_;
    WallTime created_;
    std::vector<ChannelId> members_;
    std::unordered_map<ChannelId, BridgeRole> roles_;
    Variables variables_;
    BridgeShot shot_;
    media::MixerId mixer_;
    std::vector<media::LegId> wired_;
    bool needs_mixer_ = false, destroyed_ = false;
};

/// Owns all bridges. Control loop only.
class BridgeRegistry {
  public:
    explicit BridgeRegistry(Pbx& pbx) : pbx_(pbx) {}
    ~BridgeRegistry();
    BridgeRegistry(const BridgeRegistry&) = delete;
    BridgeRegistry& operator=(const BridgeRegistry&) = delete;

    /// Publishes BridgeCreate.
    Bridge& create(BridgeSetup setup);
    [[nodiscard]] Bridge* find(BridgeId id) const;
    [[nodiscard]] Bridge* find(std::string_view uniqueid) const;
    [[nodiscard]] std::vector<BridgeId> ids() const;
    [[nodiscard]] std::size_t size() const { return bridges_.size(); }

  private:
    friend class Bridge;
    Pbx& pbx_;
    std::unordered_map<BridgeId, std::unique_ptr<Bridge>> bridges_;
    std::unordered_map<std::string, BridgeId> by_uniqueid_;
    std::uint64_t last_id_ = 0;
};

}  // namespace asterism
