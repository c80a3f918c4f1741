#include "static_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

namespace asterism::http {

namespace {

constexpr std::size_t max_bytes = 16 << 20;
constexpr std::string_view base = "/static/";

struct Read {
    int status = 200;
    std::string tag, body;
};

/// On the pool. What is no plain file is refused; symbolic links are the administrator's business.
Read read_file(const std::string& path, const std::string& known_tag) {
    Read read;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        read.status = errno == EACCES ? 403 : 404;
        return read;
    }
    struct stat info{};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        read.status = 403;
    } else if (static_cast<std::size_t>(info.st_size) > max_bytes) {
        read.status = 413;
    } else {
        read.tag = "\"" + std::to_string(info.st_mtime) + "\"";
        if (read.tag == known_tag) {
            read.status = 304;
        } else {
            read.body.resize(static_cast<std::size_t>(info.st_size));
            std::size_t have = 0;
            while (have < read.body.size()) {
                const auto got = ::read(fd, read.body.data() + have, read.body.size() - have);
                if (got <= 0) break;
                have += static_cast<std::size_t>(got);
            }
            read.body.resize(have);
        }
    }
    ::close(fd);
    return read;
}

void answer(Responder& responder, Read&& read, std::string_view type) {
    switch (read.status) {
        case 200:
        case 304: {
            auto& response = responder.response();
            response.status = read.status;
            response.no_cache = false;
            response.add_header("ETag", read.tag);
            if (read.status == 200) {
                response.add_header("Content-type", type);
                response.body = std::move(read.body);
            }
            responder.send();
            return;
        }
        case 403:
            responder.error(403, "Access Denied", "You do not have permission to access the requested URL.");
            return;
        case 413: responder.error(413, "Request Entity Too Large", "The file is too large to be sent."); return;
        default: responder.error(404, "Not Found", "The requested URL was not found on this server.");
    }
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
    static constexpr std::pair<std::string_view, std::string_view> types[] = {{"png", "image/png"},
                                                                              {"xml", "text/xml"},
                                                                              {"jpg", "image/jpeg"},
                                                                              {"js", "application/x-javascript"},
                                                                              {"wav", "audio/x-wav"},
                                                                              {"mp3", "audio/mpeg"},
                                                                              {"svg", "image/svg+xml"},
                                                                              {"svgz", "image/svg+xml"},
                                                                              {"gif", "image/gif"},
                                                                              {"html", "text/html"},
                                                                              {"htm", "text/html"},
                                                                              {"css", "text/css"},
                                                                              {"cnf", "text/plain"},
                                                                              {"cfg", "text/plain"},
                                                                              {"bin", "application/octet-stream"},
                                                                              {"sbn", "application/octet-stream"},
                                                                              {"ld", "application/octet-stream"},
                                                                              {"json", "application/json"}};
    const auto dot = path.rfind('.');
    if (dot != std::string_view::npos) {
        for (const auto& [ending, type] : types)
            if (equal_ignoring_case(path.substr(dot + 1), ending)) return type;
    }
    return "text/plain";
}

std::expected<std::string, int> static_path(std::string_view folder, std::string_view path) {
    if (path.empty() || path.front() == '/' || path.size() > 1024 || path.find('\0') != std::string_view::npos ||
        path.find('\\') != std::string_view::npos) {
        return std::unexpected(403);
    }
    for (std::string_view rest = path; !rest.empty();) {
        const auto slash = rest.find('/');
        if (rest.starts_with('.')) return std::unexpected(403);  // "..", ".", hidden files
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    }
    return std::string(folder) + "/" + std::string(path);
}

Route static_route(Loop& loop, std::string folder) {
    Route route;
    route.path = "/static";
    route.subtree = true;
    route.description = "Asterisk HTTP Static Delivery";
    route.handler = [&loop, folder = std::move(folder)](const Request& request, Responder responder) {
        if (request.method != Method::get && request.method != Method::head) {
            responder.error(501, "Not Implemented", "Attempt to use unimplemented / unsupported method");
            return;
        }
        const std::string path =
            request.path.size() > base.size() ? decode(std::string_view(request.path).substr(base.size()), false) : "";
        const auto file = static_path(folder, path);
        if (!file) {
            Read refused;
            refused.status = file.error();
            answer(responder, std::move(refused), {});
            return;
        }
        auto read = std::make_shared<Read>();
        auto held = std::make_shared<Responder>(std::move(responder));
        loop.blocking(
            [read, file = *file, tag = std::string(request.header("If-None-Match"))] { *read = read_file(file, tag); },
            [read, held, type = content_type_of(path)] { answer(*held, std::move(*read), type); });
    };
    return route;
}

}  // namespace asterism::http
