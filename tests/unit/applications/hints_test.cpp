// Hints and what their devices add up to.
#include <gmock/gmock.h>

#include "asterism/features/extension_states.hpp"
#include "asterism/functions/functions.hpp"
#include "support/test_pbx.hpp"

namespace asterism::features {
namespace {

using testing::ElementsAre;

class Hints : public testing::Test {
  protected:
    Hints() {
        functions::add_functions(pbx.pbx);
        states.emplace(pbx.pbx);
        subscription = pbx.bus.subscribe([this](const Event& event) {
            if (event.kind != EventKind::extension_state) return;
            const auto& e = as<ExtensionStateChanged>(event);
            changes.push_back(e.exten + "@" + e.context + " " + e.status_text);
        });
    }
    void device(const std::string& name, DeviceState state) {
        pbx.device_states.set(name, state);
        pbx.loop.run();
    }
    std::string state_of(const std::string& exten) {
        const auto info = states->find("c", exten);
        return info ? info->hint + " " + std::string(to_string(info->state)) : "-";
    }
    TestPbx pbx;
    std::optional<ExtensionStates> states;
    std::vector<std::string> changes;
    Bus::Subscription subscription;
};

TEST_F(Hints, SeveralDevicesAddUp) {
    device("Custom:a", DeviceState::not_in_use);
    device("Custom:b", DeviceState::not_in_use);
    pbx.extensions("[c]\nexten => 1,hint,Custom:a&Custom:b,CustomPresence:p\n");
    EXPECT_EQ(state_of("1"), "Custom:a&Custom:b,CustomPresence:p Idle");
    device("Custom:b", DeviceState::in_use);
    device("Custom:a", DeviceState::ringing);
    device("Custom:b", DeviceState::not_in_use);
    EXPECT_THAT(changes, ElementsAre("1@c InUse", "1@c InUse&Ringing", "1@c Ringing"));
    EXPECT_EQ(states->presence_of(*states->find("c", "1")), "not_set");
}

TEST_F(Hints, TheirTextMayNameGlobalsFunctionsAndTheExtension) {
    pbx.globals.set("DESK", "Custom:desk");
    pbx.extensions("[c]\nexten => 1,hint,${DESK}\nexten => _2X,hint,Custom:${EXTEN:1}${TOLOWER(X)}\n");
    device("Custom:desk", DeviceState::busy);
    device("Custom:5x", DeviceState::on_hold);
    EXPECT_EQ(state_of("1"), "Custom:desk Busy");
    EXPECT_EQ(state_of("25"), "Custom:5x Hold");
    EXPECT_EQ(state_of("3"), "-");
}

TEST_F(Hints, AReloadSaysWhatIsGoneAndWhatIsAnother) {
    device("Custom:a", DeviceState::not_in_use);
    device("Custom:b", DeviceState::in_use);
    pbx.extensions("[c]\nexten => 1,hint,Custom:a\nexten => 2,hint,Custom:a\nexten => 3,hint,Custom:a\n");
    changes.clear();
    pbx.extensions("[c]\nexten => 1,hint,Custom:a\nexten => 2,hint,Custom:b\n");
    EXPECT_THAT(changes, ElementsAre("2@c InUse", "3@c Extension Removed"));
}

TEST_F(Hints, AutoHintsAreMadeForDevicesThatAreHeardOf) {
    pbx.extensions("[c]\nautohints = yes\nexten => bob,hint,Custom:bob\n");
    device("Test/alice", DeviceState::in_use);
    device("Test/bob", DeviceState::in_use);
    EXPECT_EQ(state_of("alice"), "Test/alice Idle");  // a test phone has no state of its own
    EXPECT_EQ(states->find("c", "bob")->hint, "Custom:bob");
    pbx.extensions("[c]\nautohints = yes\n");
    EXPECT_EQ(state_of("alice"), "Test/alice Idle");
    pbx.extensions("[c]\n");
    EXPECT_EQ(state_of("alice"), "-");
}

}  // namespace
}  // namespace asterism::features
