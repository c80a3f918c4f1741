// Extensions in a database: what `switch => Realtime/[context][@family]` leads to. A search of a plan cannot wait, so
// it looks at what is known; the executor, who can, has what is not known fetched and searches again. What was fetched
// is known for a second: long enough for a search to find it, short enough that a change holds from the next call on.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/dialplan.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::store {
class Realtime;
}

namespace asterism::dialplan {

/// What a database was asked for, and has answered.
struct RealtimeAnswer;

/// Owned by main. Control loop only.
class RealtimeExtensions {
  public:
    /// The columns are context, exten, priority, app and appdata.
    RealtimeExtensions(Loop& loop, store::Realtime& realtime) : loop_(loop), realtime_(realtime) {}
    RealtimeExtensions(const RealtimeExtensions&) = delete;
    RealtimeExtensions& operator=(const RealtimeExtensions&) = delete;

    /// Null: it is not known (any more), see fetch().
    [[nodiscard]] std::shared_ptr<const RealtimeAnswer> known(const RealtimeQuestion& question) const;
    /// A failure is logged, and known as no extension at all.
    Task<void> fetch(RealtimeQuestion question);

  private:
    struct Known {
        std::shared_ptr<const RealtimeAnswer> answer;
        TimePoint since;
    };
    [[nodiscard]] bool fresh(const Known& known) const;
    void forget_old();

    Loop& loop_;
    store::Realtime& realtime_;
    std::map<RealtimeQuestion, Known> known_;
};

}  // namespace asterism::dialplan
