#include "media/source_learner.hpp"

namespace asterism::media {

void SourceLearner::configure(StrictRtp mode, unsigned probation, const SocketAddress& remote) {
    const bool same = remote == remote_ && mode == mode_;
    mode_ = mode;
    probation_ = probation == 0 ? 1 : probation;
    if (same) return;
    remote_ = remote;
    locked_ = false;
    in_sequence_ = 0;
}

bool SourceLearner::proves_itself(const SocketAddress& from, std::uint16_t sequence, TimePoint now) {
    if (in_sequence_ == 0 || !(from == candidate_) || sequence != expected_) {
        candidate_ = from;
        in_sequence_ = 0;
        since_ = now;
    }
    expected_ = static_cast<std::uint16_t>(sequence + 1);
    if (++in_sequence_ < probation_) return false;
    // Packets of 10 ms take this long at least; a flood of forged ones is faster.
    const std::chrono::milliseconds least{(static_cast<int>(probation_) - 1) * 9 - 5};
    return mode_ == StrictRtp::seqno || now - since_ >= least;
}

bool SourceLearner::take(const SocketAddress& from, std::uint16_t sequence, TimePoint now) {
    constexpr auto silent_for = 5s;
    if (mode_ == StrictRtp::no) {
        source_ = from;
        heard_ = now;
        return true;
    }
    // SDP's word wins over what was learned: after a re-INVITE the old source may still be sending for a moment.
    const bool named = from == remote_;
    if (!named && !(locked_ && from == source_)) {
        if (locked_ && now - heard_ < silent_for) return false;
        if (!proves_itself(from, sequence, now)) return false;
    }
    source_ = from;
    heard_ = now;
    locked_ = true;
    in_sequence_ = 0;
    return true;
}

}  // namespace asterism::media
