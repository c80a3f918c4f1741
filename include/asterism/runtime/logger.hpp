// The log backend: logger.conf's channels, written by a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism::log {

/// Levels beyond those of Level: fax, and what custom_levels names (up to 16).
inline constexpr Level level_fax{8};
inline constexpr unsigned first_custom_level = 9;
inline constexpr unsigned max_custom_levels = 16;

/// `default`: [date] LEVEL[tid][C-...] file: text; `plain`: with line and function; `json`: one object a line.
enum class Formatter { standard, plain, json };

/// One line of logger.conf's [logfiles].
struct ChannelConfig {
    std::string name;  ///< a file under the log directory, an absolute path, "console" or "syslog.FACILITY"
    Formatter formatter = Formatter::standard;
    std::uint32_t levels = 0;    ///< bit n: Level n
    std::optional<int> verbose;  ///< verbose(n): only lines up to n; none: what `core set verbose` says
    std::string text;            ///< the levels as written
};

enum class Rotation { none, sequential, rotate, timestamp };

struct LoggerConfig {
    std::string date_format = "%b %e %T";  ///< strftime, and %q %Q %O or %3q for parts of a second
    bool use_call_ids = true;
    bool append_hostname = false;
    Rotation rotation = Rotation::sequential;
    std::string exec_after_rotate;  ///< shell command, ${filename} replaced
    std::size_t queue_limit = 1000;
    std::vector<std::string> custom_levels;
    std::vector<ChannelConfig> channels;
    std::string directory;  ///< astlogdir
    std::string hostname;
    std::string system_name;  ///< with append_hostname and timestamps, as Asterisk does
    std::string banner;       ///< first line of a file that is opened ("Asterisk 22.11.0 ...")
};

/// Parses "[formatter]level,level,verbose(3)" as [logfiles] and `logger add channel` write it. Unknown levels are put
/// into `unknown` (if given) and skipped.
[[nodiscard]] ChannelConfig parse_channel(std::string_view name, std::string_view value,
                                          const std::vector<std::string>& custom_levels,
                                          std::vector<std::string>* unknown = nullptr);
/// "WARNING"; custom levels by the name that the configuration gave them.
[[nodiscard]] std::string level_name(Level level, const std::vector<std::string>& custom_levels);

/// What `logger show channels` and ARI's logging list show.
struct ChannelInfo {
    std::string name;  ///< as configured
    std::string path;  ///< files: where it is; empty otherwise
    std::string type;  ///< "File", "Console", "Syslog"
    Formatter formatter;
    bool enabled;
    std::uint32_t levels;
    std::optional<int> verbose;
    std::string text;
};

/// How the console of the foreground process looks.
struct ConsoleStyle {
    bool enabled = false;
    bool colour = false;
    bool timestamp = false;  ///< -T: verbose lines carry the time too
    bool muted = false;      ///< -m
};

/// One for the process, made by main before threads start and destroyed last; lines may come from any thread. Lines
/// wait in a bounded queue: when it is full they are dropped, counted, and one line says how many.
class Logger final : public Backend {
  public:
    Logger(const Clock& clock, ConsoleStyle console);
    ~Logger() override;
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    /// Takes a configuration over. The error names a file that could not be opened; the others work all the same.
    std::vector<std::string> configure(LoggerConfig config);
    void write(const Record& record) override;

    /// `core set verbose`, `core set debug`: of the process. The lowest level that any channel wants is let through.
    void set_verbose(int level);
    void set_debug(int level);
    [[nodiscard]] int verbose() const;
    [[nodiscard]] int debug() const;
    /// Switches one level off or on for every channel (`logger set level`).
    void set_level_enabled(Level level, bool on);

    /// Closes, renames as the strategy says, and opens every file; with a name that channel's only. False: no such.
    bool rotate(std::string_view name = {});
    bool add_channel(const ChannelConfig& channel);
    bool remove_channel(std::string_view name);
    [[nodiscard]] std::vector<ChannelInfo> channels() const;
    [[nodiscard]] std::size_t queue_limit() const;
    [[nodiscard]] std::vector<std::string> custom_levels() const;
    /// The number of a custom level (any case), for the application Log.
    [[nodiscard]] std::optional<Level> custom_level(std::string_view name) const;

    /// Lines of the console channel for remote consoles, called on the writing thread. `verbose`: the highest level
    /// that any of them wants.
    using Tap = std::function<void(Level level, int number, const std::string& line)>;
    void set_tap(Tap tap);
    void set_tap_verbose(int verbose);

    /// Waits until everything written so far is in the files.
    void flush();
    [[nodiscard]] std::uint64_t dropped() const;

  private:
    struct Line;
    struct Channel;
    void work();
    void write_line(const Line& line);
    void open(Channel& channel);
    void rotate_file(Channel& channel);
    void publish_levels();

    const Clock& clock_;
    const ConsoleStyle console_;

    mutable std::mutex queue_mutex_;  // lines_, stop_, busy_, dropped_
    std::condition_variable wanted_;
    std::condition_variable written_;
    std::deque<Line> lines_;
    bool stop_ = false;
    bool busy_ = false;
    std::uint64_t dropped_ = 0;
    std::uint64_t dropped_unreported_ = 0;

    mutable std::mutex channels_mutex_;  // all below
    LoggerConfig config_;
    std::vector<std::unique_ptr<Channel>> channels_;
    Tap tap_;
    std::uint32_t disabled_levels_ = 0;
    int verbose_ = 0;
    int debug_ = 0;
    int tap_verbose_ = 0;
    std::atomic<std::size_t> limit_{1000};
    std::atomic<std::uint32_t> wanted_levels_{0};
    std::thread thread_;
};

}  // namespace asterism::log
