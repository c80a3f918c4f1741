#include "interfaces/agi/command_line.hpp"

namespace asterism::agi {

bool CommandLine::parse(std::string_view line) {
    words_.clear();
    text_.clear();
    text_.reserve(line.size());  // what is kept is never longer, so views into it stay good

    std::size_t start = 0;
    bool in_word = false;
    bool quoted = false;
    bool escaped = false;
    for (char c : line) {
        const bool blank = c == ' ' || c == '\t';
        if (blank && !quoted && !escaped) {
            if (in_word) words_.emplace_back(text_.data() + start, text_.size() - start);
            in_word = false;
            continue;
        }
        if (!in_word) {
            if (words_.size() == max_words) {
                words_.clear();
                return false;
            }
            in_word = true;
            start = text_.size();
        }
        if (!escaped && c == '\\') {
            escaped = true;
        } else if (!escaped && c == '"') {
            quoted = !quoted;
        } else {
            text_ += c;
            escaped = false;
        }
    }
    if (in_word) words_.emplace_back(text_.data() + start, text_.size() - start);
    return true;
}

void LineReader::feed(std::string_view bytes) {
    if (begin_ != 0) {
        buffer_.erase(0, begin_);
        searched_ -= begin_;
        begin_ = 0;
    }
    buffer_ += bytes;
}

std::optional<LineReader::Line> LineReader::next() {
    const auto end = buffer_.find('\n', searched_);
    if (end == std::string::npos) {
        searched_ = buffer_.size();
        if (searched_ - begin_ > max_line_bytes || dropping_) {
            dropping_ = true;
            buffer_.clear();
            begin_ = searched_ = 0;
        }
        return std::nullopt;
    }
    const std::string_view text(buffer_.data() + begin_, end - begin_);
    begin_ = searched_ = end + 1;
    const bool too_long = dropping_ || text.size() > max_line_bytes;
    dropping_ = false;
    return Line{too_long ? std::string_view{} : text, too_long};
}

}  // namespace asterism::agi
