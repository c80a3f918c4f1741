// Dialplan applications: one entry of a table each.
//
//   AppResult verbose(Channel& channel, std::string_view data);                 // never waits: run_now
//   Task<AppResult> playback(Channel& channel, std::string data);               // may wait: run
//   applications.add({.name = "Playback", .synopsis = "play a file", .syntax = "Playback(filename[&...],[options])",
//                     .run = playback});
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/runtime/task.hpp"

namespace asterism {
class Channel;
}

namespace asterism::dialplan {

/// For tables of names that are searched by views.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// How an application ended.
struct AppResult {
    enum class Kind : std::uint8_t {
        done,        ///< go on: at the next priority, or where go_to() said
        hangup,      ///< end the dialplan: the channel hung up, or is to
        digit,       ///< a digit was typed that begins an extension (BackGround, WaitExten): `digit`
        incomplete,  ///< the extension that was typed needs more digits (Incomplete)
        later,       ///< from run_now only: this call has to wait, use run
    };
    Kind kind = Kind::done;
    char digit = 0;

    [[nodiscard]] bool over() const { return kind == Kind::hangup; }
    static constexpr AppResult go_on() { return {}; }
    static constexpr AppResult hang_up() { return {Kind::hangup, 0}; }
    static constexpr AppResult typed(char c) { return {Kind::digit, c}; }
    static constexpr AppResult wait() { return {Kind::later, 0}; }
};

/// For `core show application` and documentation.
struct Parameter {
    std::string name;
    std::string meaning;
};

struct Application {
    std::string name;                     ///< as it is written; found without regard to case
    std::string synopsis;                 ///< one line
    std::string syntax;                   ///< "Wait(seconds)"
    std::vector<Parameter> parameters{};  ///< arguments and options, in order
    /// `data`: what stood between the parentheses, substituted; see Arguments. At least one of the two is there; with
    /// both, run_now is tried first and may answer `later`.
    std::function<AppResult(Channel&, std::string_view data)> run_now{};
    std::function<Task<AppResult>(Channel&, std::string data)> run{};
    std::string module{};    ///< the Asterisk module it comes from there: "app_dial"
    bool dangerous = false;  ///< reaches outside the call (System, AGI), or runs others: AMI Originate asks for system
};

/// All applications. Owned by main; filled at start, and by interfaces that hand channels over (AGI, Stasis).
class Applications {
  public:
    /// A second one of the same name replaces the first.
    void add(Application application);
    void remove(std::string_view name);
    /// Stays valid until it is removed or replaced.
    [[nodiscard]] const Application* find(std::string_view name) const;
    /// Sorted by name without case.
    [[nodiscard]] std::vector<const Application*> all() const;
    /// Another number after every change; never 0.
    [[nodiscard]] unsigned version() const { return version_; }

  private:
    std::unordered_map<std::string, Application, TextHash, std::equal_to<>> by_name_;  // lower case
    unsigned version_ = 1;
};

}  // namespace asterism::dialplan
