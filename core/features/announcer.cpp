#include "asterism/features/announcer.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "asterism/pbx.hpp"

namespace asterism::features {

namespace {

/// Up from the start, without a party.
class Announcer final : public ChannelDriver {
  public:
    explicit Announcer(Pbx& pbx) : pbx_(pbx), leg_(pbx.media->open_null([](media::LegId, const media::LegEvent&) {})) {}
    ~Announcer() override { Announcer::hangup(); }
    [[nodiscard]] std::string_view technology() const override { return "CBAnn"; }
    void call() override {}
    void answer() override {}
    bool indicate(Indication) override { return true; }
    void hangup() override {
        if (leg_) pbx_.media->close(std::exchange(leg_, {}));
    }
    [[nodiscard]] media::LegId leg() const override { return leg_; }

  private:
    Pbx& pbx_;
    media::LegId leg_;
};

}  // namespace

Channel& add_announcer(Bridge& bridge, Pbx& pbx, std::string_view conference) {
    ChannelSetup setup;
    setup.name = fmt::format("CBAnn/{}-{:08x};2", conference, pbx.channels->next_sequence());
    setup.exact_name = true;
    setup.state = ChannelState::up;
    setup.internal = true;
    Channel& channel = pbx.channels->create(std::move(setup), std::make_unique<Announcer>(pbx));
    bridge.add(channel, BridgeRole::announcer);
    return channel;
}

}  // namespace asterism::features
