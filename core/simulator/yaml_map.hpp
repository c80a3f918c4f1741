// A map of a scenario file whose keys are taken one by one: what is left at the end nobody knows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/report.hpp"
#include "asterism/simulator/scenario.hpp"
#include "core/simulator/yaml.hpp"

namespace asterism::simulator {

/// Where findings go, with the file's name.
class Findings {
  public:
    Findings(const std::string& file, config::Report& report)
        : file_(std::make_shared<const std::string>(file)), report_(report) {}
    [[nodiscard]] config::Origin at(int line) const { return {file_, line}; }
    void error(int line, std::string what) { report_.error(at(line), std::move(what)); }
    void error(const Yaml& at, std::string what) { error(at.line, std::move(what)); }

  private:
    std::shared_ptr<const std::string> file_;
    config::Report& report_;
};

class YamlMap {
  public:
    /// `what` it is, for messages: "a step". Anything but a map is an error, and then like an empty one.
    YamlMap(const Yaml& yaml, std::string what, Findings& findings);
    ~YamlMap() = default;

    [[nodiscard]] const Yaml* take(std::string_view key);
    [[nodiscard]] bool has(std::string_view key) const { return yaml_.map() && yaml_.find(key) != nullptr; }
    /// False: it is not there. An error, and false, if it is something else than wanted.
    bool text(std::string_view key, std::string& into);
    bool text(std::string_view key, std::optional<std::string>& into);
    bool flag(std::string_view key, bool& into);
    bool flag(std::string_view key, std::optional<bool>& into);
    bool span(std::string_view key, Millis& into);
    bool span(std::string_view key, std::optional<Millis>& into);
    /// One text, or a list of them.
    bool texts(std::string_view key, Texts& into);
    /// A map of texts; what is there already under a name is replaced.
    bool named(std::string_view key, NamedTexts& into);
    /// Errors for all keys that nobody took.
    void finish();

  private:
    const Yaml* scalar(std::string_view key);
    const Yaml& yaml_;
    std::string what_;
    Findings& findings_;
    std::vector<std::string_view> known_;
};

}  // namespace asterism::simulator
