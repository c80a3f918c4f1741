// What happened to the calls of a scenario.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "asterism/model/channel.hpp"
#include "asterism/simulator/scenario.hpp"

namespace asterism::simulator {

struct Ran {
    Location place;
    std::string label;
    std::string application, arguments;
    bool afterwards = false;  ///< h, hangup handlers
    [[nodiscard]] std::string text() const { return application + "(" + arguments + ")"; }
};
struct Heard {
    std::string what;
    Millis begin{0};
    std::optional<Millis> end;
};
/// One channel's story. Kept when the channel has gone.
struct Story {
    std::string name, uniqueid, linkedid;
    Millis began{0};
    std::optional<Millis> answered, ended;
    std::vector<Ran> ran;
    std::vector<Heard> heard;
    Texts called, talked_to;
    bool hung_up_by_party = false;
    Cause cause = Cause::not_defined;
    std::map<std::string, std::string> variables;  ///< those that are asked for, at the end
};

/// What `expect` says of a call against what happened. One text for each difference; counts what it compared.
[[nodiscard]] Texts differences(const Call& call, const Story& story, const Texts& logged, std::size_t& checks);
/// Of globals and AstDB, when all is over.
[[nodiscard]] Texts differences(const std::vector<Wanted>& wanted, const std::string& what,
                                const std::function<std::optional<std::string>(const std::string&)>& value,
                                std::size_t& checks);

}  // namespace asterism::simulator
