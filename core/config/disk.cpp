// The one place where configuration meets the disk.
#include <glob.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "asterism/config/file.hpp"

namespace asterism::config {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::expected<std::string, std::string> read_all(std::FILE* file, std::size_t limit) {
    std::string out;
    char buffer[16384];
    while (auto got = std::fread(buffer, 1, sizeof buffer, file)) {
        if (out.size() + got > limit) return std::unexpected("larger than " + std::to_string(limit) + " bytes");
        out.append(buffer, got);
    }
    if (std::ferror(file)) return std::unexpected(reason(errno));
    return out;
}

}  // namespace

std::expected<std::string, std::string> DiskSource::load(const std::string& path, std::size_t limit) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return std::unexpected(reason(errno));
    if (S_ISDIR(info.st_mode)) return std::unexpected("Is a directory");
    // A pipe or a terminal could hold the caller for ever.
    if (!S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode)) return std::unexpected("not a regular file");
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
    if (!file) return std::unexpected(reason(errno));
    return read_all(file.get(), limit);
}

std::vector<std::string> DiskSource::glob(const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> paths;
    if (::glob(pattern.c_str(), GLOB_BRACE | GLOB_NOMAGIC, nullptr, &found) == 0) {
        paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    return paths;
}

std::expected<std::string, std::string> DiskSource::run(const std::string& command, std::size_t limit) {
    std::FILE* pipe = ::popen(command.c_str(), "re");
    if (!pipe) return std::unexpected(reason(errno));
    auto output = read_all(pipe, limit);
    int status = ::pclose(pipe);
    if (!output) return output;
    if (status != 0) {
        return std::unexpected(WIFEXITED(status) ? "ended with status " + std::to_string(WEXITSTATUS(status))
                                                 : std::string("did not end normally"));
    }
    return output;
}

}  // namespace asterism::config
