#include <algorithm>
#include <charconv>

#include "asterism/events/events.hpp"
#include "asterism/functions/say.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/random.hpp"
#include "media_jobs.hpp"
#include "render.hpp"
#include "service.hpp"

namespace asterism::ari {

void Playback::append(Json& json) const {
    json.begin().put("id", id).put("media_uri", media[at]);
    if (at + 1 < media.size()) json.put("next_media_uri", media[at + 1]);
    json.put("target_uri", target_uri).put("language", language).put("state", state).end();
}

std::shared_ptr<Playback> Playbacks::make(std::string id, std::string target_uri, std::string language,
                                          std::vector<std::string> media) {
    auto made = std::make_shared<Playback>();
    made->id = id.empty() ? service_.pbx.random->uuid() : std::move(id);
    made->target_uri = std::move(target_uri);
    made->language = std::move(language);
    made->media = std::move(media);
    made->box = std::make_shared<Mailbox<media::OpEnd>>(*service_.pbx.loop);
    all_.emplace(made->id, made);
    return made;
}

std::shared_ptr<Playback> Playbacks::find(std::string_view id) const {
    const auto found = all_.find(id);
    return found == all_.end() ? nullptr : found->second;
}

void Playbacks::forget(const Playback& playback) {
    const auto [begin, end] = all_.equal_range(playback.id);
    for (auto at = begin; at != end; ++at) {
        if (at->second.get() != &playback) continue;
        all_.erase(at);
        return;
    }
}

namespace {

/// Test suites follow what is done to a playback.
void tell_test(Pbx& pbx, const Playback& playback, std::string_view control, std::int64_t skip_ms) {
    if (!pbx.bus->wanted(EventKind::test)) return;
    TestEvent event;
    event.state = "PLAYBACK";
    event.headers = {{"Control", std::string(control)}};
    if (skip_ms > 0) event.headers.emplace_back("SkipMs", std::to_string(skip_ms));
    event.headers.emplace_back("Target", playback.target_uri);
    pbx.bus->publish(std::move(event));
}

}  // namespace

Playbacks::Outcome Playbacks::control(Playback& playback, std::string_view operation) {
    using Kind = media::OpControl::Kind;
    auto& engine = *service_.pbx.media;
    if (operation == "stop") {
        playback.stopping = true;
        if (playback.op) engine.stop(playback.op);
        // One that waits for its file, or can't play, is woken all the same.
        if (!playback.op) playback.box->send({.why = media::OpEnd::Why::stopped});
        return Outcome::done;
    }
    const bool known = operation == "restart" || operation == "pause" || operation == "unpause" ||
                       operation == "reverse" || operation == "forward";
    if (!known) return Outcome::invalid;
    if (playback.state == "queued" || !playback.op) return Outcome::wrong_state;
    const bool skips = operation == "reverse" || operation == "forward";
    tell_test(service_.pbx, playback,
              operation == "reverse"   ? "Rewind"
              : operation == "forward" ? "FastForward"
              : operation == "restart" ? "Restart"
              : operation == "pause"   ? "Pause"
                                       : "Unpause",
              skips ? playback.skip.count() : 0);
    if (operation == "restart") engine.control(playback.op, {.kind = Kind::restart});
    if (operation == "reverse") engine.control(playback.op, {.kind = Kind::reverse, .by = playback.skip});
    if (operation == "forward") engine.control(playback.op, {.kind = Kind::forward, .by = playback.skip});
    if (operation == "pause") {
        engine.control(playback.op, {.kind = Kind::pause});
        playback.state = "paused";
    }
    if (operation == "unpause") {
        engine.control(playback.op, {.kind = Kind::resume});
        playback.state = "playing";
        EventBuilder event(service_, "PlaybackStarted", service_.now());
        playback.append(event.json().key("playback"));
        service_.send_about(playback.target_uri, event.done());
    }
    return Outcome::done;
}

PlayQueue::PlayQueue(Service& service, ChannelId channel)
    : service_(service), channel_(channel), tasks_(*service.pbx.loop) {}
PlayQueue::PlayQueue(Service& service, BridgeId bridge)
    : service_(service), bridge_(bridge), tasks_(*service.pbx.loop) {}

PlayQueue::~PlayQueue() {
    tasks_.cancel_all();
    for (const auto& playback : queue_) {
        if (playback->op) service_.pbx.media->stop(playback->op);
        service_.playbacks->forget(*playback);
    }
}

void PlayQueue::add(std::shared_ptr<Playback> playback) {
    queue_.push_back(std::move(playback));
    if (running_) return;
    running_ = true;
    // Later in this turn: the request is answered with the playback still queued.
    service_.pbx.loop->defer([this, alive = std::weak_ptr(queue_.back())] {
        if (alive.lock()) tasks_.spawn(run());
    });
}

void PlayQueue::stop_all() {
    tasks_.cancel_all();
    running_ = false;
    for (const auto& playback : queue_) {
        if (playback->op) service_.pbx.media->stop(playback->op);
        finish(*playback, playback->stopping ? "done" : "failed");
    }
    queue_.clear();
}

Task<void> PlayQueue::run() {
    while (!queue_.empty()) {
        const std::shared_ptr<Playback> playback = queue_.front();
        co_await play(*playback);
        std::erase(queue_, playback);
    }
    running_ = false;
}

std::optional<media::Target> PlayQueue::target() const {
    if (bridge_) {
        Bridge* bridge = service_.pbx.bridges->find(bridge_);
        if (bridge == nullptr) return std::nullopt;
        return bridge->mixer();
    }
    const Channel* channel = service_.pbx.channels->find(channel_);
    if (channel == nullptr || !channel->leg()) return std::nullopt;
    return channel->leg();
}

void PlayQueue::tell(const Playback& playback, std::string_view type) {
    EventBuilder event(service_, type, service_.now());
    playback.append(event.json().key("playback"));
    service_.send_about(playback.target_uri, event.done());
}

void PlayQueue::finish(Playback& playback, std::string_view state) {
    playback.state = state;
    playback.op = {};
    service_.playbacks->forget(playback);
    tell(playback, "PlaybackFinished");
}

Task<void> PlayQueue::play(Playback& playback) {
    bool good = true;
    for (playback.at = 0; good && !playback.stopping;) {
        playback.state = "playing";
        if (!bridge_) {
            // A party that has not answered hears it as early media.
            Channel* channel = service_.pbx.channels->find(channel_);
            if (channel != nullptr && !channel->up()) channel->driver().indicate(Indication::progress);
        }
        tell(playback, "PlaybackStarted");
        good = co_await play_one(playback, playback.media[playback.at]);
        playback.op = {};
        if (playback.at + 1 == playback.media.size()) break;
        if (!good || playback.stopping) continue;
        playback.state = "continuing";
        tell(playback, "PlaybackContinuing");
        ++playback.at;
    }
    finish(playback, good ? "done" : "failed");
}

Task<bool> PlayQueue::play_one(Playback& playback, std::string uri) {
    const auto colon = uri.find(':');
    const std::string scheme = uri.substr(0, colon);
    const std::string what = colon == std::string::npos ? std::string() : uri.substr(colon + 1);
    if (colon == std::string::npos || what.empty()) {
        log::error("Attempted to play URI '{}' on channel but scheme is unsupported", uri);
        co_return false;
    }
    if (scheme == "tone") {
        // "ring", "ring;tonezone=fr", or a cadence as indications.conf writes it.
        std::string name = what;
        std::string zone;
        if (const auto semicolon = name.find(";tonezone="); semicolon != std::string::npos) {
            zone = name.substr(semicolon + 10);
            name.resize(semicolon);
        }
        const auto tone =
            service_.pbx.indications != nullptr ? service_.pbx.indications->tone(name, zone) : std::nullopt;
        const auto where = target();
        if (!tone || !where) co_return false;
        playback.op =
            service_.pbx.media->tone(*where, *tone, [box = std::weak_ptr(playback.box)](const media::OpEnd& e) {
                if (const auto alive = box.lock()) alive->send(e);
            });
        const auto end = co_await playback.box->next();
        co_return playback.stopping || end.why == media::OpEnd::Why::finished || end.why == media::OpEnd::Why::stopped;
    }
    if (scheme == "sound") co_return co_await play_files(playback, {what});
    if (scheme == "recording") {
        const auto path = service_.recordings->path_of(what);
        if (!path) co_return false;
        co_return co_await play_files(playback, {*path});
    }
    if (scheme == "digits") co_return co_await play_files(playback, functions::say_digits(what));
    if (scheme == "characters") co_return co_await play_files(playback, functions::say_letters(what));
    if (scheme == "number") {
        std::int64_t number = 0;
        const auto parsed = std::from_chars(what.data(), what.data() + what.size(), number);
        const auto names = parsed.ec == std::errc() ? functions::say_number(number) : std::nullopt;
        if (!names) co_return false;
        co_return co_await play_files(playback, *names);
    }
    log::error("Attempted to play URI '{}' on channel but scheme is unsupported", uri);
    co_return false;
}

Task<bool> PlayQueue::play_files(Playback& playback, std::vector<std::string> names) {
    media::PlaySpec spec;
    spec.offset = playback.at == 0 ? playback.offset : std::chrono::milliseconds{0};
    if (service_.pbx.prompts == nullptr) co_return false;
    for (const auto& name : names) {
        auto found = std::make_shared<Mailbox<std::optional<std::string>>>(*service_.pbx.loop);
        service_.pbx.prompts->find(name, playback.language, media::CodecId::slin,
                                   [weak = std::weak_ptr(found)](std::optional<std::string> path) {
                                       if (const auto alive = weak.lock()) alive->send(std::move(path));
                                   });
        auto path = co_await found->next();
        if (playback.stopping) co_return true;
        if (!path) {
            log::warning("File {} does not exist in any format", name);
            co_return false;
        }
        spec.files.push_back(std::move(*path));
    }
    const auto where = target();
    if (!where || spec.files.empty()) co_return false;
    playback.op =
        service_.pbx.media->play(*where, std::move(spec), [box = std::weak_ptr(playback.box)](const media::OpEnd& e) {
            if (const auto alive = box.lock()) alive->send(e);
        });
    const auto end = co_await playback.box->next();
    using Why = media::OpEnd::Why;
    co_return playback.stopping || end.why == Why::finished || end.why == Why::stopped;
}

}  // namespace asterism::ari
