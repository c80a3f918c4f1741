// Bytes of a script in packets of any size: what comes out does not depend on where the packets end.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "interfaces/agi/command_line.hpp"
#include "interfaces/agi/external_ivr.hpp"
#include "interfaces/agi/url.hpp"

using namespace asterism::agi;

namespace {

std::vector<std::string> read(std::string_view bytes, std::size_t packet) {
    LineReader reader;
    CommandLine command;
    std::vector<std::string> words;
    for (std::size_t at = 0; at < bytes.size(); at += packet) {
        reader.feed(bytes.substr(at, packet));
        while (auto line = reader.next()) {
            words.emplace_back(line->too_long ? "!" : ".");
            if (command.parse(line->text))
                for (auto word : command.words()) words.emplace_back(word);
        }
    }
    if (reader.pending() > max_line_bytes) std::abort();
    return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (read(bytes, size ? size : 1) != read(bytes, 7)) std::abort();
    (void)parse_target(bytes);
    (void)parse_ivr(bytes);
    return 0;
}
