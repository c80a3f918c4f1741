#include "asterism/runtime/random.hpp"

#include <sys/random.h>

#include <stdexcept>

namespace asterism {

std::string Random::hex(std::size_t digits) {
    std::string text(digits, '0');
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (i % 16 == 0) bits = next();
        text[i] = "0123456789abcdef"[bits & 15U];
        bits >>= 4U;
    }
    return text;
}

std::string Random::uuid() {
    std::string text = hex(36);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) text[dash] = '-';
    text[14] = '4';
    text[19] = "89ab"[below(4)];
    return text;
}

std::uint64_t Random::below(std::uint64_t bound) {
    // Rejects the incomplete last range, so that every result is equally likely.
    const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
    std::uint64_t value = next();
    while (value >= limit) value = next();
    return value % bound;
}

std::uint64_t SystemRandom::next() {
    if (left_ == 0) {
        if (getrandom(pool_, sizeof pool_, 0) != static_cast<ssize_t>(sizeof pool_)) {
            throw std::runtime_error("getrandom gave nothing");
        }
        left_ = std::size(pool_);
    }
    return pool_[--left_];
}

std::uint64_t FixedRandom::next() {
    // SplitMix64 (Steele, Lea, Flood 2014): any seed gives a full sequence.
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

}  // namespace asterism
