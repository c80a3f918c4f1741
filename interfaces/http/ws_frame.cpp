#include "ws_frame.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace asterism::http {

FrameHeader frame_header(Opcode opcode, std::size_t payload_bytes) {
    FrameHeader header{};
    header.bytes[0] = static_cast<char>(0x80U | static_cast<unsigned>(opcode));
    if (payload_bytes < 126) {
        header.bytes[1] = static_cast<char>(payload_bytes);
        header.size = 2;
    } else if (payload_bytes < 65536) {
        header.bytes[1] = 126;
        header.bytes[2] = static_cast<char>(payload_bytes >> 8);
        header.bytes[3] = static_cast<char>(payload_bytes & 0xFF);
        header.size = 4;
    } else {
        header.bytes[1] = 127;
        for (std::size_t i = 0; i < 8; ++i) {
            header.bytes[2 + i] = static_cast<char>((payload_bytes >> (56 - 8 * i)) & 0xFF);
        }
        header.size = 10;
    }
    return header;
}

std::string accept_key(std::string_view key) {
    std::string text(key);
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha1(), nullptr);
    return encode_base64({reinterpret_cast<const char*>(digest), length});
}

std::string encode_base64(std::string_view bytes) {
    std::string encoded((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL writes a zero behind it
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return encoded;
}

std::string mask_frame(FrameHeader& header, std::string_view payload, std::array<char, 4> key) {
    header.bytes[1] = static_cast<char>(static_cast<unsigned char>(header.bytes[1]) | 0x80U);
    for (const char byte : key) header.bytes[header.size++] = byte;
    std::string masked(payload);
    for (std::size_t i = 0; i < masked.size(); ++i) {
        masked[i] = static_cast<char>(static_cast<unsigned char>(masked[i]) ^ static_cast<unsigned char>(key[i & 3U]));
    }
    return masked;
}

bool valid_utf8(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        std::size_t more = 0;
        unsigned low = 0x80;
        unsigned high = 0xBF;
        if (lead >= 0xC2 && lead <= 0xDF) {
            more = 1;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            more = 2;
            if (lead == 0xE0) low = 0xA0;
            if (lead == 0xED) high = 0x9F;  // no surrogates
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            more = 3;
            if (lead == 0xF0) low = 0x90;
            if (lead == 0xF4) high = 0x8F;
        } else {
            return false;
        }
        if (text.size() - i <= more) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            if (byte < low || byte > high) return false;
            low = 0x80;
            high = 0xBF;
        }
        i += more + 1;
    }
    return true;
}

bool valid_close_code(std::uint16_t code) {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::uint16_t FrameParser::size_header() {
    const unsigned second = header_[1];
    if ((header_[0] & 0x70U) != 0) return 1002;  // no extension was agreed on
    if (((second & 0x80U) != 0) != masked_) return 1002;
    const unsigned length = second & 0x7FU;
    header_need_ = 2U + (masked_ ? 4U : 0U) + (length == 126 ? 2U : length == 127 ? 8U : 0U);
    sized_ = true;
    return 0;
}

std::uint16_t FrameParser::start_frame() {
    const unsigned first = header_[0];
    const unsigned second = header_[1];
    final_ = (first & 0x80U) != 0;
    opcode_ = static_cast<Opcode>(first & 0x0FU);
    const unsigned short_length = second & 0x7FU;
    std::size_t position = 2;
    left_ = short_length;
    if (short_length >= 126) {
        const std::size_t bytes = short_length == 126 ? 2 : 8;
        left_ = 0;
        for (std::size_t i = 0; i < bytes; ++i) left_ = (left_ << 8) | header_[position++];
    }
    if (masked_) {
        for (auto& byte : mask_) byte = header_[position++];
    }
    at_ = 0;
    switch (opcode_) {
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong:
            if (!final_ || left_ > 125) return 1002;
            control_.clear();
            return 0;
        case Opcode::continuation:
            if (!fragmented_) return 1002;
            break;
        case Opcode::text:
        case Opcode::binary:
            if (fragmented_) return 1002;
            message_.clear();
            message_opcode_ = opcode_;
            break;
        default: return 1002;
    }
    if (left_ > limit_ || message_.size() + left_ > limit_) return 1009;
    return 0;
}

std::uint16_t FrameParser::end_frame(std::string_view payload, Sink& sink) {
    in_payload_ = false;
    sized_ = false;
    header_have_ = 0;
    header_need_ = 2;
    if (opcode_ >= Opcode::close) {
        if (!sink.on_message(opcode_, payload)) stopped_ = true;
        return 0;
    }
    fragmented_ = !final_;
    if (fragmented_) return 0;
    if (message_opcode_ == Opcode::text && !valid_utf8(payload)) return 1007;
    if (!sink.on_message(message_opcode_, payload)) stopped_ = true;
    message_.clear();
    return 0;
}

std::uint16_t FrameParser::put(std::span<char> bytes, Sink& sink) {
    std::size_t i = 0;
    while (!stopped_) {
        if (!in_payload_) {
            while (header_have_ < header_need_ && i < bytes.size()) {
                header_[header_have_++] = static_cast<unsigned char>(bytes[i++]);
            }
            if (header_have_ < header_need_) return 0;
            if (!sized_) {
                if (const auto code = size_header(); code != 0) return code;
                continue;
            }
            if (const auto code = start_frame(); code != 0) return code;
            in_payload_ = true;
        }
        const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - i));
        char* payload = bytes.data() + i;
        for (std::size_t k = 0; masked_ && k < here; ++k) {
            payload[k] = static_cast<char>(static_cast<unsigned char>(payload[k]) ^ mask_[(at_ + k) & 3U]);
        }
        i += here;
        at_ += here;
        left_ -= here;
        const bool control = opcode_ >= Opcode::close;
        const bool whole = left_ == 0;
        const std::string_view part(payload, here);
        std::string& kept = control ? control_ : message_;
        // The common case, one frame that is all here, is handed on where it lies.
        if (whole && at_ == here && (control || (final_ && message_.empty()))) {
            if (const auto code = end_frame(part, sink); code != 0) return code;
            continue;
        }
        kept.append(part);
        if (!whole) return 0;
        if (const auto code = end_frame(kept, sink); code != 0) return code;
    }
    return 0;
}

}  // namespace asterism::http
