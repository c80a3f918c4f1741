// The answers to GET /endpoints and /endpoints/TECH, kept until an endpoint changes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace asterism {
struct Pbx;
}

namespace asterism::ari {

/// Owned by the Service. Who polls a thousand endpoints each second is sent the same bytes again.
class EndpointLists {
  public:
    explicit EndpointLists(Pbx& pbx) : pbx_(pbx) {}
    /// `technology`: as the technology itself writes its name; empty: all.
    [[nodiscard]] std::shared_ptr<const std::string> of(std::string_view technology);

  private:
    struct Kept {
        std::uint64_t revision = 0;
        std::shared_ptr<const std::string> text;
    };
    Pbx& pbx_;
    std::map<std::string, Kept, std::less<>> kept_;
};

}  // namespace asterism::ari
