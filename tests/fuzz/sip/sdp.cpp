// Any bytes as a session description; as an offer, and as an answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "asterism/sip/offer_answer.hpp"

using namespace asterism::sip;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = SessionDescription::parse({reinterpret_cast<const char*>(data), size});
    if (!parsed) return 0;
    // What we write we can read, and it says the same.
    const std::string text = parsed->text();
    if (text.size() < limits::sdp_bytes) {
        const auto again = SessionDescription::parse(text);
        if (!again || again->text() != text) std::abort();
    }
    LocalMedia media;
    media.address = {false, "127.0.0.1"};
    media.port = 4000;
    media.codecs = all_codecs();
    OfferAnswer oa;
    Negotiated result;
    if (const auto answer = oa.answer(*parsed, media, result)) {
        if (answer->media.size() != parsed->media.size() || result.formats.empty()) std::abort();
        if (!SessionDescription::parse(answer->text())) std::abort();
    }
    (void)oa.offer(media, 1);
    (void)oa.accept(*parsed, media);
    return 0;
}
