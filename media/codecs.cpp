#include "asterism/media/codec.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace asterism::media {

namespace {

using enum CodecId;
constexpr auto audio = MediaKind::audio;
constexpr auto video = MediaKind::video;

// In the order of the enumeration, so that codec_info() is an index.
constexpr std::array rows{
    //        id       name        encoding       rate   clock  ch  pt  dynamic ptime min max bytes transcodes
    CodecInfo{none, "none", "", 8000, 8000, 1, -1, false, 20, 10, 100, 0, false, audio, "<Null> codec"},
    CodecInfo{ulaw, "ulaw", "PCMU", 8000, 8000, 1, 0, false, 20, 10, 150, 80, true, audio, "G.711 u-law"},
    CodecInfo{alaw, "alaw", "PCMA", 8000, 8000, 1, 8, false, 20, 10, 150, 80, true, audio, "G.711 a-law"},
    CodecInfo{slin, "slin", "L16", 8000, 8000, 1, 118, true, 20, 10, 70, 160, true, audio, "16 bit Signed Linear PCM"},
    CodecInfo{slin12, "slin12", "L16", 12000, 12000, 1, 122, true, 20, 10, 70, 240, true, audio,
              "16 bit Signed Linear PCM (12kHz)"},
    CodecInfo{slin16, "slin16", "L16", 16000, 16000, 1, 119, true, 20, 10, 70, 320, true, audio,
              "16 bit Signed Linear PCM (16kHz)"},
    CodecInfo{slin24, "slin24", "L16", 24000, 24000, 1, 123, true, 20, 10, 70, 480, true, audio,
              "16 bit Signed Linear PCM (24kHz)"},
    CodecInfo{slin32, "slin32", "L16", 32000, 32000, 1, 124, true, 20, 10, 70, 640, true, audio,
              "16 bit Signed Linear PCM (32kHz)"},
    CodecInfo{slin44, "slin44", "L16", 44100, 44100, 1, 125, true, 20, 10, 70, 882, true, audio,
              "16 bit Signed Linear PCM (44kHz)"},
    CodecInfo{slin48, "slin48", "L16", 48000, 48000, 1, 126, true, 20, 10, 70, 960, true, audio,
              "16 bit Signed Linear PCM (48kHz)"},
    CodecInfo{slin96, "slin96", "L16", 96000, 96000, 1, 127, true, 20, 10, 70, 1920, true, audio,
              "16 bit Signed Linear PCM (96kHz)"},
    CodecInfo{slin192, "slin192", "L16", 192000, 192000, 1, -1, true, 20, 10, 70, 3840, true, audio,
              "16 bit Signed Linear PCM (192kHz)"},
    CodecInfo{gsm, "gsm", "GSM", 8000, 8000, 1, 3, false, 20, 20, 300, 33, true, audio, "GSM"},
    CodecInfo{g722, "g722", "G722", 16000, 8000, 1, 9, false, 20, 10, 150, 80, true, audio, "G722"},
    CodecInfo{opus, "opus", "opus", 48000, 48000, 2, 107, true, 20, 10, 60, 0, true, audio, "Opus Codec"},
    CodecInfo{g723, "g723", "G723", 8000, 8000, 1, 4, false, 30, 30, 300, 24, false, audio, "G.723.1"},
    CodecInfo{g726, "g726", "G726-32", 8000, 8000, 1, 111, true, 20, 10, 300, 40, false, audio, "G.726 RFC3551"},
    CodecInfo{g726aal2, "g726aal2", "AAL2-G726-32", 8000, 8000, 1, 112, true, 20, 10, 300, 40, false, audio,
              "G.726 AAL2"},
    CodecInfo{g729, "g729", "G729", 8000, 8000, 1, 18, false, 20, 10, 230, 10, false, audio, "G.729A"},
    CodecInfo{ilbc, "ilbc", "iLBC", 8000, 8000, 1, 97, true, 30, 20, 300, 50, false, audio, "iLBC"},
    CodecInfo{speex, "speex", "speex", 8000, 8000, 1, 110, true, 20, 10, 60, 0, false, audio, "SpeeX"},
    CodecInfo{speex16, "speex16", "speex", 16000, 16000, 1, 117, true, 20, 10, 60, 0, false, audio, "SpeeX 16khz"},
    CodecInfo{speex32, "speex32", "speex", 32000, 32000, 1, 116, true, 20, 10, 60, 0, false, audio, "SpeeX 32khz"},
    CodecInfo{adpcm, "adpcm", "DVI4", 8000, 8000, 1, 5, false, 20, 10, 300, 40, false, audio, "Dialogic ADPCM"},
    CodecInfo{lpc10, "lpc10", "LPC", 8000, 8000, 1, 7, false, 20, 20, 20, 7, false, audio, "LPC10"},
    CodecInfo{siren7, "siren7", "G7221", 16000, 16000, 1, 102, true, 20, 20, 80, 80, false, audio,
              "ITU G.722.1 (Siren7, licensed from Polycom)"},
    CodecInfo{siren14, "siren14", "G7221", 32000, 32000, 1, 115, true, 20, 20, 80, 120, false, audio,
              "ITU G.722.1 Annex C, (Siren14, licensed from Polycom)"},
    CodecInfo{codec2, "codec2", "CODEC2", 8000, 8000, 1, 113, true, 20, 20, 300, 6, false, audio, "Codec 2"},
    CodecInfo{h261, "h261", "H261", 90000, 90000, 1, 31, false, 0, 0, 0, 0, false, video, "H.261 video"},
    CodecInfo{h263, "h263", "H263", 90000, 90000, 1, 34, false, 0, 0, 0, 0, false, video, "H.263 video"},
    CodecInfo{h263p, "h263p", "h263-1998", 90000, 90000, 1, 98, true, 0, 0, 0, 0, false, video, "H.263+ video"},
    CodecInfo{h264, "h264", "H264", 90000, 90000, 1, 99, true, 0, 0, 0, 0, false, video, "H.264 video"},
    CodecInfo{h265, "h265", "H265", 90000, 90000, 1, 100, true, 0, 0, 0, 0, false, video, "H.265 video"},
    CodecInfo{vp8, "vp8", "VP8", 90000, 90000, 1, 108, true, 0, 0, 0, 0, false, video, "VP8 video"},
    CodecInfo{vp9, "vp9", "VP9", 90000, 90000, 1, 109, true, 0, 0, 0, 0, false, video, "VP9 video"},
};

consteval bool in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].id) != i) return false;
    return true;
}
static_assert(in_order());

