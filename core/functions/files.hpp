// What FILE() and its family do with the bytes of a file. Pure: the disk is the functions' business.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace asterism::functions {

/// How a text file ends its lines.
enum class Newline : char { none = 'x', unix_ = 'u', dos = 'd', mac = 'm' };
[[nodiscard]] std::string_view newline_text(Newline kind);
/// By the first end of a line; none: there is none.
[[nodiscard]] Newline detect_newline(std::string_view bytes);
/// How many lines end. `none`: as detected.
[[nodiscard]] std::size_t count_lines(std::string_view bytes, Newline kind);

/// The arguments of FILE(): filename,offset,length,options,format.
struct FileArguments {
    std::string path;
    std::optional<long long> offset, length;
    bool lines = false, append = false, no_newline = false;
    Newline format = Newline::none;  ///< none: as detected, else Unix
    [[nodiscard]] static std::expected<FileArguments, std::string> parse(std::string_view text);
};

struct FileRange {
    std::size_t begin = 0, end = 0;
};
/// The bytes that offset and length name. A negative offset counts back from the end, a negative length leaves so much
/// at the end. Lines are whole, with their ends.
[[nodiscard]] FileRange range_of(const FileArguments& what, std::string_view bytes);
/// `bytes` with the range replaced by `value`; in line mode the value is made a line.
[[nodiscard]] std::string replace_range(const FileArguments& what, std::string_view bytes, std::string_view value);
/// What is written for `value`: itself, or in line mode the line.
[[nodiscard]] std::string line_for(const FileArguments& what, Newline found, std::string_view value);

}  // namespace asterism::functions
