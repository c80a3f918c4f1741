// Files in memory, for tests and for scenarios that bring their own.
#pragma once

#include <fnmatch.h>

#include <map>

#include "asterism/config/file.hpp"

namespace asterism::config {

struct MapSource final : FileSource {
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> commands;

    std::expected<std::string, std::string> load(const std::string& path, std::size_t limit) override {
        auto at = files.find(path);
        if (at == files.end()) return std::unexpected("No such file or directory");
        if (at->second.size() > limit) return std::unexpected("too large");
        return at->second;
    }
    std::vector<std::string> glob(const std::string& pattern) override {
        std::vector<std::string> out;
        for (const auto& [path, text] : files) {
            if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) out.push_back(path);
        }
        return out;
    }
    std::expected<std::string, std::string> run(const std::string& command, std::size_t) override {
        auto at = commands.find(command);
        if (at == commands.end()) return std::unexpected("ended with status 127");
        return at->second;
    }
};

}  // namespace asterism::config
