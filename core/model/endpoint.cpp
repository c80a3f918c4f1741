#include "asterism/model/endpoint.hpp"

#include <strings.h>

#include <algorithm>

#include "asterism/events/events.hpp"
#include "asterism/pbx.hpp"

namespace asterism {

namespace {
bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}
}  // namespace

void Endpoints::add(std::string technology, std::string resource, std::string state) {
    ++revision_;
    Endpoint& endpoint = endpoints_[{technology, resource}];
    endpoint.technology = std::move(technology);
    endpoint.resource = std::move(resource);
    endpoint.state = std::move(state);
}

void Endpoints::remove(std::string_view technology, std::string_view resource) {
    ++revision_;
    endpoints_.erase({std::string(technology), std::string(resource)});
}

void Endpoints::set_state(std::string_view technology, std::string_view resource, std::string_view state) {
    const auto found = endpoints_.find({std::string(technology), std::string(resource)});
    if (found == endpoints_.end() || found->second.state == state) return;
    ++revision_;
    found->second.state = state;
    EndpointStateChanged event;
    event.technology = found->second.technology;
    event.resource = found->second.resource;
    event.state = state;
    event.peer_status = state == "online" ? "Reachable" : state == "offline" ? "Unreachable" : "Unknown";
    pbx_.bus->publish(std::move(event));
}

const Endpoint* Endpoints::find(std::string_view technology, std::string_view resource) const {
    const auto found = endpoints_.find({std::string(technology), std::string(resource)});
    if (found != endpoints_.end()) return &found->second;
    for (const auto& [key, endpoint] : endpoints_) {
        if (key.second == resource && same(key.first, technology)) return &endpoint;
    }
    return nullptr;
}

std::vector<const Endpoint*> Endpoints::all(std::string_view technology) const {
    std::vector<const Endpoint*> list;
    for (const auto& [key, endpoint] : endpoints_) {
        if (technology.empty() || same(key.first, technology)) list.push_back(&endpoint);
    }
    return list;
}

bool Endpoints::receive(const TextMessage& message) const {
    bool taken = false;
    for (const auto& [who, listener] : listeners_) taken = listener(message) || taken;
    return taken;
}

void Endpoints::channel_created(std::string_view technology, std::string_view resource, const std::string& uniqueid) {
    const auto found = endpoints_.find({std::string(technology), std::string(resource)});
    if (found == endpoints_.end()) return;
    ++revision_;
    found->second.channels.push_back(uniqueid);
}

void Endpoints::channel_ended(std::string_view technology, std::string_view resource, const std::string& uniqueid) {
    const auto found = endpoints_.find({std::string(technology), std::string(resource)});
    if (found == endpoints_.end()) return;
    ++revision_;
    std::erase(found->second.channels, uniqueid);
}

}  // namespace asterism
