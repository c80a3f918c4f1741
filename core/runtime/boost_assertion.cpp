// What Boost's assertions do (BOOST_ENABLE_ASSERT_HANDLER): throw, so that what one peer's bytes bring about ends that
// peer's connection and not the daemon with every call in it. Whoever reads from a socket catches it, at the latest
// AsioLoop::run.
#include <fmt/format.h>

#include <boost/assert.hpp>
#include <stdexcept>

namespace boost {

void assertion_failed(char const* expression, char const* function, char const* file, long line) {
    throw std::logic_error(fmt::format("{}:{}: {} does not hold in {}", file, line, expression, function));
}

void assertion_failed_msg(char const* expression, char const* message, char const* function, char const* file,
                          long line) {
    throw std::logic_error(
        fmt::format("{}:{}: {} ({}) does not hold in {}", file, line, message, expression, function));
}

}  // namespace boost
