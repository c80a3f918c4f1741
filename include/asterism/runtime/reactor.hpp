// What Asio's reactor calls in place of the system: where the control loop sleeps. Asio does not tell when a wait has
// ended and work begins, which the loop must know to time every turn; and before it waits for a socket it asks the
// system whether something has arrived already, although a short read has just told that.
#pragma once

#include <sys/epoll.h>

#include "asterism/runtime/time.hpp"

namespace asterism::reactor {

/// epoll_wait(2); notes when it returned, and whether it reported a peer that has closed.
int wait(int epoll, epoll_event* events, int most, int milliseconds);

/// epoll_ctl(2), with EPOLLRDHUP for every descriptor. Not called to arm one again while an AllTaken lives.
int control(int epoll, int operation, int descriptor, epoll_event* event);

/// When wait() last returned in this thread (steady clock); the clock's zero before the first.
[[nodiscard]] TimePoint wait_ended();

/// While one lives, async_wait(wait_read) in this thread takes it that nothing is there to be read: a system call less
/// for each message, as dear as a recv(2) in vain. Only for a descriptor of which a read has just given less than it
/// asked for (epoll(7), question 9). That does not exclude an end that has arrived right behind the data, so it has no
/// effect once wait() has reported such an end in the present turn.
class AllTaken {
  public:
    explicit AllTaken(bool all_taken = true);
    ~AllTaken();
    AllTaken(const AllTaken&) = delete;
    AllTaken& operator=(const AllTaken&) = delete;
};

}  // namespace asterism::reactor
