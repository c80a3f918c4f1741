// Functions and applications that a scenario answers for. One that would reach the world outside and has no answer
// fails, and the scenario with it: a test of a dialplan neither asks the web nor starts programs.
#include <algorithm>
#include <array>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/model/operations.hpp"
#include "core/simulator/simulation.hpp"

namespace asterism::simulator {

namespace {

using dialplan::Application;
using dialplan::AppResult;
using dialplan::Function;
using dialplan::FunctionCall;

constexpr std::array<std::string_view, 9> outside_functions{
    "CURL", "SHELL", "FILE", "SRVQUERY", "SRVRESULT", "DNS_QUERY", "TXTCIDNAME", "ENUMLOOKUP", "ENUMQUERY"};
constexpr std::array<std::string_view, 5> outside_applications{"System", "TrySystem", "ExternalIVR", "Reload",
                                                               "Dictate"};

bool reaches_outside(const Function& function) {
    return std::ranges::find(outside_functions, function.name) != outside_functions.end() ||
           function.module == "func_odbc" || function.name.starts_with("ODBC") || function.name.starts_with("REALTIME");
}

/// A function that is answered for waits for nobody, neither does one that reaches outside.
template <class F>
void drop_slow_write(F& function) {
    if constexpr (requires { function.write_later; }) function.write_later = nullptr;
}

/// One name's answers, each taken in its turn. Shared by the copies of the entry that holds it.
class Answers {
  public:
    Answers(std::vector<const Scripted*> entries) : entries_(std::move(entries)), used_(entries_.size()) {}

    /// Nothing: nobody answers for these arguments. An entry with arguments goes before one without.
    const Answer* take(std::string_view arguments) {
        for (const bool named : {true, false}) {
            for (std::size_t i = 0; i < entries_.size(); ++i) {
                const Scripted& entry = *entries_[i];
                if (entry.arguments.has_value() != named) continue;
                if (named && !like(*entry.arguments, arguments)) continue;
                return &entry.answers[std::min(used_[i]++, entry.answers.size() - 1)];
            }
        }
        return nullptr;
    }

