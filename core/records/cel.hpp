// Channel event logging: a line for each thing that happens to a channel, made from what happens on the bus.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/events/events.hpp"
#include "asterism/pbx.hpp"

namespace asterism {
class Channel;
}

namespace asterism::records {

/// In the order in which `cel show status` lists them.
enum class CelType : std::uint8_t {
    chan_start,
    chan_end,
    hangup,
    answer,
    app_start,
    app_end,
    bridge_enter,
    bridge_exit,
    park_start,
    park_end,
    blind_transfer,
    attended_transfer,
    user_defined,
    linkedid_end,
    pickup,
    forward,
    local_optimize,
    local_optimize_begin,
    stream_begin,
    stream_end,
    dtmf,
    count_,
};
[[nodiscard]] std::string_view to_string(CelType type);
/// Without case; nothing for an unknown name.
[[nodiscard]] std::optional<CelType> parse_cel_type(std::string_view name);

/// cel.conf, [general].
struct CelSettings {
    bool enabled = false;
    bool all = false;  ///< events says ALL
    std::set<CelType> events;
    std::set<std::string> apps;  ///< lower case
    std::string date_format;     ///< strftime; empty: seconds and microseconds since 1970
    [[nodiscard]] bool tracks(CelType type) const { return enabled && (all || events.contains(type)); }
};

/// One line.
struct CelRecord {
    CelType type{};
    WallTime time;
    ChannelShot channel;
    std::string user_name;  ///< of a user defined event, and how the kinds of streams are told apart
    std::string peer;       ///< names of the others in the bridge
    std::string extra;      ///< JSON, or empty
    /// "CHAN_START"; for a user defined one its own name.
    [[nodiscard]] std::string_view name() const;
};

class CelBackend {
  public:
    virtual ~CelBackend() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    virtual void write(const CelRecord& record) = 0;
};

/// Owned by Records. Control loop only.
class CelEngine {
  public:
    explicit CelEngine(Pbx& pbx);
    CelEngine(const CelEngine&) = delete;
    CelEngine& operator=(const CelEngine&) = delete;
    ~CelEngine();

    void apply(CelSettings settings);
    [[nodiscard]] const CelSettings& settings() const { return settings_; }
    /// Adds a back end, or puts it in the place of the one of that name; null takes that one away.
    void set_backend(std::string_view name, std::unique_ptr<CelBackend> backend);
    [[nodiscard]] std::vector<std::string_view> backends() const;
    /// CELGenUserEvent.
    void user_event(Channel& channel, std::string_view name, std::string_view extra);

  private:
    /// What CEL itself keeps of a channel.
    struct Known {
        std::string linkedid, dial_status, application;
        ChannelShot shot;
    };
    void on(const Event& event);
    void on_hangup(const ChannelHangup& event);
    void on_bridge(const BridgeShot& bridge, const ChannelShot& channel, CelType type);
    void on_generic(const GenericEvent& event);
    void track_application(Known& known, const ChannelShot& shot);
    void change_linkedid(Known& known, const ChannelShot& shot, std::string linkedid);
    void report(CelType type, const ChannelShot& channel, std::string extra = {}, std::string peer = {},
                std::string user_name = {});

    Pbx& pbx_;
    CelSettings settings_;
    Bus::Subscription subscription_;
    std::unordered_map<ChannelId, Known> known_;
    std::unordered_map<std::string, int> linked_;  ///< how many channels have a linkedid
    std::vector<std::unique_ptr<CelBackend>> backends_;
    WallTime time_;  ///< of the event that is looked at
};

}  // namespace asterism::records
