#include "asterism/runtime/reactor.hpp"

namespace asterism::reactor {
namespace {

thread_local TimePoint ended{};
thread_local bool end_reported = true;  // until a wait has told otherwise
thread_local bool all_taken = false;

}  // namespace

int wait(int epoll, epoll_event* events, int most, int milliseconds) {
    const int count = ::epoll_wait(epoll, events, most, milliseconds);
    ended = std::chrono::steady_clock::now();
    end_reported = false;
    for (int i = 0; i < count; ++i)
        if ((events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) end_reported = true;
    return count;
}

int control(int epoll, int operation, int descriptor, epoll_event* event) {
    if (operation == EPOLL_CTL_MOD && all_taken) return 0;
    if ((event->events & EPOLLET) != 0) event->events |= EPOLLRDHUP;
    return ::epoll_ctl(epoll, operation, descriptor, event);
}

TimePoint wait_ended() { return ended; }

AllTaken::AllTaken(bool taken) { all_taken = taken && !end_reported; }
AllTaken::~AllTaken() { all_taken = false; }

}  // namespace asterism::reactor
