// Actions on configuration files: GetConfig, GetConfigJSON, ListCategories.
#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/runtime/json_text.hpp"
#include "config_edit.hpp"
#include "core.hpp"
#include "files.hpp"

namespace asterism::ami {

namespace {

std::vector<const config::Section*> chosen(const config::File& file, std::string_view category,
                                           std::string_view filter) {
    const SectionFilter fits(filter);
    std::vector<const config::Section*> sections;
    for (const auto& section : file.sections()) {
        if (!category.empty() && section.name != category) continue;
        EditSection edit;
        edit.is_template = section.is_template;
        for (const auto& variable : section.variables) {
            edit.lines.push_back({.name = variable.name, .value = variable.value, .comments = {}});
        }
        if (fits.fits(edit)) sections.push_back(&section);
    }
    return sections;
}

std::string templates_text(const config::Section& section) {
    std::string text;
    for (const auto& name : section.inherits) text.append(text.empty() ? "" : ",").append(name);
    return text;
}

/// Reads a file of the configuration folder on the blocking pool, answering what is wrong with it itself.
Task<std::optional<config::File>> read_file(Exchange& x) {
    std::string name(x.get("Filename"));
    if (name.empty()) {
        x.error("Filename not specified");
        co_return std::nullopt;
    }
    if (!file_allowed(x, name)) {
        x.error("File requires escalated privileges");
        co_return std::nullopt;
    }
    auto options = x.pbx().settings->read_options();
    options.exec_includes = false;
    options.templates_too = true;
    auto file = co_await run_blocking(x.core().loop(), [options, name] {
        config::DiskSource disk;
        config::Report report;
        return config::read(disk, name, options, report);
    });
    if (!file) x.error("Config file not found");
    co_return std::move(file);
}

Task<void> get_config(Exchange& x) {
    auto file = co_await read_file(x);
    if (!file) co_return;
    auto sections = chosen(*file, x.get("Category"), x.get("Filter"));
    auto block = x.reply();
    if (sections.empty()) x.out().append("No categories found\r\n");
    for (std::size_t i = 0; i < sections.size(); ++i) {
        block.header(fmt::format("Category-{:06}", i), sections[i]->name);
        if (sections[i]->is_template) block.header(fmt::format("IsTemplate-{:06}", i), 1);
        if (auto templates = templates_text(*sections[i]); !templates.empty()) {
            block.header(fmt::format("Templates-{:06}", i), templates);
        }
        for (std::size_t j = 0; j < sections[i]->variables.size(); ++j) {
            const auto& variable = sections[i]->variables[j];
            block.format(fmt::format("Line-{:06}-{:06}", i, j), "{}={}", variable.name, variable.value);
        }
    }
    block.end();
}

Task<void> get_config_json(Exchange& x) {
    auto file = co_await read_file(x);
    if (!file) co_return;
    // Names may repeat, as in the file: that is how Asterisk writes it.
    std::string json = "{";
    for (const auto* section : chosen(*file, x.get("Category"), x.get("Filter"))) {
        if (json.size() > 1) json.push_back(',');
        append_json_text(json, section->name);
        json += ":{";
        bool first = true;
        auto pair = [&](std::string_view key, std::string_view value) {
            if (!first) json.push_back(',');
            first = false;
            append_json_text(json, key);
            json.push_back(':');
            append_json_text(json, value);
        };
        if (section->is_template) pair("istemplate", "1");
        if (auto templates = templates_text(*section); !templates.empty()) pair("templates", templates);
        for (const auto& variable : section->variables) pair(variable.name, variable.value);
        json.push_back('}');
    }
    json.push_back('}');
    x.reply().header("JSON", json).end();
}

Task<void> list_categories(Exchange& x) {
    auto file = co_await read_file(x);
    if (!file) co_return;
    auto block = x.reply();
    std::size_t number = 0;
    for (const auto& section : file->sections()) {
        if (!section.is_template) block.header(fmt::format("Category-{:06}", number++), section.name);
    }
    if (number == 0) block.header("Error", "no categories found");
    block.end();
}

}  // namespace

Actions config_actions() {
    constexpr auto read = cls::system | cls::config;
    return {
        {.name = "GetConfig",
         .privilege = read,
         .params = "Filename*,Category,Filter",
         .synopsis = "Read a configuration file.",
         .wait = get_config},
        {.name = "GetConfigJSON",
         .privilege = read,
         .params = "Filename*,Category,Filter",
         .synopsis = "Read a configuration file as JSON.",
         .wait = get_config_json},
        {.name = "ListCategories",
         .privilege = cls::config,
         .params = "Filename*",
         .synopsis = "List the sections of a configuration file.",
         .wait = list_categories},
    };
}

}  // namespace asterism::ami
