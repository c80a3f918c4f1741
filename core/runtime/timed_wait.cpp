#include "core/runtime/timed_wait.hpp"

namespace asterism {
namespace {

thread_local TimePoint ended{};

}  // namespace

int timed_epoll_wait(int epoll, epoll_event* events, int most, int milliseconds) {
    const int count = ::epoll_wait(epoll, events, most, milliseconds);
    ended = std::chrono::steady_clock::now();
    return count;
}

TimePoint wait_ended() { return ended; }

}  // namespace asterism
