// What legs and mixers have in common: one thing that plays, and any number that record.
#pragma once

#include <memory>
#include <vector>

#include "media/player.hpp"
#include "media/recorder.hpp"

namespace asterism::media {

class Worker;

/// Owned by the worker. Its end ends its operations as `closed`.
class Station {
  public:
    explicit Station(Worker& worker) : worker_(worker) {}
    Station(const Station&) = delete;
    Station& operator=(const Station&) = delete;
    virtual ~Station() = default;

    /// Replaces what plays, which ends `stopped`.
    void play(std::unique_ptr<Player> player);
    void record(std::unique_ptr<Recorder> recorder);
    void control_op(OpId op, const OpControl& control);
    void supply(OpId op, std::size_t file, PromptPtr prompt, std::string error);
    void recording_failed(OpId op, std::string error);
    void end_operations(OpEnd::Why why);
    [[nodiscard]] Player* player() const { return player_.get(); }
    /// Ends what plays only for want of anything else to hear.
    void give_way();

  protected:
    [[nodiscard]] Worker& worker() const { return worker_; }
    /// The next 20 ms of what plays; false if nothing does or it has to wait. Ends what is over.
    bool next_played(Frame& frame);
    [[nodiscard]] bool records() const { return !recorders_.empty(); }
    [[nodiscard]] bool recorders_want_ticks() const;
    /// Offers audio of one direction to the recordings.
    void feed_recorders(Side side, Frame& frame);
    void tick_recorders();
    /// Something began or ended: the station may need ticks now.
    virtual void operations_changed() = 0;

  private:
    void end_player(OpEnd::Why why);
    void reap_recorders();
    void end_recorder(std::size_t at, OpEnd::Why why, std::string error = {});
    void pass_on_need();

    Worker& worker_;
    std::unique_ptr<Player> player_;
    std::vector<std::unique_ptr<Recorder>> recorders_;
};

}  // namespace asterism::media
