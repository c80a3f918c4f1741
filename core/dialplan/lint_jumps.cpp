#include "core/dialplan/lint_jumps.hpp"

#include <algorithm>
#include <array>

#include "asterism/config/options.hpp"

namespace asterism::dialplan {

namespace {

using config::equal_nocase;

template <std::size_t N>
bool among(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::ranges::any_of(names, [&](std::string_view one) { return equal_nocase(one, name); });
}

/// The next `c` that is in no bracket and no quotes.
std::size_t outside(std::string_view text, char c, std::size_t from = 0) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
            continue;
        }
        if (text[i] == '"') quoted = !quoted;
        if (text[i] == '{' || text[i] == '[' || text[i] == '(') ++depth;
        if (text[i] == '}' || text[i] == ']' || text[i] == ')') --depth;
        if (text[i] == c && depth == 0 && !quoted) return i;
    }
    return std::string_view::npos;
}

/// The two branches of `condition?this:that`; either may be empty.
std::pair<std::string_view, std::string_view> branches(std::string_view data) {
    const std::size_t question = outside(data, '?');
    if (question == std::string_view::npos) return {};
    const std::size_t colon = outside(data, ':', question + 1);
    if (colon == std::string_view::npos) return {data.substr(question + 1), {}};
    return {data.substr(question + 1, colon - question - 1), data.substr(colon + 1)};
}

Invocation call_of(std::string_view text) {
    text = config::trim(text);
    const std::size_t open = text.find('(');
    if (open == std::string_view::npos) return {text, {}};
    std::string_view data = text.substr(open + 1);
    if (data.ends_with(')')) data.remove_suffix(1);
    return {config::trim(text.substr(0, open)), data};
}

void add_with_inner(std::vector<Invocation>& out, Invocation one, int depth) {
    out.push_back(one);
    if (depth > 4) return;
    const auto inner = [&](std::string_view text) {
        const Invocation call = call_of(text);
        if (!call.application.empty() && !dynamic(call.application)) add_with_inner(out, call, depth + 1);
    };
    if (equal_nocase(one.application, "ExecIf")) {
        const auto [yes, no] = branches(one.data);
        inner(yes);
        inner(no);
    } else if (equal_nocase(one.application, "ExecIfTime")) {
        const std::size_t question = outside(one.data, '?');
        if (question != std::string_view::npos) inner(one.data.substr(question + 1));
    } else if (equal_nocase(one.application, "TryExec") || equal_nocase(one.application, "Exec")) {
        inner(one.data);
    }
}

/// The argument of an option letter: what stands in the parenthesis right behind it.
std::vector<std::pair<char, std::string_view>> option_arguments(std::string_view options) {
    std::vector<std::pair<char, std::string_view>> out;
    for (std::size_t i = 0; i < options.size(); ++i) {
        if (options[i] == '$') return out;  // letters may come from a variable
        if (i + 1 >= options.size() || options[i + 1] != '(') continue;
        int depth = 0;
        std::size_t end = i + 1;
        for (; end < options.size(); ++end) {
            if (options[end] == '(') ++depth;
            if (options[end] == ')' && --depth == 0) break;
        }
        if (end >= options.size()) return out;
        out.emplace_back(options[i], options.substr(i + 2, end - i - 2));
        i = end;
    }
    return out;
}

std::string_view argument(const std::vector<std::string_view>& all, std::size_t index) {
    return index < all.size() ? config::trim(all[index]) : std::string_view();
}

std::string_view without_arguments(std::string_view target) { return target.substr(0, target.find('(')); }

constexpr std::array<std::string_view, 3> dialling{"Dial", "RetryDial", "Page"};
constexpr std::array<std::string_view, 5> with_options{"Dial", "RetryDial", "Page", "Bridge", "Queue"};

/// Where the options stand.
std::size_t options_index(std::string_view application) {
    if (equal_nocase(application, "RetryDial")) return 5;
    return equal_nocase(application, "Dial") ? 2 : 1;
}

}  // namespace

std::vector<std::string_view> split_outside(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    if (text.empty()) return out;
    for (;;) {
        const std::size_t at = outside(text, separator);
        out.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at + 1);
    }
}

std::vector<Invocation> invocations(const Priority& priority) {
    std::vector<Invocation> out;
    add_with_inner(out, {priority.application, priority.data.text()}, 0);
    return out;
}

