// One conversation between a channel and a script: reads commands, runs them one at a time, answers each with one
// write.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/agi/cli_commands.hpp"
#include "interfaces/agi/command_line.hpp"
#include "interfaces/agi/link.hpp"

namespace asterism::agi {

struct Command;

/// AGISTATUS.
enum class Outcome { success, failure, not_found, hangup };
std::string_view to_string(Outcome outcome);

/// Owned by the coroutine of the AGI application, which controls the channel; ends with it. Nothing is polled: the
/// session sleeps until the link or the channel has something.
class Session {
  public:
    Session(Channel& channel, std::unique_ptr<Link> link, std::shared_ptr<const Debugging> debugging = {});
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Until the script has gone, says that it is done (ASYNCAGI BREAK), or the channel is taken by somebody else.
    Task<Outcome> run(std::string environment);

    // ---- for commands ----
    [[nodiscard]] Channel& channel() { return channel_; }
    [[nodiscard]] Pbx& pbx() { return channel_.pbx(); }
    /// Words of the command, its name included.
    [[nodiscard]] std::span<const std::string_view> words() const { return line_.words(); }
    /// Word `index`, or nothing if it was not given.
    [[nodiscard]] std::string_view word(std::size_t index) const {
        return index < line_.words().size() ? line_.words()[index] : std::string_view{};
    }
    /// The one final reply. A command that gives none is answered 520.
    void reply(std::string_view text);
    template <class... Args>
    void reply_format(fmt::format_string<Args...> format, Args&&... args) {
        reply(fmt::format(format, std::forward<Args>(args)...));
    }
    /// "200 result=N"
    void result(int value);
    /// A line before the final reply ("100 result=0 Trying...").
    void interim(std::string_view text);
    /// The arguments make no sense: 520 with the usage.
    void usage_error();
    /// The channel no longer carries a call.
    [[nodiscard]] bool dead() const { return channel_.hangup_requested() || channel_.in_afterlife(); }
    /// ASYNCAGI BREAK: the script is through with this session although its link is open.
    void finish() { finished_ = finished_ || link_->ends_on_break(); }

  private:
    [[nodiscard]] bool debugging() const { return debugging_ && debugging_->on; }
    /// Runs a command and answers. False: it has to wait; then its handler's later() and end_line() are to follow.
    bool run_line(LineReader::Line line);
    void end_line();
    void notice_hangup();
    [[nodiscard]] bool variable_says(std::string_view name, bool yes) const;
    void send(std::string_view code_and_text);

    Channel& channel_;
    Mailbox<ChannelSignal> signals_;
    Observation observation_;
    std::unique_ptr<Link> link_;
    std::shared_ptr<const Debugging> debugging_;

    LineReader reader_;
    CommandLine line_;
    std::string arrived_, out_;
    const Command* command_ = nullptr;
    std::string reply_;
    std::uint64_t command_count_ = 0;
    bool watched_ = false;  // the present command, by whoever wants AGIExecStart and AGIExecEnd
    std::string watched_text_;
    bool finished_ = false, told_hangup_ = false, born_dead_ = false;
};

}  // namespace asterism::agi
