// What a worker tells control.
#pragma once

#include <variant>
#include <vector>

#include "asterism/media/engine.hpp"

namespace asterism::media {

struct LegNotice {
    LegId leg;
    LegEvent event;
};
struct EndNotice {
    OpId op;
    OpEnd end;
};
/// A player will soon need a file.
struct NeedNotice {
    OpId op;
    std::size_t file;
};
struct StatsNotice {
    std::uint64_t question;
    RtpStats stats;
};
/// A listen() heard what it is about.
struct HeardNotice {
    OpId op;
    Heard heard;
};
/// What a stream leg has for its program.
struct StreamNotice {
    LegId leg;
    StreamEvent event;
};
using Notice = std::variant<LegNotice, EndNotice, NeedNotice, StatsNotice, HeardNotice, StreamNotice>;

}  // namespace asterism::media
