#include <sys/stat.h>

#include <filesystem>

#include "asterism/config/settings.hpp"
#include "asterism/media/files.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "media_jobs.hpp"
#include "render.hpp"
#include "service.hpp"

namespace asterism::ari {

void LiveRecording::append(Json& json) const {
    json.begin().put("name", name).put("format", format).put("state", state).put("target_uri", target_uri);
    if (!cause.empty()) json.put("cause", cause);
    if (duration) json.put("duration", *duration);
    if (talking_duration) json.put("talking_duration", *talking_duration);
    if (silence_duration) json.put("silence_duration", *silence_duration);
    json.end();
}

std::string Recordings::directory() const {
    return service_.pbx.settings != nullptr ? service_.pbx.settings->recording_dir() : std::string("/nonexistent");
}

std::optional<std::string> Recordings::path_of(std::string_view name) const {
    if (name.empty() || name.size() > 255 || name.front() == '/' || name.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    for (const auto& part : std::filesystem::path(name)) {
        if (part == "..") return std::nullopt;
    }
    return directory() + "/" + std::string(name);
}

std::shared_ptr<LiveRecording> Recordings::find(std::string_view name) const {
    const auto found = live_.find(name);
    return found == live_.end() ? nullptr : found->second;
}

void Recordings::tell(const LiveRecording& recording, std::string_view type) {
    EventBuilder event(service_, type, service_.now());
    recording.append(event.json().key("recording"));
    service_.send_about(recording.target_uri, event.done());
}

void Recordings::start(std::shared_ptr<LiveRecording> recording, media::RecordSpec spec, media::Target target) {
    live_[recording->name] = recording;
    recording->path = spec.path;
    // Later in this turn: the request is answered with the recording still queued.
    service_.pbx.loop->defer([this, weak = std::weak_ptr(recording), spec = std::move(spec), target]() mutable {
        const auto live = weak.lock();
        if (!live || live->state != "queued") return;
        live->state = "recording";
        tell(*live, "RecordingStarted");
        live->op = service_.pbx.media->record(target, std::move(spec),
                                              [this, live, token = std::weak_ptr(alive_)](const media::OpEnd& end) {
                                                  if (!token.expired()) ended(live, end);
                                              });
    });
}

void Recordings::ended(const std::shared_ptr<LiveRecording>& recording, const media::OpEnd& end) {
    live_.erase(recording->name);
    if (service_.pbx.prompts != nullptr) service_.pbx.prompts->forget();
    if (end.why == media::OpEnd::Why::failed) {
        recording->state = "failed";
        recording->cause = end.error;
        tell(*recording, "RecordingFailed");
        log::warning("Recording '{}' failed: {}", recording->name, end.error);
        return;
    }
    if (recording->discard) {
        service_.pbx.loop->blocking(
            [path = recording->path] {
                std::error_code ignored;
                std::filesystem::remove(path, ignored);
            },
            [] {});
    }
    recording->state = "done";
    const auto seconds = [](media::Millis time) {
        return std::chrono::duration_cast<std::chrono::seconds>(time).count();
    };
    recording->duration = seconds(end.position);
    if (recording->measured) {
        // Whole seconds that add up.
        recording->silence_duration = seconds(end.silence);
        recording->talking_duration = *recording->duration - *recording->silence_duration;
    }
    tell(*recording, "RecordingFinished");
}

void Recordings::stop(LiveRecording& recording, bool discard) {
    recording.discard = discard;
    if (recording.op) {
        service_.pbx.media->stop(recording.op);
    } else {
        recording.state = "canceled";
        live_.erase(recording.name);
    }
}

void Recordings::stop_of(ChannelId channel) {
    for (const auto& [name, recording] : live_) {
        if (recording->channel == channel && recording->op) service_.pbx.media->stop(recording->op);
    }
}

}  // namespace asterism::ari
