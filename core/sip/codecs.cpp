// The codecs that have a name in `allow=` and an RTP payload format.
#include "asterism/sip/offer_answer.hpp"
#include "asterism/sip/text.hpp"

namespace asterism::sip {

const std::vector<Codec>& all_codecs() {
    // name, encoding, clock rate, channels, payload type to offer, fmtp, ptime, maxptime
    // In the order of "allow=all".
    static const std::vector<Codec> table = {
        {"g723", "G723", 8000, 1, 4, "annexa=no", 30, 300},
        {"ulaw", "PCMU", 8000, 1, 0},
        {"alaw", "PCMA", 8000, 1, 8},
        {"gsm", "GSM", 8000, 1, 3, "", 20, 300},
        {"g726", "G726-32", 8000, 1, 111, "", 20, 300},
        {"g726aal2", "AAL2-G726-32", 8000, 1, 112, "", 20, 300},
        {"adpcm", "DVI4", 8000, 1, 5, "", 20, 300},
        {"slin", "L16", 8000, 1, 121, "", 20, 70},
        {"slin12", "L16", 12000, 1, 122, "", 20, 70},
        {"slin16", "L16", 16000, 1, 118, "", 20, 70},
        {"slin24", "L16", 24000, 1, 123, "", 20, 70},
        {"slin32", "L16", 32000, 1, 124, "", 20, 70},
        {"slin44", "L16", 44100, 1, 11, "", 20, 70},
        {"slin48", "L16", 48000, 1, 125, "", 20, 70},
        {"slin96", "L16", 96000, 1, 126, "", 20, 70},
        {"slin192", "L16", 192000, 1, 127, "", 20, 70},
        {"lpc10", "LPC", 8000, 1, 7},
        {"g729", "G729", 8000, 1, 18, "annexb=no", 20, 230},
        {"speex", "speex", 8000, 1, 110, "", 20, 60},
        {"speex16", "speex", 16000, 1, 117, "", 20, 60},
        {"speex32", "speex", 32000, 1, 119, "", 20, 60},
        {"ilbc", "iLBC", 8000, 1, 97, "mode=20", 20, 300},
        {"g722", "G722", 8000, 1, 9},
        {"siren7", "G7221", 16000, 1, 102, "bitrate=32000", 20, 80},
        {"siren14", "G7221", 32000, 1, 115, "bitrate=48000", 20, 80},
        {"g719", "G719", 48000, 1, 116, "", 20, 80},
        {"opus", "opus", 48000, 2, 107, "useinbandfec=1", 20, 60},
    };
    return table;
}

const Codec* codec_named(std::string_view name) {
    for (const Codec& c : all_codecs())
        if (iequals(c.name, name)) return &c;
    return nullptr;
}

std::vector<Codec> codecs_named(const std::vector<std::string>& names) {
    std::vector<Codec> out;
    const auto add = [&](const Codec& codec) {
        for (const Codec& c : out)
            if (c.name == codec.name) return;
        out.push_back(codec);
    };
    for (const std::string& text : names) {
        if (iequals(text, "all")) {
            for (const Codec& c : all_codecs()) add(c);
        } else {
            // "ulaw:40" sets the packet length.
            const std::size_t colon = text.find(':');
            if (const Codec* const found = codec_named(std::string_view(text).substr(0, colon))) {
                Codec codec = *found;
                if (colon != std::string::npos)
                    if (const auto ms = number(std::string_view(text).substr(colon + 1), 300); ms && *ms >= 10)
                        codec.ptime = *ms - *ms % 10;
                add(codec);
            }
        }
    }
    return out;
}

}  // namespace asterism::sip
