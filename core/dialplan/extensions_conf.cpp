// extensions.conf to a plan. As in Asterisk, a line that makes no sense is left out with a warning and the rest loads.
#include <charconv>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/builder.hpp"
#include "asterism/model/variables.hpp"
#include "core/dialplan/plan_tables.hpp"

namespace asterism::dialplan {
namespace {

constexpr std::string_view registrar = "pbx_config";
constexpr int max_priority = 1'000'000;

/// [globals] as they stand in the file: names of extensions and contexts may use them.
class GlobalsScope final : public Scope {
  public:
    explicit GlobalsScope(const std::vector<config::Variable>& globals) {
        for (const auto& variable : globals) values_.set(variable.name, substitute(*this, variable.value));
    }
    bool append_variable(std::string_view name, std::string& out) override {
        const std::string* value = values_.find(name);
        if (value) out += *value;
        return value != nullptr;
    }
    bool append_function(std::string_view, std::string_view, std::string&) override { return false; }

  private:
    Variables values_;
};

const config::Options<Plan::General>& general_options() {
    using namespace config;
    using G = Plan::General;
    static const Options<G> table(
        "extensions.conf", "general",
        {boolean("static", "no", "dialplan save is allowed", &G::is_static),
         boolean("writeprotect", "no", "dialplan save is refused", &G::write_protect),
         boolean("autofallthrough", "yes", "a call that runs out of priorities ends", &G::auto_fallthrough),
         boolean("clearglobalvars", "no", "a reload clears globals first", &G::clear_globals),
         boolean("extenpatternmatchnew", "no", "another matcher (all patterns are compiled here)",
                 &G::extended_pattern_match),
         unused("userscontext"), unused("priorityjumping")});
    return table;
}

class Loader {
  public:
    Loader(const config::File& file, config::Report& report) : file_(file), report_(report) {}

    std::shared_ptr<const Plan> run() {
        std::vector<config::Variable> globals;
        for (const auto& section : file_.sections()) {
            if (section.name != "globals") continue;
            globals.insert(globals.end(), section.variables.begin(), section.variables.end());
        }
        GlobalsScope scope(globals);
        scope_ = &scope;
        Plan::General general = general_options().defaults();
        for (const auto& section : file_.sections()) {
            if (section.name == "general")
                general_options().apply(section, general, report_);
            else if (section.name != "globals")
                context(section);
        }
        builder_.set_general(std::move(general));
        for (auto& variable : globals) builder_.add_global(std::move(variable));
        if (!report_.ok()) return nullptr;
        return builder_.build();
    }

  private:
    void warn(const config::Variable& at, std::string what) { report_.warning(at.origin, std::move(what)); }

    std::string with_globals(std::string_view text) {
        return text.find("${") == std::string_view::npos ? std::string(text) : substitute(*scope_, text);
    }

    void context(const config::Section& section) {
        builder_.add_context(section.name);
        last_priority_ = 0;
        exten_.reset();
        for (const auto& line : section.variables) {
            if (line.is("exten"))
                exten(section.name, line, false);
            else if (line.is("same"))
                exten(section.name, line, true);
            else if (line.is("include"))
                include(section.name, line);
            else if (line.is("ignorepat"))
                builder_.add_ignore_pattern(section.name, with_globals(line.value));
            else if (line.is("switch") || line.is("eswitch") || line.is("lswitch"))
                switch_line(section.name, line);
            else if (line.is("autohints"))
                auto_hints(section.name, line);
            else
                warn(line, "unknown '" + line.name + "' in context '" + section.name +
                               "': exten, same, include, ignorepat, switch and autohints are known");
        }
    }

    void include(const std::string& context, const config::Variable& line) {
        std::string error;
        // The bar was the separator before 1.6, and still is in many files.
        std::string text = with_globals(line.value);
        if (text.find(',') == std::string::npos) std::replace(text.begin(), text.end(), '|', ',');
        if (!builder_.add_include(context, text, line.origin, std::string(registrar), error)) warn(line, error);
    }

    void switch_line(const std::string& context, const config::Variable& line) {
        // Both kinds fill in variables at each search anyway: eswitch and lswitch mean the same for them.
        std::string error;
        const Switch written{.text = line.value, .origin = {}, .registrar = {}};
        const bool known = is_loopback(written) || is_realtime(written);
        if (!builder_.add_switch(context, line.value, line.origin, error))
            warn(line, line.name + " => " + line.value + ": " + error);
        else if (!known)
            warn(line, line.name + " => " + line.value + " is not supported: extensions behind it are not found");
    }

    void auto_hints(const std::string& context, const config::Variable& line) {
        if (auto on = config::parse_bool(line.value))
            builder_.set_auto_hints(context, *on);
        else
            warn(line, "autohints: '" + line.value + "' is neither yes nor no");
    }

