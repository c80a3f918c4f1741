// A script that ends while we still write to its pipe must cost no more than an error. The daemon ignores SIGPIPE from
// its start (src/main.cpp); so does this program.
#include <csignal>

namespace {
[[maybe_unused]] const auto ignored = std::signal(SIGPIPE, SIG_IGN);
}  // namespace
