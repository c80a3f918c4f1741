#include "asterism/dialplan/realtime_extensions.hpp"

#include <algorithm>
#include <tuple>

#include "asterism/config/options.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/store/realtime.hpp"
#include "core/dialplan/realtime_switch.hpp"

namespace asterism::dialplan {
namespace {

constexpr Duration known_for = std::chrono::seconds(1);
constexpr std::size_t most_rows = 10'000, most_known = 1'000;

using Kind = RealtimeQuestion::Kind;

/// As LIKE takes it for what it is.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

store::RealtimeConditions conditions(const RealtimeQuestion& question) {
    store::RealtimeConditions out;
    switch (question.kind) {
        case Kind::name: out.push_back({.field = "exten", .value = question.exten}); break;
        case Kind::patterns: out.push_back({.field = "exten LIKE", .value = "\\_%"}); break;
        case Kind::beginning: out.push_back({.field = "exten LIKE", .value = escaped(question.exten) + "%"}); break;
    }
    out.push_back({.field = "context", .value = question.context});
    return out;
}

const std::string* field(const store::RealtimeRow& row, std::string_view name) {
    const auto found = std::ranges::find_if(
        row, [name](const store::RealtimeField& one) { return config::equal_nocase(one.name, name); });
    return found == row.end() ? nullptr : &found->value;
}

/// One row as a priority of its extension, made if it is the first.
void add_row(const RealtimeQuestion& question, const store::RealtimeRow& row, RealtimeAnswer& into) {
    const std::string* exten = field(row, "exten");
    const std::string* number = field(row, "priority");
    const std::string* application = field(row, "app");
    const auto priority = number ? config::parse_int(config::trim(*number)) : std::nullopt;
    if (!exten || exten->empty() || !application || application->empty() || !priority || *priority < 1 ||
        *priority > 1'000'000) {
        log::warning("Realtime family '{}': a row of context '{}' is no priority of an extension", question.family,
                     question.context);
        return;
    }
    auto at = std::ranges::find(into.extensions, *exten, [](const auto& one) { return one->name; });
    if (at == into.extensions.end()) {
        into.extensions.push_back(std::make_unique<Extension>());
        at = std::prev(into.extensions.end());
        (*at)->name = *exten;
    }
    const std::string* data = field(row, "appdata");
    auto& all = (*at)->priorities;
    const auto where = std::ranges::lower_bound(all, static_cast<int>(*priority), {}, &Priority::number);
    if (where != all.end() && where->number == *priority) return;
    Priority made;
    made.number = static_cast<int>(*priority);
    made.application = *application;
    made.data = Template(data ? *data : std::string());
    made.origin.file = std::make_shared<const std::string>("realtime:" + question.family);
    made.registrar = "pbx_realtime";
    all.insert(where, std::move(made));
}

std::shared_ptr<const RealtimeAnswer> make_answer(const RealtimeQuestion& question, const store::RealtimeRows& rows) {
    auto answer = std::make_shared<RealtimeAnswer>();
    for (const auto& row : rows) add_row(question, row, *answer);
    for (const auto& extension : answer->extensions) {
        if (!extension->pattern()) continue;
        std::string error;
        const Pattern pattern = Pattern::parse(extension->name, error);
        if (error.empty())
            answer->patterns.add(pattern, extension.get());
        else
            log::warning("Realtime family '{}': pattern '{}': {}", question.family, extension->name, error);
    }
    answer->patterns.finish();
    return answer;
}

}  // namespace

bool is_realtime(const Switch& alternative) { return config::equal_nocase(alternative.name(), "Realtime"); }

RealtimeSwitch RealtimeSwitch::parse(std::string_view data, std::string& error) {
    RealtimeSwitch out;
    const std::size_t slash = data.rfind('/');
    if (slash != std::string_view::npos) {
        for (const char option : data.substr(slash + 1)) {
            if (option == 'p')
                out.patterns = false;
            else
                error = std::string("there is no option '") + option + "'";
        }
        data = data.substr(0, slash);
    }
    const std::size_t at = data.find('@');
    const std::string_view context = config::trim(data.substr(0, at));
    if (!context.empty()) out.context = Template(context);
    if (at != std::string_view::npos) {
        const std::string_view family = config::trim(data.substr(at + 1));
        if (!family.empty()) out.family = Template(family);
    }
    return out;
}

bool RealtimeExtensions::fresh(const Known& known) const { return loop_.now() - known.since < known_for; }

std::shared_ptr<const RealtimeAnswer> RealtimeExtensions::known(const RealtimeQuestion& question) const {
    const auto found = known_.find(question);
    return found != known_.end() && fresh(found->second) ? found->second.answer : nullptr;
}

void RealtimeExtensions::forget_old() {
    if (known_.size() < most_known) return;
    std::erase_if(known_, [this](const auto& one) { return !fresh(one.second); });
    if (known_.size() >= most_known) known_.clear();
}

Task<void> RealtimeExtensions::fetch(RealtimeQuestion question) {
    if (known(question)) co_return;
    const auto rows = co_await realtime_.find(question.family, conditions(question), most_rows);
    if (!rows) log::warning("switch => Realtime: {}", rows.error());
    forget_old();
    auto answer = make_answer(question, rows ? *rows : store::RealtimeRows());
    known_.insert_or_assign(std::move(question), Known{.answer = std::move(answer), .since = loop_.now()});
}

}  // namespace asterism::dialplan
