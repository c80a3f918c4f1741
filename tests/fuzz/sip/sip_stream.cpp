// Any bytes as a stream, in pieces whose lengths the input chooses: whole and cut they must give the same messages.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/sip/framer.hpp"
#include "asterism/sip/message.hpp"

using namespace asterism::sip;

namespace {
/// False after an error.
bool drain(StreamFramer& framer, std::vector<std::string>& out) {
    for (;;) {
        const auto item = framer.next();
        if (!item) return false;
        if (item->kind == StreamFramer::Kind::need_more) return true;
        if (item->kind == StreamFramer::Kind::message) out.emplace_back(item->bytes);
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t step = 1 + data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    std::vector<std::string> whole, cut;
    StreamFramer one;
    one.feed(bytes);
    const bool fine = drain(one, whole);
    StreamFramer other;
    bool cut_fine = true;
    for (std::size_t i = 0; i < bytes.size() && cut_fine; i += step) {
        other.feed(bytes.substr(i, step));
        cut_fine = drain(other, cut);
        if (cut_fine && other.buffered() > limits::message_bytes + step) std::abort();
    }
    if (fine && cut_fine && whole != cut) std::abort();
    for (const std::string& text : whole) (void)Message::parse(text);
    return 0;
}
