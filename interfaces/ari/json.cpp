#include "json.hpp"

#include <ctime>
#include <iterator>

namespace asterism::ari {

void append_time(std::string& out, WallTime time) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const auto second = static_cast<std::time_t>(ms / 1000);
    // Events come many in one second: the long part is kept.
    static thread_local std::time_t kept_second = -1;
    static thread_local char kept[20];
    if (second != kept_second) {
        std::tm t{};
        ::gmtime_r(&second, &t);
        fmt::format_to_n(kept, sizeof kept, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1,
                         t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
        kept_second = second;
    }
    out += '"';
    out.append(kept, 19);
    const auto rest = static_cast<unsigned>(ms % 1000);
    out += '.';
    out += static_cast<char>('0' + rest / 100);
    out += static_cast<char>('0' + rest / 10 % 10);
    out += static_cast<char>('0' + rest % 10);
    out += "+0000\"";
}

std::string time_text(WallTime time) {
    std::string quoted;
    append_time(quoted, time);
    return quoted.substr(1, quoted.size() - 2);
}

}  // namespace asterism::ari
