#include "asterism/functions/say_rules.hpp"

#include "asterism/config/map_source.hpp"
#include "asterism/config/options.hpp"
#include "asterism/dialplan/evaluate.hpp"

namespace asterism::functions {
namespace {

constexpr int max_depth = 40;  // of rules that lead to rules: a number has 12 digits
constexpr std::size_t max_prompts = 200;

class SayScope final : public dialplan::Scope {
  public:
    explicit SayScope(std::string_view said) : said_(said) {}
    bool append_variable(std::string_view name, std::string& out) override {
        if (name != "SAY") return false;
        out += said_;
        return true;
    }
    bool append_function(std::string_view, std::string_view, std::string&) override { return false; }

  private:
    std::string_view said_;
};

/// What ${SAY} stands for: behind the colon, and behind a date's letter.
std::string_view said_in(std::string_view what) {
    std::string_view said = what.substr(what.find(':') + 1);
    if (what.starts_with("date:") && said.size() > 1 && said[1] == ':') said.remove_prefix(2);
    return said;
}

/// Prompts that Debian has in asterisk-core-sounds-es, -fr and -it. `rem:` is what is left of a number: nothing if it
/// is 0.
constexpr std::string_view built_in_rules = R"(
[number](!)
_[n]um:0. => num:${SAY:1}
_[n]um:X => digits/${SAY}
_rem:0 =>
_rem:0. => rem:${SAY:1}
_rem:. => num:${SAY}
_e[n]um:0. => enum:${SAY:1}
_e[n]um:X => digits/h-${SAY}
_e[n]um:1X => digits/h-${SAY}
_e[n]um:[2-9]0 => digits/h-${SAY}
_e[n]um:[2-9]X => digits/h-${SAY:0:1}0, digits/h-${SAY:1}
_e[n]um:. => num:${SAY}

[date](!)
_date:[de]:XXXXXX01. => digits/h-1
_date:[de]:. => num:${SAY:6:2}
_date:Y:. => num:${SAY:0:4}
_date:[HkIl]:. => num:${SAY:8:2}
_date:S:. => num:${SAY:13:2}
_date:M:XXXXXXXXXX00. =>
_date:M:. => rem:${SAY:10:2}
_date:T:. => date:H:${SAY}, date:M:${SAY}, date:S:${SAY}
_date:R:. => date:H:${SAY}, date:M:${SAY}

[es](number,date)
format => AdBY 'digits/at' kM
_[n]umf:1 => digits/1F
_[n]umm:1 => digits/1M
_[n]um:[12]X => digits/${SAY}
_[n]um:[3-9]0 => digits/${SAY}
_[n]um:[3-9]X => digits/${SAY:0:1}0, digits/and, num:${SAY:1}
_[n]um:100 => digits/hundred
_[n]um:1XX => digits/100-and, rem:${SAY:1}
_[n]um:[2-9]XX => digits/${SAY:0:1}00, rem:${SAY:1}
_[n]um:1XXX => digits/thousand, rem:${SAY:1}
_[n]um:XXXX => num:${SAY:0:1}, digits/thousand, rem:${SAY:1}
_[n]um:XXXXX => num:${SAY:0:2}, digits/thousand, rem:${SAY:2}
_[n]um:XXXXXX => num:${SAY:0:3}, digits/thousand, rem:${SAY:3}
_[n]um:1XXXXXX => digits/1M, digits/million, rem:${SAY:1}
_[n]um:XXXXXXX => num:${SAY:0:1}, digits/millions, rem:${SAY:1}
_[n]um:XXXXXXXX => num:${SAY:0:2}, digits/millions, rem:${SAY:2}
_[n]um:XXXXXXXXX => num:${SAY:0:3}, digits/millions, rem:${SAY:3}
_[n]um:XXXXXXXXXX => num:${SAY:0:4}, digits/millions, rem:${SAY:4}
_[n]um:XXXXXXXXXXX => num:${SAY:0:5}, digits/millions, rem:${SAY:5}
_[n]um:XXXXXXXXXXXX => num:${SAY:0:6}, digits/millions, rem:${SAY:6}

[fr](number,date)
format => AdBY 'digits/at' kM
_[n]um:1X => digits/${SAY}
_[n]um:[2-9]0 => digits/${SAY}
_[n]um:[2-6]1 => digits/${SAY:0:1}0, digits/et, digits/1
_[n]um:71 => digits/60, digits/et, digits/11
_[n]um:7X => digits/60, num:1${SAY:1}
_[n]um:9X => digits/80, num:1${SAY:1}
_[n]um:[2-8]X => digits/${SAY:0:1}0, num:${SAY:1}
_[n]um:1XX => digits/hundred, rem:${SAY:1}
_[n]um:[2-9]XX => num:${SAY:0:1}, digits/hundred, rem:${SAY:1}
_[n]um:1XXX => digits/thousand, rem:${SAY:1}
_[n]um:XXXX => num:${SAY:0:1}, digits/thousand, rem:${SAY:1}
_[n]um:XXXXX => num:${SAY:0:2}, digits/thousand, rem:${SAY:2}
_[n]um:XXXXXX => num:${SAY:0:3}, digits/thousand, rem:${SAY:3}
_[n]um:XXXXXXX => num:${SAY:0:1}, digits/million, rem:${SAY:1}
_[n]um:XXXXXXXX => num:${SAY:0:2}, digits/million, rem:${SAY:2}
_[n]um:XXXXXXXXX => num:${SAY:0:3}, digits/million, rem:${SAY:3}

[it](number,date)
format => AdBY 'digits/at' kM
_[n]um:1X => digits/${SAY}
_[n]um:[2-9]0 => digits/${SAY}
_[n]um:[2-9][18] => digits/${SAY}
_[n]um:[2-9]X => digits/${SAY:0:1}0, num:${SAY:1}
_[n]um:1XX => digits/hundred, rem:${SAY:1}
_[n]um:[2-9]XX => num:${SAY:0:1}, digits/hundred, rem:${SAY:1}
_[n]um:1XXX => digits/thousand, rem:${SAY:1}
_[n]um:XXXX => num:${SAY:0:1}, digits/thousands, rem:${SAY:1}
_[n]um:XXXXX => num:${SAY:0:2}, digits/thousands, rem:${SAY:2}
_[n]um:XXXXXX => num:${SAY:0:3}, digits/thousands, rem:${SAY:3}
_[n]um:1XXXXXX => digits/un, digits/million, rem:${SAY:1}
_[n]um:XXXXXXX => num:${SAY:0:1}, digits/millions, rem:${SAY:1}
_[n]um:XXXXXXXX => num:${SAY:0:2}, digits/millions, rem:${SAY:2}
_[n]um:XXXXXXXXX => num:${SAY:0:3}, digits/millions, rem:${SAY:3}
)";

}  // namespace

