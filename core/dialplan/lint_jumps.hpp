// The places and names that an application's arguments speak of, as they are written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/dialplan.hpp"

namespace asterism::dialplan {

/// One application with its arguments: a priority's, or one within ExecIf, TryExec or Exec.
struct Invocation {
    std::string_view application, data;
};
/// What a priority runs: its application and those that this one runs.
[[nodiscard]] std::vector<Invocation> invocations(const Priority& priority);

struct Jump {
    std::string_view target;       ///< "[[context,]exten,]priority", without a subroutine's arguments
    char separator = ',';          ///< perhaps ^ within Dial's options
    bool comes_back = false;       ///< a subroutine
    std::string_view option = {};  ///< Dial's option it stands in: "G"
};
[[nodiscard]] std::vector<Jump> jumps(const Invocation& invocation);
/// Contexts that are named without a place in them: BackGround's, Local/x@context.
struct NamedContext {
    std::string_view context;
    std::string_view exten;  ///< empty: any
};
[[nodiscard]] std::vector<NamedContext> named_contexts(const Invocation& invocation);
/// Prompts by name.
[[nodiscard]] std::vector<std::string> prompts(const Invocation& invocation);
/// Functions that are written to: Set(NAME(args)=value).
[[nodiscard]] std::vector<std::string_view> written_functions(const Invocation& invocation);

/// Something is to be filled in when it runs.
[[nodiscard]] inline bool dynamic(std::string_view text) { return text.find('$') != std::string_view::npos; }
/// Parts of a text between separators that are in no bracket and no quotes; untrimmed.
[[nodiscard]] std::vector<std::string_view> split_outside(std::string_view text, char separator);

}  // namespace asterism::dialplan
