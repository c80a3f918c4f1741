// switch => Loopback/...: extensions of another place of the same dialplan, perhaps under other names.
#include <charconv>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "core/dialplan/channel_scope.hpp"
#include "core/dialplan/plan_tables.hpp"

namespace asterism::dialplan {
namespace {

/// The place that is looked for, then whatever the channel knows.
class QueryScope final : public Scope {
  public:
    QueryScope(const Plan::Query& query, int priority) : query_(query), priority_(priority) {}
    bool append_variable(std::string_view name, std::string& out) override {
        if (name == "EXTEN")
            out += query_.exten;
        else if (name == "CONTEXT")
            out += query_.context;
        else if (name == "PRIORITY")
            out += std::to_string(priority_);
        else
            return query_.channel != nullptr &&
                   ChannelScope(query_.channel->pbx(), query_.channel).append_variable(name, out);
        return true;
    }
    bool append_function(std::string_view name, std::string_view args, std::string& out) override {
        return query_.channel != nullptr &&
               ChannelScope(query_.channel->pbx(), query_.channel).append_function(name, args, out);
    }

  private:
    const Plan::Query& query_;
    int priority_;
};

/// The first `wanted` outside of ${...}.
std::size_t find_outside(std::string_view text, char wanted) {
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{') ++depth;
        if (text[i] == '}' && depth > 0) --depth;
        if (text[i] == wanted && depth == 0) return i;
    }
    return std::string_view::npos;
}

std::string filled(const Template& text, Scope& scope) {
    if (text.plain()) return text.text();
    std::string out;
    text.substitute(scope, out);
    return out;
}

}  // namespace

bool is_loopback(const Switch& alternative) { return config::equal_nocase(alternative.name(), "Loopback"); }

Loopback Loopback::parse(std::string_view data, std::string& error) {
    Loopback out;
    std::string_view where = data;
    if (const std::size_t slash = find_outside(data, '/'); slash != std::string_view::npos) {
        where = data.substr(0, slash);
        static const Extension any;
        for (const auto& pattern : config::parse_list(data.substr(slash + 1), '/')) {
            if (!pattern.starts_with('_')) {
                error = "'" + pattern + "' is no pattern";
                return out;
            }
            out.only.add(Pattern::parse(pattern, error), &any);
            out.limited = true;
        }
        out.only.finish();
    }
    const std::size_t colon = find_outside(where, ':');
    if (colon != std::string_view::npos) out.priority = Template(where.substr(colon + 1));
    where = where.substr(0, colon);
    const std::size_t at = find_outside(where, '@');
    if (at != std::string_view::npos) out.context = Template(where.substr(at + 1));
    where = where.substr(0, at);
    if (!where.empty()) out.exten = Template(where);
    return out;
}

std::optional<Found::Elsewhere> Loopback::map(const Plan::Query& query, int wanted) const {
    QueryScope scope(query, wanted);
    Found::Elsewhere to{.context = filled(context, scope), .exten = filled(exten, scope)};
    const std::string number = filled(priority, scope);
    (void)std::from_chars(number.data(), number.data() + number.size(), to.priority);
    if (to.context == query.context && to.exten == query.exten && to.priority == wanted) return std::nullopt;
    return to;
}

RealtimeQuestion question_of(const RealtimeSwitch& outside, const Plan::Query& query) {
    QueryScope scope(query, 1);
    return {.kind = RealtimeQuestion::Kind::name,
            .family = filled(outside.family, scope),
            .context = filled(outside.context, scope),
            .exten = std::string(query.exten)};
}

bool Loopback::accepts(std::string_view name, bool start) const {
    const auto any = [](const Extension*) { return true; };
    return !limited || (start ? only.match_start(name, false, any) : only.match(name, any));
}

}  // namespace asterism::dialplan
