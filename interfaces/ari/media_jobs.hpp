// What takes a while and has an id of its own: playbacks and recordings, on a channel or a bridge.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asterism/media/engine.hpp"
#include "asterism/runtime/task.hpp"
#include "json.hpp"

namespace asterism::ari {

class Service;

/// One playback: a list of media, played one after another.
struct Playback {
    std::string id, target_uri, language;
    std::vector<std::string> media;
    std::size_t at = 0;
    std::string state = "queued";  ///< queued, playing, paused, continuing, done, failed
    std::chrono::milliseconds offset{0}, skip{3000};
    media::OpId op;
    bool stopping = false;  ///< somebody asked it to end
    /// Ends of operations and wishes, for the coroutine that plays it.
    std::shared_ptr<Mailbox<media::OpEnd>> box;

    void append(Json& json) const;
};

/// Plays what is queued for one channel or bridge. Owned by the channel's Control or by StasisBridges.
class PlayQueue {
  public:
    PlayQueue(Service& service, ChannelId channel);
    PlayQueue(Service& service, BridgeId bridge);
    ~PlayQueue();
    PlayQueue(const PlayQueue&) = delete;
    PlayQueue& operator=(const PlayQueue&) = delete;

    void add(std::shared_ptr<Playback> playback);
    /// Ends what plays and forgets what waits; each is told of as finished.
    void stop_all();

  private:
    Task<void> run();
    Task<void> play(Playback& playback);
    /// One medium; false: it could not be played.
    Task<bool> play_one(Playback& playback, std::string uri);
    Task<bool> play_files(Playback& playback, std::vector<std::string> names);
    [[nodiscard]] std::optional<media::Target> target() const;
    void tell(const Playback& playback, std::string_view type);
    void finish(Playback& playback, std::string_view state);

    Service& service_;
    ChannelId channel_;
    BridgeId bridge_;
    std::deque<std::shared_ptr<Playback>> queue_;
    bool running_ = false;
    TaskScope tasks_;
};

/// All playbacks that wait or play, by id.
class Playbacks {
  public:
    explicit Playbacks(Service& service) : service_(service) {}
    /// `media` is not empty; an empty `id` is made here.
    std::shared_ptr<Playback> make(std::string id, std::string target_uri, std::string language,
                                   std::vector<std::string> media);
    [[nodiscard]] std::shared_ptr<Playback> find(std::string_view id) const;
    /// Only if it is this one: ids may be used again while the first still plays.
    void forget(const Playback& playback);
    enum class Outcome : std::uint8_t { done, invalid, wrong_state };
    /// stop, restart, pause, unpause, reverse, forward.
    Outcome control(Playback& playback, std::string_view operation);

  private:
    Service& service_;
    std::multimap<std::string, std::shared_ptr<Playback>, std::less<>> all_;
};

/// One recording under way.
struct LiveRecording {
    std::string name, format, target_uri, state = "queued", path, cause;
    ChannelId channel;
    BridgeId bridge;
    media::OpId op;
    std::optional<std::int64_t> duration, talking_duration, silence_duration;
    bool discard = false, muted = false, paused = false;
    bool measured = false;  ///< how much of it is talking and how much silence

    void append(Json& json) const;
};

/// Recordings by name, those under way and the directory of those that are finished.
class Recordings {
  public:
    explicit Recordings(Service& service) : service_(service) {}
    [[nodiscard]] std::shared_ptr<LiveRecording> find(std::string_view name) const;
    /// Starts recording; RecordingStarted, and later RecordingFinished or RecordingFailed, follow.
    void start(std::shared_ptr<LiveRecording> recording, media::RecordSpec spec, media::Target target);
    void stop(LiveRecording& recording, bool discard);
    void stop_of(ChannelId channel);
    /// Where a recording's file lies, without extension; nothing for a name that would leave the directory.
    [[nodiscard]] std::optional<std::string> path_of(std::string_view name) const;
    [[nodiscard]] std::string directory() const;

  private:
    void ended(const std::shared_ptr<LiveRecording>& recording, const media::OpEnd& end);
    void tell(const LiveRecording& recording, std::string_view type);

    Service& service_;
    std::map<std::string, std::shared_ptr<LiveRecording>, std::less<>> live_;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace asterism::ari
