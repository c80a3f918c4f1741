// While and If: blocks of priorities within one extension. Where a block begins and ends is read from the dialplan
// itself, so that no state is kept but what an If still looks for.
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// The priorities around a channel's place, as a list to walk in.
class Lines {
  public:
    explicit Lines(Channel& channel) : channel_(channel), plan_(channel.pbx().dialplan->plan()) {
        const auto& here = channel.location();
        const auto found = plan_->find(dialplan::query_for(channel, here.context, here.exten), here.priority);
        if (!found) return;
        lines_ = &found.extension->priorities;
        while (at_ < lines_->size() && (*lines_)[at_].number != here.priority) ++at_;
    }
    [[nodiscard]] std::size_t here() const { return at_; }
    [[nodiscard]] std::size_t size() const { return lines_ ? lines_->size() : 0; }
    [[nodiscard]] bool is(std::size_t line, std::string_view application) const {
        return functions::lower((*lines_)[line].application) == application;
    }
    void go(std::size_t line) const { go_to_number((*lines_)[line].number); }
    void go_behind(std::size_t line) const { go_to_number((*lines_)[line].number + 1); }

    /// The first line behind `from` that `fits` and is not inside another block; nothing if there is none.
    template <class Fits>
    [[nodiscard]] std::optional<std::size_t> forward(std::size_t from, std::string_view opens, std::string_view closes,
                                                     Fits fits) const {
        int depth = 0;
        for (std::size_t i = from + 1; i < size(); ++i) {
            if (depth == 0 && fits(i)) return i;
            if (is(i, opens)) ++depth;
            if (is(i, closes)) --depth;
            if (depth < 0) return std::nullopt;
        }
        return std::nullopt;
    }
    /// The line that opens the block around `from`.
    [[nodiscard]] std::optional<std::size_t> opening(std::size_t from, std::string_view opens,
                                                     std::string_view closes) const {
        int depth = 0;
        for (std::size_t i = from; i-- > 0;) {
            if (is(i, closes)) ++depth;
            if (is(i, opens) && depth-- == 0) return i;
        }
        return std::nullopt;
    }

  private:
    void go_to_number(int priority) const {
        auto where = channel_.location();
        where.priority = priority;
        dialplan::go_to(channel_, std::move(where));
    }
    Channel& channel_;
    std::shared_ptr<const dialplan::Plan> plan_;
    const std::vector<dialplan::Priority>* lines_ = nullptr;
    std::size_t at_ = 0;
};

// ---- While ----

std::optional<std::size_t> end_of_while(const Lines& lines, std::size_t begin) {
    return lines.forward(begin, "while", "endwhile", [&](std::size_t i) { return lines.is(i, "endwhile"); });
}

AppResult while_(Channel& channel, std::string_view data) {
    if (dialplan::is_true(functions::trim(data))) return AppResult::go_on();
    const Lines lines(channel);
    const auto end = end_of_while(lines, lines.here());
    if (!end) {
        log::warning("Couldn't find matching EndWhile? (While at {}@{} priority {})", channel.location().context,
                     channel.location().exten, channel.location().priority);
        return AppResult::hang_up();
    }
    lines.go_behind(*end);
    return AppResult::go_on();
}

/// EndWhile and ContinueWhile: back to the condition.
AppResult again(Channel& channel, std::string_view) {
    const Lines lines(channel);
    const auto begin = lines.opening(lines.here(), "while", "endwhile");
    if (!begin) {
        log::warning("EndWhile or ContinueWhile outside of a While");
        return AppResult::go_on();
    }
    lines.go(*begin);
    return AppResult::go_on();
}

AppResult exit_while(Channel& channel, std::string_view) {
    const Lines lines(channel);
    const auto begin = lines.opening(lines.here(), "while", "endwhile");
    const auto end = begin ? end_of_while(lines, *begin) : std::nullopt;
    if (!end) {
        log::warning("ExitWhile outside of a While");
        return AppResult::go_on();
    }
    lines.go_behind(*end);
    return AppResult::go_on();
}

// ---- If ----

