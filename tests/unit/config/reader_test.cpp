#include <gmock/gmock.h>

#include "unit/config/map_source.hpp"

namespace asterism::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Reading : testing::Test {
    MapSource source;
    ReadOptions options{.directory = "/etc/asterisk"};
    Report report;

    std::optional<File> parse(const std::string& text) {
        source.files["/etc/asterisk/a.conf"] = text;
        return read(source, "a.conf", options, report);
    }
    /// "section: name=value@line, ..." for each section.
    static std::vector<std::string> shape(const std::optional<File>& file) {
        std::vector<std::string> out;
        if (!file) return {"failed"};
        for (const auto& section : file->sections()) {
            std::string line = section.name + ":";
            for (const auto& v : section.variables)
                line += " " + v.name + "=" + v.value + "@" + std::to_string(v.origin.line);
            out.push_back(line);
        }
        return out;
    }
};

TEST_F(Reading, VariablesInOrderWithBothEqualSigns) {
    auto file = parse("[general]\n a = 1 \nb=>2\nc => x = y\n\n[two]\na=\n");
    EXPECT_THAT(shape(file), ElementsAre("general: a=1@2 b=2@3 c=x = y@4", "two: a=@7"));
    EXPECT_FALSE(file->sections()[0].variables[0].object);
    EXPECT_TRUE(file->sections()[0].variables[1].object);
    EXPECT_EQ(file->sections()[1].origin.text(), "a.conf:6");
}

TEST_F(Reading, CommentsEndLinesButEscapedSemicolonsDoNot) {
    auto file = parse("; top\n[a] ; heading\nx = 1;2\ny = sip:a\\;b=c ; no\n;z = 1\n");
    EXPECT_THAT(shape(file), ElementsAre("a: x=1@3 y=sip:a;b=c@4"));
}

TEST_F(Reading, BlockCommentsNestAndSpanLines) {
    auto file = parse("[a]\n;-- x = 1\n;-- inner --;\ny = 2\n--; z = 3\nw = 4 ;-- in --; 5\n;--- a line\nv = 6\n");
    EXPECT_THAT(shape(file), ElementsAre("a: z=3@5 w=4  5@6 v=6@8"));
    EXPECT_TRUE(report.findings().empty());
}

TEST_F(Reading, UnterminatedBlockCommentIsNamedWhereItBegins) {
    auto file = parse("[a]\nx=1\n;-- lost\ny=2\n");
    EXPECT_THAT(shape(file), ElementsAre("a: x=1@2"));
    EXPECT_THAT(report.text(), HasSubstr("a.conf:3: "));
}

TEST_F(Reading, TemplatesAreInheritedFromAndNotShown) {
    auto file = parse("[base](!)\nx=1\ny=2\n[more](!,base)\nz=3\n[s](base,more)\ny=9\n[t](more)\n");
    EXPECT_THAT(shape(file), ElementsAre("s: x=1@2 y=2@3 x=1@2 y=2@3 z=3@5 y=9@7", "t: x=1@2 y=2@3 z=3@5"));
    EXPECT_EQ(*file->value("s", "Y"), "9");
    EXPECT_THAT(file->sections()[0].inherits, ElementsAre("base", "more"));
    options.templates_too = true;
    EXPECT_EQ(parse("[base](!)\nx=1\n")->sections().size(), 1u);
}

TEST_F(Reading, PlusAddsToTheFirstSectionOfTheName) {
    auto file = parse("[a]\nx=1\n[b]\n[a](+)\ny=2\n[a]\nz=3\n");
    EXPECT_THAT(shape(file), ElementsAre("a: x=1@2 y=2@5", "b:", "a: z=3@7"));
}

TEST_F(Reading, PlusMayChooseAmongSectionsOfOneName) {
    auto file = parse("[a]\ntype=endpoint\n[a]\ntype=aor\n[a](+type=aor)\nmax_contacts=2\n");
    EXPECT_THAT(shape(file), ElementsAre("a: type=endpoint@2", "a: type=aor@4 max_contacts=2@6"));
}

TEST_F(Reading, PlusEqualsContinuesTheLastValue) {
    auto file = parse("[a]\nx = one\nx += ,two\ny += new\n");
    EXPECT_THAT(shape(file), ElementsAre("a: x=one,two@3 y=new@4"));
}

