// The thread that moves media: epoll, a tick of 20 ms, and everything that legs and mixers own.
//
// A plain epoll loop and not Asio: each leg brings a hundred packets a second, and between epoll_wait and the handler
// of a socket stands one virtual call here, where Asio would post a completion through its queue, take a lock and
// allocate or recycle an operation for every packet. Nothing else that Asio gives is needed on this thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "asterism/media/engine.hpp"
#include "asterism/media/jitter.hpp"
#include "media/frame.hpp"
#include "media/notice.hpp"
#include "media/player.hpp"

namespace asterism {
class Clock;
}

namespace asterism::media {

class FileWriter;
class Leg;
class Mixer;
class RtpLeg;
class RtpSockets;
class Station;

/// Owned by the engine. Everything but send() and counts() belongs to the worker's thread, or to a test that turns it
/// by hand instead of starting it.
class Worker {
  public:
    using Command = std::move_only_function<void(Worker&)>;
    using Notify = std::move_only_function<void(std::vector<Notice>)>;

    /// A socket that epoll watches.
    class Pollable {
      public:
        virtual void readable(Worker& worker) = 0;

      protected:
        ~Pollable() = default;
    };

    /// `clock` may be read from any thread. `told` is called on the worker's thread with what happened in a turn.
    Worker(const Clock& clock, FileWriter& writer, Notify told);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // ---- from any thread ----
    /// Runs `command` at once.
    void send(Command command);
    /// Runs `command` before the next packet, tick or other command, and soon in any case: for what can have no effect
    /// before. A call's legs are opened, wired and closed so, without waking the worker for each.
    void send_later(Command command);
    /// Watches a socket from now on. It must be dropped on this worker.
    void watch(int fd, Pollable& socket);
    [[nodiscard]] EngineCounts counts() const;

    // ---- the owner's ----
    void start();
    void stop();
    /// Stops, and closes everything. The FileWriter must still be there, and end before the worker does: the ends of
    /// recordings come back through send().
    void shut_down();
    /// One turn without a thread: waits at most `milliseconds` for a packet or a command. It never ticks: the owner
    /// does.
    void turn(int milliseconds);
    /// What the thread's timer does every 20 ms.
    void tick();

    // ---- commands run these ----
    void adopt(std::unique_ptr<Leg> leg);
    /// `cname` outlives the worker.
    void open_rtp(LegId id, std::shared_ptr<RtpSockets> sockets, std::uint64_t random, std::string_view cname);
    void open_pair(LegId a, LegId b);
    void open_null(LegId id);
    void open_stream(LegId id, const StreamOptions& options);
    void stream(LegId id, const StreamCommand& command);
    void open_mixer(MixerId id, const MixerOptions& options);
    void mute(LegId id, Side side, bool on);
    void gain(LegId id, Side side, double factor);
    void detect(LegId id, const DetectOptions& options);
    void pass_digits(LegId id, bool on);
    void digit_received(LegId id, char digit, Millis duration);
    void open_tap(LegId id, LegId of, const TapOptions& options);
    void set_tap(LegId id, const TapOptions& options);
    void configure_rtp(LegId id, const RtpConfig& config);
    void close_leg(LegId id);
    void close_mixer(MixerId id);
    void connect(LegId a, LegId b);
    void disconnect(LegId id);
    void mixer_add(MixerId mixer, LegId leg, MixRole role);
    void mixer_remove(MixerId mixer, LegId leg);
    void echo(LegId id, bool on);
    void play(Target target, std::unique_ptr<Player> player);
    void record(Target target, OpId op, RecordSpec spec);
    void send_dtmf(LegId leg, const std::string& digits, Millis duration, Millis gap, OpId op);
    void listen(LegId leg, OpId op, const ListenSpec& spec);
    void effect(LegId leg, Side side, const EffectSpec& effect);
    void jitter_buffer(LegId leg, const JitterSpec& spec);
    void control(OpId op, const OpControl& control);
    void supply(OpId op, std::size_t file, PromptPtr prompt, std::string error);
    void recording_failed(OpId op, std::string error);
    void stats(LegId leg, std::uint64_t question);
    [[nodiscard]] Leg* leg(LegId id) const;
    [[nodiscard]] Mixer* mixer(MixerId id) const;

    // ---- for legs and mixers ----
    [[nodiscard]] TimePoint now() const { return now_; }
    [[nodiscard]] WallTime wall() const;
    std::uint64_t new_stream() { return ++last_stream_; }
    void notify(Notice notice) { notices_.push_back(std::move(notice)); }
    void operation_ended(OpId op, OpEnd end);
    /// Keeps what an event of this turn may still point to, until the turn ends.
    void drop(std::shared_ptr<RtpSockets> sockets) { dropped_.push_back(std::move(sockets)); }
    void wants_ticks(Leg& leg);
    [[nodiscard]] auto& receive_buffer() { return receive_buffer_; }

  private:
    void run();
    void gather();
    void put(Command command, bool at_once);
    void run_commands();
    void flush();
    void update_timer();
    void slow_ticks();
    Station* station(Target target) const;
    Station* station_of(OpId op) const;
    void begin_operation(OpId op, Target target) { operations_[op] = target; }

    const Clock& clock_;
    FileWriter& writer_;
    Notify told_;

    int epoll_ = -1, wake_ = -1, timer_ = -1, soon_ = -1;
    std::mutex mutex_;
    std::vector<Command> commands_;  // guarded
    bool woken_ = false;             // guarded
    bool soon_on_ = false;           // guarded: soon_ is set for what waits
    std::atomic<bool> commanded_{false};
    std::atomic<bool> stopping_{false};
    std::thread thread_;

    TimePoint now_{};
    std::unordered_map<LegId, std::unique_ptr<Leg>> legs_;
    std::unordered_map<MixerId, std::unique_ptr<Mixer>> mixers_;
    std::unordered_map<OpId, Target> operations_;
    std::vector<RtpLeg*> rtp_legs_;
    std::size_t slow_at_ = 0;
    std::vector<Leg*> ticking_;
    std::vector<std::unique_ptr<Leg>> closed_legs_;  // until the end of the turn
    std::vector<std::shared_ptr<RtpSockets>> dropped_;
    std::vector<Notice> notices_;
    std::vector<Command> running_;
    std::uint64_t last_stream_ = 0;
    bool timed_ = false;     // the thread runs, so the timer may
    Duration tick_every_{};  // as the timer is set; 0: off
    std::uint64_t packets_ = 0;
    TimePoint counted_since_{};
    bool busy_ = false;
    TimePoint tick_due_{};
    std::array<std::uint8_t, frame_headroom + max_packet_bytes + frame_tailroom> receive_buffer_;

    std::atomic<std::size_t> count_legs_{0}, count_mixers_{0}, count_operations_{0}, count_rtp_{0};
    std::atomic<std::uint64_t> late_ticks_{0};
};

}  // namespace asterism::media
