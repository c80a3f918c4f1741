// What a jitter buffer on a leg shall do. An ability of an engine beside what Engine asks of all of them: found by a
// dynamic_cast, so that an engine of a test need not have it.
#pragma once

#include <cstdint>

#include "asterism/media/operations.hpp"

namespace asterism::media {

struct JitterSpec {
    enum class Kind : std::uint8_t { off, fixed, adaptive };
    Kind kind = Kind::off;
    Millis max{200};      ///< fixed: how long each packet is held; adaptive: at most so long
    Millis resync{1000};  ///< a jump of the sender's clock by more than this begins anew; 0: none does
    Millis extra{40};     ///< adaptive: held longer than the latest packets would have asked for
};

class JitterBuffers {
  public:
    JitterBuffers() = default;
    JitterBuffers(const JitterBuffers&) = delete;
    JitterBuffers& operator=(const JitterBuffers&) = delete;
    virtual ~JitterBuffers() = default;
    /// Holds what an RTP leg's party says, and hands it on in order and evenly. Digits are not held.
    virtual void jitter_buffer(LegId leg, const JitterSpec& spec) = 0;
};

}  // namespace asterism::media