    void exten(const std::string& context, const config::Variable& line, bool same) {
        std::string_view rest = line.value;
        if (!same) {
            const std::size_t comma = name_end(rest);
            if (comma == std::string_view::npos)
                return warn(line, "exten => " + line.value + ": a priority and an application are missing");
            set_name(config::trim(rest.substr(0, comma)));
            rest = rest.substr(comma + 1);
        } else if (!exten_) {
            return warn(line, "same => without an exten before it in context '" + context + "'");
        }
        const std::size_t comma = rest.find(',');
        const std::string_view priority = config::trim(rest.substr(0, comma));
        const std::string_view action =
            comma == std::string_view::npos ? std::string_view() : config::trim(rest.substr(comma + 1));
        std::string error;
        if (config::equal_nocase(priority, "hint")) {
            if (!builder_.add_hint(context, *exten_, std::string(action), line.origin, error)) warn(line, error);
            return;
        }
        PlanBuilder::NewPriority made{.context = context,
                                      .exten = *exten_,
                                      .caller = caller_,
                                      .application = {},
                                      .origin = line.origin,
                                      .registrar = std::string(registrar)};
        if (!parse_priority(priority, made, error) || !parse_application(action, made, error)) return warn(line, error);
        if (!error.empty()) warn(line, error);
        error.clear();
        if (const Template data(made.data); !data.fault().empty()) warn(line, data.fault() + " in '" + made.data + "'");
        if (!builder_.add(std::move(made), error)) warn(line, error);
    }

    /// The first comma outside the brackets of a pattern's set.
    static std::size_t name_end(std::string_view text) {
        bool in_set = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '[') in_set = true;
            if (text[i] == ']') in_set = false;
            if (text[i] == ',' && !in_set) return i;
        }
        return text.find(',');
    }

    void set_name(std::string_view text) {
        std::string name = with_globals(text);
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
        bool in_set = false;
        std::size_t slash = std::string::npos;
        for (std::size_t i = 0; i < name.size() && slash == std::string::npos; ++i) {
            if (name[i] == '[') in_set = true;
            if (name[i] == ']') in_set = false;
            if (name[i] == '/' && !in_set) slash = i;
        }
        caller_.reset();
        if (slash != std::string::npos) {
            caller_ = name.substr(slash + 1);
            name.resize(slash);
        }
        exten_ = std::string(config::trim(name));
    }

    /// 1, n, s, n(label), n+2, n(label)+2.
    bool parse_priority(std::string_view text, PlanBuilder::NewPriority& into, std::string& error) {
        const std::string written(text);
        if (const std::size_t open = text.find('('); open != std::string_view::npos) {
            const std::size_t close = text.find(')', open);
            into.label = std::string(
                config::trim(text.substr(open + 1, close == std::string_view::npos ? close : close - open - 1)));
            if (close == std::string_view::npos) error = "no closing ')' after the label '" + into.label + "'";
            std::string rest(text.substr(0, open));
            if (close != std::string_view::npos) rest += text.substr(close + 1);
            return number(rest, written, into, error);
        }
        return number(text, written, into, error);
    }

    bool number(std::string_view text, const std::string& written, PlanBuilder::NewPriority& into, std::string& error) {
        const std::size_t plus = text.find('+');
        const std::string_view base = config::trim(text.substr(0, plus));
        std::int64_t value = 0;
        if (base == "n" || base == "N") {
            if (last_priority_ == 0) {
                error = "priority n on the first extension of a context";
                return false;
            }
            value = last_priority_ + 1;
        } else if (base == "s" || base == "S") {
            value = last_priority_;
        } else {
            value = config::parse_int(base).value_or(0);
        }
        if (plus != std::string_view::npos) {
            const std::int64_t step = config::parse_int(text.substr(plus + 1)).value_or(0);
            if (step == 101) {
                error = "priority '" + written +
                        "': no application jumps to +101 any more (since Asterisk 1.6); ask DIALSTATUS and its like";
            }
            value += step;
        }
        if (value < 1 || value > max_priority) {
            error = "bad priority '" + written + "'";
            return false;
        }
        into.number = last_priority_ = static_cast<int>(value);
        return true;
    }

    static bool parse_application(std::string_view text, PlanBuilder::NewPriority& into, std::string& error) {
        const std::size_t open = text.find('(');
        const std::size_t comma = text.find(',');
        if (comma < open) {
            // App,argument: how it was written before parentheses.
            into.application = std::string(config::trim(text.substr(0, comma)));
            into.data = std::string(config::trim(text.substr(comma + 1)));
        } else if (open == std::string_view::npos) {
            into.application = std::string(config::trim(text));
        } else {
            const std::size_t close = text.rfind(')');
            const bool closed = close != std::string_view::npos && close > open;
            into.application = std::string(config::trim(text.substr(0, open)));
            into.data = std::string(text.substr(open + 1, closed ? close - open - 1 : std::string_view::npos));
            if (!closed) error = "no closing ')' in '" + std::string(text) + "'";
        }
        if (!into.application.empty()) return true;
        error = "an application is missing";
        return false;
    }

    const config::File& file_;
    config::Report& report_;
    PlanBuilder builder_;
    Scope* scope_ = nullptr;
    std::optional<std::string> exten_, caller_;
    int last_priority_ = 0;
};

}  // namespace

std::shared_ptr<const Plan> Plan::from(const config::File& file, config::Report& report) {
    return Loader(file, report).run();
}

}  // namespace asterism::dialplan
