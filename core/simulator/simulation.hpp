// One scenario at play: a world, the parties in it, and what is written down.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asterism/events/bus.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/task.hpp"
#include "asterism/simulator/simulator.hpp"
#include "asterism/world/world.hpp"
#include "core/simulator/record.hpp"

namespace asterism::simulator {

class Simulation final : public Recorder, private log::Backend {
  public:
    Simulation(const Scenario& scenario, const Setup& setup);
    ~Simulation() override;
    Result run();

    void note(const std::string& channel, std::string text) override { line(channel, {}, std::move(text)); }
    void problem(config::Origin origin, std::string text) override;

  private:
    /// Wakes a party that waits for a prompt.
    using Ear = Mailbox<bool>;
    struct Playing {
        std::vector<std::pair<ChannelId, std::size_t>> now;  ///< whose story, and which of what it heard
        std::vector<std::string> files;
    };

    // ---- the world ----
    [[nodiscard]] bool set_up();
    void set_clock();
    [[nodiscard]] bool load_dialplan();
    void load_music();
    void add_technologies();
    void add_technology(const std::string& name);
    /// False: more happens than any dialplan in its senses does.
    [[nodiscard]] bool run_calls();
    void stuck(const char* why);
    void compare();

    // ---- parties ----
    [[nodiscard]] const Destination* destination(const std::string& name) const;
    [[nodiscard]] std::optional<Cause> refuse(const std::string& name, const ChannelRequest& request);
    void told(Channel& channel, const std::string& what);
    [[nodiscard]] std::string state(const std::string& device) const;
    Task<void> call_in(const Call& call, std::size_t index);
    Task<void> receive(ChannelId id, const Behaviour& behaviour);
    Task<void> perform(ChannelId id, const std::vector<Step>& steps, TimePoint began);
    void act(Channel& channel, const Step& step);
    Task<void> press(ChannelId id, std::string digits);

    // ---- what is written down ----
    void write(const log::Record& record) override;
    void happened(const Event& event);
    void ran(const ChannelSnapshot& shot);
    void finish(Channel& channel);
    void line(const std::string& channel, std::string place, std::string text);
    [[nodiscard]] Millis now() const;
    [[nodiscard]] Story& story(ChannelId id) { return stories_[id]; }
    /// Of a channel whose id is not at hand; null if it has none.
    [[nodiscard]] Story* story_of(const std::string& uniqueid);

    // ---- what is heard ----
    [[nodiscard]] std::vector<ChannelId> listeners(media::Target target, int depth = 0);
    void media_began(const media::FakeEngine::Op& op);
    void media_ended(const media::FakeEngine::Op& op);
    void hear(media::OpId op, std::size_t file);
    void begin_hearing(ChannelId id, const std::string& what);
    void end_hearing(ChannelId id, std::size_t which, bool cut);
    [[nodiscard]] std::string prompt_name(const std::string& path) const;

    const Scenario& scenario_;
    const Setup& setup_;
    Result result_;

    std::vector<std::string> sound_dirs_;
    std::map<ChannelId, Story> stories_;
    std::vector<ChannelId> callers_;          ///< one for each call of the scenario, once it has begun
    std::map<std::string, std::size_t> met_;  ///< calls that a destination has had
    std::map<ChannelId, const Behaviour*> behaviours_;
    std::map<media::OpId, Playing> playing_;
    std::map<ChannelId, std::vector<Ear*>> ears_;
    std::vector<const Step*> undone_;
    Texts logged_;
    std::size_t priorities_ = 0, calls_to_come_ = 0;
    bool warned_ = false;
    std::optional<std::string> zone_before_;

    std::unique_ptr<World> world_;
    TimePoint start_{};
    Bus::Subscription events_;
    std::unique_ptr<TaskScope> tasks_;  // ends before the world
};

/// Puts the scenario's answers in front of the world's functions and applications, and refuses those that would reach
/// outside without one.
void install_scripted(World& world, const Scenario& scenario, Recorder& recorder);

}  // namespace asterism::simulator
