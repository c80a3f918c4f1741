// Realtime on SQL: conditions as WHERE, values always as parameters, names checked.
#include <algorithm>
#include <array>

#include "asterism/store/realtime.hpp"
#include "asterism/store/sql.hpp"

namespace asterism::store {
namespace {

constexpr std::array<std::string_view, 9> comparisons{"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE", "NOT LIKE"};

/// Letters, digits and _ - . : nothing that could end a name in a statement.
bool good_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.';
    });
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return out;
}

struct Comparison {
    std::string_view name;
    std::string operation;
};
std::expected<Comparison, std::string> parse(std::string_view field) {
    const auto space = field.find(' ');
    Comparison made{.name = field.substr(0, space), .operation = "="};
    if (space != std::string_view::npos) made.operation = upper(field.substr(field.find_first_not_of(' ', space)));
    if (!good_name(made.name)) return std::unexpected("'" + std::string(made.name) + "' is no name of a column");
    if (std::ranges::find(comparisons, made.operation) == comparisons.end())
        return std::unexpected("'" + made.operation + "' is no comparison");
    return made;
}

class SqlDriver final : public RealtimeDriver {
  public:
    explicit SqlDriver(std::shared_ptr<SqlDatabase> database) : database_(std::move(database)) {}

    std::expected<RealtimeRows, std::string> find(const std::string& table, const RealtimeConditions& conditions,
                                                  std::size_t most) override {
        if (auto fault = check(table, conditions, {}); !fault.empty()) return std::unexpected(fault);
        const auto result = database_->run(
            [&](const SqlConnection& on) {
                auto text = "SELECT * FROM " + on.quoted_name(table) + where(on, conditions);
                if (!conditions.empty() && parse(conditions[0].field)->operation != "=")
                    text += " ORDER BY " + on.quoted_name(parse(conditions[0].field)->name);
                return text;
            },
            values_of(conditions));
        if (!result) return std::unexpected(result.error());
        RealtimeRows rows;
        for (const auto& row : result->rows) {
            if (rows.size() == most) break;
            auto& fields = rows.emplace_back();
            for (std::size_t i = 0; i < row.size(); ++i)
                if (row[i]) fields.push_back({result->columns[i], *row[i]});
        }
        return rows;
    }

    std::expected<std::string, std::string> insert(const std::string& table, const RealtimeRow& row) override {
        if (row.empty()) return std::unexpected("there is nothing to store");
        if (auto fault = check(table, {}, row); !fault.empty()) return std::unexpected(fault);
        const auto result = database_->run(
            [&](const SqlConnection& on) {
                std::string names, marks;
                for (const auto& field : row) {
                    names += (names.empty() ? "" : ", ") + on.quoted_name(field.name);
                    marks += marks.empty() ? "?" : ", ?";
                }
                return "INSERT INTO " + on.quoted_name(table) + " (" + names + ") VALUES (" + marks + ")";
            },
            values_of(row));
        if (!result) return std::unexpected(result.error());
        return result->inserted_id;
    }

    std::expected<std::size_t, std::string> update(const std::string& table, const RealtimeConditions& conditions,
                                                   const RealtimeRow& values) override {
        if (values.empty() || conditions.empty()) return std::unexpected("needs fields to find and to set");
        if (auto fault = check(table, conditions, values); !fault.empty()) return std::unexpected(fault);
        auto all = values_of(values);
        std::ranges::copy(values_of(conditions), std::back_inserter(all));
        return changed(database_->run(
            [&](const SqlConnection& on) {
                std::string list;
                for (const auto& field : values)
                    list += (list.empty() ? "" : ", ") + on.quoted_name(field.name) + " = ?";
                return "UPDATE " + on.quoted_name(table) + " SET " + list + where(on, conditions);
            },
            all));
    }

    std::expected<std::size_t, std::string> remove(const std::string& table,
                                                   const RealtimeConditions& conditions) override {
        if (conditions.empty()) return std::unexpected("needs a field to find");
        if (auto fault = check(table, conditions, {}); !fault.empty()) return std::unexpected(fault);
        return changed(database_->run(
            [&](const SqlConnection& on) { return "DELETE FROM " + on.quoted_name(table) + where(on, conditions); },
            values_of(conditions)));
    }

  private:
    template <class Fields>
    static std::vector<std::string> values_of(const Fields& fields) {
        std::vector<std::string> values;
        for (const auto& field : fields) values.push_back(field.value);
        return values;
    }
    static std::string check(const std::string& table, const RealtimeConditions& conditions, const RealtimeRow& row) {
        if (!good_name(table)) return "'" + table + "' is no name of a table";
        for (const auto& condition : conditions)
            if (const auto parsed = parse(condition.field); !parsed) return parsed.error();
        for (const auto& field : row)
            if (!good_name(field.name)) return "'" + field.name + "' is no name of a column";
        return {};
    }
    static std::string where(const SqlConnection& on, const RealtimeConditions& conditions) {
        std::string text;
        for (const auto& condition : conditions) {
            const auto parsed = *parse(condition.field);
            text += text.empty() ? " WHERE " : " AND ";
            text += on.quoted_name(parsed.name) + " " + parsed.operation + " ?";
            if (parsed.operation.ends_with("LIKE")) text += on.like_escape();
        }
        return text;
    }
    static std::expected<std::size_t, std::string> changed(const std::expected<SqlResult, std::string>& result) {
        if (!result) return std::unexpected(result.error());
        return static_cast<std::size_t>(result->affected);
    }

    std::shared_ptr<SqlDatabase> database_;
};

}  // namespace

std::shared_ptr<RealtimeDriver> make_sql_driver(std::shared_ptr<SqlDatabase> database) {
    return std::make_shared<SqlDriver>(std::move(database));
}

}  // namespace asterism::store
