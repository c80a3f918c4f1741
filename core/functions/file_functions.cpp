// FILE, FILE_COUNT_LINE, FILE_FORMAT, STAT, BASENAME, DIRNAME, AST_CONFIG: files, read and written on the blocking
// pool.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/task.hpp"
#include "asterism/runtime/whole.hpp"
#include "core/functions/files.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

/// More is not read: a dialplan's files are small, and a value has its own bound.
constexpr std::size_t largest_file = 64u << 20;

/// What went wrong last, in words.
std::string system_error(const std::string& path) { return path + ": " + std::generic_category().message(errno); }

std::expected<std::string, std::string> load(const std::string& path) {
    struct stat info{};
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::unexpected(system_error(path));
    if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && S_ISDIR(info.st_mode))
        return std::unexpected(path + ": Is a directory");
    std::string bytes;
    char buffer[65536];
    while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
        bytes.append(buffer, static_cast<std::size_t>(file.gcount()));
        if (bytes.size() > largest_file) return std::unexpected(path + " is too large");
    }
    return bytes;
}

/// Nothing, or what went wrong.
std::string store(const std::string& path, std::string_view bytes, int flags) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
    if (file < 0) return system_error(path);
    std::string error;
    while (!bytes.empty() && error.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written > 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            error = system_error(path);
    }
    if (::close(file) != 0 && error.empty()) error = system_error(path);
    return error;
}

Task<Text> file_read(FunctionCall call) {
    auto what = FileArguments::parse(call.args);
    if (!what) co_return failed(call, what.error());
    auto part = co_await run_blocking(*call.pbx.loop, [what = *what]() -> std::expected<std::string, std::string> {
        const auto bytes = load(what.path);
        if (!bytes) return std::unexpected(bytes.error());
        const auto range = range_of(what, *bytes);
        return bytes->substr(range.begin, range.end - range.begin);
    });
    if (!part) co_return failed(call, part.error());
    co_return std::move(*part);
}

std::string write_file(const FileArguments& what, const std::string& value) {
    if (!what.append && !what.offset && !what.length)
        return store(what.path, line_for(what, Newline::unix_, value), O_TRUNC);
    const auto bytes = load(what.path).value_or(std::string{});
    if (what.append) return store(what.path, line_for(what, detect_newline(bytes), value), O_APPEND);
    return store(what.path, replace_range(what, bytes, value), O_TRUNC);
}

Task<bool> file_write(FunctionCall call, std::string value) {
    const auto what = FileArguments::parse(call.args);
    if (!what) co_return refused(call, what.error());
    const auto error = co_await run_blocking(
        *call.pbx.loop, [what = *what, value = std::move(value)] { return write_file(what, value); });
    co_return error.empty() || refused(call, error);
}

Task<Text> file_count(FunctionCall call) {
    const auto what = [&] {
        const Arguments args(call.args, ',', 2);
        return FileArguments::parse(quote(args[0]) + ",,,," + args[1]);
    }();
    if (!what) co_return failed(call, what.error());
    const auto bytes = co_await run_blocking(*call.pbx.loop, [path = what->path] { return load(path); });
    if (!bytes) {
        failed(call, bytes.error());
        co_return "-1";
    }
    co_return std::to_string(count_lines(*bytes, what->format));
}

Task<Text> file_format(FunctionCall call) {
    if (call.args.empty()) co_return failed(call, "needs the name of a file");
    const auto bytes = co_await run_blocking(*call.pbx.loop, [path = std::string(call.args)] { return load(path); });
    if (!bytes) co_return failed(call, bytes.error());
    co_return std::string(1, static_cast<char>(detect_newline(*bytes)));
}

std::string file_status(char what, const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return what == 'e' || what == 'f' || what == 'd' ? "0" : "";
    switch (what) {
        case 'e': return "1";
        case 's': return std::to_string(info.st_size);
        case 'f': return S_ISREG(info.st_mode) ? "1" : "0";
        case 'd': return S_ISDIR(info.st_mode) ? "1" : "0";
        case 'M': return std::to_string(info.st_mtime);
        case 'A': return std::to_string(info.st_atime);
        case 'C': return std::to_string(info.st_ctime);
        case 'm': return fmt::format("{:o}", info.st_mode);
        default: return "";
    }
}

Task<Text> stat_(FunctionCall call) {
    const Arguments args(call.args, ',', 2);
    if (!args.has(0) || !args.has(1)) co_return failed(call, "needs a flag and a file");
    co_return co_await run_blocking(*call.pbx.loop,
                                    [what = args[0].front(), path = args[1]] { return file_status(what, path); });
}

