// extensions.conf compiled: contexts, extensions, patterns, priorities, includes, hints.
//
// A Plan never changes. Dialplan holds the present one; a reload or `dialplan add extension` makes another and swaps it
// in, and who runs on the old one keeps it until its next step.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/dialplan/template.hpp"
#include "asterism/dialplan/timing.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism {
struct Pbx;
class Channel;
}  // namespace asterism

namespace asterism::dialplan {

class Applications;
struct Application;
class Context;
class Functions;

struct Priority {
    int number = 0;
    std::string label;        ///< of `n(label)`; empty: none
    std::string application;  ///< as written
    Template data;            ///< what stands between its parentheses
    config::Origin origin;
    std::string registrar;  ///< "pbx_config", or who added it

    /// The executor's: `application` looked up, as long as the registry does not change.
    struct Resolved {
        const Applications* in = nullptr;
        unsigned version = 0;
        const Application* application = nullptr;
    };
    mutable Resolved resolved{};
};

/// One name or pattern of a context, perhaps only for some callers.
struct Extension {
    std::string name;                   ///< as written, with its _ if it is a pattern
    std::optional<std::string> caller;  ///< what follows the name's slash: a caller's number or _pattern
    std::vector<Priority> priorities;   ///< by number
    std::string hint;                   ///< of priority `hint`; empty: none
    config::Origin hint_origin;
    std::string hint_registrar = "pbx_config";

    [[nodiscard]] bool pattern() const { return name.starts_with('_'); }
    [[nodiscard]] const Priority* find(int priority) const;
    [[nodiscard]] const Priority* find_label(std::string_view label) const;
};

struct Include {
    std::string context;
    std::string text;              ///< as written: "timed,9:00-17:00,mon-fri,*,*"
    std::optional<Timing> timing;  ///< nothing: always
    config::Origin origin;
    std::string registrar;
};

/// `switch =>`: where else an extension is looked for when a context has none. Loopback and Realtime are known here.
struct Switch {
    std::string text;  ///< as written: "Loopback/12${EXTEN}@other:${PRIORITY}/_9X."
    config::Origin origin;
    std::string registrar;

    /// "Loopback"; what follows the first slash.
    [[nodiscard]] std::string_view name() const { return std::string_view(text).substr(0, text.find('/')); }
    [[nodiscard]] std::string_view data() const {
        const std::size_t slash = text.find('/');
        return slash == std::string::npos ? std::string_view() : std::string_view(text).substr(slash + 1);
    }
};

/// One context. Its plan owns it; its insides (search tables) are the plan's business.
class Context {
  public:
    explicit Context(std::string name);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& registrar() const { return registrar_; }
    /// As `dialplan show` lists them: names in order of their letters, then patterns, most specific first.
    [[nodiscard]] const std::vector<const Extension*>& extensions() const { return sorted_; }
    [[nodiscard]] const std::vector<Include>& includes() const { return includes_; }
    [[nodiscard]] const std::vector<std::string>& ignore_patterns() const { return ignore_; }
    [[nodiscard]] const std::vector<Switch>& switches() const { return switches_; }
    [[nodiscard]] bool auto_hints() const { return auto_hints_; }

  private:
    friend class PlanBuilder;
    friend class Plan;
    friend struct Search;
    struct Tables;
    std::string name_, registrar_;
    std::vector<std::unique_ptr<Extension>> owned_;
    std::vector<const Extension*> sorted_;
    std::vector<Include> includes_;
    std::vector<std::string> ignore_;
    std::vector<Switch> switches_;
    bool auto_hints_ = false;
    std::unique_ptr<Tables> tables_;
};

class RealtimeExtensions;

/// What a search wants to know of a database.
struct RealtimeQuestion {
    enum class Kind : std::uint8_t {
        name,       ///< the extension of this name
        patterns,   ///< all patterns of the context
        beginning,  ///< all names that begin so
    };
    Kind kind = Kind::name;
    std::string family, context, exten{};
    auto operator<=>(const RealtimeQuestion&) const = default;
};

/// What a search found.
struct Found {
    const Context* context = nullptr;
    const Extension* extension = nullptr;
    const Priority* priority = nullptr;
    /// Every other priority of the same extension may be taken from `extension` without searching again, if it is
    /// there.
    bool first_choice = false;
    /// Set if it was found through a switch: the place it has there, where the channel goes on.
    struct Elsewhere {
        std::string context, exten;
        int priority = 1;
    };
    std::shared_ptr<const Elsewhere> elsewhere{};
    /// Set if it came from a database: `extension` and `priority` live as long as this.
    std::shared_ptr<const void> keeps{};
    explicit operator bool() const { return extension != nullptr; }
};

struct Hint {
    std::string context, exten;
    std::string text;                  ///< "PJSIP/a&PJSIP/b,CustomPresence:x"
    std::vector<std::string> devices;  ///< before the comma, split at &
    std::string presence;              ///< after the comma
    config::Origin origin;
};

class Plan {
  public:
    Plan();
    ~Plan();
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    /// Compiles extensions.conf. Null only if the report has errors.
    static std::shared_ptr<const Plan> from(const config::File& file, config::Report& report);

