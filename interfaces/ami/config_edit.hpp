// A configuration file that is edited: its sections, templates and comments as they were written, for UpdateConfig.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "asterism/runtime/regex.hpp"

namespace asterism::ami {

/// One line of a section. `inherited`: it came from a template and does not stand in the section itself.
struct EditLine {
    std::string name, value;
    bool object = false;  ///< written with `=>`
    bool inherited = false;
    std::vector<std::string> comments;  ///< whole lines that stand before it
};

struct EditSection {
    std::string name;
    bool is_template = false;
    std::vector<std::string> bases;  ///< names of the templates it inherits from
    std::vector<EditLine> lines;     ///< inherited ones first
    std::vector<std::string> comments;
};

/// Which sections of a name are meant: `TEMPLATES=include|restrict` and NAME=VALUE pairs (POSIX regular expressions),
/// all of which must fit. Without TEMPLATES, templates are left out.
class SectionFilter {
  public:
    explicit SectionFilter(std::string_view text);
    [[nodiscard]] bool fits(const EditSection& section) const;

  private:
    enum class Templates { exclude, include, restrict_to } templates_ = Templates::exclude;
    struct Pair {
        Regex name, value;
    };
    std::vector<Pair> pairs_;
};

/// #include and #exec lines are not followed: they stay where they are, as comments do.
class EditFile {
  public:
    /// Reads a file's text. Never fails: what is no heading and no variable is kept as a comment.
    static EditFile parse(std::string_view text);
    /// The file's text, with a banner that says who wrote it. A variable that the section's templates have with the
    /// same value is left out; `preserve`: what a section had inherited and would lose is written into it.
    [[nodiscard]] std::string text(std::string_view banner, bool preserve) const;

    [[nodiscard]] std::vector<EditSection>& sections() { return sections_; }
    [[nodiscard]] const std::vector<EditSection>& sections() const { return sections_; }
    [[nodiscard]] std::vector<EditSection*> find(std::string_view name, const SectionFilter& filter);
    /// Any section of that name, templates too; null if there is none.
    [[nodiscard]] EditSection* any(std::string_view name);
    /// Gives a new section what its templates have.
    void inherit(EditSection& section);

  private:
    std::vector<EditSection> sections_;
    std::vector<std::string> tail_;  // comments behind the last line
};

}  // namespace asterism::ami
