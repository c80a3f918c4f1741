// The stack's tables: transactions, dialogs, and what lingers only to absorb retransmissions.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "asterism/sip/session.hpp"
#include "asterism/sip/stack.hpp"
#include "core/sip/client_transaction.hpp"

namespace asterism::sip {

/// Seeded, so that a peer cannot choose branches that fall together.
struct KeyHash {
    using is_transparent = void;
    std::uint64_t seed = 0;
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept;
};
template <class V>
using KeyMap = std::unordered_map<std::string, V, KeyHash, std::equal_to<>>;

struct Stack::Tables {
    explicit Tables(Stack& stack)
        : owner(stack),
          servers(64, KeyHash{stack.random_.next()}),
          clients(64, KeyHash{stack.random_.next()}),
          dialogs(64, KeyHash{stack.random_.next()}),
          farewells(16, KeyHash{stack.random_.next()}) {}

    /// What lingers does so for one of very few lengths of time (64*T1, T4): a queue for each with one timer, so that
    /// nothing is sorted. It lasts up to half a second longer: many then end in one wake-up.
    void linger(Duration time, Action at_end);

    struct Lingering {
        TimePoint due;
        Action at_end;
    };
    struct LingerQueue {
        LingerQueue(Loop& loop, Duration length) : time(length), timer(loop) {}
        void wait(Loop& loop);
        void run(Loop& loop);
        Duration time;
        std::deque<Lingering> waiting;
        Timer timer;
    };
    Stack& owner;
    std::vector<std::unique_ptr<LingerQueue>> lingering;
    KeyMap<ServerTransactionPtr> servers;
    KeyMap<std::shared_ptr<ClientTransaction>> clients;
    KeyMap<Dialog*> dialogs;
    std::unordered_map<const InviteSession*, InviteSessionPtr> sessions;  ///< until they have ended on the wire
    std::unordered_set<std::string, KeyHash, std::equal_to<>> farewells;  ///< dialogs that a BYE ended a while ago
};

/// Key of a server transaction (RFC 3261 17.2.3); ACK and CANCEL find the INVITE with `method` INVITE.
[[nodiscard]] std::string server_key(const Message& request, Method method);
[[nodiscard]] std::string client_key(std::string_view branch, std::string_view method);
[[nodiscard]] std::string dialog_key(std::string_view call_id, std::string_view local_tag, std::string_view remote_tag);

}  // namespace asterism::sip
