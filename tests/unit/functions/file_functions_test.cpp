#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/functions/files.hpp"
#include "unit/functions/function_test.hpp"

using namespace asterism;
using functions::FileArguments;
using functions::Newline;

namespace {

std::string part(const std::string& arguments, std::string_view bytes) {
    const auto what = FileArguments::parse(arguments);
    if (!what) return what.error();
    const auto range = functions::range_of(*what, bytes);
    return std::string(bytes.substr(range.begin, range.end - range.begin));
}
std::string replaced(const std::string& arguments, std::string_view bytes, std::string_view value) {
    return functions::replace_range(*FileArguments::parse(arguments), bytes, value);
}

TEST(Files, BytesAreCountedFromEitherEnd) {
    EXPECT_EQ(part("f", "123456789"), "123456789");
    EXPECT_EQ(part("f,3", "123456789"), "456789");
    EXPECT_EQ(part("f,-3", "123456789"), "789");
    EXPECT_EQ(part("f,2,3", "123456789"), "345");
    EXPECT_EQ(part("f,2,-3", "123456789"), "3456");
    EXPECT_EQ(part("f,8,-3", "123456789"), "");
    EXPECT_EQ(part("f,100", "123456789"), "");
    EXPECT_EQ(part("f,-100,2", "123456789"), "12");
    EXPECT_EQ(part("f,0,9223372036854775807", "123"), "123");
}

TEST(Files, LinesAreWholeLines) {
    EXPECT_EQ(part("f,1,1,l", "a\nb\nc\n"), "b\n");
    EXPECT_EQ(part("f,-2,,l", "a\nb\nc\n"), "b\nc\n");
    EXPECT_EQ(part("f,0,-1,l", "a\nb\nc"), "a\nb\n");
    EXPECT_EQ(part("f,1,1,l", "a\r\nb\r\nc"), "b\r\n");
    EXPECT_EQ(part("f,1,1,l,m", "a\rb\nc\rd"), "b\nc\r");
    EXPECT_EQ(part("f,3,1,l", "a\nb\n"), "");
    EXPECT_EQ(part("f,0,1,l", ""), "");
}

TEST(Files, ReplacingAndInserting) {
    EXPECT_EQ(replaced("f,0,1", "xyz", "bar"), "baryz");
    EXPECT_EQ(replaced("f,2", "12345", "bar"), "12bar");
    EXPECT_EQ(replaced("f,4,0", "12345", "bar"), "1234bar5");
    EXPECT_EQ(replaced("f,0,1,l", "a\nb\n", "bar"), "bar\nb\n");
    EXPECT_EQ(replaced("f,-1,,l", "a\r\nb\r\n", "bar"), "a\r\nbar\r\n");
    EXPECT_EQ(replaced("f,0,1,ld", "a\nb\n", ""), "b\n");
}

TEST(Files, EndsOfLines) {
    EXPECT_EQ(functions::detect_newline("a\nb"), Newline::unix_);
    EXPECT_EQ(functions::detect_newline("a\r\nb"), Newline::dos);
    EXPECT_EQ(functions::detect_newline("a\rb"), Newline::mac);
    EXPECT_EQ(functions::detect_newline("ab"), Newline::none);
    EXPECT_EQ(functions::count_lines("a\nb\n", Newline::none), 2u);
    EXPECT_EQ(functions::count_lines("a\r\nb\nc\r\n", Newline::dos), 2u);
}

TEST(Files, BadArguments) {
    EXPECT_FALSE(FileArguments::parse(""));
    EXPECT_FALSE(FileArguments::parse("f,x"));
    EXPECT_FALSE(FileArguments::parse("f,1,1.5"));
    EXPECT_FALSE(FileArguments::parse("f,,,l,q"));
}

class FileFunctions : public FunctionTest {
  protected:
    FileFunctions() {
        char name[] = "/tmp/asterism-files-XXXXXX";
        folder = ::mkdtemp(name);
        path = folder + "/t.txt";
    }
    ~FileFunctions() override { std::filesystem::remove_all(folder); }
    void put(const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
    std::string folder, path;
};

TEST_F(FileFunctions, ReadAndWrite) {
    EXPECT_TRUE(set("FILE(" + path + ",,,l)", "one"));
    EXPECT_TRUE(set("FILE(" + path + ",,,al)", "two"));
    EXPECT_EQ(read("${FILE(" + path + ")}"), "one\ntwo\n");
    EXPECT_EQ(read("${FILE(" + path + ",1,1,l):0:-1}"), "two");
    EXPECT_EQ(read("${FILE_COUNT_LINE(" + path + ")}${FILE_FORMAT(" + path + ")}"), "2u");
    EXPECT_TRUE(set("FILE(" + path + ")", "x"));
    EXPECT_TRUE(set("FILE(" + path + ",,,a)", "y"));
    EXPECT_EQ(read("${FILE(" + path + ")}${FILE_FORMAT(" + path + ")}"), "xyx");
    EXPECT_TRUE(set("FILE(" + path + ",1,0)", "-"));
    EXPECT_EQ(read("${EVAL(${FILE(" + path + ")})}"), "x-y");
}

TEST_F(FileFunctions, WhatIsNotThere) {
    EXPECT_EQ(read("${FILE(" + path + ")}|${FILE_COUNT_LINE(" + path + ")}|${FILE_FORMAT(" + path + ")}"), "|-1|");
    EXPECT_EQ(read("${FILE(" + folder + ")}|${FILE()}|${FILE_FORMAT()}"), "||");
    EXPECT_FALSE(set("FILE(" + folder + "/none/x)", "1"));
    EXPECT_FALSE(set("FILE()", "1"));
    EXPECT_EQ(read("${STAT(e," + path + ")}${STAT(s," + path + ")}|${STAT(e)}"), "0|");
    put("12345");
    EXPECT_EQ(read("${STAT(e," + path + ")}${STAT(f," + path + ")}${STAT(d," + path + ")}${STAT(s," + path + ")}"),
              "1105");
}

TEST_F(FileFunctions, Names) {
    EXPECT_EQ(read("${BASENAME(/a/b.c)}|${BASENAME(b)}|${BASENAME(/)}"), "b.c|b|/");
    EXPECT_EQ(read("${DIRNAME(/a/b.c)}|${DIRNAME(b)}|${DIRNAME(/b)}|${DIRNAME(/a/b/)}"), "/a|.|/|/a");
}

TEST_F(FileFunctions, ConfigurationValues) {
    pbx.settings.etc_dir = folder;
    put("[a](!)\nx=0\n[b](a)\nx=1\nx=2\n");
    EXPECT_EQ(read("${AST_CONFIG(t.txt,b,x)}${AST_CONFIG(t.txt,b,x,1)}${AST_CONFIG(t.txt,b,x,-1)}"), "012");
    EXPECT_EQ(read("${AST_CONFIG(t.txt,b,y)}|${AST_CONFIG(t.txt,c,x)}|${AST_CONFIG(t.txt,b,x,9)}"), "||");
    EXPECT_EQ(read("${AST_CONFIG(none.conf,b,x)}|${AST_CONFIG(t.txt)}|${AST_CONFIG(t.txt,b,x,q)}"), "||");
}

TEST_F(FileFunctions, WhichFunctionMayBeFoundOutLate) {
    put("late");
    EXPECT_TRUE(set("F", "FILE"));
    EXPECT_EQ(read("${${F}(" + path + "):1:2}"), "at");
}

}  // namespace
