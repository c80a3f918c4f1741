// Expected against happened.
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "asterism/config/options.hpp"
#include "core/simulator/record.hpp"

namespace asterism::simulator {

namespace {

/// "Playback" is any Playback; "Playback(x)" is that one.
bool ran_like(const std::string& wanted, const Ran& ran) {
    const auto open = wanted.find('(');
    const std::string_view name = std::string_view(wanted).substr(0, open);
    if (!like(name, "*") && !config::equal_nocase(name, ran.application)) return false;
    if (open == std::string::npos) return true;
    std::string_view arguments = std::string_view(wanted).substr(open + 1);
    if (arguments.ends_with(')')) arguments.remove_suffix(1);
    return like(arguments, ran.arguments);
}

struct Actual {
    Texts texts;
    std::function<bool(const std::string& wanted, std::size_t index)> same;
};

Actual actual(const std::vector<Ran>& ran) {
    Actual made;
    for (const auto& one : ran) made.texts.push_back(one.text());
    made.same = [&ran](const std::string& wanted, std::size_t i) { return ran_like(wanted, ran[i]); };
    return made;
}

Actual actual(const Texts& texts) {
    Actual made{.texts = texts, .same = {}};
    made.same = [&texts](const std::string& wanted, std::size_t i) { return like(wanted, texts[i]); };
    return made;
}

class Differences {
  public:
    explicit Differences(std::size_t& checks) : checks_(checks) {}

    void add(const config::Origin& origin, const std::string& text) {
        found.push_back(origin.line > 0 ? origin.text() + ": " + text : text);
    }
    void equal(const config::Origin& origin, const std::string& what, const std::string& wanted,
               const std::string& got) {
        ++checks_;
        if (!like(wanted, got)) add(origin, fmt::format("{}\n    - {}\n    + {}", what, wanted, got));
    }
    /// All of `wanted` in this order, others may lie between.
    void in_order(const char* what, const std::optional<WantedTexts>& wanted, const Actual& got) {
        if (!wanted) return;
        std::size_t from = 0;
        for (std::size_t w = 0; w < wanted->texts.size(); ++w) {
            ++checks_;
            std::size_t at = from;
            while (at < got.texts.size() && !got.same(wanted->texts[w], at)) ++at;
            if (at < got.texts.size()) {
                from = at + 1;
                continue;
            }
            std::string text = fmt::format("{}: no {}{}", what, wanted->texts[w],
                                           w > 0 ? " after " + wanted->texts[w - 1] : std::string());
            add(wanted->origin, text + table(wanted->texts, got, w, from));
            return;
        }
    }
    void exactly(const char* what, const std::optional<WantedTexts>& wanted, const Actual& got) {
        if (!wanted) return;
        const std::size_t most = std::max(wanted->texts.size(), got.texts.size());
        for (std::size_t i = 0; i < most; ++i) {
            ++checks_;
            if (i < wanted->texts.size() && i < got.texts.size() && got.same(wanted->texts[i], i)) continue;
            add(wanted->origin, fmt::format("{}: differs at {}", what, i + 1) + table(wanted->texts, got, i, i));
            return;
        }
    }
    void none(const char* what, const std::optional<WantedTexts>& wanted, const Actual& got) {
        if (!wanted) return;
        for (const auto& unwanted : wanted->texts) {
            ++checks_;
            for (std::size_t i = 0; i < got.texts.size(); ++i) {
                if (!got.same(unwanted, i)) continue;
                add(wanted->origin, fmt::format("{}: {} was not to be, but there is {}", what, unwanted, got.texts[i]));
                break;
            }
        }
    }
    Texts found;

