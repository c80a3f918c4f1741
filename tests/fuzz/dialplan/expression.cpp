// $[...]: any text.
#include <cstdint>

#include "asterism/dialplan/evaluate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 2048) return 0;
    std::string error;
    (void)asterism::dialplan::evaluate_expression({reinterpret_cast<const char*>(data), size}, &error);
    return 0;
}
