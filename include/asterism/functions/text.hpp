// The text functions' work, on plain strings: what LEN, CUT, FILTER, SORT and their like compute.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::functions {

/// A delimiter or character list as the dialplan writes it: \n \t \r \\ \a \b \f \v, \x41, \101 stand for one byte
/// each; everything else for itself.
std::string unescape(std::string_view text);

/// Bytes of `text` that `allowed` lists. `allowed` holds characters, ranges (a-z) and unescape()'s sequences.
std::string filter(std::string_view allowed, std::string_view text);
/// Every character of `find` becomes `with`, or goes when there is none.
std::string replace_chars(std::string_view text, std::string_view find, std::optional<char> with);
/// The first `most` occurrences of `find` (all when negative) become `with`.
std::string replace_text(std::string_view text, std::string_view find, std::string_view with, long most = -1);
/// `between` after every character but the last.
std::string interleave(std::string_view text, std::string_view between);

std::string_view trim_left(std::string_view text);
std::string_view trim_right(std::string_view text);
std::string_view trim(std::string_view text);
std::string upper(std::string_view text);
std::string lower(std::string_view text);

/// The keys of a telephone that spell `text`; what has no key goes.
std::string keypad(std::string_view text);
/// In double quotes, with backslashes before quotes and backslashes.
std::string quote(std::string_view text);
/// In double quotes, quotes doubled (RFC 4180).
std::string csv_quote(std::string_view text);

/// Fields between single-byte delimiters; none for an empty text.
std::vector<std::string_view> split(std::string_view text, char delimiter);
std::string join(const std::vector<std::string_view>& fields, std::string_view delimiter);
/// Fields `spec` names ("2", "1-3", "-2", "3-", joined by "&"), in its order, joined by the delimiter. The error says
/// what is wrong with `spec`.
std::expected<std::string, std::string> cut(std::string_view text, char delimiter, std::string_view spec);
/// Place of the first field that equals `value`, from 1; 0 when none does.
std::size_t field_number(std::string_view text, char delimiter, std::string_view value);
/// Without the fields that equal `value`.
std::string without_field(std::string_view text, char delimiter, std::string_view value);
/// "key:number" items, by number; the keys joined by commas. Items without a number count as 0.
std::string sort_keys(std::string_view items);

/// Percent encoding of all but RFC 3986's unreserved characters and !*'().
std::string uri_encode(std::string_view text);
std::string uri_decode(std::string_view text);
std::string base64_encode(std::string_view bytes);
/// Stops at the first byte that is no base64; padding is optional.
std::string base64_decode(std::string_view text);
/// Lower-case hexadecimal.
std::string md5_hex(std::string_view bytes);
std::string sha1_hex(std::string_view bytes);

/// POSIX extended, case as written. The error is the C library's.
std::expected<bool, std::string> regex_match(std::string_view pattern, std::string_view text);

/// printf for values that are text: %d %i %o %u %x %X %c, %e %f %g %a and theirs, %s and %%, with flags, width and
/// precision up to 512. The error names the conversion that has no value or makes no sense.
std::expected<std::string, std::string> format(std::string_view pattern, const std::vector<std::string_view>& values);

}  // namespace asterism::functions
