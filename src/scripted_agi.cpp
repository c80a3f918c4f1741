#include "src/scripted_agi.hpp"

#include <algorithm>

#include "asterism/world/world.hpp"

namespace asterism {

namespace {

using simulator::AgiLine;
using simulator::AgiScript;
using simulator::Recorder;

/// Sends the script's commands one after another, each when the one before has been answered.
class ScriptedLink final : public agi::Link {
  public:
    ScriptedLink(Loop& loop, const AgiScript& script, Recorder& recorder)
        : loop_(loop), script_(script), recorder_(recorder), timer_(loop) {}
    ~ScriptedLink() override { *alive_ = false; }

    void attach(std::move_only_function<void()> wake) override { wake_ = std::move(wake); }
    bool take(std::string& into) override {
        if (to_pbx_.empty()) return false;
        into += std::exchange(to_pbx_, {});
        return true;
    }
    [[nodiscard]] bool closed() const override { return closed_ && to_pbx_.empty(); }
    void start(std::string_view) override { next(); }
    void write(std::string_view bytes) override {
        from_pbx_ += bytes;
        for (auto end = from_pbx_.find('\n'); end != std::string::npos; end = from_pbx_.find('\n')) {
            const std::string line = from_pbx_.substr(0, end);
            from_pbx_.erase(0, end + 1);
            replied(line);
        }
    }
    bool hung_up() override {
        hung_up_ = true;
        return true;
    }
    [[nodiscard]] int exit_status() const override { return script_.fails ? 1 : 0; }

  private:
    /// "100 ..." is not the last line of an answer, nor is "520-...".
    void replied(const std::string& line) {
        if (line.size() < 4 || line[3] != ' ' || line.starts_with("100 ")) return;
        recorder_.note({}, "AGI > " + line);
        if (at_ == 0) return;
        const AgiLine& sent = script_.lines[at_ - 1];
        if (sent.expect && !simulator::like(*sent.expect, line))
            recorder_.problem(sent.origin, "AGI " + sent.command + "\n    - " + *sent.expect + "\n    + " + line);
        next();
    }
    void next() {
        if (at_ >= script_.lines.size() || hung_up_) return wake([this] { closed_ = true; });
        const AgiLine& line = script_.lines[at_++];
        if (line.wait == simulator::Millis{0}) return send(line);
        timer_.start(line.wait, [this, &line] { send(line); });
    }
    void send(const AgiLine& line) {
        if (line.command.empty()) return next();
        wake([this, &line] { to_pbx_ += line.command + "\n"; });
    }
    template <class F>
    void wake(F change) {
        loop_.defer([this, change, alive = alive_] {
            if (!*alive) return;
            change();
            if (wake_) wake_();
        });
    }

    Loop& loop_;
    const AgiScript& script_;
    Recorder& recorder_;
    std::move_only_function<void()> wake_;
    std::string to_pbx_, from_pbx_;
    std::size_t at_ = 0;
    bool closed_ = false, hung_up_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Timer timer_;
};

class ScriptedLinker final : public agi::Linker {
  public:
    ScriptedLinker(World& world, const std::vector<AgiScript>& scripts, Recorder& recorder)
        : world_(world), scripts_(scripts), recorder_(recorder) {}

    Task<agi::LinkResult> connect(agi::Target target) override { co_return open(target.request, target.request); }
    Task<agi::LinkResult> spawn(std::string path, std::vector<std::string>, agi::ProcessEnvironment, bool) override {
        std::string name = path;
        const std::string folder = world_.settings.agi_dir + "/";
        if (name.starts_with(folder)) name.erase(0, folder.size());
        co_return open(path, name);
    }

  private:
    agi::LinkResult open(const std::string& path, const std::string& name) {
        const auto script = std::ranges::find_if(scripts_, [&](const AgiScript& one) {
            return simulator::like(one.name, path) || simulator::like(one.name, name);
        });
        if (script == scripts_.end()) {
            recorder_.problem({}, "AGI(" + name + ") has no script in the scenario");
            return std::unexpected(agi::LinkError{.not_found = false, .text = "no script in the scenario"});
        }
        if (script->not_found || (script->fails && script->lines.empty()))
            return std::unexpected(agi::LinkError{.not_found = script->not_found, .text = "as the scenario says"});
        return std::make_unique<ScriptedLink>(world_.loop, *script, recorder_);
    }
    World& world_;
    const std::vector<AgiScript>& scripts_;
    Recorder& recorder_;
};

}  // namespace

std::unique_ptr<agi::Linker> make_scripted_linker(World& world, const std::vector<AgiScript>& scripts,
                                                  Recorder& recorder) {
    return std::make_unique<ScriptedLinker>(world, scripts, recorder);
}

}  // namespace asterism
