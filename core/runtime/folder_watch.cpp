#include "asterism/runtime/folder_watch.hpp"

#include <sys/inotify.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstring>
#include <system_error>

#include "asterism/runtime/log.hpp"

namespace asterism {

struct FolderWatch::State : std::enable_shared_from_this<State> {
    explicit State(boost::asio::io_context& context) : descriptor(context) {}

    void read() {
        descriptor.async_read_some(boost::asio::buffer(bytes),
                                   [self = shared_from_this()](const boost::system::error_code& error, std::size_t n) {
                                       if (error || !self->changed) return;
                                       self->take(n);
                                       if (self->changed) self->read();
                                   });
    }
    void take(std::size_t size) {
        for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
            inotify_event event;
            std::memcpy(&event, bytes.data() + at, sizeof event);
            const char* name = bytes.data() + at + sizeof event;
            at += sizeof event + event.len;
            if (!changed || at > size) return;
            if ((event.mask & IN_Q_OVERFLOW) != 0)
                changed({});
            else if (event.len > 0 && (event.mask & IN_ISDIR) == 0)
                changed(std::string(name, ::strnlen(name, event.len)));
        }
    }

    boost::asio::posix::stream_descriptor descriptor;
    Changed changed;
    alignas(inotify_event) std::array<char, 16384> bytes{};
};

FolderWatch::FolderWatch() = default;

FolderWatch::~FolderWatch() {
    if (!state_) return;
    state_->changed = nullptr;
    boost::system::error_code ignored;
    state_->descriptor.close(ignored);
}

std::expected<void, std::string> FolderWatch::start(boost::asio::io_context& context, const std::string& folder,
                                                    Changed changed) {
    const auto failed = [] { return std::unexpected(std::error_code(errno, std::generic_category()).message()); };
    const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) return failed();
    state_ = std::make_shared<State>(context);
    state_->descriptor.assign(descriptor);
    if (::inotify_add_watch(descriptor, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR) < 0)
        return failed();
    state_->changed = std::move(changed);
    state_->read();
    return {};
}

}  // namespace asterism