bool same(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::span<const CodecInfo> all_codecs() { return std::span(rows).subspan(1); }

const CodecInfo& codec_info(CodecId id) {
    const auto at = static_cast<std::size_t>(id);
    return rows[at < rows.size() ? at : 0];
}

std::optional<CodecId> codec_by_name(std::string_view name) {
    static constexpr std::pair<std::string_view, CodecId> aliases[] = {
        {"slin8", slin}, {"slinear", slin}, {"mulaw", ulaw},  {"g711u", ulaw}, {"g711a", alaw},
        {"pcmu", ulaw},  {"pcma", alaw},    {"g723.1", g723}, {"g729a", g729}, {"speex8", speex},
    };
    for (const auto& row : all_codecs())
        if (same(row.name, name)) return row.id;
    for (const auto& [alias, id] : aliases)
        if (same(alias, name)) return id;
    return std::nullopt;
}

std::optional<CodecId> codec_by_encoding(std::string_view encoding, unsigned clock) {
    for (const auto& row : all_codecs())
        if (row.clock == clock && same(row.encoding, encoding)) return row.id;
    if (same(encoding, "G729A") && clock == 8000) return g729;
    if (same(encoding, "H263-2000") && clock == 90000) return h263p;
    return std::nullopt;
}

std::optional<CodecId> codec_by_payload_type(int payload_type) {
    if (payload_type == 11) return slin44;  // L16 mono at 44.1 kHz
    if (payload_type == 2) return g726;     // as older phones still have it
    for (const auto& row : all_codecs())
        if (!row.dynamic && row.payload_type == payload_type) return row.id;
    return std::nullopt;
}

bool can_transcode(CodecId from, CodecId to) {
    return from == to || (codec_info(from).transcodes && codec_info(to).transcodes);
}

CodecId slin_of_rate(unsigned rate) {
    for (const auto& row : rows)
        if (row.encoding == "L16" && row.rate == rate) return row.id;
    return none;
}

void Decoder::conceal(std::span<std::int16_t> out) { std::fill(out.begin(), out.end(), std::int16_t{0}); }

}  // namespace asterism::media
