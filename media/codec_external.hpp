// Codecs that libraries do: libgsm, spandsp, libopus.
#pragma once

#include <memory>

#include "asterism/media/codec.hpp"

namespace asterism::media {

std::unique_ptr<Decoder> make_gsm_decoder();
std::unique_ptr<Encoder> make_gsm_encoder();
std::unique_ptr<Decoder> make_g722_decoder();
std::unique_ptr<Encoder> make_g722_encoder();
/// 48 kHz mono; packets of 2.5 to 60 ms.
std::unique_ptr<Decoder> make_opus_decoder();
std::unique_ptr<Encoder> make_opus_encoder();

}  // namespace asterism::media