Text base_name(FunctionCall& call) {
    auto path = call.args;
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return std::string(path == "/" ? path : path.substr(path.rfind('/') + 1));
}
Text dir_name(FunctionCall& call) {
    auto path = call.args;
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) return ".";
    path = path.substr(0, slash);
    while (path.ends_with('/')) path.remove_suffix(1);
    return std::string(path.empty() ? std::string_view("/") : path);
}

/// The values of one option of a configuration file, in order.
std::expected<std::vector<std::string>, std::string> option_values(const config::ReadOptions& options,
                                                                   const std::string& file, const std::string& category,
                                                                   const std::string& name) {
    config::DiskSource disk;
    config::Report report;
    const auto read = config::read(disk, file, options, report);
    if (!read) return std::unexpected(file + " cannot be read");
    std::vector<std::string> values;
    if (const auto* section = read->find(category))
        for (const auto value : section->all(name)) values.emplace_back(value);
    return values;
}

Task<Text> ast_config(FunctionCall call) {
    const Arguments args(call.args, ',', 4);
    if (!args.has(0) || !args.has(1) || !args.has(2)) co_return failed(call, "needs a file, a category and a variable");
    long index = 0;
    if (args.has(3)) {
        index = parse_whole<long>(args[3]).value_or(-2);
        if (index < -1) co_return failed(call, "the index is -1 or a number from 0");
    }
    auto options = call.pbx.settings->read_options();
    options.templates_too = true;
    const auto values = co_await run_blocking(
        *call.pbx.loop, [options, args] { return option_values(options, args[0], args[1], args[2]); });
    if (!values) co_return failed(call, values.error());
    const auto place = index < 0 ? values->size() - 1 : static_cast<std::size_t>(index);
    if (place >= values->size()) co_return failed(call, "there is no such value");
    co_return (*values)[place];
}

}  // namespace

void add_file_functions(dialplan::Functions& all) {
    const dialplan::Parameter file{"filename", "path of a file"};
    const dialplan::Parameter format{"format", "ends of lines: u Unix, d DOS, m Macintosh; else as the file has them"};
    all.add({.name = "FILE",
             .synopsis = "a file's text, or part of it",
             .syntax = "FILE(filename[,offset[,length[,options[,format]]]])",
             .parameters = {file,
                            {"offset", "bytes (lines) that are skipped; negative: counted from the end"},
                            {"length", "how many; negative: all but so many at the end"},
                            {"options", "l: count lines; writing: a append, d add no end of line"},
                            format},
             .read_later = file_read,
             .write_later = file_write,
             .module = "func_env",
             .dangerous_read = true,
             .dangerous_write = true});
    all.add({.name = "FILE_COUNT_LINE",
             .synopsis = "how many lines a file has; -1: it cannot be read",
             .syntax = "FILE_COUNT_LINE(filename[,format])",
             .parameters = {file, format},
             .read_later = file_count,
             .module = "func_env",
             .dangerous_read = true});
    all.add({.name = "FILE_FORMAT",
             .synopsis = "how a file ends its lines: u, d, m or x",
             .syntax = "FILE_FORMAT(filename)",
             .parameters = {file},
             .read_later = file_format,
             .module = "func_env",
             .dangerous_read = true});
    all.add({.name = "STAT",
             .synopsis = "facts of a file",
             .syntax = "STAT(flag,filename)",
             .parameters = {{"flag", "e exists, f file, d directory, s size, M A C times, m mode"}, file},
             .read_later = stat_,
             .module = "func_env",
             .dangerous_read = true});
    all.add({.name = "BASENAME",
             .synopsis = "a path's last part",
             .syntax = "BASENAME(filename)",
             .parameters = {file},
             .read = base_name,
             .module = "func_env"});
    all.add({.name = "DIRNAME",
             .synopsis = "a path without its last part",
             .syntax = "DIRNAME(filename)",
             .parameters = {file},
             .read = dir_name,
             .module = "func_env"});
    all.add({.name = "AST_CONFIG",
             .synopsis = "a value of a configuration file",
             .syntax = "AST_CONFIG(config_file,category,variable_name[,index])",
             .parameters = {{"config_file", "name of the file in the configuration folder"},
                            {"category", "heading of the section"},
                            {"variable_name", "name of the option"},
                            {"index", "which of several: 0 the first, -1 the last"}},
             .read_later = ast_config,
             .module = "func_config"});
}

}  // namespace asterism::functions
