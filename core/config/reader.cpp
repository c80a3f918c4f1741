#include <unordered_map>

#include "asterism/config/file.hpp"
#include "asterism/config/options.hpp"
#include "core/config/lines.hpp"

namespace asterism::config {
namespace {

constexpr std::size_t max_findings = 200;
constexpr int max_files = 4096;  // two files that include each other twice would otherwise read 2^depth times

class Reader {
  public:
    Reader(FileSource& source, const ReadOptions& options, Report& report)
        : source_(source), options_(options), report_(report) {}

    std::optional<File> run(const std::string& name) {
        const std::string path = full_path(name);
        auto text = source_.load(path, options_.max_file_bytes);
        if (!text) {
            report_.error({std::make_shared<std::string>(name), 0}, text.error());
            return std::nullopt;
        }
        read_text(*text, name, path, 1);
        if (failed_) return std::nullopt;
        if (!options_.templates_too) std::erase_if(file_.sections(), [](const Section& s) { return s.is_template; });
        return std::move(file_);
    }

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::string full_path(const std::string& name) const {
        if (name.starts_with('/') || options_.directory.empty()) return name;
        return options_.directory + (options_.directory.ends_with('/') ? "" : "/") + name;
    }
    void fail(const Origin& at, std::string what) {
        failed_ = true;
        if (report_.findings().size() < max_findings) report_.error(at, std::move(what));
    }
    void warn(const Origin& at, std::string what) {
        if (report_.findings().size() < max_findings) report_.warning(at, std::move(what));
    }

    /// A file's section of before its #include goes on after it.
    void read_text(std::string_view text, const std::string& name, const std::string& path, std::size_t depth) {
        file_.add_file(path);
        const auto shared_name = std::make_shared<const std::string>(name);
        if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
        LineCleaner cleaner;
        int number = 0;
        for (std::size_t from = 0; from < text.size() && !stop_;) {
            std::size_t end = text.find('\n', from);
            if (end == std::string_view::npos) end = text.size();
            const std::string_view line = text.substr(from, end - from);
            from = end + 1;
            const Origin at{shared_name, ++number};
            if (line.size() > options_.max_line_bytes) {
                fail(at, "line longer than " + std::to_string(options_.max_line_bytes) + " bytes");
                continue;
            }
            if (line.find('\0') != std::string_view::npos) {
                fail(at, "a zero byte in the line");
                continue;
            }
            std::string clean = cleaner.clean(line, number);
            if (!clean.empty()) read_line(clean, at, depth);
        }
        if (int since = cleaner.open_since())
            warn({shared_name, since}, "comment that begins here with ;-- has no end");
    }

    void read_line(const std::string& line, const Origin& at, std::size_t depth) {
        if (line.front() == '[') return heading(line, at);
        if (line.front() == '#') return directive(line, at, depth);
        variable(line, at);
    }

    void heading(std::string_view line, const Origin& at) {
        // On an error what follows still needs a section, or each of its lines would be called an orphan.
        Section made{.name = {}, .origin = at, .is_template = false, .inherits = {}, .variables = {}};
        const std::size_t close = line.find(']');
        if (close == std::string_view::npos) {
            fail(at, "no closing ']' in the heading of a section");
            return append(std::move(made));
        }
        made.name = std::string(line.substr(1, close - 1));
        std::string_view rest = trim(line.substr(close + 1));
        if (rest.empty()) return append(std::move(made));
        const std::size_t end = rest.find(')');
        if (rest.front() != '(' || end == std::string_view::npos) {
            if (rest.front() == '(')
                fail(at, "no closing ')' after [" + made.name + "]");
            else
                warn(at, "text after [" + made.name + "] is ignored: '" + std::string(rest) + "'");
            return append(std::move(made));
        }
        std::size_t added_to = none;
        for (auto& word : parse_list(rest.substr(1, end - 1))) {
            if (word == "!") {
                made.is_template = true;
            } else if (word.front() == '+') {
                added_to = find_for_append(made.name, std::string_view(word).substr(1));
                if (added_to == none)
                    fail(at, "[" + made.name + "](" + word + ") adds to a section that does not exist");
            } else if (auto base = by_name_.find(word); base == by_name_.end()) {
                fail(at, "[" + made.name + "] inherits from '" + word + "', which does not exist");
            } else {
                inherit(made, file_.sections()[base->second], at);
                made.inherits.push_back(std::move(word));
            }
        }
        if (added_to == none) return append(std::move(made));
        current_ = added_to;
        auto& section = file_.sections()[added_to];
        for (auto& name : made.inherits) section.inherits.push_back(std::move(name));
        for (auto& inherited : made.variables) section.variables.push_back(std::move(inherited));
    }

    void append(Section section) {
        current_ = file_.sections().size();
        by_name_.try_emplace(section.name, current_);
        file_.add(std::move(section));
    }

