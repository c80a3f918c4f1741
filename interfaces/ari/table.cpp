#include <algorithm>
#include <array>
#include <map>

#include "operation.hpp"

namespace asterism::ari {

using http::Method;

namespace {

/// As Allow lists them.
constexpr std::array methods{Method::get, Method::post, Method::put, Method::del};

std::string_view name_of(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::post: return "POST";
        case Method::put: return "PUT";
        default: return "DELETE";
    }
}

std::string_view next_segment(std::string_view& path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

}  // namespace

struct Table::Node {
    std::map<std::string_view, std::unique_ptr<Node>> children;
    std::unique_ptr<Node> any;
    std::string_view any_name;
    std::map<Method, const Operation*> operations;
};

Table::Table(const std::vector<Resource>& resources) : root_(std::make_unique<Node>()) {
    for (const auto& resource : resources) {
        for (const auto& operation : resource.operations) {
            if (operation.handler == nullptr && operation.websocket_protocol.empty()) continue;
            Node* node = root_.get();
            std::string_view rest = operation.path;
            while (!rest.empty()) {
                std::string_view segment = next_segment(rest);
                std::unique_ptr<Node>* child = nullptr;
                if (segment.starts_with('{')) {
                    child = &node->any;
                    node->any_name = segment.substr(1, segment.size() - 2);
                } else {
                    child = &node->children[segment];
                }
                if (!*child) *child = std::make_unique<Node>();
                node = child->get();
            }
            node->operations[operation.method] = &operation;
        }
    }
}

Table::~Table() = default;

Table::Match Table::find(Method method, std::string_view path) const {
    Match match;
    const Node* node = root_.get();
    while (!path.empty()) {
        const auto segment = next_segment(path);
        if (segment.empty()) break;
        const auto child = node->children.find(segment);
        if (child != node->children.end()) {
            node = child->second.get();
        } else if (node->any) {
            match.values.emplace_back(node->any_name, http::decode(segment, false));
            node = node->any.get();
        } else {
            return match;
        }
    }
    // A folder without operations of its own is none; only /ari itself is there.
    match.known = node == root_.get() || !node->operations.empty();
    if (!match.known) return match;
    const auto found = node->operations.find(method);
    if (found != node->operations.end()) {
        match.operation = found->second;
        return match;
    }
    match.allow = "OPTIONS";
    for (const Method each : methods) {
        if (!node->operations.contains(each)) continue;
        match.allow += ',';
        match.allow += name_of(each);
    }
    return match;
}

const std::vector<Resource>& all_resources() {
    static const std::vector<Resource> all = [] {
        std::vector<Resource> made;
        made.push_back(asterisk_operations());
        made.push_back(endpoint_operations());
        made.push_back(channel_operations());
        made.push_back(bridge_operations());
        made.push_back(recording_operations());
        made.push_back(sound_operations());
        made.push_back(playback_operations());
        made.push_back(device_state_operations());
        made.push_back(mailbox_operations());
        made.push_back(event_operations());
        made.push_back(application_operations());
        return made;
    }();
    return all;
}

}  // namespace asterism::ari
