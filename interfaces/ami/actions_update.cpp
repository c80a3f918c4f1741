// Actions that write configuration files: UpdateConfig, CreateConfig.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/loop.hpp"
#include "config_edit.hpp"
#include "core.hpp"
#include "files.hpp"

namespace asterism::ami {

namespace {

constexpr std::string_view no_category = "Given category does not exist";
constexpr std::string_view incomplete = "Problem with category, value, or line (if required)";
constexpr std::string_view not_updated = "Update did not complete successfully";

/// One numbered step of UpdateConfig.
struct Step {
    std::string_view action, category, variable, value, match, line, options;

    /// `inherit="a,b"` or `catfilter="..."` of the options; empty without it.
    [[nodiscard]] std::string_view option(std::string_view name) const {
        auto at = options.find(name);
        if (at == std::string_view::npos) return {};
        auto rest = options.substr(at + name.size());
        if (!rest.starts_with("=\"")) return {};
        rest.remove_prefix(2);
        return rest.substr(0, rest.find('"'));
    }
    [[nodiscard]] bool has_option(std::string_view name) const { return options.find(name) != std::string_view::npos; }
    [[nodiscard]] bool fits(const EditLine& one) const {
        return one.name == variable && (match.empty() || one.value == match);
    }
};

EditLine new_line(const Step& step) {
    EditLine made;
    auto value = step.value;
    if (value.starts_with('>')) {
        made.object = true;
        value.remove_prefix(1);
    }
    made.name = step.variable;
    made.value = value;
    return made;
}

std::string_view new_category(EditFile& file, const Step& step) {
    constexpr std::string_view failed = "Create category did not complete successfully";
    if (!step.has_option("allowdups") && !file.find(step.category, SectionFilter("TEMPLATES=include")).empty()) {
        return failed;
    }
    EditSection made;
    made.name = step.category;
    made.is_template = step.has_option("template");
    auto bases = step.option("inherit");
    while (!bases.empty()) {
        auto comma = bases.find(',');
        auto base = bases.substr(0, comma);
        bases = comma == std::string_view::npos ? std::string_view() : bases.substr(comma + 1);
        if (!file.any(base)) return failed;
        made.bases.emplace_back(base);
    }
    file.inherit(made);
    auto& all = file.sections();
    auto before = all.end();
    if (!step.match.empty()) {
        before = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == step.match; });
    }
    all.insert(before, std::move(made));
    return {};
}

std::string_view delete_line(std::vector<EditSection*>& sections, const Step& step) {
    bool any = false;
    for (auto* section : sections) {
        auto& lines = section->lines;
        if (step.line.empty()) {
            any |= std::erase_if(lines, [&](const auto& one) { return step.fits(one); }) > 0;
            continue;
        }
        std::size_t number = 0;
        std::from_chars(step.line.data(), step.line.data() + step.line.size(), number);
        if (number >= lines.size()) continue;
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(number));
        any = true;
    }
    return any ? std::string_view() : not_updated;
}

std::string_view update_line(std::vector<EditSection*>& sections, const Step& step) {
    bool any = false;
    for (auto* section : sections) {
        auto found =
            std::find_if(section->lines.begin(), section->lines.end(), [&](const auto& one) { return step.fits(one); });
        if (found == section->lines.end()) continue;
        auto made = new_line(step);
        found->value = std::move(made.value);
        found->object = made.object;
        found->inherited = false;
        any = true;
    }
    return any ? std::string_view() : not_updated;
}

std::string_view insert_line(std::vector<EditSection*>& sections, const Step& step) {
    std::size_t number = 0;
    auto [end, error] = std::from_chars(step.line.data(), step.line.data() + step.line.size(), number);
    if (step.line.empty() || error != std::errc()) return incomplete;
    for (auto* section : sections) {
        auto at = std::min(number, section->lines.size());
        section->lines.insert(section->lines.begin() + static_cast<std::ptrdiff_t>(at), new_line(step));
    }
    return {};
}

/// What went wrong; empty: it is done.
std::string_view apply(EditFile& file, const Step& step) {
    if (step.category.empty()) return "Category not specified";
    if (same_name(step.action, "NewCat")) return new_category(file, step);
    auto is = [&](std::string_view name) { return same_name(step.action, name); };
    bool known = is("RenameCat") || is("DelCat") || is("EmptyCat") || is("Update") || is("Delete") || is("Append") ||
                 is("Insert");
    if (!known) return "Unknown action command";
    if (is("RenameCat") && step.value.empty()) return incomplete;
    auto sections = file.find(step.category, SectionFilter(step.option("catfilter")));
    if (sections.empty()) return no_category;
    if (is("RenameCat")) {
        for (auto* section : sections) section->name = step.value;
        return {};
    }
    if (is("EmptyCat")) {
        for (auto* section : sections) section->lines.clear();
        return {};
    }
    if (is("DelCat")) {
        auto* first = file.sections().data();
        for (auto found = sections.rbegin(); found != sections.rend(); ++found) {
            file.sections().erase(file.sections().begin() + (*found - first));
        }
        return {};
    }
    if (is("Delete")) return step.variable.empty() && step.line.empty() ? incomplete : delete_line(sections, step);
    if (step.variable.empty()) return incomplete;
    if (is("Update")) return update_line(sections, step);
    if (is("Insert")) return insert_line(sections, step);
    for (auto* section : sections) section->lines.push_back(new_line(step));
    return {};
}

