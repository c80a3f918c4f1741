#include <gtest/gtest.h>

#include "asterism/model/cause.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/model/party.hpp"
#include "asterism/model/variables.hpp"

namespace asterism {
namespace {

TEST(Variables, inheritance_by_underscores) {
    Variables v;
    v.set("A", "1");
    v.set("_B", "2");
    v.set("__C", "3");
    EXPECT_EQ(*v.find("B"), "2");
    const Variables child = v.inherited();
    EXPECT_EQ(child.find("A"), nullptr);
    EXPECT_EQ(*child.find("B"), "2");
    const Variables grandchild = child.inherited();
    EXPECT_EQ(grandchild.find("B"), nullptr);
    EXPECT_EQ(*grandchild.find("C"), "3");
    v.set("A", "again");
    EXPECT_EQ(v.all().size(), 3U);
    EXPECT_TRUE(v.unset("_B"));
    EXPECT_FALSE(v.unset("B"));
}

TEST(CallerId, forms_of_the_header) {
    struct Case {
        const char *text, *name, *number;
    };
    for (const auto& c : {Case{"\"Cat Test\" <5551212>", "Cat Test", "5551212"}, Case{"Cat <55>", "Cat", "55"},
                          Case{"<55>", "", "55"}, Case{"777", "", "777"}, Case{"Anna", "Anna", ""},
                          Case{"\"a \\\"b\\\"\" <1>", "a \"b\"", "1"}, Case{"", "", ""}}) {
        const PartyId id = parse_caller_id(c.text);
        EXPECT_EQ(id.name.text, c.name) << c.text;
        EXPECT_EQ(id.number.text, c.number) << c.text;
    }
    EXPECT_EQ(format_caller_id("Cat", "55"), "\"Cat\" <55>");
    EXPECT_EQ(format_caller_id("", "55"), "<55>");
}

TEST(Cause, numbers_and_names) {
    EXPECT_EQ(parse_cause("17"), Cause::user_busy);
    EXPECT_EQ(parse_cause("busy"), Cause::user_busy);
    EXPECT_EQ(parse_cause("AST_CAUSE_NORMAL_CLEARING"), Cause::normal_clearing);
    EXPECT_EQ(parse_cause("128"), std::nullopt);
    EXPECT_EQ(parse_cause("nonsense"), std::nullopt);
    EXPECT_EQ(cause_text(Cause::normal_clearing), "Normal Clearing");
    EXPECT_EQ(cause_text(static_cast<Cause>(77)), "Unknown");
}

TEST(DeviceState, several_devices_add_up) {
    using S = DeviceState;
    EXPECT_EQ(aggregate({S::not_in_use, S::in_use}), S::in_use);
    EXPECT_EQ(aggregate({S::ringing, S::in_use}), S::ring_in_use);
    EXPECT_EQ(aggregate({S::ringing, S::not_in_use}), S::ringing);
    EXPECT_EQ(aggregate({S::unavailable, S::not_in_use}), S::not_in_use);
    EXPECT_EQ(aggregate({S::unavailable, S::unavailable}), S::unavailable);
    EXPECT_EQ(aggregate({S::busy, S::busy}), S::busy);
    EXPECT_EQ(aggregate({S::busy, S::not_in_use}), S::in_use);
    EXPECT_EQ(aggregate({}), S::unknown);
    EXPECT_EQ(parse_device_state("RINGINUSE"), S::ring_in_use);
}

}  // namespace
}  // namespace asterism
