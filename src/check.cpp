// asterism --check: everything is read and validated, nothing is opened.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "asterism/ari/ari.hpp"
#include "asterism/channels/pjsip.hpp"
#include "asterism/config/acl.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/http/server.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/pbx.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "src/configuration.hpp"
#include "src/logger_conf.hpp"
#include "src/process_setup.hpp"

namespace asterism {

namespace {

/// Validates one file's content, as the part that reads it would.
using Check = std::function<void(const config::File&, const config::Settings&, config::Report&)>;

void check_dialplan(const config::File& file, config::Report& report) {
    const auto plan = dialplan::Plan::from(file, report);
    if (!plan) return;
    dialplan::Applications applications;
    dialplan::Functions functions;
    Pbx pbx;
    pbx.applications = &applications;
    pbx.functions = &functions;
    functions::add_functions(pbx);
    applications::add_applications(pbx);
    applications::add_dial(applications);
    // Those that an interface brings with it, and none is made here.
    for (const char* name : {"AGI", "EAGI", "DeadAGI", "Stasis"}) {
        applications.add({.name = name, .synopsis = {}, .syntax = {}});
    }
    dialplan::lint(*plan, applications, functions, report);
}

const std::vector<std::pair<std::string, Check>>& checks() {
    static const std::vector<std::pair<std::string, Check>> all = {
        {"logger.conf", [](const config::File& file, const config::Settings& settings,
                           config::Report& report) { (void)logger_config(&file, settings, report); }},
        {"acl.conf", [](const config::File& file, const config::Settings&,
                        config::Report& report) { (void)config::NamedAcls::from(file, report); }},
        {"indications.conf",
         [](const config::File& file, const config::Settings&, config::Report& report) {
             for (const auto& problem : Indications(file).problems())
                 report.warning({}, "indications.conf: " + problem);
         }},
        {"extensions.conf", [](const config::File& file, const config::Settings&,
                               config::Report& report) { check_dialplan(file, report); }},
        {"http.conf", [](const config::File& file, const config::Settings&,
                         config::Report& report) { (void)http::read_config(file, report); }},
    };
    return all;
}

}  // namespace

int check_configuration(const std::string& asterisk_conf, bool exec_includes) {
    config::DiskSource disk;
    config::Report report;
    const std::filesystem::path path = std::filesystem::absolute(asterisk_conf);
    const config::Settings settings = load_settings(path, exec_includes, report);
    std::error_code error;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(settings.etc_dir, error)) {
        if (entry.path().extension() == ".conf") names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    if (error) report.error({}, settings.etc_dir + ": " + error.message());
    for (const auto& name : names) {
        if (name == path.filename() || name == "pjsip.conf") continue;
        const auto file = config::read(disk, name, settings.read_options(), report);
        if (!file) continue;
        for (const auto& [which, check] : checks()) {
            if (which == name) check(*file, settings, report);
        }
    }
    if (std::ranges::find(names, "pjsip.conf") != names.end()) {
        (void)pjsip::check_config(disk, settings.etc_dir, report);
    }
    for (const auto& finding : report.findings()) {
        const bool wrong = finding.severity == config::Finding::Severity::error;
        std::fprintf(wrong ? stdout : stderr, "%s%s\n", wrong ? "" : "warning: ", finding.text().c_str());
    }
    return report.ok() ? 0 : 1;
}

}  // namespace asterism
