#include "asterism/config/settings.hpp"

#include <unistd.h>

#include <array>

#include "asterism/config/options.hpp"

namespace asterism::config {
namespace {

using S = Settings;

Option<S> directory(std::string name, std::string meaning, std::string S::* member) {
    return row<S>(
        {.name = std::move(name), .type = "string", .default_value = "", .range = "", .meaning = std::move(meaning)},
        [member](S& into, std::string_view v) -> Set {
            while (v.size() > 1 && v.ends_with('/')) v.remove_suffix(1);
            if (!v.starts_with('/')) return std::unexpected("'" + std::string(v) + "' is not an absolute path");
            into.*member = std::string(v);
            return {};
        });
}

const Options<S>& directories() {
    static const Options<S> table(
        "asterisk.conf", "directories",
        {
            directory("astetcdir", "configuration files", &S::etc_dir),
            directory("astmoddir", "loadable modules (only reported: everything is built in)", &S::module_dir),
            directory("astvarlibdir", "state that must survive", &S::var_lib_dir),
            directory("astdbdir", "astdb.sqlite3", &S::db_dir),
            directory("astkeydir", "keys", &S::key_dir),
            directory("astdatadir", "sounds, music and other data", &S::data_dir),
            directory("astagidir", "AGI scripts", &S::agi_dir),
            directory("astspooldir", "recordings, voicemail, call files", &S::spool_dir),
            directory("astrundir", "control socket and process id", &S::run_dir),
            directory("astlogdir", "logs", &S::log_dir),
            directory("astsbindir", "programs (only reported)", &S::sbin_dir),
            directory("astcachedir", "files fetched from elsewhere", &S::cache_dir),
        });
    return table;
}

/// `verbose = 3` or `verbose = yes`.
Option<S> level(std::string name, std::string meaning, int S::* member) {
    return row<S>(
        {.name = std::move(name), .type = "int", .default_value = "0", .range = "0..10", .meaning = std::move(meaning)},
        [member](S& into, std::string_view v) -> Set {
            if (auto number = parse_int(v); number && *number >= 0 && *number <= 1000) {
                into.*member = static_cast<int>(*number);
            } else if (auto on = parse_bool(v)) {
                into.*member = *on ? 1 : 0;
            } else {
                return std::unexpected("'" + std::string(v) + "' is not a level");
            }
            return {};
        });
}

Set set_load(S& into, std::string_view v) {
    auto number = parse_number(v);
    if (!number || *number < 0) return std::unexpected("'" + std::string(v) + "' is not a load average");
    into.max_load = *number;
    return {};
}

const Options<S>& options() {
    static const Options<S> table(
        "asterisk.conf", "options",
        {
            level("verbose", "how much the console tells", &S::verbose),
            level("debug", "how much is said for developers", &S::debug),
            boolean("alwaysfork", "no", "fork even with -v or -d", &S::always_fork),
            boolean("nofork", "no", "stay in the foreground", &S::no_fork),
            boolean("quiet", "no", "say nothing on the console", &S::quiet),
            boolean("timestamp", "no", "times before console lines", &S::timestamp),
            boolean("console", "no", "run as console", &S::console),
            boolean("nocolor", "no", "no colours on the console", &S::no_color),
            boolean("dumpcore", "no", "leave a core file after a crash", &S::dump_core),
            boolean("highpriority", "no", "ask for real-time scheduling", &S::high_priority),
            boolean("execincludes", "no", "let #exec run commands", &S::exec_includes),
            boolean("languageprefix", "yes", "language before the sound's path", &S::language_prefix),
            boolean("cache_media_frames", "yes", "keep prompts in memory", &S::cache_media_frames),
            boolean("transmit_silence", "no", "send silence while recording or waiting", &S::transmit_silence),
            boolean("live_dangerously", "no", "let outside interfaces use dangerous functions", &S::live_dangerously),
            boolean("hide_messaging_ami_events", "no", "no events for the messaging channel",
                    &S::hide_messaging_ami_events),
            boolean("sounds_search_custom_dir", "no", "look in sounds/custom first", &S::sounds_search_custom_dir),
            boolean("disable_remote_console_shell", "no", "no ! commands on remote consoles",
                    &S::disable_remote_console_shell),
            integer("maxcalls", "0", 0, 100'000'000, "calls at once, 0 for no limit", &S::max_calls),
            custom("maxload", "number", "", "refuse calls above this load average", set_load),
            integer("maxfiles", "0", 0, 100'000'000, "open files", &S::max_files),
            integer("minmemfree", "0", 0, 100'000'000, "refuse calls below this free memory (MB)",
                    &S::min_free_memory_mb),
            string("systemname", "", "prefix of unique ids", &S::system_name),
            boolean("autosystemname", "no", "take the host's name as system name, without one", &S::auto_system_name),
            string("runuser", "", "user to become", &S::run_user),
            string("rungroup", "", "group to become", &S::run_group),
            string("defaultlanguage", "en", "language of new channels", &S::default_language),
            string("record_cache_dir", "/tmp", "where recordings are kept while they grow", &S::record_cache_dir),
            string("entityid", "", "identity towards other servers", &S::entity_id),
            string("reported_version", "22.11.0", "Asterisk version that clients are told", &S::reported_version),
            unused("trace"),
            unused("hideconnect"),
            unused("lockconfdir"),
            unused("rtp_use_dynamic"),
            unused("rtp_pt_dynamic"),
            unused("mindtmfduration"),
            unused("documentation_language"),
            unused("refdebug"),
            unused("initcrypto"),
            unused("dontwarn"),
            unused("cache_record_files"),
            unused("transcode_via_sln"),
            unused("lightbackground"),
            unused("forceblackbackground"),
            unused("stdexten"),
            unused("channel_storage_backend"),
            unused("internal_timing"),
            unused("phoneprovgroup"),
        });
    return table;
}

const Options<S>& files() {
    static const Options<S> table(
        "asterisk.conf", "files",
        {
            string("astctlpermissions", "", "mode of the control socket", &S::control_permissions),
            string("astctlowner", "", "its owner", &S::control_owner),
            string("astctlgroup", "", "its group", &S::control_group),
            string("astctl", "asterisk.ctl", "its name", &S::control_name),
        });
    return table;
}

void derive(S& s) {
    if (s.db_dir.empty()) s.db_dir = s.var_lib_dir;
    if (s.key_dir.empty()) s.key_dir = s.var_lib_dir;
    if (s.data_dir.empty()) s.data_dir = s.var_lib_dir;
    if (s.agi_dir.empty()) s.agi_dir = s.var_lib_dir + "/agi-bin";
    if (s.auto_system_name && s.system_name.empty()) {
        std::array<char, 256> host{};
        s.system_name = gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "localhost";
    }
}

}  // namespace

Settings Settings::defaults() {
    Settings settings;
    derive(settings);
    return settings;
}

Settings Settings::from(const File& file, Report& report) {
    Settings settings;
    for (const auto& section : file.sections()) {
        if (equal_nocase(section.name, "directories") || equal_nocase(section.name, "global")) {
            directories().apply(section, settings, report);
        } else if (equal_nocase(section.name, "options")) {
            options().apply(section, settings, report);
        } else if (equal_nocase(section.name, "files")) {
            files().apply(section, settings, report);
        } else if (!equal_nocase(section.name, "compat")) {
            report.warning(section.origin, "unknown section [" + section.name + "]");
        }
    }
    derive(settings);
    return settings;
}

}  // namespace asterism::config