  private:
    std::vector<const Scripted*> entries_;
    std::vector<std::size_t> used_;
};

std::string name_of(const Channel* channel) { return channel ? channel->name() : std::string(); }

void unanswered(Recorder& recorder, const Channel* channel, const std::string& what) {
    recorder.problem({}, what + " reaches outside and the scenario has no answer for it" +
                             (channel ? " (" + channel->name() + ")" : std::string()));
}

Task<std::optional<std::string>> read_scripted_function(World& world, Recorder& recorder,
                                                        std::shared_ptr<Answers> answers,
                                                        std::shared_ptr<const Function> real, FunctionCall call) {
    const std::string text = std::string(call.name) + "(" + std::string(call.args) + ")";
    const ChannelId id = call.channel ? call.channel->id() : ChannelId{};
    if (const Answer* answer = answers->take(call.args)) {
        if (answer->takes > Millis{0}) co_await sleep_for(world.loop, answer->takes);
        const Channel* channel = world.channels.find(id);
        if (answer->fails) {
            recorder.note(name_of(channel), text + " fails");
            co_return std::nullopt;
        }
        recorder.note(name_of(channel), text + " gives \"" + answer->value + "\"");
        co_return answer->value;
    }
    if (reaches_outside(*real) || (!real->read && !real->read_later)) {
        unanswered(recorder, call.channel, text);
        co_return std::nullopt;
    }
    if (real->read_later) co_return co_await real->read_later(call);
    co_return real->read(call);
}

void script_function(World& world, Recorder& recorder, const std::string& name, std::vector<const Scripted*> entries) {
    Function made{.name = name, .synopsis = "answered by the scenario", .syntax = name + "(...)"};
    if (const Function* there = world.functions.find(name)) made = *there;
    const auto real = std::make_shared<const Function>(made);
    const bool waits = real->read_later || std::ranges::any_of(entries, [](const Scripted* s) {
                           return std::ranges::any_of(s->answers, [](const Answer& a) { return a.takes > Millis{0}; });
                       });
    auto answers = std::make_shared<Answers>(std::move(entries));
    made.read = nullptr;
    made.read_later = nullptr;
    if (waits) {
        made.read_later = [&world, &recorder, answers, real](FunctionCall call) {
            return read_scripted_function(world, recorder, answers, real, call);
        };
    } else {
        made.read = [&recorder, answers, real](FunctionCall& call) -> std::optional<std::string> {
            const std::string text = std::string(call.name) + "(" + std::string(call.args) + ")";
            if (const Answer* answer = answers->take(call.args)) {
                recorder.note(name_of(call.channel),
                              answer->fails ? text + " fails" : text + " gives \"" + answer->value + "\"");
                return answer->fails ? std::nullopt : std::optional(answer->value);
            }
            if (real->read && !reaches_outside(*real)) return real->read(call);
            unanswered(recorder, call.channel, text);
            return std::nullopt;
        };
    }
    if (!real->write || reaches_outside(*real)) {
        drop_slow_write(made);
        made.write = [&recorder](FunctionCall& call, std::string_view value) {
            recorder.note(name_of(call.channel), std::string(call.name) + "(" + std::string(call.args) +
                                                     ") is set to \"" + std::string(value) + "\"");
            return true;
        };
    }
    world.functions.add(std::move(made));
}

Task<AppResult> run_scripted_application(Recorder& recorder, std::shared_ptr<Answers> answers,
                                         std::shared_ptr<const Application> real, Channel& channel, std::string data) {
    const Answer* answer = answers->take(data);
    if (!answer) {
        if (real->run_now) {
            const AppResult result = real->run_now(channel, data);
            if (result.kind != AppResult::Kind::later) co_return result;
        }
        if (real->run) co_return co_await real->run(channel, std::move(data));
        unanswered(recorder, &channel, real->name + "(" + data + ")");
        co_return AppResult::hang_up();
    }
    if (answer->takes > Millis{0}) {
        const OpResult end = co_await wait(channel, answer->takes);
        if (end.over()) co_return AppResult::hang_up();
    }
    for (const auto& [name, value] : answer->sets) dialplan::set_variable(channel.pbx(), &channel, name, value);
    co_return answer->hang_up ? AppResult::hang_up() : AppResult::go_on();
}

void script_application(World& world, Recorder& recorder, const std::string& name,
                        std::vector<const Scripted*> entries) {
    Application made{.name = name, .synopsis = "answered by the scenario", .syntax = name + "(...)"};
    if (const Application* there = world.applications.find(name)) made = *there;
    auto real = made;
    if (std::ranges::find(outside_applications, made.name) != outside_applications.end()) {
        real.run = nullptr;
        real.run_now = nullptr;
    }
    made.run_now = nullptr;
    made.run = [&recorder, answers = std::make_shared<Answers>(std::move(entries)),
                real = std::make_shared<const Application>(std::move(real))](Channel& channel, std::string data) {
        return run_scripted_application(recorder, answers, real, channel, std::move(data));
    };
    world.applications.add(std::move(made));
}

/// Recording a call makes folders, deletes files and starts a command afterwards: here it is only noted.
void stand_in_for_recording(World& world, Recorder& recorder) {
    const auto replace = [&](const std::string& name, auto&& run) {
        const Application* there = world.applications.find(name);
        if (!there) return;
        Application made = *there;
        made.run = nullptr;
        made.run_now = std::move(run);
        world.applications.add(std::move(made));
    };
    replace("MixMonitor", [&world, &recorder](Channel& channel, std::string_view data) {
        const dialplan::Arguments arguments(data);
        std::string file = arguments.has(0) ? arguments[0] : std::string();
        if (!file.starts_with('/')) file = world.settings.monitor_dir() + "/" + file;
        channel.set_variable("MIXMONITOR_FILENAME", file);
        recorder.note(channel.name(), "the call is recorded to " + file);
        return AppResult::go_on();
    });
    replace("StopMixMonitor", [&recorder](Channel& channel, std::string_view) {
        recorder.note(channel.name(), "the call is no longer recorded");
        return AppResult::go_on();
    });
}

}  // namespace

void install_scripted(World& world, const Scenario& scenario, Recorder& recorder) {
    stand_in_for_recording(world, recorder);
    std::map<std::string, std::vector<const Scripted*>> functions, applications;
    for (const auto& one : scenario.given.functions) functions[one.name].push_back(&one);
    for (const auto& one : scenario.given.applications) applications[one.name].push_back(&one);
    for (const Function* function : world.functions.all()) {
        if (reaches_outside(*function)) functions.try_emplace(function->name);
    }
    for (const auto name : outside_applications) {
        const bool scripted =
            std::ranges::any_of(applications, [&](const auto& a) { return config::equal_nocase(a.first, name); });
        if (!scripted && world.applications.find(name)) applications.try_emplace(std::string(name));
    }
    for (auto& [name, entries] : functions) script_function(world, recorder, name, std::move(entries));
    for (auto& [name, entries] : applications) script_application(world, recorder, name, std::move(entries));
}

}  // namespace asterism::simulator
