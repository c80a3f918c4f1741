// /recordings and /sounds
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "asterism/config/settings.hpp"
#include "asterism/media/files.hpp"
#include "asterism/pbx.hpp"
#include "control_ops.hpp"

namespace asterism::ari {

using http::Method;
namespace fs = std::filesystem;

namespace {

void append_stored(Json& json, std::string_view name, std::string_view format) {
    json.begin().put("name", name).put("format", format).end();
}

/// The file of a finished recording; empty if there is none. On the blocking pool.
fs::path stored_file(const std::string& path) {
    std::error_code error;
    for (const auto& format : media::all_file_formats()) {
        fs::path file = path + "." + std::string(format.extension);
        if (fs::is_regular_file(file, error)) return file;
    }
    return {};
}

std::string format_of(const fs::path& file) {
    const auto extension = file.extension().string();
    return extension.empty() ? extension : extension.substr(1);
}

/// Runs `work` on the pool with the recording's file, if there is one; answers 404 if not.
void with_stored(Call& call, Reply& reply, std::function<void(const fs::path&, const std::string& name, Reply&)> work) {
    const std::string name = call.text("recordingName");
    const auto path = call.service.recordings->path_of(name);
    if (!path) {
        reply.error(404, "Recording not found");
        return;
    }
    auto later = std::make_shared<Reply>();
    call.service.pbx.loop->blocking(
        [later, name, path = *path, work = std::move(work)] {
            const auto file = stored_file(path);
            if (file.empty()) {
                later->error(404, "Recording not found");
            } else {
                work(file, name, *later);
            }
        },
        [later, done = call.later()] { done(std::move(*later)); });
}

void list_stored(Call& call, Reply& reply) {
    const std::string directory = call.service.recordings->directory();
    auto later = std::make_shared<Reply>();
    call.service.pbx.loop->blocking(
        [later, directory] {
            std::map<std::string, std::string> found;
            std::error_code error;
            for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
                if (!at->is_regular_file(error) || media::file_format(format_of(at->path())) == nullptr) continue;
                auto relative = fs::relative(at->path(), directory, error);
                found[relative.replace_extension().string()] = format_of(at->path());
                if (found.size() >= 100'000) break;
            }
            Json json;
            json.begin_list();
            for (const auto& [name, format] : found) append_stored(json, name, format);
            later->json(json.end_list().take());
        },
        [later, done = call.later()] { done(std::move(*later)); });
    (void)reply;
}

void get_stored(Call& call, Reply& reply) {
    with_stored(call, reply, [](const fs::path& file, const std::string& name, Reply& later) {
        Json json;
        append_stored(json, name, format_of(file));
        later.json(json.take());
    });
}

void delete_stored(Call& call, Reply& reply) {
    with_stored(call, reply, [](const fs::path& file, const std::string&, Reply& later) {
        std::error_code error;
        if (fs::remove(file, error)) {
            later.no_content();
        } else {
            later.error(500, "The recording can't be deleted");
        }
    });
}

void get_stored_file(Call& call, Reply& reply) {
    with_stored(call, reply, [](const fs::path& path, const std::string&, Reply& later) {
        std::error_code error;
        std::ifstream in(path, std::ios::binary);
        if (!in || fs::file_size(path, error) > (256U << 20)) {
            later.error(403, "Recording file could not be opened");
            return;
        }
        later.body.assign(std::istreambuf_iterator<char>(in), {});
        const auto format = format_of(path);
        later.content_type = format == "wav" || format == "WAV" ? "audio/wav" : "audio/" + format;
        later.status = 200;
    });
}

void copy_stored(Call& call, Reply& reply) {
    const std::string target = call.text("destinationRecordingName");
    const auto to = call.service.recordings->path_of(target);
    if (!to) {
        reply.error(400, "Destination recording name is required");
        return;
    }
    with_stored(call, reply, [to = *to, target](const fs::path& file, const std::string&, Reply& later) {
        std::error_code error;
        if (!stored_file(to).empty()) {
            later.error(409, "A recording with the same name already exists on the system");
            return;
        }
        fs::create_directories(fs::path(to).parent_path(), error);
        if (!fs::copy_file(file, to + file.extension().string(), error)) {
            later.error(500, "Copy recording failed");
            return;
        }
        Json json;
        append_stored(json, target, format_of(file));
        later.json(json.take());
    });
}

// ---- under way ----

std::shared_ptr<LiveRecording> require_live(Call& call, Reply& reply) {
    auto live = call.service.recordings->find(call.text("recordingName"));
    if (!live) reply.error(404, "Recording not found");
    return live;
}

void get_live(Call& call, Reply& reply) {
    const auto live = require_live(call, reply);
    if (!live) return;
    Json json;
    live->append(json);
    reply.json(json.take());
}

template <bool Discard>
void stop_live(Call& call, Reply& reply) {
    const auto live = require_live(call, reply);
    if (!live) return;
    call.service.recordings->stop(*live, Discard);
    reply.no_content();
}

template <media::OpControl::Kind Kind>
void control_live(Call& call, Reply& reply) {
    const auto live = require_live(call, reply);
    if (!live) return;
    if (!live->op) {
        reply.error(409, "Recording not in session");
        return;
    }
    call.service.pbx.media->control(live->op, {.kind = Kind});
    if (Kind == media::OpControl::Kind::pause) live->state = "paused";
    if (Kind == media::OpControl::Kind::resume) live->state = "recording";
    reply.no_content();
}

// ---- sounds ----

using Sounds = std::map<std::string, std::set<std::pair<std::string, std::string>>>;  // id: language, format

/// What lies under sounds/LANGUAGE, on the blocking pool. `id` empty: all.
Sounds find_sounds(const std::string& root, std::string_view id, std::string_view language, std::string_view format) {
    Sounds all;
    std::error_code error;
    for (fs::directory_iterator folder(root, error), none; !error && folder != none; folder.increment(error)) {
        const auto name = folder->path().filename().string();
        if (!folder->is_directory(error) || (!language.empty() && name != language)) continue;
        fs::recursive_directory_iterator at(folder->path(), fs::directory_options::follow_directory_symlink, error);
        for (fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
            const auto extension = format_of(at->path());
            const auto* known = media::file_format(extension);
            if (known == nullptr || !at->is_regular_file(error)) continue;
            const std::string shown(media::codec_info(known->codec).name);
            if (!format.empty() && shown != format) continue;
            auto sound = at->path().lexically_relative(folder->path()).replace_extension().string();
            if (!id.empty() && sound != id) continue;
            all[std::move(sound)].emplace(name, shown);
            if (all.size() > 100'000) return all;
        }
        error.clear();
    }
    return all;
}

void append_sound(Json& json, const Sounds::value_type& sound) {
    json.begin().put("id", sound.first).key("formats").begin_list();
    for (const auto& [language, format] : sound.second) {
        json.begin().put("language", language).put("format", format).end();
    }
    json.end_list().end();
}

void sounds(Call& call, Reply& reply, std::string id) {
    Pbx& pbx = call.service.pbx;
    if (pbx.settings == nullptr) {
        reply.error(404, "Sound not found");
        return;
    }
    auto later = std::make_shared<Reply>();
    pbx.loop->blocking(
        [later, root = pbx.settings->sounds_dir(), id, language = call.text("lang"), format = call.text("format")] {
            const auto all = find_sounds(root, id, language, format);
            if (all.empty()) {
                later->error(404, id.empty() ? "No sounds found that matched the query" : "Sound not found");
                return;
            }
            Json json;
            if (id.empty()) json.begin_list();
            for (const auto& sound : all) append_sound(json, sound);
            if (id.empty()) json.end_list();
            later->json(json.take());
        },
        [later, done = call.later()] { done(std::move(*later)); });
}

void list_sounds(Call& call, Reply& reply) { sounds(call, reply, {}); }
void get_sound(Call& call, Reply& reply) { sounds(call, reply, call.text("soundId")); }

}  // namespace

Resource recording_operations() {
    using Kind = media::OpControl::Kind;
    const auto row = [](Method method, std::string_view path_text, std::string_view nickname, std::string_view summary,
                        std::string_view response, std::vector<int> errors, void (*handler)(Call&, Reply&)) {
        return Operation{method, path_text, nickname, summary, response, {path("recordingName")}, std::move(errors),
                         handler};
    };
    return {"recordings",
            "Recording resources",
            {
                {Method::get,
                 "/recordings/stored",
                 "listStored",
                 "Lists the finished recordings",
                 "List[StoredRecording]",
                 {},
                 {},
                 list_stored},
                row(Method::get, "/recordings/stored/{recordingName}", "getStored", "Shows one finished recording",
                    "StoredRecording", {404}, get_stored),
                row(Method::del, "/recordings/stored/{recordingName}", "deleteStored", "Deletes a finished recording",
                    "void", {404}, delete_stored),
                row(Method::get, "/recordings/stored/{recordingName}/file", "getStoredFile",
                    "Sends the file of a finished recording", "binary", {403, 404}, get_stored_file),
                {Method::post,
                 "/recordings/stored/{recordingName}/copy",
                 "copyStored",
                 "Copies a finished recording",
                 "StoredRecording",
                 {path("recordingName"), query("destinationRecordingName").should()},
                 {404, 409},
                 copy_stored},
                row(Method::get, "/recordings/live/{recordingName}", "getLive", "Shows one recording under way",
                    "LiveRecording", {404}, get_live),
                row(Method::del, "/recordings/live/{recordingName}", "cancel", "Stops a recording and discards it",
                    "void", {404}, stop_live<true>),
                row(Method::post, "/recordings/live/{recordingName}/stop", "stop", "Stops a recording and keeps it",
                    "void", {404}, stop_live<false>),
                row(Method::post, "/recordings/live/{recordingName}/pause", "pause", "Pauses a recording", "void",
                    {404, 409}, control_live<Kind::pause>),
                row(Method::del, "/recordings/live/{recordingName}/pause", "unpause", "Resumes a recording", "void",
                    {404, 409}, control_live<Kind::resume>),
                row(Method::post, "/recordings/live/{recordingName}/mute", "mute", "Records silence instead", "void",
                    {404, 409}, control_live<Kind::mute>),
                row(Method::del, "/recordings/live/{recordingName}/mute", "unmute", "Records what is heard again",
                    "void", {404, 409}, control_live<Kind::unmute>),
            }};
}

Resource sound_operations() {
    return {"sounds",
            "Sound resources",
            {
                {Method::get,
                 "/sounds",
                 "list",
                 "Lists the sounds",
                 "List[Sound]",
                 {query("lang"), query("format")},
                 {},
                 list_sounds},
                {Method::get, "/sounds/{soundId}", "get", "Shows one sound", "Sound", {path("soundId")}, {}, get_sound},
            }};
}

}  // namespace asterism::ari
