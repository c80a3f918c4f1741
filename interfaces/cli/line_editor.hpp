// One line typed on a terminal: cursor keys, history, tab. Knows bytes, not terminals: what it returns is to be
// written.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::cli {

class LineEditor {
  public:
    /// `complete` is asked with the line up to the cursor and gives what may stand at its end.
    using Complete = std::function<std::vector<std::string>(std::string_view line)>;
    LineEditor(std::string prompt, Complete complete) : prompt_(std::move(prompt)), complete_(std::move(complete)) {}

    enum class Outcome { more, line, end };  ///< `end`: ctrl-D on an empty line
    /// Takes one typed byte; appends to `echo` what the terminal is to show.
    Outcome type(char byte, std::string& echo);
    /// The line that was ended by return; the editor is empty again.
    [[nodiscard]] std::string take();
    /// Erases and redraws the prompt, around output that comes while a line is typed.
    [[nodiscard]] std::string hide() const { return "\r\033[K"; }
    [[nodiscard]] std::string show() const;
    void set_history(std::vector<std::string> history) { history_ = std::move(history); }
    [[nodiscard]] const std::vector<std::string>& history() const { return history_; }

  private:
    void escape(char byte);
    void recall(std::size_t index);
    void tab(std::string& echo);

    const std::string prompt_;
    const Complete complete_;
    std::string line_, escape_;
    bool in_escape_ = false;
    std::size_t cursor_ = 0;  // bytes
    std::vector<std::string> history_;
    std::size_t recalled_ = 0;
    std::string typed_;  // what was there before the history was leafed through
};

}  // namespace asterism::cli
