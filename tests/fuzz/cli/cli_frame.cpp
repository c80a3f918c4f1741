// The control socket's frames and the console's line splitting.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "asterism/cli/registry.hpp"
#include "interfaces/cli/frame.hpp"
#include "interfaces/cli/pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::cli;
    std::string buffer(reinterpret_cast<const char*>(data), size);
    bool bad = false;
    while (const auto frame = decode(buffer, bad, 65536)) {
        const auto words = split_line(frame->text);
        (void)Pattern("core show channels [concise|verbose|count]").match(words);
        bool end = false;
        (void)Pattern("rtp set debug {on|off}").next(words, end);
        std::string again = encode(frame->kind, frame->text);
        const auto same = decode(again, bad, 65536);
        if (!same || same->text != frame->text) std::abort();
    }
    return 0;
}
