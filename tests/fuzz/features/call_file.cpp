// Call files: any text.
#include <cstdint>

#include "asterism/features/call_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> warnings;
    (void)asterism::features::CallFile::parse({reinterpret_cast<const char*>(data), size}, warnings);
    return 0;
}