/// Set while an If looks for the branch to take: then ElseIf and Else are its, otherwise they end the branch before.
struct Seeking : ChannelExtra {
    bool on = false;
};

std::optional<std::size_t> next_branch(const Lines& lines, std::size_t from, bool end_only) {
    return lines.forward(from, "if", "endif", [&](std::size_t i) {
        return lines.is(i, "endif") || (!end_only && (lines.is(i, "elseif") || lines.is(i, "else")));
    });
}

AppResult seek(Channel& channel, const Lines& lines) {
    const auto next = next_branch(lines, lines.here(), false);
    if (!next) {
        log::warning("Couldn't find matching EndIf? (If at {}@{} priority {})", channel.location().context,
                     channel.location().exten, channel.location().priority);
        return AppResult::hang_up();
    }
    if (lines.is(*next, "endif")) {
        lines.go_behind(*next);
    } else {
        channel.extra<Seeking>().on = true;
        lines.go(*next);
    }
    return AppResult::go_on();
}

AppResult if_(Channel& channel, std::string_view data) {
    if (dialplan::is_true(functions::trim(data))) return AppResult::go_on();
    return seek(channel, Lines(channel));
}

AppResult leave(const Lines& lines, std::size_t from) {
    const auto end = next_branch(lines, from, true);
    if (!end) {
        log::warning("ElseIf, Else or ExitIf without EndIf");
        return AppResult::go_on();
    }
    lines.go_behind(*end);
    return AppResult::go_on();
}

AppResult else_if(Channel& channel, std::string_view data) {
    const Lines lines(channel);
    if (!std::exchange(channel.extra<Seeking>().on, false)) return leave(lines, lines.here());
    return dialplan::is_true(functions::trim(data)) ? AppResult::go_on() : seek(channel, lines);
}

AppResult else_(Channel& channel, std::string_view) {
    if (std::exchange(channel.extra<Seeking>().on, false)) return AppResult::go_on();
    const Lines lines(channel);
    return leave(lines, lines.here());
}

AppResult end_if(Channel&, std::string_view) { return AppResult::go_on(); }

AppResult exit_if(Channel& channel, std::string_view) {
    const Lines lines(channel);
    return leave(lines, lines.here());
}

}  // namespace

void add_block_applications(dialplan::Applications& all) {
    const dialplan::Parameter condition{"expr", "true unless empty or 0"};
    all.add({.name = "While",
             .synopsis = "run the lines up to EndWhile as long as something is true",
             .syntax = "While(expr)",
             .parameters = {condition},
             .run_now = while_,
             .module = "app_while"});
    all.add({.name = "EndWhile",
             .synopsis = "end of a While",
             .syntax = "EndWhile()",
             .run_now = again,
             .module = "app_while"});
    all.add({.name = "ContinueWhile",
             .synopsis = "back to the While",
             .syntax = "ContinueWhile()",
             .run_now = again,
             .module = "app_while"});
    all.add({.name = "ExitWhile",
             .synopsis = "leave a While",
             .syntax = "ExitWhile()",
             .run_now = exit_while,
             .module = "app_while"});
    all.add({.name = "If",
             .synopsis = "run the lines up to ElseIf, Else or EndIf if something is true",
             .syntax = "If(expr)",
             .parameters = {condition},
             .run_now = if_,
             .module = "app_if"});
    all.add({.name = "ElseIf",
             .synopsis = "another branch of an If",
             .syntax = "ElseIf(expr)",
             .parameters = {condition},
             .run_now = else_if,
             .module = "app_if"});
    all.add({.name = "Else",
             .synopsis = "the last branch of an If",
             .syntax = "Else()",
             .run_now = else_,
             .module = "app_if"});
    all.add({.name = "EndIf", .synopsis = "end of an If", .syntax = "EndIf()", .run_now = end_if, .module = "app_if"});
    all.add(
        {.name = "ExitIf", .synopsis = "leave an If", .syntax = "ExitIf()", .run_now = exit_if, .module = "app_if"});
}

}  // namespace asterism::applications
