// A PBX with just enough to run a dialplan: test phones and the few applications that control flow needs.
#pragma once

#include <string>
#include <vector>

#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/runtime/whole.hpp"
#include "asterism/world/world.hpp"
#include "support/test_loop.hpp"
#include "support/test_phone.hpp"
#include "unit/config/map_source.hpp"

namespace asterism::dialplan {

class MiniPbx : public World {
  public:
    MiniPbx() {
        technologies.add(phones);
        add_applications();
    }

    /// Calls in and runs until nothing happens without time passing.
    Channel& call(const std::string& exten, const std::string& context = "default",
                  const std::string& number = "1000") {
        Channel& channel = phones.call_in("a", context, exten, number);
        loop.run();
        return channel;
    }
    /// Every application that ran: "NoOp(text)".
    std::vector<std::string> ran;
    void watch() {
        subscription_ = bus.subscribe([this](const Event& event) {
            if (event.kind == EventKind::channel_dialplan) {
                const auto& shot = *as<ChannelDialplan>(event).channel;
                ran.push_back(shot.application + "(" + shot.application_data + ")");
            }
            if (event.kind == EventKind::channel_hangup) {
                ran.push_back("hangup " + std::to_string(static_cast<int>(as<ChannelHangup>(event).cause)));
            }
        });
    }

  private:
    static AppResult set(Channel& channel, std::string_view data) {
        const std::size_t equals = data.find('=');
        if (equals != std::string_view::npos) {
            set_variable(channel.pbx(), &channel, data.substr(0, equals), data.substr(equals + 1));
        }
        return AppResult::go_on();
    }
    static AppResult go_to_if(Channel& channel, std::string_view data) {
        const std::size_t question = data.find('?');
        const std::size_t colon = data.find(':', question);
        const bool yes = is_true(data.substr(0, question));
        const std::string_view target =
            yes ? data.substr(question + 1, colon == std::string_view::npos ? colon : colon - question - 1)
            : colon == std::string_view::npos ? std::string_view()
                                              : data.substr(colon + 1);
        if (!target.empty() && !go_to(channel, target)) return AppResult::hang_up();
        return AppResult::go_on();
    }
    static AppResult gosub(Channel& channel, std::string_view data) {
        const GosubTarget target = parse_gosub(data);
        auto where = parse_location(channel, target.place);
        Location back = channel.location();
        ++back.priority;
        if (!where || !channel.extra<GosubStack>().push(channel, back, target.arguments)) return AppResult::hang_up();
        go_to(channel, *where);
        return AppResult::go_on();
    }
    static AppResult leave(Channel& channel, std::string_view data) {
        auto back = channel.extra<GosubStack>().pop(channel, data);
        if (!back) return AppResult::hang_up();
        go_to(channel, *back);
        return AppResult::go_on();
    }
    static Task<AppResult> wait_some(Channel& channel, std::string data) {
        const OpResult end = co_await wait(channel, from_seconds(leading_number(data)));
        co_return end.over() ? AppResult::hang_up() : AppResult::go_on();
    }
    static Task<AppResult> wait_exten(Channel& channel, std::string) {
        const OpResult end = co_await wait_digit(channel, 10s);
        if (end.over()) co_return AppResult::hang_up();
        co_return end.end == End::digit ? AppResult::typed(end.digit) : extension_timeout(channel);
    }
    static Task<AppResult> call_sub(Channel& channel, std::string data) {
        const bool returned = co_await run_gosub(channel, std::move(data));
        channel.set_variable("RETURNED", returned ? "yes" : "no");
        co_return AppResult::go_on();
    }

    void add_applications() {
        applications.add({.name = "NoOp", .synopsis = "", .syntax = "", .run_now = [](Channel&, std::string_view) {
                              return AppResult::go_on();
                          }});
        applications.add({.name = "Set", .synopsis = "", .syntax = "", .run_now = set});
        applications.add({.name = "GotoIf", .synopsis = "", .syntax = "", .run_now = go_to_if});
        applications.add(
            {.name = "Goto", .synopsis = "", .syntax = "", .run_now = [](Channel& c, std::string_view data) {
                 return go_to(c, data) ? AppResult::go_on() : AppResult::hang_up();
             }});
        applications.add({.name = "Hangup", .synopsis = "", .syntax = "", .run_now = [](Channel&, std::string_view) {
                              return AppResult::hang_up();
                          }});
        applications.add({.name = "Gosub", .synopsis = "", .syntax = "", .run_now = gosub});
        applications.add({.name = "Return", .synopsis = "", .syntax = "", .run_now = leave});
        applications.add(
            {.name = "Digit", .synopsis = "", .syntax = "", .run_now = [](Channel&, std::string_view data) {
                 return AppResult::typed(data.front());
             }});
        applications.add(
            {.name = "Throw", .synopsis = "", .syntax = "", .run_now = [](Channel&, std::string_view) -> AppResult {
                 throw std::runtime_error("broken");
             }});
        applications.add({.name = "Wait", .synopsis = "", .syntax = "", .run = wait_some});
        applications.add({.name = "WaitExten", .synopsis = "", .syntax = "", .run = wait_exten});
        applications.add({.name = "CallSub", .synopsis = "", .syntax = "", .run = call_sub});
        functions.add(
            {.name = "LEN", .synopsis = "", .syntax = "", .read = [](FunctionCall& call) -> std::optional<std::string> {
                 return std::to_string(call.args.size());
             }});
        functions.add({.name = "SLOW",
                       .synopsis = "",
                       .syntax = "",
                       .read_later = [](FunctionCall call) -> Task<std::optional<std::string>> {
                           co_await sleep_for(*call.pbx.loop, 1s);
                           co_return "slow " + std::string(call.args);
                       }});
        functions.add(
            {.name = "STORE", .synopsis = "", .syntax = "", .write = [](FunctionCall& call, std::string_view value) {
                 call.channel->set_variable("STORED", std::string(call.args) + ":" + std::string(value));
                 return true;
             }});
    }

    Bus::Subscription subscription_;
};

}  // namespace asterism::dialplan
