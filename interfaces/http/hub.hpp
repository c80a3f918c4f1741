// What the connections of one server share: settings, counters, the sockets that have something to send.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "asterism/http/router.hpp"
#include "asterism/http/server.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::http {

class Session;
class WebSocketSession;

/// Owned by the Server and kept alive by its sessions.
class Hub : public std::enable_shared_from_this<Hub> {
  public:
    Hub(Loop& l, Router& r) : loop(l), router(r) {}

    Loop& loop;
    Router& router;
    ServerConfig config;
    ServerCounters counters;

    /// Everything that goes between the status line and the handler's headers, up to and without Connection.
    [[nodiscard]] const std::string& preamble();

    void add(std::shared_ptr<Session> session);
    /// The session has ended; it is destroyed at the end of the turn.
    void remove(const std::shared_ptr<Session>& session);
    [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
    void close_all();

    /// Notes that a socket has queued something; it is sent later in this turn, with what else is queued by then.
    void want_flush(std::shared_ptr<WebSocketSession> socket);
    /// Sends what WebSockets have queued. A connection calls it before it writes an answer, so that events which a
    /// request caused leave before its answer.
    void flush_websockets() {
        if (!dirty_.empty()) flush_dirty();
    }

  private:
    void flush_dirty();

    std::unordered_set<std::shared_ptr<Session>> sessions_;
    std::vector<std::shared_ptr<WebSocketSession>> dirty_;
    bool flush_planned_ = false;
    std::string preamble_;
    std::int64_t preamble_second_ = -1;
    std::string preamble_server_;
};

/// A connection or a WebSocket: something that holds a place under sessionlimit and can be ended.
class Session {
  public:
    virtual ~Session() = default;
    /// Ends it at once. Idempotent.
    virtual void end() = 0;
};

}  // namespace asterism::http
