// One AGI command as a script sends it: bytes up to a line feed, split into words by blanks and quotes.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::agi {

/// Longest command, without its line feed. A longer one is answered as an unknown command and dropped whole.
inline constexpr std::size_t max_line_bytes = 64 * 1024;
/// Most words of one command, its name included.
inline constexpr std::size_t max_words = 128;

/// The words of one command. Owned by a session and used again for every command, so that parsing allocates only
/// while its buffers grow.
///
/// Blanks (space, tab) separate words. `"` begins and ends a quoted stretch anywhere in a word and may be left open;
/// `""` is an empty word. A backslash takes the next byte as it is, in and outside quotes. A carriage return is a byte
/// like any other: the line end is a line feed alone.
class CommandLine {
  public:
    /// False when there are too many words; words() is then empty.
    bool parse(std::string_view line);
    /// Valid until the next parse.
    [[nodiscard]] std::span<const std::string_view> words() const { return words_; }

  private:
    std::string text_;
    std::vector<std::string_view> words_;
};

/// Cuts the byte stream of a script into lines, whatever the packets look like.
class LineReader {
  public:
    struct Line {
        std::string_view text;  ///< without the line feed; valid until the next feed or next
        bool too_long = false;  ///< then `text` is empty
    };
    void feed(std::string_view bytes);
    /// The next whole line, if one has arrived.
    std::optional<Line> next();
    /// Bytes that wait for their line feed.
    [[nodiscard]] std::size_t pending() const { return buffer_.size() - begin_; }

  private:
    std::string buffer_;
    std::size_t begin_ = 0;
    std::size_t searched_ = 0;
    bool dropping_ = false;
};

}  // namespace asterism::agi
