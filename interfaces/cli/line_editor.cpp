#include "interfaces/cli/line_editor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace asterism::cli {

namespace {
constexpr std::size_t max_line = 8192;
constexpr std::size_t max_history = 500;
constexpr char ctrl(char c) { return static_cast<char>(c & 0x1f); }
}  // namespace

std::string LineEditor::show() const {
    std::string text = "\r\033[K" + prompt_ + line_;
    if (cursor_ < line_.size()) text += fmt::format("\033[{}D", line_.size() - cursor_);
    return text;
}

std::string LineEditor::take() {
    if (!line_.empty() && (history_.empty() || history_.back() != line_)) history_.push_back(line_);
    if (history_.size() > max_history) history_.erase(history_.begin());
    recalled_ = history_.size();
    cursor_ = 0;
    return std::exchange(line_, {});
}

void LineEditor::recall(std::size_t index) {
    if (index > history_.size()) return;
    if (recalled_ >= history_.size()) typed_ = line_;
    recalled_ = index;
    line_ = index == history_.size() ? typed_ : history_[index];
    cursor_ = line_.size();
}

void LineEditor::escape(char byte) {
    escape_ += byte;
    if (escape_.size() == 1) {
        in_escape_ = byte == '[' || byte == 'O';
        return;
    }
    if ((byte >= '0' && byte <= '9') || byte == ';') {
        in_escape_ = escape_.size() <= 8;
        return;
    }
    in_escape_ = false;
    const std::string sequence = std::exchange(escape_, {});
    switch (byte) {
        case 'A':
            if (recalled_ > 0) recall(std::min(recalled_, history_.size()) - 1);
            break;
        case 'B': recall(recalled_ + 1); break;
        case 'C': cursor_ = std::min(cursor_ + 1, line_.size()); break;
        case 'D': cursor_ -= cursor_ > 0 ? 1 : 0; break;
        case 'H': cursor_ = 0; break;
        case 'F': cursor_ = line_.size(); break;
        case '~':
            if (sequence == "[3~" && cursor_ < line_.size()) line_.erase(cursor_, 1);
            break;
        default: break;
    }
}

void LineEditor::tab(std::string& echo) {
    const auto found = complete_(std::string_view(line_).substr(0, cursor_));
    if (found.empty()) return;
    const auto space = line_.find_last_of(' ', cursor_ == 0 ? 0 : cursor_ - 1);
    const std::size_t start = cursor_ == 0 || space == std::string::npos ? 0 : space + 1;
    std::string common = found.front();
    for (const auto& word : found) {
        const auto [a, b] = std::ranges::mismatch(common, word);
        common.erase(a, common.end());
    }
    const std::size_t typed = cursor_ - std::min(start, cursor_);
    if (common.size() >= typed && (common.size() > typed || found.size() == 1)) {
        line_.replace(start, typed, common);
        cursor_ = start + common.size();
        if (found.size() == 1) line_.insert(cursor_++, " ");
        return;
    }
    echo += "\r\n";
    for (const auto& word : found) echo += fmt::format("{:<24} ", word);
    echo += "\r\n";
}

LineEditor::Outcome LineEditor::type(char byte, std::string& echo) {
    if (byte == '\033') {
        in_escape_ = true;
        escape_.clear();
        return Outcome::more;
    }
    if (in_escape_) {
        escape(byte);
        echo += show();
        return Outcome::more;
    }
    switch (byte) {
        case '\r':
        case '\n': echo += "\r\n"; return Outcome::line;
        case ctrl('D'):
            if (line_.empty()) return Outcome::end;
            if (cursor_ < line_.size()) line_.erase(cursor_, 1);
            break;
        case ctrl('A'): cursor_ = 0; break;
        case ctrl('E'): cursor_ = line_.size(); break;
        case ctrl('K'): line_.erase(cursor_); break;
        case ctrl('U'):
            line_.erase(0, cursor_);
            cursor_ = 0;
            break;
        case ctrl('W'):
            while (cursor_ > 0 && line_[cursor_ - 1] == ' ') line_.erase(--cursor_, 1);
            while (cursor_ > 0 && line_[cursor_ - 1] != ' ') line_.erase(--cursor_, 1);
            break;
        case ctrl('L'): echo += "\033[H\033[2J"; break;
        case ctrl('H'):
        case 0x7f:
            if (cursor_ > 0) line_.erase(--cursor_, 1);
            break;
        case '\t': tab(echo); break;
        default:
            if (static_cast<unsigned char>(byte) < 0x20 || line_.size() >= max_line) return Outcome::more;
            line_.insert(cursor_++, 1, byte);
    }
    echo += show();
    return Outcome::more;
}

}  // namespace asterism::cli
