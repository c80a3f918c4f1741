// When something applies: "9:00-17:00,mon-fri,*,*[,timezone]", of timed includes, GotoIfTime, IFTIME and ExecIfTime.
#pragma once

#include <bitset>
#include <ctime>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/runtime/time.hpp"

namespace asterism::dialplan {

class Timing {
  public:
    /// times,weekdays,days of the month,months[,zone], each `*`, one, a range (which may wrap) or several joined by &.
    /// The error says what is wrong with which part.
    [[nodiscard]] static std::expected<Timing, std::string> parse(std::string_view text);
    [[nodiscard]] bool includes(WallTime now) const;
    /// How the local time of a named zone is found; set once at start by whoever knows zones (the C library knows only
    /// the machine's). Until then named zones are taken for the machine's.
    static void set_zones(std::tm (*local)(std::string_view zone, WallTime now));

  private:
    std::bitset<1440> minutes_;
    std::bitset<7> weekdays_;  // Sunday first
    std::bitset<32> days_;
    std::bitset<12> months_;
    std::string zone_;
};

}  // namespace asterism::dialplan
