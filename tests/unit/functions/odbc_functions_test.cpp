// func_odbc.conf on a SQLite database: the statements, their escapes, rows one by one.
#include "asterism/functions/odbc.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "asterism/config/map_source.hpp"
#include "asterism/store/sql.hpp"
#include "unit/functions/function_test.hpp"

using namespace asterism;
using namespace std::chrono_literals;

namespace {

class OdbcFunctions : public FunctionTest {
  protected:
    OdbcFunctions() {
        std::string name = "/tmp/asterism-odbc-XXXXXX";
        folder = ::mkdtemp(name.data());
        databases["main"] =
            std::make_shared<store::SqlDatabase>(store::sqlite_connector(folder + "/o.sqlite3", 1000ms), 1);
        EXPECT_TRUE(databases["main"]->run("CREATE TABLE people (name TEXT, number TEXT)"));
        EXPECT_TRUE(databases["main"]->run("INSERT INTO people VALUES ('bob', '2,00'), ('O''Hara', '3'), ('x', NULL)"));
    }
    ~OdbcFunctions() override { std::filesystem::remove_all(folder); }
    void configure(const std::string& text) {
        config::MapSource source;
        source.files["/f.conf"] = text;
        report = {};
        const auto file = config::read(source, "f.conf", {.directory = "/"}, report);
        odbc.configure(&*file, databases, report);
    }
    std::string folder;
    store::OdbcDatabases databases;
    config::Report report;
    functions::OdbcFunctions odbc{pbx.pbx};
};

TEST_F(OdbcFunctions, ReadsAndWrites) {
    configure(
        "[NUMBER]\ndsn=main\nreadsql=SELECT number, name FROM people WHERE name='${SQL_ESC(${ARG1})}'\n"
        "writesql=UPDATE people SET number='${SQL_ESC(${VAL1})}' WHERE name='${SQL_ESC(${ARG1})}'\n"
        "insertsql=INSERT INTO people (name, number) VALUES ('${SQL_ESC(${ARG1})}', '${SQL_ESC(${VALUE})}')\n"
        "minargs=1\nsynopsis=a number\nsyntax=<name>\n");
    EXPECT_TRUE(report.ok()) << report.text();
    EXPECT_EQ(read("${ODBC_NUMBER(bob)}|${ODBCROWS}|${ODBCSTATUS}"), "2\\,00,bob|1|SUCCESS");
    EXPECT_TRUE(set("HASH(h)", read("${ODBC_NUMBER(bob)}")));
    EXPECT_EQ(read("${HASH(h,number)}|${HASH(h,name)}"), "2,00|bob");
    EXPECT_EQ(read("${ODBC_NUMBER(O'Hara)}|${ODBC_NUMBER(none)}|${ODBCROWS}|${ODBCSTATUS}"), "3,O'Hara||0|NODATA");
    EXPECT_TRUE(set("ODBC_NUMBER(bob)", "4"));
    EXPECT_EQ(read("${ODBC_NUMBER(bob)}|${ODBCROWS}"), "4,bob|1");
    EXPECT_TRUE(set("ODBC_NUMBER(eve)", "it's,5"));
    EXPECT_EQ(read("${ODBC_NUMBER(eve)}"), "it's\\,5,eve");
    EXPECT_EQ(read("${ODBC_NUMBER()}"), "");
    EXPECT_FALSE(set("ODBC_NUMBER()", "1"));
}

TEST_F(OdbcFunctions, RowByRow) {
    configure(
        "[ALL]\nreadhandle=main\nprefix=MY\nmode=multirow\nrowlimit=2\nescapecommas=no\n"
        "readsql=SELECT number FROM people ORDER BY name\n");
    EXPECT_TRUE(set("ID", read("${MY_ALL()}")));
    EXPECT_EQ(read("${ODBCROWS}"), "2");
    EXPECT_EQ(read("${ODBC_FETCH(${ID})}|${ODBC_FETCH_STATUS}"), "3|SUCCESS");
    EXPECT_EQ(read("${ODBC_FETCH(${ID})}|${ODBC_FETCH_STATUS}"), "2,00|SUCCESS");
    EXPECT_EQ(read("${ODBC_FETCH(${ID})}|${ODBC_FETCH_STATUS}|${ODBC_FETCH(99)}"), "|FAILURE|");
}

TEST_F(OdbcFunctions, WhatFails) {
    configure(
        "[BAD]\ndsn=main\nreadsql=SELECT nonsense FROM nowhere\nwritesql=DELETE FROM nowhere\n"
        "[NONE]\ndsn=other\nreadsql=SELECT 1\n");
    EXPECT_THAT(report.text(), testing::HasSubstr("no 'other'"));
    EXPECT_EQ(read("${ODBC_BAD()}|${ODBCROWS}|${ODBCSTATUS}|${ODBC_NONE()}"), "|-1|FAILURE|");
    EXPECT_FALSE(set("ODBC_BAD()", "x"));
    configure("[EMPTY]\ndsn=main\n");
    EXPECT_FALSE(report.ok());
    EXPECT_NE(pbx.functions.find("ODBC_BAD"), nullptr);
    configure("[general]\nsingle_db_connection=no\n");
    EXPECT_EQ(pbx.functions.find("ODBC_BAD"), nullptr);
    EXPECT_EQ(pbx.functions.find("SQL_ESC"), nullptr);
}

}  // namespace
