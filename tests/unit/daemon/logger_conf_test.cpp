#include "src/logger_conf.hpp"

#include <gtest/gtest.h>

#include <map>

namespace asterism {
namespace {

class OneFile final : public config::FileSource {
  public:
    explicit OneFile(std::string text) : text_(std::move(text)) {}
    std::expected<std::string, std::string> load(const std::string&, std::size_t) override { return text_; }
    std::vector<std::string> glob(const std::string&) override { return {}; }
    std::expected<std::string, std::string> run(const std::string&, std::size_t) override {
        return std::unexpected("no");
    }

  private:
    std::string text_;
};

log::LoggerConfig read(std::string text, config::Report& report) {
    OneFile source(std::move(text));
    const auto file = config::read(source, "logger.conf", {.directory = "/etc"}, report);
    config::Settings settings;
    settings.log_dir = "/var/log/x";
    return logger_config(file ? &*file : nullptr, settings, report);
}

TEST(LoggerConf, ReadsGeneralAndLogfiles) {
    config::Report report;
    const auto config = read(
        "[general]\ndateformat=%F %T.%3q\nuse_callids=no\nrotatestrategy=rotate\nlogger_queue_limit=50\n"
        "custom_levels=foo, bar\n[logfiles]\nconsole => verbose\nfull.txt => [plain]*\nmine => bar,verbose(2)\n",
        report);
    EXPECT_TRUE(report.ok()) << report.text();
    EXPECT_EQ(config.date_format, "%F %T.%3q");
    EXPECT_FALSE(config.use_call_ids);
    EXPECT_EQ(config.rotation, log::Rotation::rotate);
    EXPECT_EQ(config.queue_limit, 50u);
    ASSERT_EQ(config.channels.size(), 3u);
    EXPECT_EQ(config.channels[1].formatter, log::Formatter::plain);
    EXPECT_EQ(config.channels[2].levels, 1u << (log::first_custom_level + 1) | 1u << 2);
    EXPECT_EQ(config.channels[2].verbose, 2);
    EXPECT_EQ(config.directory, "/var/log/x");
}

TEST(LoggerConf, WithoutLogfilesTheConsoleGetsTheImportant) {
    config::Report report;
    EXPECT_EQ(read("[general]\n", report).channels.at(0).name, "console");
}

TEST(LoggerConf, NamesTheLineOfAnUnknownLevel) {
    config::Report report;
    (void)read("[logfiles]\nx => notice,nonsense\n", report);
    EXPECT_TRUE(report.ok());
    EXPECT_NE(report.text().find("logger.conf:2: unknown log level 'nonsense'"), std::string::npos) << report.text();
}

}  // namespace
}  // namespace asterism