    /// `(+)` or `(+name=value&name=value)`: the first section of the name whose variables agree.
    std::size_t find_for_append(const std::string& name, std::string_view filter) const {
        auto first = by_name_.find(name);
        if (first == by_name_.end()) return none;
        if (filter.empty()) return first->second;
        const auto conditions = parse_list(filter, '&');
        for (std::size_t i = first->second; i < file_.sections().size(); ++i) {
            const Section& section = file_.sections()[i];
            if (section.name != name) continue;
            bool all = true;
            for (const std::string_view condition : conditions) {
                const auto equals = condition.find('=');
                const std::string* value = section.last(trim(condition.substr(0, equals)));
                all = all && value && equals != std::string_view::npos && *value == trim(condition.substr(equals + 1));
            }
            if (all) return i;
        }
        return none;
    }

    void inherit(Section& into, const Section& base, const Origin& at) {
        if (!count(base.variables.size(), at)) return;
        into.variables.insert(into.variables.end(), base.variables.begin(), base.variables.end());
    }

    bool count(std::size_t more, const Origin& at) {
        variables_ += more;
        if (variables_ <= options_.max_variables) return true;
        if (!stop_) fail(at, "more than " + std::to_string(options_.max_variables) + " options");
        stop_ = true;
        return false;
    }

    void variable(std::string_view line, const Origin& at) {
        if (current_ == none) return fail(at, "'" + std::string(line) + "' stands before the first [section]");
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) return warn(at, "no '=' in '" + std::string(line) + "'");
        std::string_view name = line.substr(0, equals);
        std::string_view value = line.substr(equals + 1);
        const bool object = value.starts_with('>');
        if (object) value.remove_prefix(1);
        const bool adds = name.ends_with('+');
        if (adds) name.remove_suffix(1);
        name = trim(name);
        value = trim(value);
        if (name.empty()) return warn(at, "no name before '='");
        if (!count(1, at)) return;
        auto& variables = file_.sections()[current_].variables;
        std::string text(value);
        if (adds) {
            if (const std::string* before = file_.sections()[current_].last(name)) {
                text.insert(0, *before);
                // Doubling a value by `+=` of itself is not possible, but many `+=` on one line's worth each are.
                if (text.size() > options_.max_file_bytes) return fail(at, "value grows too long");
                std::erase_if(variables, [&, last = before](const Variable& v) { return &v.value == last; });
            }
        }
        variables.push_back({std::string(name), std::move(text), at, object});
    }

    void directive(std::string_view line, const Origin& at, std::size_t depth) {
        line.remove_prefix(1);
        const std::size_t end = line.find_first_of(" \t\"<");
        const std::string word(line.substr(0, end));
        std::string_view argument = end == std::string_view::npos ? std::string_view() : trim(line.substr(end));
        const bool exec = word == "exec";
        const bool must_exist = word == "include";
        if (!exec && !must_exist && word != "tryinclude") return warn(at, "unknown directive '#" + word + "'");
        if (argument.size() >= 2 && ((argument.front() == '"' && argument.back() == '"') ||
                                     (argument.front() == '<' && argument.back() == '>'))) {
            argument = trim(argument.substr(1, argument.size() - 2));
        }
        if (argument.empty()) return warn(at, "#" + word + " needs " + (exec ? "a command" : "a file's name"));
        if (depth >= options_.max_depth) {
            return fail(at, "includes nested deeper than " + std::to_string(options_.max_depth));
        }
        const std::size_t section = current_;
        if (exec)
            run(std::string(argument), at, depth);
        else
            include(std::string(argument), must_exist, at, depth);
        current_ = section;
    }

    void run(const std::string& command, const Origin& at, std::size_t depth) {
        if (!options_.exec_includes) {
            return warn(at, "#exec is not enabled: set execincludes=yes in asterisk.conf to run '" + command + "'");
        }
        auto output = source_.run(command, options_.max_file_bytes);
        if (!output) return fail(at, "#exec " + command + ": " + output.error());
        read_text(*output, "#exec " + command, "#exec " + command, depth + 1);
    }

    void include(const std::string& name, bool must_exist, const Origin& at, std::size_t depth) {
        const std::string pattern = full_path(name);
        const auto paths = source_.glob(pattern);
        if (paths.empty() && must_exist) return fail(at, "#include " + name + ": No such file or directory");
        for (const auto& path : paths) {
            if (stop_) return;
            if (++files_ > max_files) {
                stop_ = true;
                return fail(at, "more than " + std::to_string(max_files) + " files included");
            }
            auto text = source_.load(path, options_.max_file_bytes);
            if (text) {
                read_text(*text, shown(path), path, depth + 1);
            } else if (must_exist) {
                fail(at, "#include " + shown(path) + ": " + text.error());
            }
        }
    }

    /// The name that messages show: without the directory that all files share.
    std::string shown(const std::string& path) const {
        std::string_view rest = path;
        if (!options_.directory.empty() && rest.starts_with(options_.directory)) {
            rest.remove_prefix(options_.directory.size());
            while (rest.starts_with('/')) rest.remove_prefix(1);
        }
        return std::string(rest);
    }

    FileSource& source_;
    const ReadOptions& options_;
    Report& report_;
    File file_;
    std::unordered_map<std::string, std::size_t> by_name_;
    std::size_t current_ = none;
    std::size_t variables_ = 0;
    int files_ = 1;
    bool failed_ = false;
    bool stop_ = false;
};

}  // namespace

std::optional<File> read(FileSource& source, const std::string& name, const ReadOptions& options, Report& report) {
    return Reader(source, options, report).run(name);
}

}  // namespace asterism::config
