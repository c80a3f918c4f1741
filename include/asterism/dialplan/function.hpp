// Dialplan functions: ${NAME(args)} and Set(NAME(args)=value). One entry of a table each.
//
//   std::optional<std::string> len(FunctionCall& call) { return std::to_string(call.args.size()); }
//   functions.add({.name = "LEN", .synopsis = "length of a string", .syntax = "LEN(string)", .read = len});
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/dialplan/application.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism {
struct Pbx;
class Channel;
}  // namespace asterism

namespace asterism::dialplan {

/// One use of a function. `args`: what stood between the parentheses, substituted.
struct FunctionCall {
    Pbx& pbx;
    Channel* channel = nullptr;  ///< null: outside any call (AMI Getvar, ARI global variables)
    std::string_view name;
    std::string_view args;
};

struct Function {
    std::string name;      ///< upper case, found exactly
    std::string synopsis;  ///< one line
    std::string syntax;    ///< "CUT(varname,char-delim,range-spec)"
    std::vector<Parameter> parameters{};
    /// Nothing: it failed (and logged why); the text becomes empty.
    std::function<std::optional<std::string>(FunctionCall&)> read{};
    /// False: it failed (and logged why).
    std::function<bool(FunctionCall&, std::string_view value)> write{};
    /// For one that must wait (CURL, ODBC); with `read` too, this one is preferred wherever waiting is possible: where
    /// an application's arguments are substituted, in AMI Getvar and AGI GET VARIABLE. `call.name` and `call.args` live
    /// until it ends; after a wait the channel is to be looked up again by its id.
    std::function<Task<std::optional<std::string>>(FunctionCall)> read_later{};
    /// The same for a write: Set, MSet, AMI Setvar, AGI SET VARIABLE.
    std::function<Task<bool>(FunctionCall, std::string value)> write_later{};
    std::string module{};         ///< the Asterisk module it comes from there: "func_strings"
    bool dangerous_read = false;  ///< outside interfaces only with live_dangerously
    bool dangerous_write = false;
};

/// All functions. Owned by main, filled at start.
class Functions {
  public:
    void add(Function function);
    void remove(std::string_view name);
    [[nodiscard]] const Function* find(std::string_view name) const;
    /// Sorted by name.
    [[nodiscard]] std::vector<const Function*> all() const;

  private:
    std::unordered_map<std::string, Function, TextHash, std::equal_to<>> by_name_;
};

}  // namespace asterism::dialplan
