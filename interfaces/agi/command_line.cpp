#include "interfaces/agi/command_line.hpp"

#include <array>

namespace asterism::agi {
namespace {

/// What ends a run of bytes that are taken as they are.
constexpr auto special = [] {
    std::array<bool, 256> table{};
    for (const unsigned char c : {' ', '\t', '"', '\\'}) table[c] = true;
    return table;
}();

}  // namespace

bool CommandLine::parse(std::string_view line) {
    words_.clear();
    text_ = line;  // unquoted in place: what is kept is never longer

    char* const begin = text_.data();
    const char* const end = begin + text_.size();
    const char* from = begin;
    char* to = begin;
    while (true) {
        while (from != end && (*from == ' ' || *from == '\t')) ++from;
        if (from == end) return true;
        if (words_.size() == max_words) {
            words_.clear();
            return false;
        }
        const char* const word = to;
        bool quoted = false;
        for (; from != end; ++from) {
            if (!special[static_cast<unsigned char>(*from)]) {
                *to++ = *from;
            } else if (*from == '"') {
                quoted = !quoted;
            } else if (*from == '\\') {
                if (++from == end) break;
                *to++ = *from;
            } else if (quoted) {
                *to++ = *from;
            } else {
                break;
            }
        }
        words_.emplace_back(word, static_cast<std::size_t>(to - word));
    }
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
