// Everything that a function does with text that a caller may have sent: nothing may crash, and what is said to undo
// each other must.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "asterism/functions/math.hpp"
#include "asterism/functions/say.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/functions/zone.hpp"

using namespace asterism::functions;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto middle = all.find('\n');
    const auto a = all.substr(0, middle);
    const auto b = middle == std::string_view::npos ? std::string_view{} : all.substr(middle + 1);

    if (uri_decode(uri_encode(a)) != a) std::abort();
    if (base64_decode(base64_encode(a)) != a) std::abort();
    (void)uri_decode(b);
    (void)base64_decode(b);
    (void)unescape(a);
    (void)filter(a, b);
    (void)replace_chars(a, b, 'x');
    (void)replace_text(a, b, "y");
    (void)keypad(a);
    (void)quote(a);
    (void)csv_quote(a);
    (void)cut(a, ',', b);
    (void)field_number(a, ',', b);
    (void)without_field(a, ',', b);
    (void)sort_keys(a);
    (void)format(a, {b, b});
    (void)math(a, b);
    (void)say_digits(a);
    (void)say_letters(a);
    (void)say_money(a);
    std::tm time{};
    time.tm_mday = 1;
    (void)say_datetime(time, a, time);
    if (a.size() < 200) (void)format_time(a, time, 1);
    if (auto zone = Zone::parse(all)) {
        for (std::int64_t seconds : {-5'000'000'000LL, 0LL, 1'000'000'000LL, 5'000'000'000LL}) {
            const auto local = zone->local(seconds);
            (void)zone->seconds(local);
        }
    }
    return 0;
}
