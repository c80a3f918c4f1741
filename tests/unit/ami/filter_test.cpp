#include "interfaces/ami/filter.hpp"

#include <gtest/gtest.h>

#include "interfaces/ami/block.hpp"
#include "interfaces/ami/classes.hpp"

using namespace asterism::ami;

namespace {

constexpr std::string_view newchannel =
    "Event: Newchannel\r\nPrivilege: call,all\r\nChannel: Local/a@b-00000001;2\r\n\r\n";
constexpr std::string_view hangup = "Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/a-00000002\r\n\r\n";

std::shared_ptr<const Filter> make(std::string_view criteria, std::string_view text) {
    auto filter = Filter::parse(criteria, text);
    EXPECT_TRUE(filter.has_value());
    return std::make_shared<const Filter>(std::move(*filter));
}

TEST(AmiFilter, IncludesAndExcludes) {
    std::vector<std::shared_ptr<const Filter>> filters;
    EXPECT_TRUE(passes(filters, "Newchannel", newchannel));
    filters.push_back(make("", "Event: Newchannel"));
    EXPECT_TRUE(passes(filters, "Newchannel", newchannel));
    EXPECT_FALSE(passes(filters, "Hangup", hangup));
    filters.push_back(make("", "!Channel: .*;2"));
    EXPECT_FALSE(passes(filters, "Newchannel", newchannel));
}

TEST(AmiFilter, OnlyExcludesLetTheRestPass) {
    std::vector<std::shared_ptr<const Filter>> filters{make("", "!Channel: Local/")};
    EXPECT_FALSE(passes(filters, "Newchannel", newchannel));
    EXPECT_TRUE(passes(filters, "Hangup", hangup));
}

TEST(AmiFilter, CriteriaNameHeaderMethod) {
    auto filter = make("name(Newchannel),header(Channel),method(starts_with)", "Local/");
    EXPECT_TRUE(filter->matches("Newchannel", newchannel));
    EXPECT_FALSE(filter->matches("Hangup", hangup));
    EXPECT_TRUE(make("header(Channel),method(ends_with)", ";2")->matches("Newchannel", newchannel));
    EXPECT_TRUE(make("header(Channel),method(contains)", "0000002")->matches("Hangup", hangup));
    EXPECT_FALSE(make("header(Channel),method(exact)", "PJSIP/a")->matches("Hangup", hangup));
    EXPECT_TRUE(make("name(Hangup),method(none)", "")->matches("Hangup", hangup));
    EXPECT_TRUE(make("action(exclude),name(Hangup),method(none)", "")->excludes());
}

TEST(AmiFilter, BadOnesAreToldApart) {
    EXPECT_EQ(Filter::parse("", "").error(), FilterError::syntax);
    EXPECT_EQ(Filter::parse("bogus", "x").error(), FilterError::syntax);
    EXPECT_EQ(Filter::parse("method(sometimes)", "x").error(), FilterError::syntax);
    EXPECT_EQ(Filter::parse("", "[bad").error(), FilterError::expression);
}

TEST(AmiClasses, TextInOrder) {
    EXPECT_EQ(privilege_text(cls::none), "<none>");
    EXPECT_EQ(privilege_text(cls::reporting | cls::system | cls::call), "system,call,reporting,all");
}

TEST(AmiClasses, Masks) {
    EXPECT_EQ(parse_mask("on"), cls::all);
    EXPECT_EQ(parse_mask("off"), cls::none);
    EXPECT_EQ(parse_mask(" call, system"), cls::call | cls::system);
    EXPECT_EQ(parse_mask("bogus"), cls::none);
    EXPECT_EQ(parse_mask(""), std::nullopt);
}

TEST(AmiBlock, AValueCannotLeaveItsLine) {
    std::string out;
    Block(out).header("A", "x\r\nEvent: forged").header("B", 5).end();
    EXPECT_EQ(out, "A: x  Event: forged\r\nB: 5\r\n\r\n");
}

TEST(AmiBlock, EscapesAsC) {
    std::string kept;
    EXPECT_EQ(escape_c("plain", kept), "plain");
    EXPECT_EQ(escape_c("a\nb\"c\\?", kept), "a\\nb\\\"c\\\\\\?");
}

}  // namespace