// The files of one pattern follow each other as if they were one.
TEST_F(Reading, IncludesKeepTheSectionAndTheirOwnLines) {
    source.files["/etc/asterisk/sub/1.conf"] = "y=2\n[inner]\nz=3\n";
    source.files["/etc/asterisk/sub/2.conf"] = "q=4\n";
    source.files["/abs.conf"] = "w=5\n";
    auto file = parse("[a]\nx=1\n#include \"sub/*.conf\"\n#include </abs.conf>\n#tryinclude nothere.conf\nv=6\n");
    EXPECT_THAT(shape(file), ElementsAre("a: x=1@2 y=2@1 w=5@1 v=6@6", "inner: z=3@3 q=4@1"));
    EXPECT_EQ(file->sections()[0].variables[1].origin.text(), "sub/1.conf:1");
    EXPECT_EQ(file->sections()[0].variables[2].origin.text(), "/abs.conf:1");
    EXPECT_EQ(file->files().size(), 4u);
}

TEST_F(Reading, IncludeOfNothingIsAnError) {
    EXPECT_EQ(parse("[a]\n#include gone.conf\n"), std::nullopt);
    EXPECT_EQ(report.text(), "a.conf:2: #include gone.conf: No such file or directory\n");
}

TEST_F(Reading, IncludesOfEachOtherEnd) {
    source.files["/etc/asterisk/b.conf"] = "#include a.conf\n#include a.conf\n";
    EXPECT_EQ(parse("[a]\n#include b.conf\n#include b.conf\n"), std::nullopt);
    EXPECT_FALSE(report.ok());
    EXPECT_LE(report.findings().size(), 200u);
}

TEST_F(Reading, ExecRunsOnlyWhenAllowed) {
    source.commands["make it"] = "y=2\n";
    EXPECT_THAT(shape(parse("[a]\n#exec \"make it\"\n")), ElementsAre("a:"));
    EXPECT_THAT(report.text(), HasSubstr("a.conf:2: #exec is not enabled"));
    options.exec_includes = true;
    EXPECT_THAT(shape(parse("[a]\n#exec make it\n")), ElementsAre("a: y=2@1"));
}

TEST_F(Reading, ErrorsNameEveryLine) {
    EXPECT_EQ(parse("x=1\n[a\n[b](none)\n[c](+)\nno equals\n#what\n[d](!\n"), std::nullopt);
    EXPECT_EQ(report.text(),
              "a.conf:1: 'x=1' stands before the first [section]\n"
              "a.conf:2: no closing ']' in the heading of a section\n"
              "a.conf:3: [b] inherits from 'none', which does not exist\n"
              "a.conf:4: [c](+) adds to a section that does not exist\n"
              "a.conf:5: no '=' in 'no equals'\n"
              "a.conf:6: unknown directive '#what'\n"
              "a.conf:7: no closing ')' after [d]\n");
}

TEST_F(Reading, LimitsHold) {
    EXPECT_EQ(parse("[a]\nx=" + std::string(9000, 'y')), std::nullopt);
    EXPECT_THAT(report.text(), HasSubstr("a.conf:2: line longer than 8192 bytes"));
    options.max_variables = 1000;
    std::string bomb = "[t0](!)\nx=1\n";
    for (int i = 1; i < 40; ++i) {
        const std::string before = "t" + std::to_string(i - 1);
        bomb += "[t" + std::to_string(i) + "](!," + before + "," + before + ")\n";
    }
    EXPECT_EQ(parse(bomb), std::nullopt);
    EXPECT_THAT(report.text(), HasSubstr("more than 1000 options"));
}

TEST_F(Reading, WindowsLinesAndByteOrderMarks) {
    EXPECT_THAT(shape(parse("\xEF\xBB\xBF[a]\r\nx=1\r\n")), ElementsAre("a: x=1@2"));
}

TEST_F(Reading, MissingFileSaysSo) {
    EXPECT_EQ(read(source, "none.conf", options, report), std::nullopt);
    EXPECT_EQ(report.text(), "none.conf: No such file or directory\n");
}

TEST_F(Reading, SectionNamesMatchExactlyBeforeLoosely) {
    auto file = parse("[ABC]\nx=1\n[abc]\nx=2\n");
    EXPECT_EQ(*file->value("abc", "x"), "2");
    EXPECT_EQ(*file->value("Abc", "x"), "1");
    EXPECT_EQ(file->value("abc", "y"), nullptr);
}

}  // namespace
}  // namespace asterism::config
