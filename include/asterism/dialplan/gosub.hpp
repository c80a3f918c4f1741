// Subroutines: the stack behind Gosub, Return, StackPop, LOCAL(), hangup handlers, Dial's b(), B() and U().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/model/channel.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::dialplan {

class GosubStack : public ChannelExtra {
  public:
    static constexpr std::size_t max_frames = 1000;

    /// Enters a subroutine: ARG1..ARGn, ARGC and what else becomes local hides the caller's variables. False: too deep.
    bool push(Channel& channel, Location return_to, const std::vector<std::string>& arguments);
    /// Leaves it: restores the caller's variables, sets GOSUB_RETVAL. Nothing: there is no frame.
    std::optional<Location> pop(Channel& channel, std::string_view return_value);
    /// Makes NAME local to the present frame and sets it. False: no frame.
    bool set_local(Channel& channel, std::string_view name, std::string_view value);
    [[nodiscard]] std::size_t depth() const { return frames_.size(); }
    /// Where frame `n` (0: the present) returns to, for STACK_PEEK; null if there is none.
    [[nodiscard]] const Location* return_place(std::size_t n) const;
    /// Value of NAME hidden by the n-th frame up, for LOCAL_PEEK.
    [[nodiscard]] std::optional<std::string> peek(Channel& channel, std::size_t n, std::string_view name) const;
    void clear(Channel& channel);

  private:
    struct Saved {
        std::string name;
        std::optional<std::string> value;  ///< nothing: it was unset
    };
    struct Frame {
        Location return_to;
        std::vector<Saved> hidden;
        std::size_t argument_count = 0;
    };
    void hide(Channel& channel, Frame& frame, std::string_view name);
    std::vector<Frame> frames_;
};

/// "[[context,]exten,]priority[(arg1[,...])]" taken apart: the place as written and the arguments.
struct GosubTarget {
    std::string place;
    std::vector<std::string> arguments;
};
[[nodiscard]] GosubTarget parse_gosub(std::string_view text);

/// Runs a subroutine to its Return and comes back, leaving the channel's location as it was. False: no such place, or
/// it ended without Return (hangup, interruption).
Task<bool> run_gosub(Channel& channel, std::string target);

}  // namespace asterism::dialplan
