#include <gtest/gtest.h>

#include "asterism/model/operations.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

TEST(PjsipMaintenance, NewCallsAreRefusedBothWays) {
    SipWorld w;
    ASSERT_TRUE(w.tech->set_maintenance("sipp", true));
    EXPECT_EQ(w.tech->in_maintenance(), std::vector<std::string>{"sipp"});
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 503);
    EXPECT_THROW(dial(w, "sipp"), std::logic_error);
    EXPECT_NO_THROW(dial(w, "bob"));
    ASSERT_TRUE(w.tech->set_maintenance("sipp", false));
    EXPECT_TRUE(w.tech->in_maintenance().empty());
    EXPECT_NO_THROW(dial(w, "sipp"));
    EXPECT_FALSE(w.tech->set_maintenance("nosuch", true));
}

TEST(PjsipMaintenance, ACallThatIsThereGoesOn) {
    SipWorld w;
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 100);
    w.tech->set_maintenance("sipp", true);
    answer(w.channel());
    EXPECT_EQ(w.next_status(), 200);
}

TEST(PjsipMaintenance, IsTold) {
    SipWorld w;
    std::vector<std::string> told;
    const auto watch = w.bus.subscribe([&](const Event& event) {
        if (event.kind != EventKind::generic) return;
        const auto& e = as<GenericEvent>(event);
        told.push_back(e.event_class + " " + e.name + " " + e.headers[0].second + " " + e.headers[1].second);
    });
    w.tech->set_maintenance("sipp", true);
    w.tech->set_maintenance("sipp", false);
    EXPECT_EQ(told, (std::vector<std::string>{"system PJSIPMaintenanceStatus sipp enabled",
                                              "system PJSIPMaintenanceStatus sipp disabled"}));
}

}  // namespace
}  // namespace asterism::pjsip
