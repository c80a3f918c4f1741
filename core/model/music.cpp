#include "asterism/model/music.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "asterism/media/files.hpp"

namespace asterism {

namespace {

/// One file for each prompt of the directory: of those that differ only in format, the cheapest to play.
std::vector<std::string> files_of(const std::string& directory) {
    std::map<std::string, std::string> by_name;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        const auto& path = entry.path();
        const auto* format = media::file_format(path.extension().string().substr(path.has_extension() ? 1 : 0));
        if (format == nullptr || path.filename().string().starts_with('.')) continue;
        if (media::can_transcode(format->codec, media::CodecId::slin))
            by_name.emplace(path.stem().string(), path.string());
    }
    std::vector<std::string> files;
    for (auto& [name, path] : by_name) files.push_back(std::move(path));
    return files;
}

}  // namespace

MusicClasses::MusicClasses(const config::File& file, const std::string& data_dir) {
    for (const auto& section : file.sections()) {
        if (section.name == "general") continue;
        MusicClass one;
        one.name = section.name;
        std::vector<std::string> entries;
        for (const auto& variable : section.variables) {
            if (variable.name == "mode") one.mode = variable.value;
            if (variable.name == "directory") one.directory = variable.value;
            if (variable.name == "sort") one.sort = variable.value;
            if (variable.name == "random" && variable.value == "yes") one.sort = "random";
            if (variable.name == "announcement") one.announcement = variable.value;
            if (variable.name == "digit") one.digit = variable.value;
            if (variable.name == "entry") entries.push_back(variable.value);
        }
        if (!one.directory.empty() && !one.directory.starts_with('/')) one.directory = data_dir + "/" + one.directory;
        one.files = one.mode == "playlist" ? std::move(entries) : files_of(one.directory);
        classes_[one.name] = std::move(one);
    }
}

const MusicClass* MusicClasses::find(std::string_view name) const {
    auto found = classes_.find(name);
    if (found == classes_.end()) found = classes_.find("default");
    return found == classes_.end() ? nullptr : &found->second;
}

}  // namespace asterism
