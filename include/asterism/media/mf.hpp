// The tones of MF signalling (ITU-T Q.320), as they are sent and listened for.
#pragma once

#include <array>

namespace asterism::media {

/// The two frequencies of an MF digit in Hz, the lower first; both 0 for what is none. 0-9, * (KP), # (ST), A (STP),
/// B (ST2P), C (ST3P).
[[nodiscard]] std::array<unsigned, 2> mf_frequencies(char digit);

}  // namespace asterism::media
