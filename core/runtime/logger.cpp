#include "asterism/runtime/logger.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "asterism/runtime/log_groups.hpp"
#include "core/runtime/logger_format.hpp"

namespace asterism::log {

namespace fs = std::filesystem;

struct Logger::Line {
    Level level;
    int number;
    CallId call;
    WallTime when;
    pid_t thread;
    std::string file;
    int line;
    std::string function;
    std::string text;
    bool hidden = false;  // from consoles, by `logger filter`

    [[nodiscard]] LineView view() const { return {level, number, call, when, thread, file, line, function, text}; }
};

struct Logger::Channel {
    ChannelConfig config;
    enum class Type { file, console, syslog } type = Type::file;
    std::string path;
    std::unique_ptr<spdlog::sinks::sink> sink;
    bool added_later = false;  // by `logger add channel`: a reload keeps it
};

namespace {

// Passes the finished line on as it is: the formatting is ours.
class Verbatim final : public spdlog::formatter {
  public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& to) override {
        to.append(message.payload.data(), message.payload.data() + message.payload.size());
    }
    [[nodiscard]] std::unique_ptr<formatter> clone() const override { return std::make_unique<Verbatim>(); }
};

int syslog_facility(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, int>, 18> known = {{{"kern", LOG_KERN},
                                                                                {"user", LOG_USER},
                                                                                {"mail", LOG_MAIL},
                                                                                {"daemon", LOG_DAEMON},
                                                                                {"auth", LOG_AUTH},
                                                                                {"syslog", LOG_SYSLOG},
                                                                                {"lpr", LOG_LPR},
                                                                                {"news", LOG_NEWS},
                                                                                {"uucp", LOG_UUCP},
                                                                                {"cron", LOG_CRON},
                                                                                {"local0", LOG_LOCAL0},
                                                                                {"local1", LOG_LOCAL1},
                                                                                {"local2", LOG_LOCAL2},
                                                                                {"local3", LOG_LOCAL3},
                                                                                {"local4", LOG_LOCAL4},
                                                                                {"local5", LOG_LOCAL5},
                                                                                {"local6", LOG_LOCAL6},
                                                                                {"local7", LOG_LOCAL7}}};
    for (const auto& [word, facility] : known) {
        if (word == name) return facility;
    }
    return LOG_LOCAL0;
}

spdlog::level::level_enum syslog_level(Level level) {
    switch (level) {
        case Level::debug:
        case Level::trace: return spdlog::level::debug;
        case Level::warning: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
        default: return spdlog::level::info;
    }
}

}  // namespace

Logger::Logger(const Clock& clock, ConsoleStyle console) : clock_(clock), console_(console) {
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    config_.hostname = name.data();
    // Until a configuration comes: warnings and errors, so that what is wrong with it is seen.
    config_.channels.push_back(parse_channel("console", "notice,warning,error,verbose", {}));
    configure(config_);
    thread_ = std::thread([this] { work(); });
}

Logger::~Logger() {
    {
        const std::scoped_lock lock(queue_mutex_);
        stop_ = true;
    }
    wanted_.notify_all();
    thread_.join();
}

std::vector<std::string> Logger::configure(LoggerConfig config) {
    flush();
    const std::scoped_lock lock(channels_mutex_);
    if (config.hostname.empty()) config.hostname = config_.hostname;
    config_ = std::move(config);
    limit_ = config_.queue_limit;
    std::vector<std::unique_ptr<Channel>> kept;
    for (auto& channel : channels_) {
        if (channel->added_later) kept.push_back(std::move(channel));
    }
    channels_.clear();
    std::vector<std::string> failed;
    for (const auto& wanted : config_.channels) {
        auto channel = std::make_unique<Channel>();
        channel->config = wanted;
        try {
            open(*channel);
        } catch (const std::exception& e) {
            failed.emplace_back(e.what());
        }
        channels_.push_back(std::move(channel));
    }
    for (auto& channel : kept) channels_.push_back(std::move(channel));
    publish_levels();
    return failed;
}

void Logger::open(Channel& channel) {
    channel.sink.reset();
    const std::string& name = channel.config.name;
    if (name == "console") {
        channel.type = Channel::Type::console;
        if (console_.enabled) channel.sink = std::make_unique<spdlog::sinks::stdout_sink_st>();
    } else if (name == "syslog" || name.starts_with("syslog.")) {
        channel.type = Channel::Type::syslog;
        const int facility = name.size() > 7 ? syslog_facility(std::string_view(name).substr(7)) : LOG_LOCAL0;
        channel.sink = std::make_unique<spdlog::sinks::syslog_sink_st>("asterisk", LOG_PID, facility, true);
    } else {
        channel.path = name.starts_with('/') ? name : config_.directory + "/" + name;
        if (config_.append_hostname) channel.path += "." + config_.hostname;
        channel.sink = std::make_unique<spdlog::sinks::basic_file_sink_st>(channel.path);
        channel.sink->set_formatter(std::make_unique<Verbatim>());
        if (!config_.banner.empty()) {
            const std::string line =
                fmt::format("[{}] {}\n", format_date(config_.date_format, clock_.wall()), config_.banner);
            channel.sink->log({"", spdlog::level::info, line});
            channel.sink->flush();
        }
        return;
    }
    if (channel.sink) channel.sink->set_formatter(std::make_unique<Verbatim>());
}

