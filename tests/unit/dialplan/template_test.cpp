#include "asterism/dialplan/template.hpp"

#include <gmock/gmock.h>

#include <map>

#include "asterism/dialplan/arguments.hpp"

namespace asterism::dialplan {
namespace {

using testing::ElementsAre;

struct MapScope final : Scope {
    std::map<std::string, std::string, std::less<>> values;
    bool append_variable(std::string_view name, std::string& out) override {
        auto at = values.find(name);
        if (at == values.end()) return false;
        out += at->second;
        return true;
    }
    bool append_function(std::string_view name, std::string_view args, std::string& out) override {
        if (name == "ECHO")
            out += args;
        else if (name == "LEN")
            out += std::to_string(args.size());
        else
            return false;
        return true;
    }
};

struct Substituting : testing::Test {
    MapScope scope;
    Substituting() {
        scope.values = {{"A", "alpha"}, {"B", "A"}, {"N", "41"}, {"NUM", "5551234"}, {"E", ""}, {"SLICE", "NUM:1:2"}};
    }
    std::string sub(std::string_view text) { return dialplan::substitute(scope, text); }
};

TEST_F(Substituting, Variables) {
    EXPECT_EQ(sub("plain"), "plain");
    EXPECT_EQ(sub("${A}"), "alpha");
    EXPECT_EQ(sub("<${A}|${A}>"), "<alpha|alpha>");
    EXPECT_EQ(sub("x${NONE}y"), "xy");
    EXPECT_EQ(sub("$A $ $$ {A} $"), "$A $ $$ {A} $");
    EXPECT_EQ(sub("$${A}"), "$alpha");
    EXPECT_EQ(sub("${${B}}"), "alpha");
    EXPECT_EQ(sub("${${SLICE}}"), "55");
}

TEST_F(Substituting, Slices) {
    EXPECT_EQ(sub("${NUM:3}"), "1234");
    EXPECT_EQ(sub("${NUM:0:3}"), "555");
    EXPECT_EQ(sub("${NUM:-4}"), "1234");
    EXPECT_EQ(sub("${NUM:-4:2}"), "12");
    EXPECT_EQ(sub("${NUM:0:-4}"), "555");
    EXPECT_EQ(sub("${NUM:2:-2}"), "512");
    EXPECT_EQ(sub("${NUM:-20}"), "5551234");
    EXPECT_EQ(sub("${NUM:20}"), "");
    EXPECT_EQ(sub("${NUM:3:0}"), "");
    EXPECT_EQ(sub("${NUM:3:-9}"), "");
    EXPECT_EQ(sub("a${NUM:3:2}b"), "a12b");
    EXPECT_EQ(sub("${NUM:${LEN(xx)}:1}"), "5");
}

TEST_F(Substituting, Functions) {
    EXPECT_EQ(sub("${ECHO(a,b)}"), "a,b");
    EXPECT_EQ(sub("${ECHO(hello):1:3}"), "ell");
    EXPECT_EQ(sub("${ECHO(${A}):0:2}"), "al");
    EXPECT_EQ(sub("${LEN(${ECHO(${A}${A})})}"), "10");
    EXPECT_EQ(sub("${ECHO(a:b(c):d)}"), "a:b(c):d");
    EXPECT_EQ(sub("${ECHO()}"), "");
    EXPECT_EQ(sub("${NOSUCH(x)}"), "");
    EXPECT_EQ(sub("${E${ECHO(CHO)}(x)}"), "x");
}

TEST_F(Substituting, Expressions) {
    EXPECT_EQ(sub("$[${N} + 1]"), "42");
    EXPECT_EQ(sub("$[${N} + $[2 * 3]]"), "47");
    EXPECT_EQ(sub("x$[1 = 1]y"), "x1y");
    EXPECT_EQ(sub("$[\"${A}\" = \"alpha\"]"), "1");
    EXPECT_EQ(sub("$[${E} = 1]"), "");  // a syntax error leaves nothing
    EXPECT_EQ(sub("${ECHO($[1+1])}"), "2");
    EXPECT_EQ(sub("$[\"${A}\" =~ \"[a-l]+\"]"), "2");
}

TEST_F(Substituting, FaultsAreNamed) {
    EXPECT_EQ(Template("${A").fault(), "no closing '}'");
    EXPECT_EQ(Template("$[1 + 2").fault(), "no closing ']'");
    EXPECT_EQ(Template("${A}").fault(), "");
    EXPECT_EQ(sub("${A"), "alpha");  // as Asterisk takes it
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += "${";
    EXPECT_NE(Template(deep).fault(), "");
}

TEST_F(Substituting, GrowthEnds) {
    scope.values["BIG"] = std::string(600'000, 'x');
    EXPECT_LE(sub("${BIG}${BIG}${BIG}${BIG}").size(), 2 * max_value);
}

TEST(ArgumentLists, SplitOutsideQuotesAndBrackets) {
    EXPECT_THAT(split_arguments("a,b,c"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(split_arguments("a,,c,"), ElementsAre("a", "", "c", ""));
    EXPECT_THAT(split_arguments(""), ElementsAre());
    EXPECT_THAT(split_arguments("f(a,b),[c,d],\"e,f\""), ElementsAre("f(a,b)", "[c,d]", "e,f"));
    EXPECT_THAT(split_arguments("a\\,b,c\\\\d"), ElementsAre("a,b", "c\\d"));
    EXPECT_THAT(split_arguments("a,b,c,d", ',', 2), ElementsAre("a", "b,c,d"));
    EXPECT_THAT(split_arguments("a, b"), ElementsAre("a", " b"));
    EXPECT_THAT(split_arguments("a&b&c", '&'), ElementsAre("a", "b", "c"));
    EXPECT_THAT(split_arguments("a),b"), ElementsAre("a)", "b"));
}

TEST(ArgumentLists, OptionLetters) {
    const OptionLetters options("rL(60000:10000:5000)gb(sub^s^1(x))L(1)");
    EXPECT_EQ(options.letters(), "rLgbL");
    EXPECT_TRUE(options.has('g'));
    EXPECT_FALSE(options.has('m'));
    EXPECT_EQ(options.argument('b'), "sub^s^1(x)");
    EXPECT_EQ(options.argument('L'), "1");
    EXPECT_EQ(options.argument('r'), "");
    EXPECT_EQ(OptionLetters("A(x").argument('A'), "x");
}

TEST(ArgumentLists, Truth) {
    EXPECT_TRUE(is_true("1"));
    EXPECT_TRUE(is_true("-1"));
    EXPECT_TRUE(is_true("yes"));
    EXPECT_FALSE(is_true(""));
    EXPECT_FALSE(is_true("0"));
    EXPECT_FALSE(is_true("00"));
}

}  // namespace
}  // namespace asterism::dialplan
