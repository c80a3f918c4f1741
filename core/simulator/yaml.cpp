// The only source that knows yaml-cpp. Its own tree shares aliased nodes, so a small text may stand for a huge one: the
// copy is counted.
#include "core/simulator/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

namespace asterism::simulator {

namespace {

struct Refused {
    int line;
    std::string what;
};

class Copier {
  public:
    explicit Copier(const YamlLimits& limits) : limits_(limits) {}

    Yaml copy(const YAML::Node& node, int depth) {
        Yaml out;
        out.line = node.Mark().line + 1;
        if (++nodes_ > limits_.nodes) refuse(out, "more than " + std::to_string(limits_.nodes) + " values");
        if (depth > limits_.depth) refuse(out, "nested deeper than " + std::to_string(limits_.depth));
        if (node.IsScalar()) {
            out.kind = Yaml::Kind::scalar;
            out.text = node.Scalar();
            if (out.text.size() > limits_.scalar_bytes)
                refuse(out, "a text of more than " + std::to_string(limits_.scalar_bytes) + " bytes");
            bytes_ += out.text.size();
            if (bytes_ > 4 * limits_.bytes) refuse(out, "too much text");
        } else if (node.IsSequence()) {
            out.kind = Yaml::Kind::list;
            for (const auto& item : node) out.items.push_back(copy(item, depth + 1));
        } else if (node.IsMap()) {
            out.kind = Yaml::Kind::map;
            std::set<std::string> keys;
            for (const auto& entry : node) {
                Yaml key = copy(entry.first, depth + 1);
                if (!key.scalar()) refuse(key, "a key that is no text");
                if (!keys.insert(key.text).second) refuse(key, "'" + key.text + "' is there twice");
                out.entries.emplace_back(std::move(key.text), copy(entry.second, depth + 1));
                if (out.entries.back().second.null()) out.entries.back().second.line = key.line;
            }
        }
        return out;
    }

  private:
    [[noreturn]] static void refuse(const Yaml& at, std::string what) { throw Refused{at.line, std::move(what)}; }
    const YamlLimits& limits_;
    std::size_t nodes_ = 0, bytes_ = 0;
};

}  // namespace

const Yaml* Yaml::find(std::string_view name) const {
    const auto at = std::ranges::find(entries, name, &std::pair<std::string, Yaml>::first);
    return at == entries.end() ? nullptr : &at->second;
}

std::expected<Yaml, YamlError> parse_yaml(const std::string& text, const YamlLimits& limits) {
    if (text.size() > limits.bytes)
        return std::unexpected(YamlError{0, "more than " + std::to_string(limits.bytes) + " bytes"});
    if (text.find('\0') != std::string::npos) return std::unexpected(YamlError{0, "holds a NUL byte"});
    try {
        return Copier(limits).copy(YAML::Load(text), 0);
    } catch (const Refused& refused) {
        return std::unexpected(YamlError{refused.line, refused.what});
    } catch (const YAML::Exception& error) {
        return std::unexpected(YamlError{error.mark.is_null() ? 0 : error.mark.line + 1, error.msg});
    }
}

}  // namespace asterism::simulator
