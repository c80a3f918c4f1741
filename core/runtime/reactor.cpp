#include "asterism/runtime/reactor.hpp"

namespace asterism::reactor {
namespace {

thread_local TimePoint ended{};
thread_local std::uint64_t ends = 0;
thread_local bool all_taken = false;

}  // namespace

int wait(int epoll, epoll_event* events, int most, int milliseconds) {
    const int count = ::epoll_wait(epoll, events, most, milliseconds);
    ended = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i)
        if ((events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) ++ends;
    return count;
}

int control(int epoll, int operation, int descriptor, epoll_event* event) {
    if (operation == EPOLL_CTL_MOD && all_taken) return 0;
    if ((event->events & EPOLLET) != 0) event->events |= EPOLLRDHUP;
    return ::epoll_ctl(epoll, operation, descriptor, event);
}

TimePoint wait_ended() { return ended; }

std::uint64_t ends_reported() { return ends; }

AllTaken::AllTaken(bool taken) { all_taken = taken; }
AllTaken::~AllTaken() { all_taken = false; }

}  // namespace asterism::reactor