void Logger::publish_levels() {
    std::uint32_t levels = 0;
    int verbose = std::max(verbose_, tap_verbose_);
    for (const auto& channel : channels_) {
        levels |= channel->config.levels;
        if (channel->config.verbose) verbose = std::max(verbose, *channel->config.verbose);
    }
    wanted_levels_ = levels & ~disabled_levels_;
    set_verbose_level(verbose);
    set_debug_level(debug_);
}

void Logger::set_verbose(int level) {
    const std::scoped_lock lock(channels_mutex_);
    verbose_ = level;
    publish_levels();
}

void Logger::set_debug(int level) {
    const std::scoped_lock lock(channels_mutex_);
    debug_ = level;
    publish_levels();
}

void Logger::set_tap_verbose(int level) {
    const std::scoped_lock lock(channels_mutex_);
    tap_verbose_ = level;
    publish_levels();
}

void Logger::set_tap(Tap tap) {
    const std::scoped_lock lock(channels_mutex_);
    tap_ = std::move(tap);
}

void Logger::set_level_enabled(Level level, bool on) {
    const std::scoped_lock lock(channels_mutex_);
    const auto bit = 1u << static_cast<unsigned>(level);
    disabled_levels_ = on ? disabled_levels_ & ~bit : disabled_levels_ | bit;
    publish_levels();
}

void Logger::write(const Record& record) {
    if (!(wanted_levels_.load(std::memory_order_relaxed) & (1u << static_cast<unsigned>(record.level)))) return;
    static thread_local const pid_t thread = gettid();
    const auto slash = record.file.rfind('/');
    const auto file = slash == record.file.npos ? record.file : record.file.substr(slash + 1);
    // Now: the call may have ended when the line is written.
    const bool hidden = groups().hides(record.call);
    {
        const std::scoped_lock lock(queue_mutex_);
        if (lines_.size() >= limit_) {
            ++dropped_;
            ++dropped_unreported_;
            return;
        }
        lines_.push_back({record.level, record.number, record.call, clock_.wall(), thread, std::string(file),
                          record.line, std::string(record.function), std::string(record.text), hidden});
    }
    wanted_.notify_one();
}

void Logger::work() {
    std::unique_lock lock(queue_mutex_);
    for (;;) {
        wanted_.wait(lock, [this] { return stop_ || !lines_.empty(); });
        if (lines_.empty()) break;
        std::deque<Line> batch;
        batch.swap(lines_);
        busy_ = true;
        if (dropped_unreported_) {
            batch.push_back({Level::warning,
                             0,
                             {},
                             clock_.wall(),
                             gettid(),
                             "logger.cpp",
                             0,
                             "work",
                             fmt::format("The log queue was full: {} lines were dropped", dropped_unreported_)});
            dropped_unreported_ = 0;
        }
        lock.unlock();
        {
            const std::scoped_lock channels(channels_mutex_);
            for (const auto& line : batch) write_line(line);
            for (auto& channel : channels_) {
                try {
                    if (channel->sink) channel->sink->flush();
                } catch (const std::exception&) {  // a full disk: nothing to be done, and no place to say so
                }
            }
        }
        lock.lock();
        busy_ = false;
        if (lines_.empty()) written_.notify_all();
    }
    written_.notify_all();
}

void Logger::write_line(const Line& line) {
    const auto bit = 1u << static_cast<unsigned>(line.level);
    if (disabled_levels_ & bit) return;
    for (auto& channel : channels_) {
        if (!(channel->config.levels & bit)) continue;
        const bool console = channel->type == Channel::Type::console;
        if (console && line.hidden) continue;
        const int verbose = channel->config.verbose.value_or(verbose_);
        const bool shown = line.level != Level::verbose || line.number <= verbose;
        if (console && tap_) tap_(line.level, line.number, format_console(line.view(), config_, {}));
        if (!channel->sink || !shown || (console && console_.muted)) continue;
        const std::string text =
            console && channel->config.formatter == Formatter::standard ? format_console(line.view(), config_, console_)
            : channel->type == Channel::Type::syslog
                ? fmt::format("{}[{}]: {}:{} in {}: {}", level_name(line.level, config_.custom_levels), line.thread,
                              line.file, line.line, line.function, line.text)
                : format_line(channel->config.formatter, line.view(), config_);
        try {
            channel->sink->log({"", syslog_level(line.level), text});
        } catch (const std::exception&) {  // a full disk: the line is lost, the call is not
        }
    }
}

