// A text with ${} and $[], compiled when the dialplan is loaded.
#pragma once

#include <climits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::dialplan {

class Functions;
struct FunctionCall;

class Template {
  public:
    Template() = default;
    explicit Template(std::string_view text);

    /// As it was written.
    [[nodiscard]] const std::string& text() const { return text_; }
    /// Nothing to replace: substitution gives text().
    [[nodiscard]] bool plain() const { return parts_.empty(); }
    /// Appends the text with everything replaced.
    void substitute(Scope& scope, std::string& out) const;
    /// Whether it may use a function that waits: then use substitute_later. Found out when first asked.
    [[nodiscard]] bool may_wait(const Functions& functions) const;
    Task<std::string> substitute_later(Pbx& pbx, Channel& channel) const;
    /// What is wrong in a text that was not closed: "no closing }"; empty if nothing.
    [[nodiscard]] const std::string& fault() const { return fault_; }
    /// Names of the functions that it calls by their plain names, for lint.
    void function_names(std::vector<std::string>& into) const;

    /// `NAME`, `NAME:off:len`, `FUNC(args):off:len`.
    struct Reference {
        std::string_view name, args;
        bool function = false, sliced = false;
        int offset = 0, length = INT_MAX;
    };
    [[nodiscard]] static Reference parse_reference(std::string_view text);
    /// Appends what `$[text]` gives; logs a syntax error.
    static void append_expression(std::string_view text, std::string& out);
    static void append_reference(const Reference& reference, Scope& scope, std::string& out);
    /// The part of `value` that :offset:length names.
    [[nodiscard]] static std::string_view slice(std::string_view value, int offset, int length);

  private:
    struct Part;
    void compile(std::string_view text, int depth);
    Task<void> replace_later(Pbx& pbx, Channel& channel, std::string& out) const;
    [[nodiscard]] bool calls_waiting(const Functions& functions) const;
    std::string text_, fault_;
    mutable signed char waits_ = -1;
    std::vector<Part> parts_;
};

struct Template::Part {
    enum class Kind : std::uint8_t { literal, variable, function, dynamic, expression } kind;
    std::string text;  // literal; variable's or function's name
    std::string args;  // of a function without anything to replace
    int offset = 0, length = INT_MAX;
    bool sliced = false;
    Template inside{};  // dynamic: what is between ${ and }; expression: between $[ and ]
};

}  // namespace asterism::dialplan
