#include "src/logger_conf.hpp"

#include "asterism/config/options.hpp"

namespace asterism {

namespace {

const config::Options<log::LoggerConfig>& general() {
    using namespace config;
    using C = log::LoggerConfig;
    static const Options<C> table(
        "logger.conf", "general",
        {
            string("dateformat", "%b %e %T", "strftime format of the date; %q, %Q, %O and %3q are parts of a second",
                   &C::date_format),
            boolean("use_callids", "yes", "show [C-00000001] in lines about a call", &C::use_call_ids),
            boolean("appendhostname", "no", "append the host's name to the names of files", &C::append_hostname),
            custom("rotatestrategy", "enum", "sequential",
                   "what rotated files are called: none, sequential, rotate, timestamp",
                   [](C& c, std::string_view v) -> Set {
                       if (equal_nocase(v, "none"))
                           c.rotation = log::Rotation::none;
                       else if (equal_nocase(v, "rotate"))
                           c.rotation = log::Rotation::rotate;
                       else if (equal_nocase(v, "timestamp"))
                           c.rotation = log::Rotation::timestamp;
                       else if (equal_nocase(v, "sequential"))
                           c.rotation = log::Rotation::sequential;
                       else
                           return std::unexpected("expected none, sequential, rotate or timestamp");
                       return {};
                   }),
            string("exec_after_rotate", "", "shell command run on a rotated file, ${filename}", &C::exec_after_rotate),
            integer("logger_queue_limit", "1000", 1, 10'000'000, "lines that may wait to be written", &C::queue_limit),
            custom("custom_levels", "list", "", "names of levels of one's own, at most 16",
                   [](C& c, std::string_view v) -> Set {
                       c.custom_levels = parse_list(v);
                       if (c.custom_levels.size() > log::max_custom_levels) return std::unexpected("at most 16 levels");
                       return {};
                   }),
            // These four are the queue log's, which reads them itself.
            custom("queue_log", "bool", "yes", "write queue_log", [](C&, std::string_view) -> Set { return {}; }),
            custom("queue_log_to_file", "bool", "no", "also when realtime has it",
                   [](C&, std::string_view) -> Set { return {}; }),
            custom("queue_log_name", "string", "queue_log", "its file", [](C&, std::string_view) -> Set { return {}; }),
            unused("queue_log_realtime_use_gmt"),
        });
    return table;
}

}  // namespace

log::LoggerConfig logger_config(const config::File* file, const config::Settings& settings, config::Report& report) {
    const config::Section* section = file ? file->find("general") : nullptr;
    log::LoggerConfig config = section ? general().read(*section, report) : general().defaults();
    config.directory = settings.log_dir;
    const config::Section* files = file ? file->find("logfiles") : nullptr;
    if (!files) {
        config.channels.push_back(log::parse_channel("console", "notice,warning,error", {}));
        return config;
    }
    for (const auto& variable : files->variables) {
        std::vector<std::string> unknown;
        config.channels.push_back(log::parse_channel(variable.name, variable.value, config.custom_levels, &unknown));
        for (const auto& word : unknown) report.warning(variable.origin, "unknown log level '" + word + "'");
    }
    return config;
}

}  // namespace asterism
