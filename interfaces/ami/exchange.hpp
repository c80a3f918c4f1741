// One action being carried out: the request, who asks, and the reply that is being written. And the row of the table
// that says how.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/pbx.hpp"
#include "asterism/runtime/task.hpp"
#include "block.hpp"
#include "classes.hpp"
#include "request.hpp"

namespace asterism::ami {

class Session;
class Core;

/// Lives until the action has ended. Everything that a handler writes goes to the session that asked; events that the
/// action causes reach that session after the reply, as Asterisk does it.
class Exchange {
  public:
    Exchange(Core& core, Session& session, Request request, std::string& out)
        : core_(core), session_(session), request_(std::move(request)), out_(out) {}
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    [[nodiscard]] const Request& request() const { return request_; }
    [[nodiscard]] std::string_view get(std::string_view name) const { return request_.get(name); }
    [[nodiscard]] Session& session() const { return session_; }
    [[nodiscard]] Core& core() const { return core_; }
    [[nodiscard]] Pbx& pbx() const;
    [[nodiscard]] std::string& out() { return out_; }

    /// "Response: Success", ActionID, Message.
    void success(std::string_view message) { whole("Success", message); }
    void error(std::string_view message) { whole("Error", message); }
    /// An error whose Message ends in LF, with an extra empty line, as several of Asterisk's parts write it.
    void error_lf(std::string_view message);
    /// Begins a reply of other headers: Response and ActionID are written, the handler adds and ends the block.
    Block reply(std::string_view response = "Success");
    /// Begins a reply that is a list: Response, ActionID, EventList, Message.
    void list(std::string_view message, std::string_view start = "start");
    /// Begins an item of it: Event and ActionID. `id_last`: the handler writes the id itself with `id()`.
    Block item(std::string_view event, bool id_last = false);
    void id();
    /// Begins the end of the list; the handler may add headers and ends the block.
    Block complete(std::string_view event, std::size_t items);

  private:
    void whole(std::string_view response, std::string_view message);

    Core& core_;
    Session& session_;
    Request request_;
    std::string& out_;
};

/// One row: what ListCommands shows, who may, and the code. Exactly one of `run` and `wait` is set.
struct Action {
    std::string name;
    Classes privilege = cls::none;  ///< none: every logged-in user
    std::string params;             ///< "Channel*,Exten,...": a star marks what is required
    std::string synopsis;           ///< one line in our own words
    std::function<void(Exchange&)> run{};
    std::function<Task<void>(Exchange&)> wait{};  ///< for actions that take time
};

using Actions = std::vector<Action>;
// The rows, family by family.
[[nodiscard]] Actions session_actions();
[[nodiscard]] Actions core_actions();
[[nodiscard]] Actions config_actions();
[[nodiscard]] Actions update_actions();
[[nodiscard]] Actions channel_actions();
[[nodiscard]] Actions list_actions();
[[nodiscard]] Actions call_actions();
[[nodiscard]] Actions bridge_actions();
[[nodiscard]] Actions audio_actions();
[[nodiscard]] Actions digit_actions();
[[nodiscard]] Actions state_actions();
[[nodiscard]] Actions database_actions();
[[nodiscard]] Actions dialplan_actions();
[[nodiscard]] Actions pjsip_actions();
[[nodiscard]] Actions subscription_actions();
[[nodiscard]] Actions mwi_actions();

}  // namespace asterism::ami
