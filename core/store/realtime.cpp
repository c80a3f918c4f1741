#include "asterism/store/realtime.hpp"

#include <algorithm>

#include "asterism/config/options.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::store {

void Realtime::set_drivers(std::string_view kind, Drivers drivers) {
    drivers_.insert_or_assign(std::string(kind), std::move(drivers));
}

void Realtime::configure(const config::File* file, config::Report& report) {
    decltype(families_) made;
    const auto* settings = file ? file->find("settings") : nullptr;
    for (const auto& line : settings ? settings->variables : std::vector<config::Variable>{}) {
        const auto parts = config::parse_list(line.value);
        if (parts.size() < 2 || parts.size() > 4) {
            report.error(line.origin, "a family is written driver,database[,table[,priority]]");
            continue;
        }
        Mapping mapping{.kind = parts[0], .database = parts[1], .table = parts.size() > 2 ? parts[2] : line.name};
        if (parts.size() > 3) {
            const auto priority = config::parse_int(parts[3]);
            if (!priority) report.error(line.origin, "'" + parts[3] + "' is no number");
            mapping.priority = static_cast<int>(priority.value_or(1));
        }
        if (line.name.ends_with(".conf")) {
            report.warning(line.origin, "configuration files are not read from databases: " + line.name);
            continue;
        }
        if (mapping.kind != "sqlite3" && mapping.kind != "pgsql" && mapping.kind != "odbc")
            report.warning(line.origin, "there is no driver '" + mapping.kind + "': sqlite3, pgsql and odbc are there");
        auto& mappings = made[line.name];
        const auto behind = std::ranges::upper_bound(mappings, mapping.priority, {}, &Mapping::priority);
        mappings.insert(behind, std::move(mapping));
    }
    if (report.ok()) families_ = std::move(made);
}

bool Realtime::has(std::string_view family) const { return families_.contains(family); }

std::vector<std::pair<std::string, std::string>> Realtime::mappings() const {
    std::vector<std::pair<std::string, std::string>> list;
    for (const auto& [name, mappings] : families_)
        for (const auto& mapping : mappings)
            list.emplace_back(name, mapping.kind + "," + mapping.database + "," + mapping.table);
    return list;
}

std::expected<std::vector<Realtime::Target>, std::string> Realtime::targets(const std::string& family) const {
    const auto found = families_.find(family);
    if (found == families_.end()) return std::unexpected("extconfig.conf has no family '" + family + "'");
    std::vector<Target> list;
    for (const auto& mapping : found->second) {
        const auto kind = drivers_.find(mapping.kind);
        if (kind == drivers_.end()) continue;
        const auto database = kind->second.find(mapping.database);
        if (database != kind->second.end()) list.push_back({database->second, mapping.table});
    }
    if (list.empty()) return std::unexpected("the database of family '" + family + "' is not configured");
    return list;
}

namespace {

/// Asks one database after the other on the pool, until one does not fail.
template <class Targets, class F>
auto ask(const Targets& targets, const std::string& family, F what) -> decltype(what(targets.front())) {
    decltype(what(targets.front())) result = std::unexpected(std::string());
    for (const auto& target : targets) {
        result = what(target);
        if (result) break;
        log::warning("Realtime family '{}': {}", family, result.error());
    }
    return result;
}

}  // namespace

template <class F>
Task<std::invoke_result_t<F&, const Realtime::Target&>> Realtime::on_pool(std::string family, F what) const {
    const auto where = targets(family);
    if (!where) co_return std::unexpected(where.error());
    co_return co_await run_blocking(
        loop_, [family, what = std::move(what), list = *where]() mutable { return ask(list, family, what); });
}

Task<std::expected<RealtimeRows, std::string>> Realtime::find(std::string family, RealtimeConditions conditions,
                                                              std::size_t most) {
    return on_pool(std::move(family), [conditions = std::move(conditions), most](const Target& t) {
        return t.driver->find(t.table, conditions, most);
    });
}

Task<std::expected<std::string, std::string>> Realtime::insert(std::string family, RealtimeRow row) {
    return on_pool(std::move(family),
                   [row = std::move(row)](const Target& t) { return t.driver->insert(t.table, row); });
}

Task<std::expected<std::size_t, std::string>> Realtime::update(std::string family, RealtimeConditions conditions,
                                                               RealtimeRow values) {
    return on_pool(std::move(family), [conditions = std::move(conditions), values = std::move(values)](
                                          const Target& t) { return t.driver->update(t.table, conditions, values); });
}

Task<std::expected<std::size_t, std::string>> Realtime::remove(std::string family, RealtimeConditions conditions) {
    return on_pool(std::move(family), [conditions = std::move(conditions)](const Target& t) {
        return t.driver->remove(t.table, conditions);
    });
}

}  // namespace asterism::store
