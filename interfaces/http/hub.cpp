#include "hub.hpp"

#include <fmt/format.h>

#include <ctime>

#include "websocket_session.hpp"

namespace asterism::http {

const std::string& Hub::preamble() {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(loop.clock().wall().time_since_epoch()).count();
    if (now == preamble_second_ && preamble_server_ == config.server_name) return preamble_;
    preamble_second_ = now;
    preamble_server_ = config.server_name;
    preamble_.clear();
    if (!config.server_name.empty()) preamble_ = "Server: " + config.server_name + "\r\n";
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds = static_cast<std::time_t>(now);
    std::tm t{};
    ::gmtime_r(&seconds, &t);
    preamble_ += fmt::format("Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n", days[t.tm_wday], t.tm_mday,
                             months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    return preamble_;
}

void Hub::add(std::shared_ptr<Session> session) { sessions_.insert(std::move(session)); }

void Hub::remove(const std::shared_ptr<Session>& session) {
    if (auto node = sessions_.extract(session)) loop.reap(std::move(node.value()));
}

void Hub::close_all() {
    while (!sessions_.empty()) {
        const auto session = *sessions_.begin();
        session->end();
        sessions_.erase(session);
    }
    dirty_.clear();
}

void Hub::want_flush(std::shared_ptr<WebSocketSession> socket) {
    dirty_.push_back(std::move(socket));
    if (flush_planned_) return;
    flush_planned_ = true;
    loop.defer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->flush_planned_ = false;
            self->flush_websockets();
        }
    });
}

void Hub::flush_dirty() {
    std::vector<std::shared_ptr<WebSocketSession>> now;
    now.swap(dirty_);
    for (const auto& socket : now) socket->flush();
}

}  // namespace asterism::http
