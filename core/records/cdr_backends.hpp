// Where call detail records go: see docs/cdr.md.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "asterism/dialplan/template.hpp"
#include "asterism/records/cdr.hpp"

namespace asterism {
struct Pbx;
}

namespace asterism::records {

/// cdr.conf, [csv].
struct CsvSettings {
    bool utc = false, uniqueid = false, user_field = false, account_logs = true, new_columns = false;
};
/// Master.csv, and a file for each account, in the folder cdr-csv of the log folder.
std::unique_ptr<CdrBackend> csv_backend(Pbx& pbx, CsvSettings settings);

/// One file of cdr_custom.conf or one header of cdr_manager.conf: its name and its text.
using Mapping = std::pair<std::string, dialplan::Template>;
/// Files in the folder cdr-custom of the log folder.
std::unique_ptr<CdrBackend> custom_backend(Pbx& pbx, std::vector<Mapping> files);
/// The manager event Cdr, with the headers of `more` at its end.
std::unique_ptr<CdrBackend> manager_backend(Pbx& pbx, std::vector<Mapping> more);

/// cdr_sqlite3_custom.conf, [master].
struct SqliteSettings {
    std::string table;
    std::vector<std::string> columns;
    std::vector<dialplan::Template> values;
    Duration busy_timeout{};
};
/// A table of master.db in the log folder.
std::unique_ptr<CdrBackend> sqlite_backend(Pbx& pbx, SqliteSettings settings);

/// The text of a mapping for one record.
[[nodiscard]] std::string text_of(Pbx& pbx, const dialplan::Template& text, const Cdr& record);
/// A CSV value in quotes, quotes in it doubled.
void append_quoted(std::string& line, std::string_view value);

}  // namespace asterism::records
