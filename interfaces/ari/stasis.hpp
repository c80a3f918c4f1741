// A channel in a Stasis application: what controls it while REST requests say what to do.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::ari {

class Service;
class App;
class PlayQueue;

/// Lives on the channel while the application has it, made and dropped by run_stasis.
struct Control final : ChannelExtra {
    ~Control() override;
    Service* service = nullptr;
    std::string app;
    std::vector<std::string> args;          ///< of the application, as StasisStart said
    Mailbox<ChannelSignal>* box = nullptr;  ///< of the coroutine: a signal of kind media wakes it
    bool leave = false;                     ///< continue: let go
    std::optional<Location> next;           ///< where the dialplan goes on; nothing: behind the application
    struct Move {
        std::string app;
        std::vector<std::string> args;
    };
    std::optional<Move> move;
    BridgeId bridge;                   ///< that the application put it into
    std::unique_ptr<PlayQueue> plays;  ///< media that is played, one after another
    std::uint64_t silence = 0;         ///< media operation that plays silence
    std::string recording;             ///< name of the recording that runs, empty: none
    std::unique_ptr<TaskScope> tasks;  ///< digits being sent, a dial that runs: ends with the application's control

    void wake(Channel& channel) const;
};

/// The control of a channel, or null when no application has it.
[[nodiscard]] Control* control_of(Channel& channel);

/// StasisStart once more, for a client that has come to an application which has the channel already ("resumed": true).
[[nodiscard]] EventText start_again(Service& service, Channel& channel, const Control& control);

/// Whose place a channel takes (a transfer): who it was, and the bridge that it is to be in.
struct Replaced {
    ChannelShot shot;
    ChannelId channel;
    BridgeId bridge;
};

/// Runs an application on a channel until it lets go, hangs up or is taken. STASISSTATUS says how it went. Returns
/// false when the application isn't there.
Task<bool> run_stasis(Service& service, Channel& channel, std::string app, std::vector<std::string> args,
                      std::optional<Replaced> replaced = std::nullopt);
/// The same for a channel without a dialplan (originate, create): afterwards the dialplan goes on where the application
/// said, or the channel ends.
/// `quietly`: ChannelDialplan says nothing of it to those who subscribed to the channel (originate, as Asterisk).
Task<void> run_stasis_alone(Service& service, Channel& channel, std::string app, std::string args_text,
                            bool quietly = false, std::optional<Replaced> replaced = std::nullopt);

/// Splits appArgs: at commas.
[[nodiscard]] std::vector<std::string> split_args(std::string_view text);

/// Adds and removes the dialplan application Stasis.
void register_stasis(Service& service);
void unregister_stasis(Service& service);

}  // namespace asterism::ari
