// How HASH() keeps its values, and how rows of databases reach it: as a list of values beside a list of names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace asterism {
class Channel;
class Variables;
}  // namespace asterism

namespace asterism::functions {

/// The variable in which whoever gives a row as a list (CURL, ODBC) leaves the columns' names for Set(HASH(x)=list).
inline constexpr std::string_view field_names_variable = "~ODBCFIELDS~";

/// The variable that holds an entry: a name that no user would choose.
[[nodiscard]] std::string hash_variable(std::string_view hash, std::string_view key);
/// In the order in which they were set.
[[nodiscard]] std::vector<std::string> hash_keys(const Variables& variables, std::string_view hash);
void set_hash_entry(Channel& channel, std::string_view hash, std::string_view key, std::string_view value);
/// As one argument among several: a backslash before commas, backslashes and quotes.
[[nodiscard]] std::string escape_commas(std::string_view text);

}  // namespace asterism::functions
