// The compiled part of Asio (BOOST_ASIO_SEPARATE_COMPILATION): once for the whole program.
#include "core/runtime/timed_wait.hpp"

// What epoll_reactor.ipp calls; sys/epoll.h's own declaration stands above.
#define epoll_wait ::asterism::timed_epoll_wait
#include <boost/asio/impl/src.hpp>
#undef epoll_wait
#include <boost/asio/ssl/impl/src.hpp>
