// The compiled part of Asio (BOOST_ASIO_SEPARATE_COMPILATION): once for the whole program.
#include "asterism/runtime/reactor.hpp"

// What epoll_reactor.ipp calls; sys/epoll.h's own declarations stand above.
#define epoll_wait ::asterism::reactor::wait
#define epoll_ctl ::asterism::reactor::control
#include <boost/asio/impl/src.hpp>
#undef epoll_ctl
#undef epoll_wait
#include <boost/asio/ssl/impl/src.hpp>
