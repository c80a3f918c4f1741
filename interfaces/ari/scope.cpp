#include "scope.hpp"

#include <algorithm>

#include "asterism/http/message.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "media_jobs.hpp"
#include "service.hpp"
#include "stasis.hpp"

namespace asterism::ari {

namespace {

using Refusal = std::optional<std::string>;

std::string refusal(std::string_view kind, std::string_view name) {
    std::string text = "Outside the user's scope: ";
    return text.append(kind).append(" '").append(name).append("'");
}

bool among(const std::vector<std::string>& names, std::string_view name) {
    if (names.empty()) return true;
    return std::ranges::any_of(names, [name](std::string_view one) {
        return one.ends_with('*') ? name.starts_with(one.substr(0, one.size() - 1)) : name == one;
    });
}

std::string_view verb_of(http::Method method) {
    switch (method) {
        case http::Method::post: return "POST";
        case http::Method::put: return "PUT";
        case http::Method::del: return "DELETE";
        default: return "GET";
    }
}

/// "channels" of "/channels/{channelId}".
std::string_view resource_of(std::string_view path) {
    path.remove_prefix(1);
    return path.substr(0, path.find('/'));
}

Refusal application(const Scope& scope, std::string_view name) {
    if (sees(scope, name)) return std::nullopt;
    return refusal("application", name);
}

/// One that isn't there is the operation's business.
Refusal channel(const Call& call, std::string_view uniqueid) {
    Channel* found = call.service.pbx.channels->find(uniqueid);
    if (found == nullptr || sees(call, *found)) return std::nullopt;
    return refusal("channel", uniqueid);
}

Refusal bridge(const Call& call, std::string_view id) {
    Bridge* found = call.service.pbx.bridges->find(id);
    if (found == nullptr || sees(call, *found)) return std::nullopt;
    return refusal("bridge", id);
}

/// "channel:ID", "bridge:ID".
Refusal target(const Call& call, std::string_view uri) {
    const auto colon = uri.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    return uri.starts_with("channel:") ? channel(call, uri.substr(colon + 1)) : bridge(call, uri.substr(colon + 1));
}

/// What an application is to be told of. The resource that it belongs to must be the user's; everything of a kind, and
/// endpoints, show channels of whomever.
Refusal source(const Call& call, std::string_view uri) {
    const Scope& scope = call.user.scope;
    const auto scheme = uri.substr(0, uri.find(':'));
    const std::string resource = std::string(scheme) + "s";
    if (!among(scope.resources, resource)) return refusal("resource", resource);
    if (scope.applications.empty() || scheme == "deviceState") return std::nullopt;
    if (scheme == "endpoint" || uri.ends_with(':')) return refusal("event source", uri);
    return target(call, uri);
}

Refusal context(const Scope& scope, std::string_view name) {
    if (among(scope.contexts, name)) return std::nullopt;
    return refusal("context", name);
}

/// A Local channel goes into the dialplan: "Local/100@phones/n".
Refusal endpoint(const Scope& scope, std::string_view text) {
    if (text.size() < 6 || !http::equal_ignoring_case(text.substr(0, 6), "Local/")) return std::nullopt;
    text = text.substr(6, text.find('/', 6) - 6);
    const auto at = text.find('@');
    return context(scope, at == std::string_view::npos ? std::string_view("default") : text.substr(at + 1));
}

Refusal parameter(const Call& call, const Parameter& p, std::string_view value) {
    const Scope& scope = call.user.scope;
    const std::string_view name = p.name;
    if (name == "context") return context(scope, value);
    if (name == "endpoint") return endpoint(scope, value);
    if (name == "eventSource" || name == "source") return source(call, value);
    if (scope.applications.empty()) return std::nullopt;
    if (name == "app" || name == "application" || name == "applicationName") return application(scope, value);
    // A channel on offer (StasisBroadcast) is nobody's yet: the claim itself looks whether it was offered to the
    // application.
    if (call.operation.nickname == "claimChannel") return std::nullopt;
    if (name == "channelId" || name == "channel" || name == "otherChannelId" || name == "originator") {
        return channel(call, value);
    }
    if (name == "bridgeId") return bridge(call, value);
    if (name == "playbackId" && p.in == In::path) {
        const auto playback = call.service.playbacks->find(value);
        return playback ? target(call, playback->target_uri) : std::nullopt;
    }
    if (name == "recordingName" && call.operation.path.starts_with("/recordings/live/")) {
        const auto recording = call.service.recordings->find(value);
        return recording ? target(call, recording->target_uri) : std::nullopt;
    }
    return std::nullopt;
}

/// The context that a call goes on in when the request doesn't say: its own, or the default one.
Refusal unnamed_context(const Call& call) {
    if (call.user.scope.contexts.empty() || !call.text("context").empty()) return std::nullopt;
    if (call.operation.nickname == "continueInDialplan") {
        Channel* found = call.service.pbx.channels->find(std::string_view(call.text("channelId")));
        return found != nullptr ? context(call.user.scope, found->location().context) : std::nullopt;
    }
    if (!call.text("extension").empty()) return context(call.user.scope, "default");
    return std::nullopt;
}

}  // namespace

std::optional<std::string> outside(const Scope& scope, const Operation& operation) {
    if (const auto resource = resource_of(operation.path); !among(scope.resources, resource)) {
        return refusal("resource", resource);
    }
    if (const auto verb = verb_of(operation.method); !among(scope.verbs, verb)) return refusal("verb", verb);
    return std::nullopt;
}

std::optional<std::string> outside(const Call& call) {
    const Scope& scope = call.user.scope;
    if (scope.applications.empty() && scope.contexts.empty() && scope.resources.empty()) return std::nullopt;
    for (const Parameter& one : call.operation.parameters) {
        if (!call.given(one.name)) continue;
        for (const auto& value : call.list(one.name)) {
            if (auto why = value.empty() ? std::nullopt : parameter(call, one, value)) return why;
        }
    }
    return unnamed_context(call);
}

std::optional<std::string> outside(const Scope& scope, const std::vector<std::string>& applications, bool everything) {
    if (!among(scope.resources, "events")) return refusal("resource", "events");
    if (!among(scope.verbs, "GET")) return refusal("verb", "GET");
    for (const auto& name : applications) {
        if (auto why = application(scope, name)) return why;
    }
    if (everything && !scope.applications.empty()) return refusal("parameter", "subscribeAll");
    return std::nullopt;
}

bool sees(const Scope& scope, std::string_view name) { return among(scope.applications, name); }

bool sees(const Call& call, Channel& channel) {
    const Scope& scope = call.user.scope;
    if (scope.applications.empty()) return true;
    if (const Control* control = control_of(channel)) return among(scope.applications, control->app);
    // One that an application made, and that is not in it yet, or that it was let in on.
    bool has = false;
    call.service.applications.each([&](const App& app) {
        has = has || (among(scope.applications, app.name) && app.channels.has(channel.uniqueid()));
    });
    return has;
}

bool sees(const Call& call, Bridge& bridge) {
    if (call.user.scope.applications.empty()) return true;
    return std::ranges::all_of(bridge.snapshot()->channels, [&call](const std::string& uniqueid) {
        Channel* member = call.service.pbx.channels->find_uniqueid(uniqueid);
        return member == nullptr || sees(call, *member);
    });
}

}  // namespace asterism::ari
