#include "core/dialplan/pattern.hpp"

#include <algorithm>
#include <bit>

#include "asterism/dialplan/matcher.hpp"

namespace asterism::dialplan {

int CharSet::count() const {
    int n = 0;
    for (auto word : bits) n += std::popcount(word);
    return n;
}

bool more_specific(const CharSet& a, const CharSet& b) {
    if (const int x = a.count(), y = b.count(); x != y) return x < y;
    for (std::size_t i = 0; i < a.bits.size(); ++i) {
        if (a.bits[i] == b.bits[i]) continue;
        const auto differ = a.bits[i] ^ b.bits[i];
        return (a.bits[i] & (differ & (~differ + 1))) != 0;
    }
    return false;
}

namespace {

void add_range(CharSet& set, char from, char to) {
    for (int c = static_cast<unsigned char>(from); c <= static_cast<unsigned char>(to); ++c)
        set.add(static_cast<unsigned char>(c));
}

/// The set between the brackets that open at `at`; moves `at` to the closing one.
CharSet bracket(std::string_view text, std::size_t& at, std::string& error) {
    CharSet set;
    const std::size_t close = text.find(']', at + 1);
    if (close == std::string_view::npos) {
        error = "no closing ']' in pattern '" + std::string(text) + "'";
        return set;
    }
    const std::string_view inside = text.substr(at + 1, close - at - 1);
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] == '\\' && i + 1 < inside.size()) ++i;
        if (i + 2 < inside.size() && inside[i + 1] == '-') {
            if (static_cast<unsigned char>(inside[i]) > static_cast<unsigned char>(inside[i + 2])) {
                error = "the range '" + std::string(inside.substr(i, 3)) + "' in pattern '" + std::string(text) +
                        "' is empty";
            }
            add_range(set, inside[i], inside[i + 2]);
            i += 2;
        } else {
            set.add(static_cast<unsigned char>(inside[i]));
        }
    }
    at = close;
    return set;
}

}  // namespace

Pattern Pattern::parse(std::string_view text, std::string& error) {
    Pattern pattern;
    for (std::size_t i = 1; i < text.size(); ++i) {
        CharSet set;
        switch (text[i]) {
            case 'X':
            case 'x': add_range(set, '0', '9'); break;
            case 'Z':
            case 'z': add_range(set, '1', '9'); break;
            case 'N':
            case 'n': add_range(set, '2', '9'); break;
            case '[':
                set = bracket(text, i, error);
                if (error.empty() && set.count() == 0) continue;  // "[]" stands for nothing at all
                break;
            case '-':
            case ' ':
            case '\t': continue;
            case '.': pattern.end = End::some; break;
            case '!': pattern.end = End::any; break;
            default: set.add(static_cast<unsigned char>(text[i]));
        }
        if (!error.empty()) return pattern;
        if (pattern.end != End::exact) break;  // what follows has no meaning
        pattern.sets.push_back(set);
    }
    return pattern;
}

bool Pattern::matches(std::string_view digits) const {
    std::size_t at = 0;
    for (const char c : digits) {
        if (c == '-') continue;
        if (at == sets.size()) return end != End::exact;
        if (!sets[at++].has(static_cast<unsigned char>(c))) return false;
    }
    return at == sets.size() && end != End::some;
}

bool more_specific(const Pattern& a, const Pattern& b) {
    const std::size_t common = std::min(a.sets.size(), b.sets.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (a.sets[i] != b.sets[i]) return more_specific(a.sets[i], b.sets[i]);
    }
    if (a.sets.size() != b.sets.size()) {
        // The longer one goes on with a set where the other ends: before `.` and `!`, and after a plain end.
        const bool a_shorter = a.sets.size() < b.sets.size();
        const Pattern::End end = a_shorter ? a.end : b.end;
        return a_shorter == (end == Pattern::End::exact);
    }
    return a.end < b.end;
}

void callers_first(std::vector<const Extension*>& extensions) {
    std::vector<const Extension*> ordered;
    ordered.reserve(extensions.size());
    for (const bool certain : {true, false}) {
        for (const Extension* extension : extensions) {
            if (extension->caller.has_value() == certain) ordered.push_back(extension);
        }
    }
    extensions.swap(ordered);
}

void PatternTree::add(const Pattern& pattern, const Extension* extension) {
    if (nodes_.empty()) nodes_.emplace_back();
    std::uint32_t at = 0;
    for (const CharSet& set : pattern.sets) {
        const auto& edges = nodes_[at].edges;
        auto edge = std::find_if(edges.begin(), edges.end(), [&](const Edge& e) { return e.set == set; });
        if (edge != edges.end()) {
            at = edge->child;
            continue;
        }
        const auto child = static_cast<std::uint32_t>(nodes_.size());
        nodes_[at].edges.push_back({set, child});
        nodes_.emplace_back();
        at = child;
    }
    Node& node = nodes_[at];
    (pattern.end == Pattern::End::exact  ? node.here
     : pattern.end == Pattern::End::some ? node.some
                                         : node.any)
        .push_back(extension);
}

void PatternTree::finish() {
    for (auto& node : nodes_) {
        std::sort(node.edges.begin(), node.edges.end(),
                  [](const Edge& a, const Edge& b) { return more_specific(a.set, b.set); });
        for (auto* list : {&node.here, &node.some, &node.any}) callers_first(*list);
    }
}

Matcher Matcher::parse(std::string_view name, std::string& error) {
    Matcher made;
    made.name_ = name;
    if (name.starts_with('_')) made.pattern_ = std::make_shared<const Pattern>(Pattern::parse(name, error));
    return made;
}

bool Matcher::matches(std::string_view text) const { return pattern_ ? pattern_->matches(text) : name_ == text; }

}  // namespace asterism::dialplan
