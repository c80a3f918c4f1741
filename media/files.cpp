#include "asterism/media/files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

#include "asterism/runtime/loop.hpp"

namespace asterism::media {

namespace {

using enum CodecId;
constexpr std::array formats{
    FileFormat{"wav", slin, true, "wav"},       FileFormat{"sln", slin, true, "sln"},
    FileFormat{"ulaw", ulaw, true, "pcm"},      FileFormat{"alaw", alaw, true, "alaw"},
    FileFormat{"gsm", gsm, true, "gsm"},        FileFormat{"g722", g722, true, "g722"},
    FileFormat{"wav16", slin16, true, "wav16"}, FileFormat{"sln16", slin16, true, "sln16"},
    FileFormat{"WAV", gsm, true, "wav49"},      FileFormat{"pcm", ulaw, true, "pcm"},
    FileFormat{"ul", ulaw, true, "pcm"},        FileFormat{"mu", ulaw, true, "pcm"},
    FileFormat{"ulw", ulaw, true, "pcm"},       FileFormat{"al", alaw, true, "alaw"},
    FileFormat{"alw", alaw, true, "alaw"},      FileFormat{"slin", slin, true, "sln"},
    FileFormat{"raw", slin, true, "sln"},       FileFormat{"sln12", slin12, true, "sln12"},
    FileFormat{"sln24", slin24, true, "sln24"}, FileFormat{"sln32", slin32, true, "sln32"},
    FileFormat{"sln44", slin44, true, "sln44"}, FileFormat{"sln48", slin48, true, "sln48"},
    FileFormat{"sln96", slin96, true, "sln96"}, FileFormat{"sln192", slin192, true, "sln192"},
    FileFormat{"wav49", gsm, true, "wav49"},
};

bool same(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// What it costs, in work and in quality, to send a file's audio as `wanted`.
int cost(const FileFormat& format, CodecId wanted) {
    if (format.codec == wanted) return 0;
    const unsigned from = codec_info(format.codec).rate, to = codec_info(wanted).rate;
    // Lost bandwidth is worse than work; the nearer rate is better in both directions.
    int sum = from == to  ? 0
              : from < to ? 12 + static_cast<int>((to - from) / 8000)
                          : 6 + static_cast<int>((from - to) / 8000);
    switch (format.codec) {
        case ulaw:
        case alaw: sum += 2; break;
        case g722: sum += 4; break;
        case gsm: sum += 5; break;
        default: sum += 1; break;
    }
    return sum;
}

bool is_file(const std::string& path) {
    struct stat status{};
    return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// The cheapest of the files STEM.<extension>; or STEM itself if it has a known extension.
std::optional<std::string> best_of(const std::string& stem, CodecId wanted) {
    std::array<const FileFormat*, formats.size()> order{};
    for (std::size_t i = 0; i < formats.size(); ++i) order[i] = &formats[i];
    std::sort(order.begin(), order.end(), [&](auto* a, auto* b) {
        const int x = cost(*a, wanted), y = cost(*b, wanted);
        return x != y ? x < y : a < b;  // the table's order among equals
    });
    for (const auto* format : order) {
        std::string path = stem + "." + std::string(format->extension);
        if (is_file(path)) return path;
    }
    const auto dot = stem.rfind('.');
    if (dot != std::string::npos && stem.find('/', dot) == std::string::npos && file_format(stem.substr(dot + 1)) &&
        is_file(stem))
        return stem;
    return std::nullopt;
}

}  // namespace

std::span<const FileFormat> all_file_formats() { return formats; }

const FileFormat* file_format(std::string_view name) {
    for (const auto& format : formats)
        if (format.extension == name || format.name == name) return &format;
    for (const auto& format : formats)
        if (same(format.extension, name) || same(format.name, name)) return &format;
    return nullptr;
}

namespace {

std::optional<std::string> search(std::string_view name, std::string_view language, const SoundDirs& where,
                                  CodecId wanted) {
    if (name.front() == '/') return best_of(std::string(name), wanted);

    std::vector<std::string> languages;
    for (std::string l(language); !l.empty();) {
        languages.push_back(l);
        const auto region = l.rfind('_');
        l.resize(region == std::string::npos ? 0 : region);
    }
    if (!where.fallback_language.empty() &&
        std::find(languages.begin(), languages.end(), where.fallback_language) == languages.end())
        languages.push_back(where.fallback_language);

    const auto slash = name.rfind('/');
    for (const auto& dir : where.dirs) {
        for (const auto& l : languages) {
            if (auto found = best_of(dir + "/" + l + "/" + std::string(name), wanted)) return found;
            // digits/en/1, as sounds lay before Asterisk 1.8.
            if (slash != std::string_view::npos)
                if (auto found = best_of(
                        dir + "/" + std::string(name.substr(0, slash + 1)) + l + std::string(name.substr(slash)),
                        wanted))
                    return found;
        }
        if (auto found = best_of(dir + "/" + std::string(name), wanted)) return found;
    }
    if (!where.cwd.empty()) return best_of(where.cwd + "/" + std::string(name), wanted);
    return std::nullopt;
}

bool assumed(std::string_view name, const SoundDirs& where) {
    return std::ranges::any_of(where.assumed, [&](const std::string& one) { return one == "*" || one == name; });
}

}  // namespace

std::optional<std::string> resolve_prompt(std::string_view name, std::string_view language, const SoundDirs& where,
                                          CodecId wanted) {
    if (name.empty() || name.size() > 4096 || name.contains('\0') || language.contains('/')) return std::nullopt;
    if (auto found = search(name, language, where, wanted)) return found;
    if (!assumed(name, where)) return std::nullopt;
    return (name.front() == '/' ? std::string(name) : where.assumed_dir + "/" + std::string(name)) + ".sln";
}

struct PromptFinder::State : std::enable_shared_from_this<State> {
    struct Answer {
        std::optional<std::string> path;
        TimePoint until;
    };
    State(Loop& l, SoundDirs w) : loop(l), where(std::make_shared<const SoundDirs>(std::move(w))) {}

    Loop& loop;
    std::shared_ptr<const SoundDirs> where;
    std::unordered_map<std::string, Answer> answers;
    std::uint64_t generation = 0;  // answers asked for before forget() are not kept
};

namespace {
constexpr std::size_t max_answers = 4096;
constexpr auto found_for = 10s, missing_for = 2s;
}  // namespace

PromptFinder::PromptFinder(Loop& loop, SoundDirs where) : state_(std::make_shared<State>(loop, std::move(where))) {}
PromptFinder::~PromptFinder() = default;

void PromptFinder::forget() {
    state_->answers.clear();
    ++state_->generation;
}

void PromptFinder::set_dirs(SoundDirs where) {
    state_->where = std::make_shared<const SoundDirs>(std::move(where));
    forget();
}

void PromptFinder::find(std::string_view name, std::string_view language, CodecId wanted, Found found) {
    std::string key;
    key.append(name).push_back('\0');
    key.append(language).push_back(static_cast<char>(wanted));
    Loop& loop = state_->loop;
    const std::weak_ptr<State> weak = state_;
    if (auto known = state_->answers.find(key); known != state_->answers.end()) {
        if (known->second.until > loop.now()) {
            loop.defer([weak, path = known->second.path, found = std::move(found)]() mutable {
                if (weak.lock()) found(std::move(path));
            });
            return;
        }
        state_->answers.erase(known);
    }
    auto answer = std::make_shared<std::optional<std::string>>();
    loop.blocking(
        [answer, name = std::string(name), language = std::string(language), where = state_->where, wanted] {
            *answer = resolve_prompt(name, language, *where, wanted);
        },
        [weak, answer, key = std::move(key), generation = state_->generation, found = std::move(found)]() mutable {
            const auto state = weak.lock();
            if (!state) return;
            if (generation == state->generation) {
                if (state->answers.size() >= max_answers) state->answers.clear();
                const Duration good_for = *answer ? Duration(found_for) : Duration(missing_for);
                state->answers[std::move(key)] = {*answer, state->loop.now() + good_for};
            }
            found(std::move(*answer));
        });
}

}  // namespace asterism::media
