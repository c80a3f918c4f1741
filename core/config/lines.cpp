#include "core/config/lines.hpp"

#include "asterism/config/options.hpp"

namespace asterism::config {

std::string LineCleaner::clean(std::string_view line, int number) {
    std::string out;
    std::size_t comment_from = 0;  // `--;` must lie wholly after the `;--` that opened the comment
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c != ';') {
            if (depth_ == 0) out += c;
            continue;
        }
        if (i > 0 && line[i - 1] == '\\') {
            if (depth_ == 0) out.back() = ';';
            continue;
        }
        // `;---` is an ordinary comment: people draw lines with it.
        const bool opens = line.substr(i).starts_with(";--") && (i + 3 >= line.size() || line[i + 3] != '-');
        if (depth_ > 0 && i >= comment_from + 2 && line[i - 1] == '-' && line[i - 2] == '-') {
            --depth_;
        } else if (opens) {
            if (depth_++ == 0) since_ = number;
            i += 2;
            comment_from = i + 1;
        } else if (depth_ == 0) {
            break;
        }
    }
    return std::string(trim(out));
}

}  // namespace asterism::config