void Logger::flush() {
    std::unique_lock lock(queue_mutex_);
    written_.wait(lock, [this] { return (lines_.empty() && !busy_) || stop_; });
}

std::uint64_t Logger::dropped() const {
    const std::scoped_lock lock(queue_mutex_);
    return dropped_;
}

void Logger::rotate_file(Channel& channel) {
    channel.sink.reset();
    std::error_code error;
    const bool there = fs::file_size(channel.path, error) > 0 && !error;
    std::string archived;
    switch (there ? config_.rotation : Rotation::none) {
        case Rotation::none: break;
        case Rotation::sequential: {  // the newest has the highest number
            int number = 0;
            while (fs::exists(fmt::format("{}.{}", channel.path, number), error)) ++number;
            archived = fmt::format("{}.{}", channel.path, number);
            break;
        }
        case Rotation::rotate: {  // the newest is .0
            int last = 0;
            while (fs::exists(fmt::format("{}.{}", channel.path, last), error)) ++last;
            for (; last > 0; --last) {
                fs::rename(fmt::format("{}.{}", channel.path, last - 1), fmt::format("{}.{}", channel.path, last),
                           error);
            }
            archived = channel.path + ".0";
            break;
        }
        case Rotation::timestamp:
            archived = fmt::format("{}.{}", channel.path, std::chrono::system_clock::to_time_t(clock_.wall()));
            break;
    }
    if (!archived.empty()) {
        fs::rename(channel.path, archived, error);
        if (!config_.exec_after_rotate.empty() && !error) {
            std::string command = config_.exec_after_rotate;
            static constexpr std::string_view mark = "${filename}";
            for (std::size_t at = 0; (at = command.find(mark, at)) != command.npos; at += archived.size()) {
                command.replace(at, mark.size(), archived);
            }
            // Twice forked: nobody waits for the command, and it leaves no zombie.
            if (const pid_t child = fork(); child == 0) {
                if (fork() == 0) {
                    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
                    _exit(127);
                }
                _exit(0);
            } else if (child > 0) {
                waitpid(child, nullptr, 0);
            }
        }
    }
    open(channel);
}

bool Logger::rotate(std::string_view name) {
    flush();
    const std::scoped_lock lock(channels_mutex_);
    bool found = name.empty();
    for (auto& channel : channels_) {
        if (!name.empty() && channel->config.name != name) continue;
        found = true;
        if (channel->type != Channel::Type::file) continue;
        try {
            rotate_file(*channel);
        } catch (const std::exception&) {  // shown as disabled by `logger show channels`
        }
    }
    return found;
}

bool Logger::add_channel(const ChannelConfig& config) {
    const std::scoped_lock lock(channels_mutex_);
    for (const auto& channel : channels_) {
        if (channel->config.name == config.name) return false;
    }
    auto channel = std::make_unique<Channel>();
    channel->config = config;
    channel->added_later = true;
    try {
        open(*channel);
    } catch (const std::exception&) {
        return false;
    }
    channels_.push_back(std::move(channel));
    publish_levels();
    return true;
}

bool Logger::remove_channel(std::string_view name) {
    flush();
    const std::scoped_lock lock(channels_mutex_);
    const auto removed = std::erase_if(channels_, [&](const auto& channel) { return channel->config.name == name; });
    publish_levels();
    return removed > 0;
}

std::vector<ChannelInfo> Logger::channels() const {
    const std::scoped_lock lock(channels_mutex_);
    std::vector<ChannelInfo> all;
    for (const auto& channel : channels_) {
        const bool file = channel->type == Channel::Type::file;
        const bool console = channel->type == Channel::Type::console;
        all.push_back({channel->config.name, channel->path,
                       file      ? "File"
                       : console ? "Console"
                                 : "Syslog",
                       channel->config.formatter, console || channel->sink != nullptr, channel->config.levels,
                       channel->config.verbose, channel->config.text});
    }
    return all;
}

int Logger::verbose() const {
    const std::scoped_lock lock(channels_mutex_);
    return verbose_;
}
int Logger::debug() const {
    const std::scoped_lock lock(channels_mutex_);
    return debug_;
}
std::size_t Logger::queue_limit() const { return limit_; }
std::vector<std::string> Logger::custom_levels() const {
    const std::scoped_lock lock(channels_mutex_);
    return config_.custom_levels;
}

std::optional<Level> Logger::custom_level(std::string_view name) const {
    const std::scoped_lock lock(channels_mutex_);
    const auto channel = parse_channel("", name, config_.custom_levels);
    for (unsigned n = 0; n < 32; ++n) {
        if (channel.levels == 1u << n) return Level{n};
    }
    return std::nullopt;
}

}  // namespace asterism::log
