// Any bytes as a challenge or as credentials.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "asterism/sip/digest.hpp"

using namespace asterism;
using namespace asterism::sip;

namespace {
struct StoppedClock final : Clock {
    [[nodiscard]] TimePoint now() const override { return {}; }
    [[nodiscard]] WallTime wall() const override { return WallTime{std::chrono::seconds(1795288305)}; }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static StoppedClock clock;
    static FixedRandom random;
    static DigestServer server(clock, random);
    static const CredentialList secrets{{.realm = "*", .username = "u\"\\", .password = "p"}};
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto header = DigestHeader::parse(bytes))
        (void)answer_challenge(*header, secrets, "REGISTER", "sip:h", "cnonce");
    std::string text =
        "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\n"
        "Call-ID: x\r\nCSeq: 1 REGISTER\r\nAuthorization: ";
    text += bytes.substr(0, 60000);
    text += "\r\n\r\n";
    if (const auto message = Message::parse(text)) (void)server.check(**message, secrets[0], "asterisk");
    return 0;
}
