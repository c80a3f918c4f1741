// Endpoints as the interfaces list them: a technology's resource, whether it can be reached, its channels.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/runtime/ids.hpp"

namespace asterism {

struct Pbx;

struct Endpoint {
    std::string technology, resource;
    std::string state = "unknown";      ///< "online", "offline", "unknown"
    std::vector<std::string> channels;  ///< uniqueids, oldest first
};

/// A text that came out of any call.
struct TextMessage {
    std::string to, from, body;        ///< "pjsip:100@pbx", "\"alice\" <sip:alice@pbx>"
    std::string technology, resource;  ///< the endpoint that sent it
    std::vector<std::pair<std::string, std::string>> variables;
};

/// Kept by the technologies (PJSIP adds one per endpoint of pjsip.conf); channels join by their name's
/// "TECH/resource-". Owned by main.
class Endpoints {
  public:
    explicit Endpoints(Pbx& pbx) : pbx_(pbx) {}
    void add(std::string technology, std::string resource, std::string state);
    void remove(std::string_view technology, std::string_view resource);
    /// Publishes EndpointStateChanged if it is another.
    void set_state(std::string_view technology, std::string_view resource, std::string_view state);
    [[nodiscard]] const Endpoint* find(std::string_view technology, std::string_view resource) const;
    /// By technology and resource, sorted; technology compared without case, empty: all.
    [[nodiscard]] std::vector<const Endpoint*> all(std::string_view technology = {}) const;
    void channel_created(std::string_view technology, std::string_view resource, const std::string& uniqueid);
    void channel_ended(std::string_view technology, std::string_view resource, const std::string& uniqueid);
    /// Another number after each change of what all() shows: for those who keep what they made of it.
    [[nodiscard]] std::uint64_t revision() const { return revision_; }

    /// Hands a text to all who listen. False: nobody took it.
    bool receive(const TextMessage& message) const;
    using Listener = std::function<bool(const TextMessage&)>;
    /// `who` takes texts until forget(who).
    void listen(const void* who, Listener listener) { listeners_[who] = std::move(listener); }
    void forget(const void* who) { listeners_.erase(who); }

  private:
    Pbx& pbx_;
    std::map<const void*, Listener> listeners_;
    std::map<std::pair<std::string, std::string>, Endpoint> endpoints_;
    std::uint64_t revision_ = 0;
};

}  // namespace asterism