  private:
    /// What was to come from `wanted_from` on (-) and what came from `got_from` on (+), with one line before.
    static std::string table(const Texts& wanted, const Actual& got, std::size_t wanted_from, std::size_t got_from) {
        constexpr std::size_t most = 8;
        std::string out;
        if (got_from > 0) out += "\n      " + got.texts[got_from - 1];
        for (std::size_t i = wanted_from; i < wanted.size() && i < wanted_from + most; ++i)
            out += "\n    - " + wanted[i];
        for (std::size_t i = got_from; i < got.texts.size() && i < got_from + most; ++i)
            out += "\n    + " + got.texts[i];
        if (got.texts.size() > got_from + most)
            out += fmt::format("\n      and {} more", got.texts.size() - got_from - most);
        if (got_from >= got.texts.size()) out += "\n    + (nothing more)";
        return out;
    }
    std::size_t& checks_;
};

/// The place where the call was when it ended: the last priority before the afterlife.
const Ran* last_place(const Story& story) {
    const auto at =
        std::ranges::find_if(story.ran.rbegin(), story.ran.rend(), [](const Ran& r) { return !r.afterwards; });
    return at == story.ran.rend() ? nullptr : &*at;
}

void compare_end(const Call& call, const Story& story, Differences& out, std::size_t& checks) {
    const Expect& expect = call.expect;
    if (expect.answered) {
        ++checks;
        if (*expect.answered != story.answered.has_value())
            out.add(expect.origin, story.answered ? "it was answered, and was not to be" : "it was not answered");
    }
    if (expect.talks_to) {
        ++checks;
        const auto& all = story.talked_to;
        if (std::ranges::none_of(all, [&](const std::string& name) { return like(*expect.talks_to, name); })) {
            out.add(expect.origin,
                    all.empty() ? "talks_to: " + *expect.talks_to + ", but it was never connected to anybody"
                                : fmt::format("talks_to\n    - {}\n    + {}", *expect.talks_to, fmt::join(all, ", ")));
        }
    }
    if (expect.ends_at) {
        const Ran* last = last_place(story);
        std::string got = "(nowhere: nothing ran)";
        if (last) {
            const auto commas = std::ranges::count(*expect.ends_at, ',');
            const bool by_label = !expect.ends_at->empty() &&
                                  expect.ends_at->find_last_not_of("0123456789") == expect.ends_at->size() - 1 &&
                                  !last->label.empty();
            got = by_label ? last->label : std::to_string(last->place.priority);
            if (commas >= 1) got = last->place.exten + "," + got;
            if (commas >= 2) got = last->place.context + "," + got;
        }
        out.equal(expect.origin, "ends_at", *expect.ends_at, got);
    }
    if (expect.ends_by)
        out.equal(expect.origin, "ends_by", *expect.ends_by, story.hung_up_by_party ? "caller" : "dialplan");
    if (expect.cause) {
        ++checks;
        const auto wanted = parse_cause(*expect.cause);
        const std::string got = fmt::format("{} ({})", static_cast<int>(story.cause), cause_text(story.cause));
        if ((!wanted || *wanted != story.cause) && !config::equal_nocase(*expect.cause, cause_text(story.cause)))
            out.add(expect.origin, fmt::format("cause\n    - {}\n    + {}", *expect.cause, got));
    }
    if (expect.took) {
        ++checks;
        const Millis took = story.ended.value_or(Millis::max()) - story.began;
        if (took < expect.took->least || took > expect.took->most)
            out.add(expect.origin, fmt::format("took\n    - {}\n    + {}", expect.took->text, span_text(took)));
    }
}

}  // namespace

Texts differences(const Call& call, const Story& story, const Texts& logged, std::size_t& checks) {
    Differences out(checks);
    const Expect& expect = call.expect;
    Texts heard;
    for (const auto& one : story.heard) heard.push_back(one.what);
    out.in_order("ran", expect.ran, actual(story.ran));
    out.exactly("ran_exactly", expect.ran_exactly, actual(story.ran));
    out.none("not_ran", expect.not_ran, actual(story.ran));
    out.in_order("heard", expect.heard, actual(heard));
    out.exactly("heard_exactly", expect.heard_exactly, actual(heard));
    out.none("not_heard", expect.not_heard, actual(heard));
    out.in_order("called", expect.called, actual(story.called));
    out.none("not_called", expect.not_called, actual(story.called));
    if (expect.log) {
        for (const auto& wanted : expect.log->texts) {
            ++checks;
            if (std::ranges::none_of(logged, [&](const std::string& line) { return like("*" + wanted + "*", line); }))
                out.add(expect.log->origin, "log: nobody said '" + wanted + "'");
        }
    }
    auto found = differences(
        expect.variables, "",
        [&](const std::string& name) -> std::optional<std::string> {
            const auto at = story.variables.find(name);
            return at == story.variables.end() ? std::nullopt : std::optional(at->second);
        },
        checks);
    out.found.insert(out.found.end(), found.begin(), found.end());
    compare_end(call, story, out, checks);
    return std::move(out.found);
}

Texts differences(const std::vector<Wanted>& wanted, const std::string& what,
                  const std::function<std::optional<std::string>(const std::string&)>& value, std::size_t& checks) {
    Differences out(checks);
    for (const auto& one : wanted) {
        const auto got = value(one.name);
        if (one.unset) {
            ++checks;
            if (got && !got->empty())
                out.add(one.origin, fmt::format("{}{}\n    - (unset)\n    + {}", what, one.name, *got));
        } else if (!got) {
            ++checks;
            out.add(one.origin, fmt::format("{}{}\n    - {}\n    + (unset)", what, one.name, one.value));
        } else {
            out.equal(one.origin, what + one.name, one.value, *got);
        }
    }
    return std::move(out.found);
}

}  // namespace asterism::simulator
