#include "media/machine_watcher.hpp"

#include <fmt/format.h>

#include <utility>

#include "media/recorder.hpp"

namespace asterism::media {

void MachineWatcher::decide(Tell& tell, const char* status, std::string cause) {
    if (std::exchange(decided_, true)) return;
    tell({.kind = Heard::Kind::decided, .duration = total_, .text = status, .cause = std::move(cause)});
}

void MachineWatcher::hear(std::span<const std::int16_t> samples, Tell& tell) {
    if (decided_) return;
    const Millis length(static_cast<std::int64_t>(samples.size() / 8));
    total_ += length;
    if (total_ >= watch_.total_time) return decide(tell, "NOTSURE", fmt::format("TOOLONG-{}", total_.count()));
    if (mean_magnitude(samples) < watch_.level) {
        silence_ += length;
        quiet(tell);
    } else {
        silence_ = Millis{0};
        word_ += length;
        voice_ += length;
        sound(tell);
    }
}

void MachineWatcher::quiet(Tell& tell) {
    if (silence_ >= watch_.between_words) {
        // What was too short to be a word was a noise.
        if (!in_word_ && !greeting_) voice_ = Millis{0};
        in_word_ = false;
        word_ = Millis{0};
    }
    if (initial_ && silence_ >= watch_.initial_silence)
        return decide(tell, "MACHINE",
                      fmt::format("INITIALSILENCE-{}-{}", silence_.count(), watch_.initial_silence.count()));
    if (greeting_ && silence_ >= watch_.after_greeting_silence)
        return decide(tell, "HUMAN",
                      fmt::format("HUMAN-{}-{}", silence_.count(), watch_.after_greeting_silence.count()));
}

void MachineWatcher::sound(Tell& tell) {
    if (!in_word_ && word_ >= watch_.min_word) {
        in_word_ = true;
        ++words_;
    }
    if (word_ >= watch_.max_word) return decide(tell, "MACHINE", fmt::format("MAXWORDLENGTH-{}", word_.count()));
    if (words_ > watch_.max_words)
        return decide(tell, "MACHINE", fmt::format("MAXWORDS-{}-{}", words_, watch_.max_words));
    if (greeting_ && voice_ >= watch_.greeting)
        return decide(tell, "MACHINE", fmt::format("LONGGREETING-{}-{}", voice_.count(), watch_.greeting.count()));
    if (voice_ >= watch_.min_word) {
        initial_ = false;
        greeting_ = true;
    }
}

}  // namespace asterism::media
