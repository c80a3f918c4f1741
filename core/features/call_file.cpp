// What a call file says.
#include <fmt/format.h>

#include "asterism/config/options.hpp"
#include "asterism/features/call_files.hpp"

namespace asterism::features {
namespace {

constexpr std::size_t max_bytes = 64u << 10;

/// Of a key that was given. False: `error` says why it makes no sense.
using Take = bool (*)(CallFile&, std::string_view value, std::string& error);

bool seconds(std::string_view value, Duration& into, std::string& error) {
    const auto number = config::parse_int(value);
    if (!number || *number < 0 || *number > 1'000'000'000) {
        error = fmt::format("'{}' is no number of seconds", value);
        return false;
    }
    into = std::chrono::seconds(*number);
    return true;
}

bool yes_no(std::string_view value, bool& into, std::string&) {
    into = config::parse_bool(value).value_or(false);
    return true;
}

Location& place(CallFile& file) {
    auto& where = file.request.location;
    if (!where) where = Location{"default", "s", 1};
    return *where;
}

bool take_variable(CallFile& file, std::string_view value, std::string&) {
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos) return true;
    file.request.variables.emplace_back(config::trim(value.substr(0, equals)), value.substr(equals + 1));
    return true;
}

struct Key {
    std::string_view name;
    Take take;
};
constexpr Key keys[] = {
    {"channel",
     [](CallFile& f, std::string_view v, std::string& error) {
         if (!parse_destination(v)) error = fmt::format("'{}' is no Technology/Resource", v);
         f.request.destination = v;
         return error.empty();
     }},
    {"callerid",
     [](CallFile& f, std::string_view v, std::string&) {
         f.request.caller_id = parse_caller_id(v);
         return true;
     }},
    {"application",
     [](CallFile& f, std::string_view v, std::string&) {
         f.request.application = v;
         return true;
     }},
    {"data",
     [](CallFile& f, std::string_view v, std::string&) {
         f.request.data = v;
         return true;
     }},
    {"context",
     [](CallFile& f, std::string_view v, std::string&) {
         place(f).context = v;
         return true;
     }},
    {"extension",
     [](CallFile& f, std::string_view v, std::string&) {
         place(f).exten = v;
         return true;
     }},
    {"priority",
     [](CallFile& f, std::string_view v, std::string& error) {
         const auto number = config::parse_int(v);
         if (!number || *number < 1 || *number > 1'000'000) {
             error = fmt::format("'{}' is no priority", v);
             return false;
         }
         place(f).priority = static_cast<int>(*number);
         return true;
     }},
    {"maxretries",
     [](CallFile& f, std::string_view v, std::string& error) {
         const auto number = config::parse_int(v);
         if (!number || *number < 0 || *number > 1'000'000) {
             error = fmt::format("'{}' is no number of retries", v);
             return false;
         }
         f.max_retries = static_cast<int>(*number);
         return true;
     }},
    {"retrytime", [](CallFile& f, std::string_view v, std::string& error) { return seconds(v, f.retry_time, error); }},
    {"waittime",
     [](CallFile& f, std::string_view v, std::string& error) { return seconds(v, f.request.timeout, error); }},
    {"codecs",
     [](CallFile& f, std::string_view v, std::string&) {
         f.request.formats = config::parse_list(v);
         return true;
     }},
    {"account",
     [](CallFile& f, std::string_view v, std::string&) {
         f.request.account_code = v;
         return true;
     }},
    {"setvar", take_variable},
    {"set", take_variable},
    {"alwaysdelete",
     [](CallFile& f, std::string_view v, std::string& error) { return yes_no(v, f.always_delete, error); }},
    {"archive", [](CallFile& f, std::string_view v, std::string& error) { return yes_no(v, f.archive, error); }},
    {"earlymedia",
     [](CallFile& f, std::string_view v, std::string& error) { return yes_no(v, f.request.early_media, error); }},
    // What earlier attempts wrote.
    {"startretry",
     [](CallFile& f, std::string_view, std::string&) {
         ++f.attempts;
         return true;
     }},
    {"retry",
     [](CallFile& f, std::string_view, std::string&) {
         ++f.attempts;
         return true;
     }},
    {"endretry", [](CallFile&, std::string_view, std::string&) { return true; }},
    {"delayedretry", [](CallFile&, std::string_view, std::string&) { return true; }},
    {"status", [](CallFile&, std::string_view, std::string&) { return true; }},
};

}  // namespace

std::expected<CallFile, std::string> CallFile::parse(std::string_view text, std::vector<std::string>& warnings) {
    if (text.size() > max_bytes) return std::unexpected("it is larger than 64 KiB");
    CallFile file;
    file.request.timeout = std::chrono::seconds(45);
    file.request.failed_extension = true;
    for (int line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        std::string_view row = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        // A # or ; at the beginning or behind a blank begins a comment: a dial string may have one within.
        for (std::size_t i = 0; i < row.size(); ++i) {
            if ((row[i] == '#' || row[i] == ';') && (i == 0 || row[i - 1] == ' ' || row[i - 1] == '\t')) {
                row = row.substr(0, i);
                break;
            }
        }
        row = config::trim(row);
        if (row.empty()) continue;
        const std::size_t colon = row.find(':');
        if (colon == std::string_view::npos) {
            warnings.push_back(fmt::format("line {}: no ':' in '{}'", line, row));
            continue;
        }
        const std::string_view name = config::trim(row.substr(0, colon)), value = config::trim(row.substr(colon + 1));
        const Key* key = nullptr;
        for (const Key& one : keys) {
            if (config::equal_nocase(one.name, name)) key = &one;
        }
        if (!key) {
            warnings.push_back(fmt::format("line {}: unknown key '{}'", line, name));
            continue;
        }
        std::string error;
        if (!key->take(file, value, error)) return std::unexpected(fmt::format("line {}: {}: {}", line, name, error));
    }
    if (file.request.destination.empty()) return std::unexpected("it names no Channel");
    if (!file.request.application.empty()) file.request.location.reset();
    if (file.request.application.empty() && !file.request.location)
        return std::unexpected("it names neither an Application nor an Extension");
    return file;
}

}  // namespace asterism::features
