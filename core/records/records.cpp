// The configuration of the records: cdr.conf, cdr_custom.conf, cdr_manager.conf, cdr_sqlite3_custom.conf, cel.conf and
// cel_custom.conf.
#include "asterism/records/records.hpp"

#include <algorithm>

#include "asterism/config/options.hpp"
#include "core/records/cdr_backends.hpp"
#include "core/records/cdr_engine.hpp"
#include "core/records/cel_backends.hpp"

namespace asterism::records {

namespace {

const config::Options<CdrSettings>& cdr_general() {
    using namespace config;
    using S = CdrSettings;
    static const Options<S> table(
        "cdr.conf", "general",
        {boolean("enable", "yes", "make call detail records", &S::enabled),
         boolean("channeldefaultenabled", "yes", "for every channel unless CDR_PROP(disable) says otherwise",
                 &S::default_enabled),
         boolean("ignorestatechanges", "no", "one record, whatever bridges the channel enters", &S::ignore_bridges),
         boolean("ignoredialchanges", "no", "one record, whatever the channel dials", &S::ignore_dials),
         boolean("unanswered", "no", "also of a channel alone that was never answered", &S::unanswered),
         boolean("congestion", "no", "disposition CONGESTION, else FAILED", &S::congestion),
         boolean("endbeforehexten", "yes", "the call ends before the h extension", &S::end_before_h),
         boolean("initiatedseconds", "no", "a billed second that has begun counts", &S::initiated_seconds),
         boolean("batch", "no", "write records in batches", &S::batch),
         integer("size", "100", 1, 1'000'000, "records in a batch", &S::batch_size),
         seconds("time", "300", "longest time between batches", &S::batch_time), unused("scheduleronly"),
         unused("safeshutdown"), unused("debug"), unused("canceldispositionenabled")});
    return table;
}

const config::Options<CsvSettings>& csv() {
    using namespace config;
    using S = CsvSettings;
    static const Options<S> table(
        "cdr.conf", "csv",
        {boolean("usegmtime", "no", "times in UTC", &S::utc),
         boolean("loguniqueid", "no", "column uniqueid", &S::uniqueid),
         boolean("loguserfield", "no", "column userfield", &S::user_field),
         boolean("accountlogs", "yes", "a file for each account too", &S::account_logs),
         boolean("newcdrcolumns", "no", "columns peeraccount, linkedid and sequence", &S::new_columns)});
    return table;
}

struct Enabled {
    bool enabled = false, show_user_defined = false;
};
const config::Options<Enabled>& cdr_manager() {
    static const config::Options<Enabled> table(
        "cdr_manager.conf", "general",
        {config::boolean("enabled", "no", "publish the manager event Cdr", &Enabled::enabled)});
    return table;
}
const config::Options<Enabled>& cel_manager() {
    static const config::Options<Enabled> table(
        "cel.conf", "manager",
        {config::boolean("enabled", "no", "publish the manager event CEL", &Enabled::enabled),
         config::boolean("show_user_defined", "no", "EventName USER_DEFINED, the name in UserDefType",
                         &Enabled::show_user_defined)});
    return table;
}

const config::Options<CelSettings>& cel_general() {
    using namespace config;
    using S = CelSettings;
    static const Options<S> table(
        "cel.conf", "general",
        {boolean("enable", "no", "log channel events", &S::enabled),
         custom("events", "list", "", "ALL, or names of events",
                [](S& s, std::string_view value) -> Set {
                    for (const auto& word : parse_list(value)) {
                        if (equal_nocase(word, "all"))
                            s.all = true;
                        else if (const auto type = parse_cel_type(word))
                            s.events.insert(*type);
                        else
                            return std::unexpected("'" + word + "' is no channel event");
                    }
                    return {};
                }),
         custom("apps", "list", "", "applications that APP_START and APP_END tell of",
                [](S& s, std::string_view value) -> Set {
                    for (auto word : parse_list(value)) {
                        std::ranges::transform(word, word.begin(),
                                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
                        s.apps.insert(std::move(word));
                    }
                    return {};
                }),
         string("dateformat", "", "strftime format of times; empty: seconds since 1970", &S::date_format)});
    return table;
}

/// `name => text` lines of a section [mappings]. A file's name is one: no way out of its folder.
std::vector<Mapping> mappings(const config::File* file, bool files, config::Report& report) {
    std::vector<Mapping> all;
    const config::Section* section = file != nullptr ? file->find("mappings") : nullptr;
    if (section == nullptr) return all;
    for (const auto& line : section->variables) {
        if (files && (line.name.empty() || line.name.front() == '.' || line.name.find('/') != std::string::npos)) {
            report.error(line.origin, "'" + line.name + "' is no name of a file");
            continue;
        }
        dialplan::Template text(line.value);
        if (!text.fault().empty()) report.error(line.origin, text.fault());
        all.emplace_back(line.name, std::move(text));
    }
    return all;
}

/// Splits at commas outside parentheses and braces; quotes around a part are taken off.
std::vector<std::string> split_values(std::string_view text) {
    std::vector<std::string> parts;
    std::string part;
    int depth = 0;
    const auto add = [&] {
        std::string_view trimmed = config::trim(part);
        if (trimmed.size() > 1 && trimmed.front() == '\'' && trimmed.back() == '\'') {
            trimmed = trimmed.substr(1, trimmed.size() - 2);
        }
        parts.emplace_back(trimmed);
        part.clear();
    };
    for (const char c : text) {
        if (c == ',' && depth == 0) {
            add();
            continue;
        }
        if (c == '(' || c == '{') ++depth;
        if (c == ')' || c == '}') --depth;
        part += c;
    }
    add();
    return parts;
}

SqliteSettings sqlite_settings(const config::Section& master, config::Report& report) {
    SqliteSettings settings;
    const std::string* table = master.last("table");
    const std::string* columns = master.last("columns");
    const std::string* values = master.last("values");
    settings.table = table != nullptr ? *table : "cdr";
    settings.busy_timeout = 1s;
    if (columns == nullptr || values == nullptr) {
        report.error(master.origin, "needs columns and values");
        return settings;
    }
    settings.columns = config::parse_list(*columns);
    for (const auto& value : split_values(*values)) settings.values.emplace_back(value);
    if (settings.columns.size() != settings.values.size()) {
        report.error(master.origin, "columns and values differ in number");
    }
    if (const std::string* timeout = master.last("busy_timeout")) {
        const auto ms = config::parse_int(*timeout);
        if (!ms || *ms < 0) report.error(master.origin, "busy_timeout is no number of milliseconds");
        settings.busy_timeout = std::chrono::milliseconds(ms.value_or(1000));
    }
    return settings;
}

}  // namespace

Records::Records(Pbx& pbx) : pbx_(pbx), cdr_(std::make_unique<CdrEngine>(pbx)), cel_(std::make_unique<CelEngine>(pbx)) {
    cdr_->apply({});
}

Records::~Records() { flush(); }

void Records::flush() { cdr_->flush(); }

const std::vector<Records::ConfigFile>& Records::files() {
    static const std::vector<ConfigFile> all = {
        {"cdr.conf", "cdr", &Records::apply_cdr},
        {"cdr_custom.conf", "cdr_custom", &Records::apply_cdr_custom},
        {"cdr_manager.conf", "cdr_manager", &Records::apply_cdr_manager},
        {"cdr_sqlite3_custom.conf", "cdr_sqlite3_custom", &Records::apply_cdr_sqlite},
        {"cel.conf", "cel", &Records::apply_cel},
        {"cel_custom.conf", "cel_custom", &Records::apply_cel_custom}};
    return all;
}

void Records::check(std::string_view name, const config::File& file, config::Report& report) {
    const auto read = [&](const char* section, const auto& table) {
        if (const config::Section* found = file.find(section)) (void)table.read(*found, report);
    };
    if (name == "cdr.conf") {
        read("general", cdr_general());
        read("csv", csv());
    } else if (name == "cdr_manager.conf") {
        read("general", cdr_manager());
    } else if (name == "cel.conf") {
        read("general", cel_general());
        read("manager", cel_manager());
    } else if (name == "cdr_sqlite3_custom.conf") {
        if (const config::Section* master = file.find("master")) (void)sqlite_settings(*master, report);
    } else if (name == "cdr_custom.conf" || name == "cel_custom.conf") {
        (void)mappings(&file, true, report);
    }
}

void Records::apply_cdr(const config::File* file, config::Report& report) {
    const config::Section* general = file != nullptr ? file->find("general") : nullptr;
    const config::Section* columns = file != nullptr ? file->find("csv") : nullptr;
    const CdrSettings settings = general != nullptr ? cdr_general().read(*general, report) : cdr_general().defaults();
    const CsvSettings csv_settings = columns != nullptr ? csv().read(*columns, report) : csv().defaults();
    if (!report.ok()) return;
    cdr_->apply(settings);
    cdr_->set_backend("csv", columns != nullptr ? csv_backend(pbx_, csv_settings) : nullptr);
}

void Records::apply_cdr_custom(const config::File* file, config::Report& report) {
    auto files = mappings(file, true, report);
    if (!report.ok()) return;
    cdr_->set_backend("CDR File custom backend", files.empty() ? nullptr : custom_backend(pbx_, std::move(files)));
}

void Records::apply_cdr_manager(const config::File* file, config::Report& report) {
    const config::Section* general = file != nullptr ? file->find("general") : nullptr;
    const bool enabled = general != nullptr && cdr_manager().read(*general, report).enabled;
    auto more = mappings(file, false, report);
    // Written as value => header name in Asterisk's file.
    std::vector<Mapping> headers;
    for (auto& [field, header] : more) headers.emplace_back(header.text(), dialplan::Template("${CDR(" + field + ")}"));
    if (!report.ok()) return;
    cdr_->set_backend("cdr_manager", enabled ? manager_backend(pbx_, std::move(headers)) : nullptr);
}

void Records::apply_cdr_sqlite(const config::File* file, config::Report& report) {
    const config::Section* master = file != nullptr ? file->find("master") : nullptr;
    if (master == nullptr) {
        cdr_->set_backend("cdr_sqlite3_custom", nullptr);
        return;
    }
    auto settings = sqlite_settings(*master, report);
    if (report.ok()) cdr_->set_backend("cdr_sqlite3_custom", sqlite_backend(pbx_, std::move(settings)));
}

void Records::apply_cel(const config::File* file, config::Report& report) {
    const config::Section* general = file != nullptr ? file->find("general") : nullptr;
    const config::Section* manager = file != nullptr ? file->find("manager") : nullptr;
    CelSettings settings = general != nullptr ? cel_general().read(*general, report) : cel_general().defaults();
    const Enabled events = manager != nullptr ? cel_manager().read(*manager, report) : Enabled{};
    if (!report.ok()) return;
    cel_->set_backend("Manager Event Logging",
                      events.enabled ? cel_manager_backend(pbx_, events.show_user_defined) : nullptr);
    cel_->apply(std::move(settings));
}

void Records::apply_cel_custom(const config::File* file, config::Report& report) {
    auto files = mappings(file, true, report);
    if (!report.ok()) return;
    cel_->set_backend("CEL Custom CSV Logging",
                      files.empty() ? nullptr : cel_custom_backend(pbx_, std::move(files), *cel_));
}

}  // namespace asterism::records
