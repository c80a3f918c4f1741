// Takes comments out of a file's lines: `;` to the end of the line, `\;` for a semicolon, `;-- ... --;` nested and
// over several lines.
#pragma once

#include <string>
#include <string_view>

namespace asterism::config {

class LineCleaner {
  public:
    /// The line without its comments, trimmed. `number` is remembered if a block comment begins here.
    std::string clean(std::string_view line, int number);
    /// Line where the block comment that is still open begins, 0 if none is.
    [[nodiscard]] int open_since() const { return depth_ > 0 ? since_ : 0; }

  private:
    int depth_ = 0;
    int since_ = 0;
};

}  // namespace asterism::config
