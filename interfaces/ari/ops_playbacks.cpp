// /playbacks, and the starting of playbacks and recordings on channels and bridges.
#include <filesystem>

#include "asterism/media/codec.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "control_ops.hpp"
#include "stasis_bridges.hpp"

namespace asterism::ari {

using http::Method;

namespace {

/// Of the announcer or recorder channel that Asterisk adds. Our mix needs no such channel, so that it only has to be
/// one that exists.
bool format_known(std::string_view name) { return name.empty() || media::codec_by_name(name).has_value(); }

}  // namespace

void start_playback(Call& call, Reply& reply, PlayQueue& queue, std::string target_uri, const std::string& language) {
    auto media = call.list("media");
    std::erase_if(media, [](const std::string& one) { return one.empty(); });
    if (media.empty()) {
        reply.error(500, "Failed to queue media for playback");
        return;
    }
    const auto skip = call.integer("skipms");
    const auto offset = call.integer("offsetms");
    if (skip < 0) {
        reply.error(400, "Playback skipms cannot be negative");
        return;
    }
    if (offset < 0) {
        reply.error(400, "Playback offset cannot be negative");
        return;
    }
    if (!format_known(call.text("announcer_format"))) {
        reply.error(422, "specified announcer_format is unknown on this system");
        return;
    }
    auto playback =
        call.service.playbacks->make(call.text("playbackId"), std::move(target_uri),
                                     call.text("lang").empty() ? language : call.text("lang"), std::move(media));
    playback->skip = std::chrono::milliseconds(skip == 0 ? 3000 : skip);
    playback->offset = std::chrono::milliseconds(offset);
    Json json;
    playback->append(json);
    reply.created(json.take(), "/ari/playbacks/" + http::encode(playback->id));
    queue.add(std::move(playback));
}

namespace {

/// Digits that end a channel's recording.
Task<void> watch_digits(Service& service, Channel& channel, std::string name, std::string digits) {
    while (service.recordings->find(name) != nullptr) {
        const OpResult result = co_await wait(channel, std::nullopt, digits);
        if (result.end != End::digit) co_return;
        if (const auto live = service.recordings->find(name)) service.recordings->stop(*live, false);
        co_return;
    }
}

struct RecordPlan {
    std::shared_ptr<LiveRecording> recording;
    media::RecordSpec spec;
    std::string terminate;
    bool beep = false;
};

/// Target when recording begins; nothing when channel or bridge has gone meanwhile.
std::optional<media::Target> target_of(Service& service, const LiveRecording& recording) {
    if (recording.bridge) {
        Bridge* bridge = service.pbx.bridges->find(recording.bridge);
        if (bridge == nullptr) return std::nullopt;
        return bridge->mixer();
    }
    Channel* channel = service.pbx.channels->find(recording.channel);
    if (channel == nullptr || !channel->leg()) return std::nullopt;
    return channel->leg();
}

void begin_recording(Service& service, RecordPlan plan) {
    const auto target = target_of(service, *plan.recording);
    if (!target) return;
    const std::string name = plan.recording->name;
    Channel* channel = service.pbx.channels->find(plan.recording->channel);
    service.recordings->start(plan.recording, std::move(plan.spec), *target);
    Control* control = channel != nullptr ? control_of(*channel) : nullptr;
    if (control == nullptr) return;
    control->recording = name;
    if (!plan.terminate.empty()) control->tasks->spawn(watch_digits(service, *channel, name, plan.terminate));
}

/// A bridge hears the beep, and the digits of all its members count (unless they are absorbed).
void begin_bridge_recording(Service& service, RecordPlan plan) {
    StasisBridges::State* state = service.bridges->find(plan.recording->bridge);
    Bridge* bridge = service.pbx.bridges->find(plan.recording->bridge);
    if (state == nullptr || bridge == nullptr) return;
    std::erase_if(state->ended_by, [&](const auto& one) { return one.recording == plan.recording->name; });
    if (!plan.terminate.empty()) state->ended_by.push_back({plan.recording->name, plan.terminate});
    if (!plan.beep || service.pbx.prompts == nullptr) {
        begin_recording(service, std::move(plan));
        return;
    }
    const auto held = std::make_shared<RecordPlan>(std::move(plan));
    service.pbx.prompts->find("beep", "en", media::CodecId::slin, [&service, held](std::optional<std::string> path) {
        Bridge* live = service.pbx.bridges->find(held->recording->bridge);
        if (live == nullptr) return;
        if (!path) {
            begin_recording(service, std::move(*held));
            return;
        }
        media::PlaySpec spec;
        spec.files.push_back(std::move(*path));
        service.pbx.media->play(live->mixer(), std::move(spec), [&service, held](const media::OpEnd& end) {
            if (end.why != media::OpEnd::Why::closed) begin_recording(service, std::move(*held));
        });
    });
}

Task<void> beep_then_record(Service& service, Channel& channel, RecordPlan plan) {
    const OpResult result = co_await asterism::play(channel, {"beep"});
    if (!result.over()) begin_recording(service, std::move(plan));
}

}  // namespace

void start_recording(Call& call, Reply& reply, std::string target_uri, ChannelId channel, BridgeId bridge) {
    const std::string& name = call.text("name");
    const auto* format = media::file_format(call.text("format"));
    if (call.integer("maxDurationSeconds") < 0) {
        reply.error(400, "max_duration_seconds cannot be negative");
        return;
    }
    if (call.integer("maxSilenceSeconds") < 0) {
        reply.error(400, "max_silence_seconds cannot be negative");
        return;
    }
    if (format == nullptr || !format->writes || !format_known(call.text("recorder_format"))) {
        reply.error(422, "specified format is unknown on this system");
        return;
    }
    const std::string& terminate = call.text("terminateOn");
    RecordPlan plan;
    if (terminate == "any") {
        plan.terminate = any_digit;
    } else if (terminate == "*" || terminate == "#") {
        plan.terminate = terminate;
    } else if (terminate != "none") {
        reply.error(400, "terminateOn is invalid: should be none, any, * or #");
        return;
    }
    using Existing = media::RecordSpec::Existing;
    const std::string& exists = call.text("ifExists");
    if (exists == "fail") {
        plan.spec.existing = Existing::fail;
    } else if (exists == "append") {
        plan.spec.existing = Existing::append;
    } else if (exists == "overwrite") {
        plan.spec.existing = Existing::overwrite;
    } else {
        reply.error(400, "ifExists is invalid: should be fail, overwrite or append");
        return;
    }
    Service& service = call.service;
    const auto path = service.recordings->path_of(name);
    if (!path) {
        reply.error(400, "Recording name is required");
        return;
    }
    const std::string conflict = "Recording '" + name + "' already exists and can not be overwritten";
    if (service.recordings->find(name)) {
        reply.error(409, conflict);
        return;
    }
    plan.spec.path = *path + "." + std::string(format->extension);
    plan.spec.format = format->extension;
    plan.spec.max_duration = std::chrono::seconds(call.integer("maxDurationSeconds"));
    plan.spec.max_silence = std::chrono::seconds(call.integer("maxSilenceSeconds"));
    // Only then are they measured.
    plan.spec.measure_silence = plan.spec.max_silence > media::Millis{0};
    plan.beep = call.boolean("beep");
    plan.recording = std::make_shared<LiveRecording>();
    plan.recording->measured = plan.spec.measure_silence;
    plan.recording->name = name;
    plan.recording->format = call.text("format");
    plan.recording->target_uri = std::move(target_uri);
    plan.recording->channel = channel;
    plan.recording->bridge = bridge;
    // The directory is the pool's business; the answer waits for it.
    enum class Disk : std::uint8_t { ready, exists, failed };
    auto outcome = std::make_shared<Disk>(Disk::ready);
    const bool may_exist = plan.spec.existing != Existing::fail;
    service.pbx.loop->blocking(
        [outcome, file = plan.spec.path, may_exist] {
            std::error_code error;
            std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
            if (error) *outcome = Disk::failed;
            if (!may_exist && std::filesystem::exists(file, error)) *outcome = Disk::exists;
        },
        [&service, outcome, plan = std::move(plan), conflict, done = call.later()]() mutable {
            Reply later;
            if (*outcome == Disk::exists || service.recordings->find(plan.recording->name)) {
                later.error(409, conflict);
            } else if (*outcome == Disk::failed) {
                later.error(500, "Recording failed: the directory can't be created");
            } else {
                Json json;
                plan.recording->append(json);
                later.created(json.take(), "/ari/recordings/live/" + http::encode(plan.recording->name));
                Channel* live = service.pbx.channels->find(plan.recording->channel);
                Control* control = live != nullptr ? control_of(*live) : nullptr;
                if (plan.recording->bridge) {
                    begin_bridge_recording(service, std::move(plan));
                } else if (plan.beep && control != nullptr) {
                    control->tasks->spawn(beep_then_record(service, *live, std::move(plan)));
                } else {
                    begin_recording(service, std::move(plan));
                }
            }
            done(std::move(later));
        });
}

namespace {

std::shared_ptr<Playback> require_playback(Call& call, Reply& reply) {
    auto playback = call.service.playbacks->find(call.text("playbackId"));
    if (!playback) reply.error(404, "Playback not found");
    return playback;
}

void get(Call& call, Reply& reply) {
    const auto playback = require_playback(call, reply);
    if (!playback) return;
    Json json;
    playback->append(json);
    reply.json(json.take());
}

void stop(Call& call, Reply& reply) {
    const auto playback = require_playback(call, reply);
    if (!playback) return;
    call.service.playbacks->control(*playback, "stop");
    reply.no_content();
}

void control(Call& call, Reply& reply) {
    const auto playback = require_playback(call, reply);
    if (!playback) return;
    const std::string& operation = call.text("operation");
    if (operation.empty()) {
        reply.error(400, "Missing operation");
        return;
    }
    using Outcome = Playbacks::Outcome;
    switch (operation == "stop" ? Outcome::invalid : call.service.playbacks->control(*playback, operation)) {
        case Outcome::done: reply.no_content(); break;
        case Outcome::invalid: reply.error(400, "Invalid operation " + operation); break;
        case Outcome::wrong_state:
            reply.error(409, "Cannot perform requested operation in the playback's current state");
            break;
    }
}

}  // namespace

Resource playback_operations() {
    return {"playbacks",
            "Playback control resources",
            {
                {Method::get,
                 "/playbacks/{playbackId}",
                 "get",
                 "Shows one playback",
                 "Playback",
                 {path("playbackId")},
                 {404},
                 get},
                {Method::del,
                 "/playbacks/{playbackId}",
                 "stop",
                 "Stops a playback",
                 "void",
                 {path("playbackId")},
                 {404},
                 stop},
                {Method::post,
                 "/playbacks/{playbackId}/control",
                 "control",
                 "Pauses, resumes, restarts or winds a playback",
                 "void",
                 {path("playbackId"), query("operation").should().among("restart|pause|unpause|reverse|forward")},
                 {400, 404, 409},
                 control},
            }};
}

}  // namespace asterism::ari