std::vector<Jump> jumps(const Invocation& run) {
    const std::string_view name = run.application;
    std::vector<Jump> out;
    const auto both = [&](bool comes_back) {
        const auto [yes, no] = branches(run.data);
        for (const std::string_view target : {yes, no}) {
            if (!config::trim(target).empty())
                out.push_back({.target = comes_back ? without_arguments(target) : target, .comes_back = comes_back});
        }
    };
    if (equal_nocase(name, "Goto")) {
        out.push_back({.target = run.data});
    } else if (equal_nocase(name, "Gosub")) {
        out.push_back({.target = without_arguments(run.data), .comes_back = true});
    } else if (equal_nocase(name, "GotoIf") || equal_nocase(name, "GotoIfTime")) {
        both(false);
    } else if (equal_nocase(name, "GosubIf")) {
        both(true);
    } else if (among(name, with_options)) {
        const auto arguments = split_outside(run.data, ',');
        const bool dials = among(name, dialling);
        for (const auto& [letter, text] : option_arguments(argument(arguments, options_index(name)))) {
            const char separator = text.find('^') == std::string_view::npos ? ',' : '^';
            if (letter == 'F') out.push_back({.target = text, .separator = separator, .option = "F"});
            if (!dials) continue;
            if (letter == 'G') out.push_back({.target = text, .separator = separator, .option = "G"});
            if (letter == 'b' || letter == 'B')
                out.push_back({.target = without_arguments(text),
                               .separator = separator,
                               .comes_back = true,
                               .option = letter == 'b' ? "b" : "B"});
        }
    }
    std::erase_if(out, [](const Jump& jump) { return config::trim(jump.target).empty(); });
    return out;
}

std::vector<NamedContext> named_contexts(const Invocation& run) {
    std::vector<NamedContext> out;
    const auto arguments = split_outside(run.data, ',');
    const auto local = [&](std::string_view destination) {
        if (!destination.starts_with("Local/")) return;
        destination.remove_prefix(6);
        destination = destination.substr(0, destination.find('/'));
        const std::size_t at = destination.rfind('@');
        if (at != std::string_view::npos) out.push_back({destination.substr(at + 1), destination.substr(0, at)});
    };
    const std::string_view name = run.application;
    if (among(name, dialling) || equal_nocase(name, "Originate")) {
        const std::size_t index = equal_nocase(name, "RetryDial") ? 3 : 0;
        for (const auto one : split_outside(argument(arguments, index), '&')) local(config::trim(one));
    }
    if (equal_nocase(name, "Originate") && equal_nocase(argument(arguments, 1), "exten"))
        out.push_back({argument(arguments, 2), argument(arguments, 3)});
    if (equal_nocase(name, "BackGround")) out.push_back({argument(arguments, 3), {}});
    if (equal_nocase(name, "DISA")) out.push_back({argument(arguments, 1), {}});
    std::erase_if(out, [](const NamedContext& one) { return one.context.empty(); });
    return out;
}

std::vector<std::string> prompts(const Invocation& run) {
    static constexpr std::array<std::string_view, 3> first{"Playback", "BackGround", "ControlPlayback"};
    std::size_t index = 0;
    if (equal_nocase(run.application, "Read"))
        index = 1;
    else if (!among(run.application, first))
        return {};
    std::vector<std::string> out;
    const auto arguments = split_outside(run.data, ',');
    for (const auto one : split_outside(argument(arguments, index), '&')) {
        const std::string_view name = config::trim(one);
        // A path may be a recording of another call; a URL is no file; dial is Read's tone.
        if (name.empty() || dynamic(name) || name.starts_with('/') || name.find("://") != std::string_view::npos)
            continue;
        if (name.find_first_of("\"\\'") != std::string_view::npos) continue;
        if (index == 1 && argument(arguments, 3).find('i') != std::string_view::npos)
            continue;  // a tone of indications
        out.emplace_back(name);
    }
    return out;
}

std::vector<std::string_view> written_functions(const Invocation& run) {
    std::vector<std::string_view> out;
    const bool many = equal_nocase(run.application, "MSet");
    if (!many && !equal_nocase(run.application, "Set")) return out;
    const auto one = [&](std::string_view text) {
        const std::size_t equals = outside(text, '=');
        if (equals == std::string_view::npos) return;
        const std::string_view name = config::trim(text.substr(0, equals));
        const std::size_t open = name.find('(');
        if (open != std::string_view::npos && open > 0 && name.ends_with(')') && !dynamic(name.substr(0, open)))
            out.push_back(name.substr(0, open));
    };
    if (!many) one(run.data);
    if (many) {
        for (const auto part : split_outside(run.data, ',')) one(part);
    }
    return out;
}

}  // namespace asterism::dialplan