SayRules SayRules::from(const config::File& file, config::Report& report) {
    SayRules made;
    for (const auto& section : file.sections()) {
        if (section.name == "general" || section.name == "global") continue;
        Language& language = made.languages_[section.name];
        for (const auto& line : section.variables) {
            if (line.name == "format") {
                language.date_format = line.value;
                continue;
            }
            std::string error;
            Rule rule{.matcher = dialplan::Matcher::parse(line.name, error), .parts = {}};
            for (const auto& part : config::parse_list(line.value)) rule.parts.emplace_back(part);
            if (error.empty())
                language.rules.push_back(std::move(rule));
            else
                report.warning(line.origin, error);
        }
    }
    return made;
}

const SayRules& SayRules::built_in() {
    static const SayRules rules = [] {
        config::MapSource source;
        source.files["/say.conf"] = built_in_rules;
        config::Report report;
        const auto file = config::read(source, "say.conf", {.directory = "/"}, report);
        return file ? from(*file, report) : SayRules();
    }();
    return rules;
}

const SayRules::Language* SayRules::find(std::string_view language) const {
    auto at = languages_.find(language);
    // es_MX is Spanish.
    if (at == languages_.end()) at = languages_.find(language.substr(0, language.find('_')));
    return at == languages_.end() ? nullptr : &at->second;
}

bool SayRules::append(const Language& language, std::string_view what, int depth, Prompts& out) const {
    if (depth > max_depth || out.size() > max_prompts) return false;
    for (const auto& rule : language.rules) {
        if (!rule.matcher.matches(what)) continue;
        SayScope scope(said_in(what));
        for (const auto& part : rule.parts) {
            std::string text = part.plain() ? part.text() : std::string();
            if (!part.plain()) part.substitute(scope, text);
            if (text.find(':') == std::string::npos) {
                if (!text.empty()) out.push_back(std::move(text));
            } else if (!text.ends_with(':') && !append(language, text, depth + 1, out)) {
                return false;
            }
        }
        return true;
    }
    return false;
}

std::optional<Prompts> SayRules::say(std::string_view language, std::string_view what) const {
    const Language* known = find(language);
    Prompts out;
    if (!known || !append(*known, what, 0, out)) return std::nullopt;
    return out;
}

std::string_view SayRules::date_format(std::string_view language) const {
    const Language* known = find(language);
    return known ? std::string_view(known->date_format) : std::string_view();
}

SayConfig& say_config() {
    static SayConfig config;
    return config;
}

}  // namespace asterism::functions