std::string banner(std::string_view name, const std::string& path, WallTime now) {
    std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm t{};
    localtime_r(&seconds, &t);
    char date[64];
    std::strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &t);
    return fmt::format(
        ";!\n;! Automatically generated configuration file\n;! Filename: {} ({})\n;! Generator: Manager\n"
        ";! Creation Date: {}\n;!\n",
        name, path, date);
}

/// Beside it and then over it: a reader sees the old file or the new one. The error is errno's text.
std::string write_file(const std::string& path, const std::string& text) {
    std::string beside = path + ".new";
    int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return std::strerror(errno);
    std::string_view left = text;
    while (!left.empty()) {
        auto size = ::write(fd, left.data(), left.size());
        if (size < 0) {
            std::string why = std::strerror(errno);
            ::close(fd);
            ::unlink(beside.c_str());
            return why;
        }
        left.remove_prefix(static_cast<std::size_t>(size));
    }
    ::close(fd);
    if (::rename(beside.c_str(), path.c_str()) != 0) return std::strerror(errno);
    return {};
}

Task<void> update_config(Exchange& x) {
    std::string from(x.get("SrcFilename")), to(x.get("DstFilename"));
    if (from.empty() || to.empty()) {
        x.error("Filename not specified");
        co_return;
    }
    if (!file_allowed(x, from) || !file_allowed(x, to)) {
        x.error("File requires escalated privileges");
        co_return;
    }
    auto text = co_await run_blocking(x.core().loop(), [path = file_path(x, from)] {
        config::DiskSource disk;
        return disk.load(path, 16u << 20);
    });
    if (!text) {
        x.error("Config file not found");
        co_return;
    }
    auto file = EditFile::parse(*text);
    for (std::size_t i = 0; i < 1'000'000; ++i) {
        auto header = [&](std::string_view name) { return x.get(fmt::format("{}-{:06}", name, i)); };
        if (!x.request().has(fmt::format("Action-{:06}", i))) break;
        Step step{header("Action"), header("Cat"),  header("Var"),    header("Value"),
                  header("Match"),  header("Line"), header("Options")};
        if (auto problem = apply(file, step); !problem.empty()) {
            x.error(problem);
            co_return;
        }
    }
    bool preserve = !says_no(x.get("PreserveEffectiveContext"));
    auto path = file_path(x, to);
    auto whole = file.text(banner(to, path, x.core().loop().clock().wall()), preserve);
    auto failed = co_await run_blocking(x.core().loop(), [path, whole] { return write_file(path, whole); });
    if (!failed.empty()) {
        x.error("Save of config failed");
        co_return;
    }
    auto reload = x.get("Reload");
    if (!reload.empty() && !says_no(reload) && x.pbx().process) {
        x.pbx().process->reload(says_yes(reload) ? std::string_view() : reload, [](ReloadResult) {});
    }
    x.reply().end();
}

Task<void> create_config(Exchange& x) {
    std::string name(x.get("Filename"));
    if (name.empty()) {
        x.error("Filename not specified");
        co_return;
    }
    if (!file_allowed(x, name)) {
        x.error("File requires escalated privileges");
        co_return;
    }
    auto failed = co_await run_blocking(x.core().loop(), [path = file_path(x, name)]() -> std::string {
        int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0) return std::strerror(errno);
        ::close(fd);
        return {};
    });
    if (failed.empty()) {
        x.success("New configuration file created successfully");
    } else {
        x.error(failed);
    }
}

}  // namespace

std::string file_path(Exchange& x, const std::string& name) {
    return (std::filesystem::path(x.pbx().settings->etc_dir) / name).lexically_normal().string();
}

bool file_allowed(Exchange& x, const std::string& name) {
    const auto* settings = x.pbx().settings;
    if (!settings) return false;
    if (settings->live_dangerously) return true;
    auto folder = std::filesystem::path(settings->etc_dir).lexically_normal().string();
    if (!folder.ends_with('/')) folder.push_back('/');
    return file_path(x, name).starts_with(folder);
}

Actions update_actions() {
    return {
        {.name = "UpdateConfig",
         .privilege = cls::config,
         .params = "SrcFilename*,DstFilename*,Reload,PreserveEffectiveContext,Action-000000,Cat-000000,Var-000000,"
                   "Value-000000,Match-000000,Line-000000,Options-000000",
         .synopsis = "Change a configuration file.",
         .wait = update_config},
        {.name = "CreateConfig",
         .privilege = cls::config,
         .params = "Filename*",
         .synopsis = "Make an empty configuration file.",
         .wait = create_config},
    };
}

}  // namespace asterism::ami
