// asterism --check: everything is read and validated, nothing is opened.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <set>

#include "asterism/applications/follow_me.hpp"
#include "asterism/applications/machine_detection.hpp"
#include "asterism/ari/ari.hpp"
#include "asterism/channels/media_channels.hpp"
#include "asterism/channels/pjsip.hpp"
#include "asterism/config/acl.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/dialplan/lint.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/http/media_sockets.hpp"
#include "asterism/http/server.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/pbx.hpp"
#include "asterism/records/records.hpp"
#include "asterism/runtime/virtual_loop.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "src/configuration.hpp"
#include "src/logger_conf.hpp"
#include "src/process_setup.hpp"

namespace asterism {

namespace {

/// Validates one file's content, as the part that reads it would.
using Check = std::function<void(const config::File&, const config::Settings&, config::Report&)>;

/// Those that need more than the dialplan to be made: the PJSIP technology, databases, AMI.
constexpr std::array outside_functions{"PJSIP_HEADER",
                                       "PJSIP_HEADERS",
                                       "PJSIP_RESPONSE_HEADER",
                                       "PJSIP_RESPONSE_HEADERS",
                                       "PJSIP_ENDPOINT",
                                       "PJSIP_AOR",
                                       "PJSIP_CONTACT",
                                       "PJSIP_DIAL_CONTACTS",
                                       "PJSIP_DTMF_MODE",
                                       "PJSIP_SEND_SESSION_REFRESH",
                                       "PJSIP_PARSE_URI",
                                       "PJSIP_PARSE_URI_FROM",
                                       "PJSIP_TRANSFER_HANDLING",
                                       "PJSIP_HEADER_PARAM",
                                       "PJSIP_INHERITABLE_HEADER",
                                       "PJSIP_MEDIA_OFFER",
                                       "PJSIP_MOH_PASSTHROUGH",
                                       "AST_SORCERY",
                                       "REALTIME",
                                       "REALTIME_STORE",
                                       "REALTIME_DESTROY",
                                       "REALTIME_FIELD",
                                       "REALTIME_HASH",
                                       "AMI_CLIENT"};

/// What other files of the folder say that extensions.conf may speak of.
class Neighbours {
  public:
    explicit Neighbours(const config::Settings& settings) : settings_(settings) {
        knowledge.contexts = {"parkedcalls"};
        for_each("res_parking.conf", [this](const config::Section&, const config::Variable& line) {
            if (line.is("context")) knowledge.contexts.insert(line.value);
        });
        for (const char* name : {"pjsip.conf", "sip.conf", "iax.conf"}) {
            for_each(name, [this](const config::Section&, const config::Variable& line) {
                if (line.is("regcontext")) knowledge.contexts.insert(line.value);
            });
        }
        for_each("func_odbc.conf", [this](const config::Section& section, const config::Variable&) {
            const std::string* prefix = section.last("prefix");
            functions.insert((prefix ? *prefix : "ODBC") + "_" + section.name);
        });
        std::error_code error;
        for (const char* name : {"extensions.ael", "extensions.lua"}) {
            knowledge.contexts_elsewhere |= std::filesystem::exists(settings.etc_dir + "/" + name, error);
        }
        find_prompts();
    }
    dialplan::LintKnowledge knowledge;
    std::set<std::string> functions;

  private:
    template <class F>
    void for_each(const std::string& name, F&& take) {
        config::Report ignored;  // these files have their own checks, or none
        std::error_code error;
        if (!std::filesystem::exists(settings_.etc_dir + "/" + name, error)) return;
        const auto file = config::read(disk_, name, settings_.read_options(), ignored);
        for (const auto& section : file ? file->sections() : std::vector<config::Section>()) {
            for (const auto& line : section.variables) take(section, line);
        }
    }
    /// Prompts are looked for in every language that there is; without any prompts nothing is said of them.
    void find_prompts() {
        where_.fallback_language = settings_.default_language;
        where_.dirs = {settings_.sounds_dir() + "/custom", settings_.sounds_dir()};
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(settings_.sounds_dir(), error)) {
            if (entry.is_directory(error)) languages_.push_back(entry.path().filename());
        }
        if (!has("beep")) return;
        knowledge.has_prompt = [this](std::string_view name) { return has(name); };
    }
    [[nodiscard]] bool has(std::string_view name) const {
        if (media::resolve_prompt(name, settings_.default_language, where_)) return true;
        return std::ranges::any_of(languages_, [&](const std::string& language) {
            return media::resolve_prompt(name, language, where_).has_value();
        });
    }

    const config::Settings& settings_;
    config::DiskSource disk_;
    media::SoundDirs where_;
    std::vector<std::string> languages_;
};

void check_dialplan(const config::File& file, const config::Settings& settings, config::Report& report) {
    const auto plan = dialplan::Plan::from(file, report);
    if (!plan) return;
    dialplan::Applications applications;
    dialplan::Functions functions;
    VirtualLoop loop;  // for those that hold one; nothing runs
    Pbx pbx;
    pbx.loop = &loop;
    pbx.applications = &applications;
    pbx.functions = &functions;
    functions::add_functions(pbx);
    applications::add_applications(pbx);
    applications::add_dial(applications);
    const applications::FollowMe follow_me(pbx);
    records::add_functions(pbx);
    records::add_applications(pbx);
    // Those that an interface brings with it, and none is made here.
    for (const char* name : {"AGI", "AudioSocket", "DeadAGI", "EAGI", "ExternalIVR", "MP3Player", "Stasis",
                             "StasisBroadcast", "PJSIPHangup", "PJSIPNotify"}) {
        applications.add({.name = name, .synopsis = {}, .syntax = {}});
    }
    const Neighbours neighbours(settings);
    for (const char* name : outside_functions) functions.add({.name = name, .synopsis = {}, .syntax = {}});
    for (const auto& name : neighbours.functions) functions.add({.name = name, .synopsis = {}, .syntax = {}});
    dialplan::lint(*plan, applications, functions, report, neighbours.knowledge);
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
        {"amd.conf", [](const config::File& file, const config::Settings&,
                        config::Report& report) { applications::check_machine_config(file, report); }},
        {"followme.conf", [](const config::File& file, const config::Settings&,
                             config::Report& report) { (void)applications::read_follow_me(file, report); }},
        {"extensions.conf", check_dialplan},
        {"http.conf", [](const config::File& file, const config::Settings&,
                         config::Report& report) { (void)http::read_config(file, report); }},
        {"websocket_client.conf", [](const config::File& file, const config::Settings&,
                                     config::Report& report) { (void)http::read_clients(file, report); }},
        {"chan_websocket.conf", [](const config::File& file, const config::Settings&,
                                   config::Report& report) { (void)media_channels::read_json(file, report); }},
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
        records::Records::check(name, *file, report);
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
