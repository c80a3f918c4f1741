// A sound file in memory, ready to be played by any number of players, and how it is read.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "asterism/media/codec.hpp"

namespace asterism::media {

/// Immutable once made. G.711 stays as it is, so that it can be sent without a look; all else is decoded to 16-bit
/// samples when it is read.
struct Prompt {
    CodecId codec = CodecId::slin;  ///< ulaw, alaw or one of slin
    unsigned rate = 8000;
    std::vector<std::uint8_t> g711;
    std::vector<std::int16_t> pcm;

    [[nodiscard]] std::size_t samples() const { return g711.empty() ? pcm.size() : g711.size(); }
    [[nodiscard]] std::size_t bytes() const { return g711.size() + pcm.size() * 2; }
};
using PromptPtr = std::shared_ptr<const Prompt>;

/// What a RIFF WAVE header says.
struct WavInfo {
    std::uint16_t format = 1;  ///< 1 PCM, 6 A-law, 7 µ-law, 49 GSM
    std::uint16_t channels = 1;
    std::uint32_t rate = 8000;
    std::uint16_t bits = 16;
    std::size_t data_at = 0;
    std::size_t data_bytes = 0;  ///< as far as the file has them
};
/// Reads chunks up to "data"; at most 64 of them. A data length of 0 or beyond the end (a file still being written, or
/// whose writer died) means all that is there.
[[nodiscard]] std::expected<WavInfo, std::string> parse_wav(std::span<const std::uint8_t> file);
/// Makes a prompt of a file's bytes; `extension` decides how. Errors are one sentence without the path.
[[nodiscard]] std::expected<Prompt, std::string> decode_file(std::span<const std::uint8_t> file,
                                                             std::string_view extension);
/// Reads and decodes a file of at most 256 MiB. Blocks.
[[nodiscard]] std::expected<Prompt, std::string> read_prompt(const std::string& path);

}  // namespace asterism::media
