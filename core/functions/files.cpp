#include "core/functions/files.hpp"

#include <algorithm>
#include <vector>

#include "asterism/dialplan/arguments.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::functions {
namespace {

std::expected<std::optional<long long>, std::string> number(std::string_view text) {
    text = trim(text);
    if (text.empty()) return std::nullopt;
    const auto value = parse_whole<long long>(text);
    if (!value) return std::unexpected("'" + std::string(text) + "' is no whole number");
    return value;
}

/// Places in a sequence of `size` units.
FileRange units(const FileArguments& what, std::size_t size) {
    const auto all = static_cast<long long>(size);
    const auto offset = what.offset.value_or(0);
    const auto begin = std::clamp(offset < 0 ? all + offset : offset, 0LL, all);
    auto end = all;
    if (what.length) end = *what.length < 0 ? all + *what.length : begin + std::min(*what.length, all - begin);
    return {static_cast<std::size_t>(begin), static_cast<std::size_t>(std::clamp(end, begin, all))};
}

}  // namespace

std::string_view newline_text(Newline kind) {
    switch (kind) {
        case Newline::dos: return "\r\n";
        case Newline::mac: return "\r";
        default: return "\n";
    }
}

Newline detect_newline(std::string_view bytes) {
    const auto at = bytes.find_first_of("\r\n");
    if (at == std::string_view::npos) return Newline::none;
    if (bytes[at] == '\n') return Newline::unix_;
    return at + 1 < bytes.size() && bytes[at + 1] == '\n' ? Newline::dos : Newline::mac;
}

std::size_t count_lines(std::string_view bytes, Newline kind) {
    if (kind == Newline::none) kind = detect_newline(bytes);
    const auto mark = newline_text(kind);
    std::size_t count = 0;
    for (auto at = bytes.find(mark); at != std::string_view::npos; at = bytes.find(mark, at + mark.size())) ++count;
    return count;
}

std::expected<FileArguments, std::string> FileArguments::parse(std::string_view text) {
    const dialplan::Arguments args(text, ',', 5);
    FileArguments what;
    if (!args.has(0)) return std::unexpected("needs the name of a file");
    what.path = args[0];
    const auto offset = number(args[1]);
    const auto length = number(args[2]);
    if (!offset) return std::unexpected(offset.error());
    if (!length) return std::unexpected(length.error());
    what.offset = *offset;
    what.length = *length;
    what.lines = args[3].contains('l');
    what.append = args[3].contains('a');
    what.no_newline = args[3].contains('d');
    if (args.has(4)) {
        const char kind = args[4].front();
        if (!std::string_view("udm").contains(kind)) return std::unexpected("the format is u, d or m");
        what.format = static_cast<Newline>(kind);
    }
    return what;
}

FileRange range_of(const FileArguments& what, std::string_view bytes) {
    if (!what.lines) return units(what, bytes.size());
    const auto kind = what.format == Newline::none ? detect_newline(bytes) : what.format;
    const auto mark = newline_text(kind);
    std::vector<std::size_t> starts;  // of every line, and the end of the last
    for (std::size_t at = 0; at < bytes.size();) {
        starts.push_back(at);
        const auto end = bytes.find(mark, at);
        at = end == std::string_view::npos ? bytes.size() : end + mark.size();
    }
    starts.push_back(bytes.size());
    const auto lines = units(what, starts.size() - 1);
    return {starts[lines.begin], starts[lines.end]};
}

std::string line_for(const FileArguments& what, Newline found, std::string_view value) {
    std::string text(value);
    if (what.lines && !what.no_newline) text += newline_text(what.format == Newline::none ? found : what.format);
    return text;
}

std::string replace_range(const FileArguments& what, std::string_view bytes, std::string_view value) {
    const auto range = range_of(what, bytes);
    std::string text(bytes.substr(0, range.begin));
    text += line_for(what, detect_newline(bytes), value);
    text += bytes.substr(range.end);
    return text;
}

}  // namespace asterism::functions
