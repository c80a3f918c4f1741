// Sound files: the first byte chooses the extension, the rest is the file.
#include <cstdint>
#include <vector>

#include "asterism/media/files.hpp"
#include "media/prompt.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::media;
    if (size == 0) return 0;
    const auto formats = all_file_formats();
    const std::vector<std::uint8_t> file(data + 1, data + size);
    const auto prompt = decode_file(file, formats[data[0] % formats.size()].extension);
    if (prompt && prompt->samples() > 6 * file.size() + 400) __builtin_trap();
    return 0;
}
