// Patterns of one context as a tree: each edge takes one character of a set, the smaller set is tried first, `.` and
// then `!` last. A search visits a node at most once.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/dialplan.hpp"

namespace asterism::dialplan {

/// A set of characters.
struct CharSet {
    std::array<std::uint64_t, 4> bits{};
    void add(unsigned char c) { bits[c >> 6] |= std::uint64_t{1} << (c & 63); }
    [[nodiscard]] bool has(unsigned char c) const { return (bits[c >> 6] >> (c & 63)) & 1; }
    [[nodiscard]] int count() const;
    bool operator==(const CharSet&) const = default;
};
/// Fewer characters first; of as many, the one with the lowest.
[[nodiscard]] bool more_specific(const CharSet& a, const CharSet& b);

/// "_9[1-5]XX." as a list of sets and what stands at its end.
struct Pattern {
    enum class End : std::uint8_t { exact, some, any };  ///< nothing, `.`, `!`
    std::vector<CharSet> sets;
    End end = End::exact;

    /// `text` with its leading _. Empty error: it is one.
    static Pattern parse(std::string_view text, std::string& error);
    [[nodiscard]] bool matches(std::string_view digits) const;
};
/// The order in which `dialplan show` lists patterns and a search tries them.
[[nodiscard]] bool more_specific(const Pattern& a, const Pattern& b);

/// Those for certain callers are tried before those for all.
void callers_first(std::vector<const Extension*>& extensions);

/// What is searched has no dashes (see plain_name).
class PatternTree {
  public:
    void add(const Pattern& pattern, const Extension* extension);
    /// Puts everything in order; no add after it.
    void finish();

    /// Calls accept(extension) for all that match, the best first, until it says true; then gives that.
    template <class F>
    bool match(std::string_view digits, F&& accept) const {
        return nodes_.empty() ? false : walk(0, digits, accept);
    }
    /// For all that `digits` and perhaps more digits match (`more`: at least one more; `!` does not ask for it).
    template <class F>
    bool match_start(std::string_view digits, bool more, F&& accept) const {
        return nodes_.empty() ? false : walk_start(0, digits, more, accept);
    }

  private:
    struct Edge {
        CharSet set;
        std::uint32_t child;
    };
    struct Node {
        std::vector<Edge> edges;
        std::vector<const Extension*> here, some, any;  // ended by nothing, `.`, `!`
    };
    template <class F>
    static bool offer(const std::vector<const Extension*>& all, F& accept) {
        for (const Extension* extension : all) {
            if (accept(extension)) return true;
        }
        return false;
    }
    template <class F>
    bool walk(std::uint32_t at, std::string_view digits, F& accept) const {
        const Node& node = nodes_[at];
        if (digits.empty()) {
            if (offer(node.here, accept)) return true;
        } else {
            for (const Edge& edge : node.edges) {
                if (edge.set.has(static_cast<unsigned char>(digits.front())) &&
                    walk(edge.child, digits.substr(1), accept))
                    return true;
            }
            if (offer(node.some, accept)) return true;
        }
        return offer(node.any, accept);
    }
    template <class F>
    bool everything(std::uint32_t at, F& accept) const {
        const Node& node = nodes_[at];
        if (offer(node.here, accept) || offer(node.some, accept) || offer(node.any, accept)) return true;
        for (const Edge& edge : node.edges) {
            if (everything(edge.child, accept)) return true;
        }
        return false;
    }
    template <class F>
    bool walk_start(std::uint32_t at, std::string_view digits, bool more, F& accept) const {
        const Node& node = nodes_[at];
        if (digits.empty()) {
            if (!more) return everything(at, accept);
            for (const Edge& edge : node.edges) {
                if (everything(edge.child, accept)) return true;
            }
            return offer(node.some, accept);
        }
        for (const Edge& edge : node.edges) {
            if (edge.set.has(static_cast<unsigned char>(digits.front())) &&
                walk_start(edge.child, digits.substr(1), more, accept))
                return true;
        }
        return offer(node.some, accept) || (!more && offer(node.any, accept));
    }

    std::vector<Node> nodes_;
};

}  // namespace asterism::dialplan
