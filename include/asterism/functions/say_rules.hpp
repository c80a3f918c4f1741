// How other languages than English say numbers and dates: rules in the form of say.conf.
//
//   [es]
//   _[n]um:[3-9]X => digits/${SAY:0:1}0, digits/and, num:${SAY:1}
//
// What is to be said ("num:35") is matched with the rules of its language in their order; the first that fits gives the
// prompts, and what has a colon in it is looked up again. ${SAY} is what follows the first colon (of a date the
// second).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/matcher.hpp"
#include "asterism/dialplan/template.hpp"
#include "asterism/functions/say.hpp"

namespace asterism::functions {

class SayRules {
  public:
    /// The languages whose prompts Debian has, English aside: Spanish, French, Italian.
    [[nodiscard]] static const SayRules& built_in();
    /// say.conf. A rule that makes no sense is left out with a warning.
    [[nodiscard]] static SayRules from(const config::File& file, config::Report& report);

    /// "num:12", "enum:3" (an ordinal), "date:A:202611221530.00-0-326"; nothing: this language has no rule for it.
    [[nodiscard]] std::optional<Prompts> say(std::string_view language, std::string_view what) const;
    [[nodiscard]] bool knows(std::string_view language) const { return find(language) != nullptr; }
    /// What a date and time is by default in this language; empty: as in English.
    [[nodiscard]] std::string_view date_format(std::string_view language) const;

  private:
    struct Rule {
        dialplan::Matcher matcher;
        std::vector<dialplan::Template> parts;
    };
    struct Language {
        std::vector<Rule> rules;
        std::string date_format;
    };
    [[nodiscard]] const Language* find(std::string_view language) const;
    bool append(const Language& language, std::string_view what, int depth, Prompts& out) const;

    std::unordered_map<std::string, Language, dialplan::TextHash, std::equal_to<>> languages_;
};

/// "num:12", "enum:3", "digit:12", "char:ab", "phonetic:ab" as prompts, by rules or as in English; nothing for others.
[[nodiscard]] std::optional<Prompts> say_text(std::string_view language, std::string_view what);

/// say.conf as it is in use: set by main when it is loaded. Control loop only.
struct SayConfig {
    bool new_mode = false;  ///< its rules come before what is built in, for English too
    std::shared_ptr<const SayRules> rules;
};
[[nodiscard]] SayConfig& say_config();

}  // namespace asterism::functions
