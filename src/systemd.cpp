#include "src/systemd.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace asterism {

ServiceManager::ServiceManager() {
    if (const char* socket = std::getenv("NOTIFY_SOCKET")) socket_ = socket;
    const char* interval = std::getenv("WATCHDOG_USEC");
    const char* whom = std::getenv("WATCHDOG_PID");
    if (interval && (!whom || std::atol(whom) == getpid()) && std::atoll(interval) > 0) {
        watchdog_ = std::chrono::microseconds(std::atoll(interval));
    }
}

void ServiceManager::notify(std::string_view state) const {
    if (socket_.empty()) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_.front() == '@') address.sun_path[0] = '\0';  // abstract
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    (void)::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
    ::close(fd);
}

void ServiceManager::reloading() const {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                       static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000));
}

}  // namespace asterism
