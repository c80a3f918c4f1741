#include "media/prompt.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gsm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "asterism/media/files.hpp"

namespace asterism::media {

namespace {

constexpr std::size_t max_file_bytes = 256u << 20;

std::uint16_t le16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] | p[1] << 8); }
std::uint32_t le32(const std::uint8_t* p) { return le16(p) | static_cast<std::uint32_t>(le16(p + 2)) << 16; }

std::vector<std::int16_t> native_samples(std::span<const std::uint8_t> bytes) {
    std::vector<std::int16_t> pcm(bytes.size() / 2);
    if (!pcm.empty()) std::memcpy(pcm.data(), bytes.data(), pcm.size() * 2);  // both little-endian
    return pcm;
}

/// Everything through a decoder, a packet at a time.
std::vector<std::int16_t> decode_all(CodecId codec, std::span<const std::uint8_t> bytes, std::size_t step,
                                     std::size_t step_samples) {
    std::vector<std::int16_t> pcm;
    pcm.reserve(bytes.size() / step * step_samples);
    const auto decoder = make_decoder(codec);
    std::vector<std::int16_t> block(step_samples);
    for (; bytes.size() >= step; bytes = bytes.subspan(step)) {
        const std::size_t n = decoder->decode(bytes.first(step), block);
        pcm.insert(pcm.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(n));
    }
    return pcm;
}

/// GSM as Microsoft packs it: 65 bytes are two frames, 320 samples.
std::vector<std::int16_t> decode_wav49(std::span<const std::uint8_t> bytes) {
    std::vector<std::int16_t> pcm;
    std::unique_ptr<gsm_state, void (*)(gsm_state*)> state(gsm_create(), gsm_destroy);
    int on = 1;
    gsm_option(state.get(), GSM_OPT_WAV49, &on);
    std::vector<std::uint8_t> copy(65);
    std::int16_t block[160];
    for (; bytes.size() >= 65; bytes = bytes.subspan(65)) {
        std::copy_n(bytes.begin(), 65, copy.begin());
        for (const std::size_t at : {0u, 33u}) {
            if (gsm_decode(state.get(), copy.data() + at, block) != 0) return pcm;
            pcm.insert(pcm.end(), block, block + 160);
        }
    }
    return pcm;
}

std::expected<Prompt, std::string> decode_wav(std::span<const std::uint8_t> file) {
    const auto info = parse_wav(file);
    if (!info) return std::unexpected(info.error());
    const auto data = file.subspan(info->data_at, info->data_bytes);
    Prompt prompt;
    prompt.rate = info->rate;
    if (info->format == 49) {
        prompt.pcm = decode_wav49(data);
        return prompt;
    }
    if (info->format == 6 || info->format == 7) {
        if (info->channels != 1 || info->rate != 8000)
            return std::unexpected(std::string("G.711 that is not mono at 8 kHz"));
        prompt.codec = info->format == 6 ? CodecId::alaw : CodecId::ulaw;
        prompt.g711.assign(data.begin(), data.end());
        return prompt;
    }
    prompt.codec = slin_of_rate(info->rate);
    if (prompt.codec == CodecId::none) return std::unexpected(fmt::format("a sample rate of {} Hz", info->rate));
    prompt.pcm = native_samples(data);
    if (info->channels == 2) {
        for (std::size_t i = 0; i + 1 < prompt.pcm.size(); i += 2)
            prompt.pcm[i / 2] = static_cast<std::int16_t>((prompt.pcm[i] + prompt.pcm[i + 1]) / 2);
        prompt.pcm.resize(prompt.pcm.size() / 2);
    }
    return prompt;
}

}  // namespace

std::expected<WavInfo, std::string> parse_wav(std::span<const std::uint8_t> file) {
    if (file.size() < 12 || std::memcmp(file.data(), "RIFF", 4) != 0 || std::memcmp(file.data() + 8, "WAVE", 4) != 0)
        return std::unexpected(std::string("not a WAV file"));
    WavInfo info;
    bool described = false;
    std::size_t at = 12;
    for (int chunk = 0; chunk < 64 && at + 8 <= file.size(); ++chunk) {
        const std::uint8_t* head = &file[at];
        const std::size_t length = le32(head + 4);
        const std::size_t left = file.size() - at - 8;
        if (std::memcmp(head, "fmt ", 4) == 0) {
            if (length < 16 || length > left) return std::unexpected(std::string("its format chunk is cut short"));
            info.format = le16(head + 8);
            info.channels = le16(head + 10);
            info.rate = le32(head + 12);
            info.bits = le16(head + 22);
            if (info.format == 0xFFFE && length >= 40) info.format = le16(head + 32);  // WAVE_FORMAT_EXTENSIBLE
            described = true;
        } else if (std::memcmp(head, "data", 4) == 0) {
            if (!described) return std::unexpected(std::string("data before their format"));
            const bool known =
                info.format == 1 ? info.bits == 16 : info.format == 6 || info.format == 7 || info.format == 49;
            if (!known) return std::unexpected(fmt::format("WAV format {} with {} bits", info.format, info.bits));
            if (info.channels < 1 || info.channels > 2)
                return std::unexpected(fmt::format("{} channels", info.channels));
            info.data_at = at + 8;
            info.data_bytes = length == 0 || length > left ? left : length;
            return info;
        }
        if (length > left) break;
        at += 8 + length + (length & 1);
    }
    return std::unexpected(std::string("a WAV file without data"));
}

std::expected<Prompt, std::string> decode_file(std::span<const std::uint8_t> file, std::string_view extension) {
    const FileFormat* format = file_format(extension);
    if (!format) return std::unexpected(fmt::format("no format named '{}' is known", extension));
    if (format->extension.starts_with("wav") || format->extension == "WAV") return decode_wav(file);
    Prompt prompt;
    prompt.codec = format->codec;
    prompt.rate = codec_info(format->codec).rate;
    switch (format->codec) {
        case CodecId::ulaw:
        case CodecId::alaw: prompt.g711.assign(file.begin(), file.end()); break;
        case CodecId::gsm:
            prompt.pcm = decode_all(CodecId::gsm, file, 33, 160);
            prompt.codec = CodecId::slin;
            break;
        case CodecId::g722:
            prompt.pcm = decode_all(CodecId::g722, file, 160, 320);
            prompt.codec = CodecId::slin16;
            break;
        default: prompt.pcm = native_samples(file); break;
    }
    return prompt;
}

std::expected<Prompt, std::string> read_prompt(const std::string& path) {
    const auto reason = [](int error) { return std::unexpected(std::generic_category().message(error)); };
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not hold a pool thread
    if (fd < 0) return reason(errno);
    struct Close {
        int fd;
        ~Close() { close(fd); }
    } guard{fd};
    struct stat status{};
    if (fstat(fd, &status) != 0) return reason(errno);
    if (!S_ISREG(status.st_mode)) return std::unexpected(std::string("not a regular file"));
    if (static_cast<std::uint64_t>(status.st_size) > max_file_bytes)
        return std::unexpected(std::string("larger than 256 MiB"));
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t n = read(fd, bytes.data() + have, bytes.size() - have);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return reason(errno);
        if (n == 0) break;
        have += static_cast<std::size_t>(n);
    }
    bytes.resize(have);
    const auto dot = path.rfind('.');
    return decode_file(bytes, dot == std::string::npos ? std::string_view() : std::string_view(path).substr(dot + 1));
}

}  // namespace asterism::media
