// Where the control loop sleeps. Asio does not tell when a wait has ended and work begins, which the loop must know to
// time every turn; without it, it would have to ask Asio for what is ready without waiting before each wait, at the
// price of a system call.
#pragma once

#include <sys/epoll.h>

#include "asterism/runtime/time.hpp"

namespace asterism {

/// epoll_wait(2), called by Asio's reactor in its place; notes when it returned.
int timed_epoll_wait(int epoll, epoll_event* events, int most, int milliseconds);

/// When timed_epoll_wait() last returned in this thread (steady clock); the clock's zero before the first.
[[nodiscard]] TimePoint wait_ended();

}  // namespace asterism