    /// What a caller needs to know of the moment: timed includes depend on it.
    struct Query {
        std::string_view context, exten;
        std::string_view caller;  ///< caller's number; empty: unknown
        WallTime now;
        Channel* channel = nullptr;  ///< whose variables a switch may name; null: none
        /// Where a search that may be repeated is told what is to be fetched first; then it has found nothing.
        std::optional<RealtimeQuestion>* need = nullptr;
    };
    /// The best extension that has this priority, through includes.
    [[nodiscard]] Found find(const Query& query, int priority = 1) const;
    [[nodiscard]] Found find_label(const Query& query, std::string_view label) const;
    /// The extension whose hint this is.
    [[nodiscard]] Found find_hint(const Query& query) const;
    /// Where that lies in a database and nobody has asked it yet: true.
    [[nodiscard]] bool exists(const Query& query, int priority = 1) const;
    /// Null: no context has a switch to a database, or there is none.
    [[nodiscard]] RealtimeExtensions* outside() const { return outside_; }
    /// Whether this, or this and more digits, is an extension.
    [[nodiscard]] bool can_match(const Query& query) const;
    /// Whether this and at least one more digit is an extension. `!` patterns do not ask for more.
    [[nodiscard]] bool more_match(const Query& query) const;
    [[nodiscard]] bool ignore_pattern(std::string_view context, std::string_view exten) const;

    [[nodiscard]] const Context* context(std::string_view name) const;
    /// In order of their first appearance.
    [[nodiscard]] const std::vector<std::unique_ptr<Context>>& contexts() const { return contexts_; }
    [[nodiscard]] const std::vector<Hint>& hints() const { return hints_; }

    struct General {
        bool is_static = false, write_protect = false, auto_fallthrough = true, clear_globals = false;
        bool extended_pattern_match = false;
        std::string users_context;
    };
    [[nodiscard]] const General& general() const { return general_; }
    /// [globals], in order, not yet substituted.
    [[nodiscard]] const std::vector<config::Variable>& globals() const { return globals_; }

  private:
    friend class PlanBuilder;
    friend struct Search;
    std::vector<std::unique_ptr<Context>> contexts_;
    struct Index;
    std::unique_ptr<Index> index_;
    std::vector<Hint> hints_;
    General general_;
    std::vector<config::Variable> globals_;
    friend class Dialplan;
    bool looks_outside_ = false;
    mutable RealtimeExtensions* outside_ = nullptr;  // set with the plan's first use
};

/// The present plan. Owned by main (Pbx::dialplan). Control loop only.
class Dialplan {
  public:
    [[nodiscard]] const std::shared_ptr<const Plan>& plan() const { return plan_; }
    void set(std::shared_ptr<const Plan> plan) {
        plan_ = std::move(plan);
        if (plan_->looks_outside_) plan_->outside_ = outside_;
        ++version_;
        if (changed) changed();
    }
    /// Where `switch => Realtime` looks; set before the first plan.
    void set_outside(RealtimeExtensions* outside) { outside_ = outside; }
    /// Called after every change; hints set it.
    std::function<void()> changed;
    /// Counts the changes.
    [[nodiscard]] unsigned version() const { return version_; }

  private:
    std::shared_ptr<const Plan> plan_ = std::make_shared<const Plan>();
    RealtimeExtensions* outside_ = nullptr;
    unsigned version_ = 0;
};

/// Swaps in what was read from extensions.conf, and sets its globals (`clearglobalvars` first). False, and nothing
/// changes, if the report has errors.
bool load(Pbx& pbx, const config::File& file, config::Report& report);

}  // namespace asterism::dialplan
