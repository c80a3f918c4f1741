// Randomness, injected so that tests are repeatable.
#pragma once

#include <cstdint>
#include <string>

namespace asterism {

class Random {
  public:
    virtual ~Random() = default;
    virtual std::uint64_t next() = 0;
    /// `digits` lower-case hexadecimal digits.
    std::string hex(std::size_t digits);
    /// A version 4 UUID (RFC 9562), lower case with dashes.
    std::string uuid();
    /// Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
};

/// The operating system's randomness, for the daemon.
class SystemRandom final : public Random {
  public:
    std::uint64_t next() override;

  private:
    std::uint64_t pool_[64]{};
    std::size_t left_ = 0;
};

/// A fixed sequence, for tests.
class FixedRandom final : public Random {
  public:
    explicit FixedRandom(std::uint64_t seed = 1) : state_(seed) {}
    std::uint64_t next() override;

  private:
    std::uint64_t state_;
};

}  // namespace asterism
