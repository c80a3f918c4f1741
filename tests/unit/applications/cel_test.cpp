// Channel event logging.
#include <gtest/gtest.h>

#include "asterism/features/dial.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/records/records.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "core/records/cel.hpp"
#include "support/test_pbx.hpp"

namespace asterism::records {
namespace {

class CelTest : public testing::Test {
  protected:
    CelTest() {
        applications::add_applications(pbx.pbx);
        applications::add_dial(pbx.applications);
        pbx.pbx.records = &records;
        records::add_applications(pbx.pbx);
        struct Keep final : CelBackend {
            explicit Keep(std::vector<CelRecord>& all) : seen(all) {}
            [[nodiscard]] std::string_view name() const override { return "keep"; }
            void write(const CelRecord& record) override { seen.push_back(record); }
            std::vector<CelRecord>& seen;
        };
        records.cel().set_backend("keep", std::make_unique<Keep>(seen));
    }
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> all;
        for (const auto& r : seen) all.push_back(std::string(r.name()) + " " + r.channel->name);
        return all;
    }
    TestPbx pbx;
    Records records{pbx.pbx};
    std::vector<CelRecord> seen;
};

TEST_F(CelTest, a_call_from_its_start_to_the_end_of_its_linkedid) {
    records.cel().apply({.enabled = true, .all = true, .events = {}, .apps = {"dial"}, .date_format = {}});
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/b)\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    Channel* callee = pbx.channels.find("Test/b-00000001");
    callee->answered();
    pbx.loop.run();
    callee->digit_end('5', 160ms);
    callee->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    const std::string a = "Test/a-00000000", b = "Test/b-00000001";
    EXPECT_EQ(lines(), (std::vector<std::string>{"CHAN_START " + a, "APP_START " + a, "CHAN_START " + b, "ANSWER " + b,
                                                 "ANSWER " + a, "BRIDGE_ENTER " + b, "BRIDGE_ENTER " + a, "DTMF " + b,
                                                 "BRIDGE_EXIT " + b, "BRIDGE_EXIT " + a, "HANGUP " + b, "CHAN_END " + b,
                                                 "APP_END " + a, "HANGUP " + a, "CHAN_END " + a, "LINKEDID_END " + a}));
    EXPECT_EQ(seen[6].peer, b);
    EXPECT_TRUE(seen[6].extra.starts_with("{\"bridge_id\":\"")) << seen[6].extra;
    EXPECT_EQ(seen[7].extra, R"({"digit":"5","duration_ms":160})");
    EXPECT_EQ(seen[13].extra, R"({"hangupcause":16,"hangupsource":"","dialstatus":"ANSWER"})");
}

TEST_F(CelTest, only_what_is_asked_for) {
    records.cel().apply(
        {.enabled = true, .all = false, .events = {CelType::user_defined}, .apps = {}, .date_format = {}});
    pbx.extensions("[default]\nexten => 1,1,CELGenUserEvent(Mine,some \"text\")\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    ASSERT_EQ(lines(), (std::vector<std::string>{"Mine Test/a-00000000"}));
    EXPECT_EQ(seen[0].extra, R"({"extra":"some \"text\""})");
    records.cel().apply({});
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    EXPECT_EQ(seen.size(), 1U);
}

TEST_F(CelTest, bridged_channels_become_one_call) {
    records.cel().apply(
        {.enabled = true, .all = false, .events = {CelType::linkedid_end}, .apps = {}, .date_format = {}});
    pbx.extensions("[default]\nexten => 1,1,Answer()\n same => n,Wait(100)\n");
    Channel& a = pbx.phones.call_in("a", "default", "1");
    Channel& b = pbx.phones.call_in("b", "default", "1");
    pbx.loop.run();
    Bridge& bridge = pbx.bridges.create({.type = "stasis"});
    bridge.add(b);
    bridge.add(a);
    EXPECT_EQ(b.linkedid(), a.uniqueid());
    ASSERT_EQ(seen.size(), 1U) << "nobody has the younger one's linkedid any more";
    EXPECT_EQ(seen[0].channel->linkedid, b.uniqueid());
}

}  // namespace
}  // namespace asterism::records
