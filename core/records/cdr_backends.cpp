#include "core/records/cdr_backends.hpp"

#include <fmt/format.h>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/events/events.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/loop.hpp"
#include "core/records/record_scope.hpp"
#include "core/records/writer.hpp"

namespace asterism::records {

namespace {

/// An account's name as part of a path: not a way out of the folder.
bool fit_for_file(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos && name.size() < 200;
}

class Csv final : public CdrBackend {
  public:
    Csv(Pbx& pbx, CsvSettings settings) : pbx_(pbx), settings_(settings), writer_(*pbx.loop) {}
    [[nodiscard]] std::string_view name() const override { return "csv"; }
    void write(const Cdr& record) override {
        const std::string folder = pbx_.settings->log_dir + "/cdr-csv/";
        const std::string text = line(record);
        writer_.append(folder + "Master.csv", text);
        const std::string& account = record.party_a->account_code;
        if (settings_.account_logs && fit_for_file(account)) writer_.append(folder + account + ".csv", text);
    }

  private:
    [[nodiscard]] std::string line(const Cdr& record) const {
        const WallTime now = record.end.value_or(record.start);
        std::string text;
        const auto quoted = [&](std::string_view value) {
            if (!text.empty()) text += ',';
            append_quoted(text, value);
        };
        const auto field = [&](std::string_view name) { quoted(*record.field(name, now)); };
        const auto time = [&](const std::optional<WallTime>& t) {
            if (t)
                quoted(Cdr::time_text(*t, settings_.utc));
            else
                text += ',';
        };
        const auto plain = [&](std::string_view name) { text += ',' + *record.field(name, now); };
        for (const auto* name :
             {"accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"}) {
            field(name);
        }
        time(record.start);
        time(record.answer);
        time(record.end);
        plain("duration");
        plain("billsec");
        field("disposition");
        field("amaflags");
        if (settings_.uniqueid) field("uniqueid");
        if (settings_.user_field) field("userfield");
        if (settings_.new_columns) {
            field("peeraccount");
            field("linkedid");
            plain("sequence");
        }
        return text + '\n';
    }
    Pbx& pbx_;
    CsvSettings settings_;
    LineWriter writer_;
};

class Custom final : public CdrBackend {
  public:
    Custom(Pbx& pbx, std::vector<Mapping> files) : pbx_(pbx), files_(std::move(files)), writer_(*pbx.loop) {}
    [[nodiscard]] std::string_view name() const override { return "CDR File custom backend"; }
    void write(const Cdr& record) override {
        for (const auto& [file, text] : files_) {
            writer_.append(pbx_.settings->log_dir + "/cdr-custom/" + file, text_of(pbx_, text, record) + '\n');
        }
    }

  private:
    Pbx& pbx_;
    std::vector<Mapping> files_;
    LineWriter writer_;
};

class Manager final : public CdrBackend {
  public:
    Manager(Pbx& pbx, std::vector<Mapping> more) : pbx_(pbx), more_(std::move(more)) {}
    [[nodiscard]] std::string_view name() const override { return "cdr_manager"; }
    void write(const Cdr& record) override {
        if (!pbx_.bus->wanted(EventKind::generic)) return;
        const WallTime now = record.end.value_or(record.start);
        GenericEvent event;
        event.name = "Cdr";
        event.event_class = "cdr";
        static constexpr std::pair<const char*, const char*> headers[]{{"AccountCode", "accountcode"},
                                                                       {"Source", "src"},
                                                                       {"Destination", "dst"},
                                                                       {"DestinationContext", "dcontext"},
                                                                       {"CallerID", "clid"},
                                                                       {"Channel", "channel"},
                                                                       {"DestinationChannel", "dstchannel"},
                                                                       {"LastApplication", "lastapp"},
                                                                       {"LastData", "lastdata"},
                                                                       {"StartTime", "start"},
                                                                       {"AnswerTime", "answer"},
                                                                       {"EndTime", "end"},
                                                                       {"Duration", "duration"},
                                                                       {"BillableSeconds", "billsec"},
                                                                       {"Disposition", "disposition"},
                                                                       {"AMAFlags", "amaflags"},
                                                                       {"UniqueID", "uniqueid"},
                                                                       {"UserField", "userfield"}};
        for (const auto& [header, field] : headers) event.headers.emplace_back(header, *record.field(field, now));
        for (const auto& [header, text] : more_) event.headers.emplace_back(header, text_of(pbx_, text, record));
        pbx_.bus->publish(std::move(event));
    }

  private:
    Pbx& pbx_;
    std::vector<Mapping> more_;
};

}  // namespace

void append_quoted(std::string& line, std::string_view value) {
    line += '"';
    for (const char c : value) {
        if (c == '"') line += '"';
        line += c;
    }
    line += '"';
}

std::string text_of(Pbx& pbx, const dialplan::Template& text, const Cdr& record) {
    const WallTime now = record.end.value_or(record.start);
    RecordScope scope(
        pbx, [](std::string_view) { return std::nullopt; },
        [&](std::string_view name, std::string_view args) -> std::optional<std::string> {
            if (name != "CDR") return std::nullopt;
            const dialplan::Arguments words(args, ',', 2);
            const auto value = record.field(words[0], now, words[1].find('u') != std::string::npos,
                                            words[1].find('f') != std::string::npos);
            return value.value_or("");
        });
    std::string out;
    text.substitute(scope, out);
    return out;
}

std::unique_ptr<CdrBackend> csv_backend(Pbx& pbx, CsvSettings settings) { return std::make_unique<Csv>(pbx, settings); }
std::unique_ptr<CdrBackend> custom_backend(Pbx& pbx, std::vector<Mapping> files) {
    return std::make_unique<Custom>(pbx, std::move(files));
}
std::unique_ptr<CdrBackend> manager_backend(Pbx& pbx, std::vector<Mapping> more) {
    return std::make_unique<Manager>(pbx, std::move(more));
}

}  // namespace asterism::records
