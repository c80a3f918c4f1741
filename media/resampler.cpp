#include "media/resampler.hpp"

#include <speex/speex_resampler.h>

#include <new>

namespace asterism::media {

// Quality 3 is speexdsp's setting for VoIP: at higher ones the filter costs more than the codec.
Resampler::Resampler(unsigned from, unsigned to)
    : from_(from), to_(to), state_(speex_resampler_init(1, from, to, 3, nullptr)) {
    if (!state_) throw std::bad_alloc();
}

Resampler::~Resampler() { speex_resampler_destroy(state_); }

std::size_t Resampler::process(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
    auto taken = static_cast<spx_uint32_t>(in.size());
    auto made = static_cast<spx_uint32_t>(out.size());
    speex_resampler_process_int(state_, 0, in.data(), &taken, out.data(), &made);
    return made;
}

}  // namespace asterism::media
