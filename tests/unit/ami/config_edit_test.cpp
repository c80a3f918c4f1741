#include "interfaces/ami/config_edit.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness.hpp"

namespace asterism {
namespace {

using ami::EditFile;
using ami::SectionFilter;

TEST(AmiConfigEdit, KeepsCommentsAndEscapesSemicolons) {
    auto file =
        EditFile::parse(";! old banner\n; about\n[general]\n; of foo\nfoo = a\\;b ; why\nbar => c\n#include x.conf\n");
    ASSERT_EQ(file.sections().size(), 1u);
    ASSERT_EQ(file.sections()[0].lines.size(), 2u);
    EXPECT_EQ(file.sections()[0].lines[0].value, "a;b");
    EXPECT_TRUE(file.sections()[0].lines[1].object);
    EXPECT_EQ(file.text(";!\n", true), ";!\n; about\n[general]\n; of foo\nfoo = a\\;b\nbar => c\n#include x.conf\n");
}

TEST(AmiConfigEdit, TemplatesGiveWhatTheyHave) {
    auto file = EditFile::parse("[t](!)\nv = on\n[a](t)\nw = 1\n");
    ASSERT_EQ(file.sections()[1].lines.size(), 2u);
    EXPECT_TRUE(file.sections()[1].lines[0].inherited);
    EXPECT_EQ(file.text("", true), "[t](!)\nv = on\n[a](t)\nw = 1\n");
    EXPECT_EQ(file.find("t", SectionFilter("")).size(), 0u);
    EXPECT_EQ(file.find("t", SectionFilter("TEMPLATES=restrict")).size(), 1u);
    EXPECT_EQ(file.find("a", SectionFilter("v=on,w=1")).size(), 1u);
    EXPECT_EQ(file.find("a", SectionFilter("v=off")).size(), 0u);
    // The template changes: what the section had by it is kept, or goes.
    file.sections()[0].lines[0].value = "off";
    EXPECT_EQ(file.text("", true), "[t](!)\nv = off\n[a](t)\nv = on\nw = 1\n");
    EXPECT_EQ(file.text("", false), "[t](!)\nv = off\n[a](t)\nw = 1\n");
}

class AmiFiles : public ManagerTest {
  public:
    AmiFiles() : admin(client()) {
        char name[] = "/tmp/asterism-ami-XXXXXX";
        folder = ::mkdtemp(name);
        on_loop([&] {
            settings.etc_dir = folder;
            return true;
        });
        admin.login("admin");
    }
    ~AmiFiles() override { std::filesystem::remove_all(folder); }
    std::string ask(std::string_view headers) { return admin.ask("Action: " + std::string(headers) + "\r\n\r\n"); }
    std::string folder;
    Client admin;
};

TEST_F(AmiFiles, UpdateConfigAndBack) {
    EXPECT_EQ(ask("CreateConfig\r\nFilename: t.conf"),
              "Response: Success\r\nMessage: New configuration file created successfully\r\n\r\n");
    EXPECT_EQ(ask("CreateConfig\r\nFilename: t.conf"), "Response: Error\r\nMessage: File exists\r\n\r\n");
    const std::string update = "UpdateConfig\r\nActionID: u\r\nSrcFilename: t.conf\r\nDstFilename: t.conf\r\n";
    EXPECT_EQ(ask(update + "Action-000000: NewCat\r\nCat-000000: one\r\nAction-000001: Append\r\nCat-000001: one\r\n"
                           "Var-000001: v\r\nValue-000001: a ;b\r\nAction-000002: Insert\r\nCat-000002: one\r\n"
                           "Var-000002: first\r\nValue-000002: >0\r\nLine-000002: 0"),
              "Response: Success\r\nActionID: u\r\n\r\n");
    EXPECT_EQ(ask("GetConfig\r\nFilename: t.conf"),
              "Response: Success\r\nCategory-000000: one\r\nLine-000000-000000: first=0\r\n"
              "Line-000000-000001: v=a ;b\r\n\r\n");
    EXPECT_EQ(ask(update + "Action-000000: Update\r\nCat-000000: one\r\nVar-000000: v\r\nValue-000000: c\r\n"
                           "Match-000000: nothing"),
              "Response: Error\r\nActionID: u\r\nMessage: Update did not complete successfully\r\n\r\n");
    EXPECT_EQ(ask(update + "Action-000000: DelCat\r\nCat-000000: two"),
              "Response: Error\r\nActionID: u\r\nMessage: Given category does not exist\r\n\r\n");
    EXPECT_EQ(ask(update + "Action-000000: Bogus\r\nCat-000000: one"),
              "Response: Error\r\nActionID: u\r\nMessage: Unknown action command\r\n\r\n");
    EXPECT_EQ(ask(update + "Action-000000: NewCat\r\nCat-000000: one"),
              "Response: Error\r\nActionID: u\r\nMessage: Create category did not complete successfully\r\n\r\n");
    EXPECT_EQ(ask("GetConfig\r\nFilename: t.conf\r\nCategory: two"),
              "Response: Success\r\nNo categories found\r\n\r\n");
    std::ifstream file(folder + "/t.conf");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    EXPECT_NE(text.find("[one]\nfirst => 0\nv = a \\;b\n"), std::string::npos) << text;
}

TEST_F(AmiFiles, NothingOutsideOfTheFolder) {
    const std::string refused = "Response: Error\r\nMessage: File requires escalated privileges\r\n\r\n";
    EXPECT_EQ(ask("GetConfig\r\nFilename: ../passwd"), refused);
    EXPECT_EQ(ask("GetConfig\r\nFilename: /etc/passwd"), refused);
    EXPECT_EQ(ask("CreateConfig\r\nFilename: " + folder + "/../x.conf"), refused);
    EXPECT_EQ(ask("UpdateConfig\r\nSrcFilename: /etc/passwd\r\nDstFilename: x"), refused);
    EXPECT_EQ(ask("GetConfig\r\nFilename: nosuch.conf"), "Response: Error\r\nMessage: Config file not found\r\n\r\n");
}

}  // namespace
}  // namespace asterism
