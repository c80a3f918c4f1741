// What Asio's reactor calls in place of the system: where the control loop sleeps. Asio does not tell when a wait has
// ended and work begins, which the loop must know to time every turn; and before it waits for a socket it asks the
// system whether something has arrived already, although a short read has just told that.
#pragma once

#include <sys/epoll.h>

#include <cstdint>

#include "asterism/runtime/time.hpp"

namespace asterism::reactor {

/// epoll_wait(2); notes when it returned, and counts the peers it reported that have closed.
int wait(int epoll, epoll_event* events, int most, int milliseconds);

/// epoll_ctl(2), with EPOLLRDHUP for every descriptor. Not called to arm one again while an AllTaken lives.
int control(int epoll, int operation, int descriptor, epoll_event* event);

/// When wait() last returned in this thread (steady clock); the clock's zero before the first.
[[nodiscard]] TimePoint wait_ended();

/// How many peers wait() has reported in this thread that have closed, or failed.
[[nodiscard]] std::uint64_t ends_reported();

/// While one lives, async_wait(wait_read) in this thread takes it that nothing is there to be read: a system call less
/// for each message, as dear as a recv(2) in vain. Only for a descriptor of which a read has just given less than it
/// asked for (epoll(7), question 9), and only if no end has been reported since it was waited for last: one that has
/// arrived right behind the data is reported with them, and never again.
class AllTaken {
  public:
    /// False: it has no effect.
    explicit AllTaken(bool all_taken);
    ~AllTaken();
    AllTaken(const AllTaken&) = delete;
    AllTaken& operator=(const AllTaken&) = delete;
};

}  // namespace asterism::reactor
