// MP3Player: what the program mpg123 makes of a file, a list of files or a web radio.
#include <utility>

#include "asterism/dialplan/application.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "interfaces/agi/link.hpp"
#include "interfaces/agi/programs.hpp"

namespace asterism::agi {

namespace {

using dialplan::AppResult;

/// A second of audio. The program is read no faster than the caller hears it: so much at a time, and the next when all
/// but `ahead` of it was heard. Beyond that the program waits for its pipe.
constexpr std::size_t second = 2 * 8000;
constexpr std::size_t ahead = 3;

/// Signed linear at 8 kHz on its standard output; a quarter of the loudness, as music is mastered louder than speech.
std::vector<std::string> mpg123_arguments(std::string location) {
    std::vector<std::string> words{"-q", "-s", "-f", "8192", "--mono", "-r", "8000"};
    if (location.ends_with(".m3u")) words.emplace_back("-@");
    words.push_back(std::move(location));
    return words;
}

/// The program's leg, connected to the caller's for as long as this lives.
class Player {
  public:
    Player(Channel& channel, std::unique_ptr<Link> program)
        : engine_(*channel.pbx().media),
          caller_(channel.leg()),
          box_(*channel.pbx().loop),
          program_(std::move(program)) {
        const auto wake = [this, id = channel.id()] {
            box_.send({.channel = id, .kind = ChannelSignal::Kind::media, .text = {}});
        };
        leg_ = engine_.open_stream({.codec = media::CodecId::slin}, {}, [this, wake](const media::StreamEvent& event) {
            if (event.kind == media::StreamEvent::Kind::mark_reached) --waiting_;
            if (event.kind == media::StreamEvent::Kind::bulk_done) heard_all_ = true;
            wake();
        });
        engine_.connect(caller_, leg_);
        give({.kind = media::StreamCommand::Kind::start});
        give({.kind = media::StreamCommand::Kind::begin_bulk});
        program_->attach(wake);
    }
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;
    ~Player() {
        program_->hung_up();  // one that waits for a web radio would not see its pipe close
        program_.reset();
        engine_.disconnect(caller_);
        engine_.close(leg_);
    }

    /// Until all was heard, a digit, or the end of the call.
    Task<AppResult> run(Channel& channel) {
        const Observation observation(channel, box_, true);
        if (!channel.take_early_digits().empty()) co_return AppResult::go_on();
        while (!channel.hangup_requested() && !channel.ended()) {
            if (channel.interrupted()) co_return AppResult::go_on();
            play();
            if (heard_all_) co_return finished(channel);
            const auto signal = co_await box_.next();
            if (signal.kind == ChannelSignal::Kind::digit) co_return AppResult::go_on();
            if (signal.kind == ChannelSignal::Kind::ended) break;
        }
        co_return AppResult::hang_up();
    }

  private:
    void give(media::StreamCommand command) { engine_.stream(leg_, std::move(command)); }
    void play() {
        while (waiting_ < ahead && !over_) {
            while (read_.size() <= second && program_->take(read_)) {
            }
            over_ = read_.size() <= second && program_->closed();
            if (read_.empty() && !over_) return;
            played_ = played_ || !read_.empty();
            give({.kind = media::StreamCommand::Kind::media, .data = read_.substr(0, second)});
            read_.erase(0, second);
            give({.kind = media::StreamCommand::Kind::mark});
            ++waiting_;
            if (over_) give({.kind = media::StreamCommand::Kind::end_bulk});
        }
    }
    AppResult finished(Channel& channel) {
        if (!played_) log::warning("MP3Player on {}: mpg123 gave no audio", channel.name());
        return AppResult::go_on();
    }

    media::Engine& engine_;
    const media::LegId caller_;
    media::LegId leg_;
    Mailbox<ChannelSignal> box_;
    std::unique_ptr<Link> program_;
    std::string read_;         // of the program, not yet given to the leg
    std::size_t waiting_ = 0;  // pieces given that have not been heard
    bool over_ = false, heard_all_ = false, played_ = false;
};

Task<AppResult> mp3_player(Linker& linker, Channel& channel, std::string location) {
    if (location.empty()) {
        log::warning("MP3Player requires an argument (location)");
        co_return AppResult::hang_up();
    }
    if (location.starts_with('-')) {  // it would be an option
        log::warning("MP3Player: '{}' is no location", location);
        co_return AppResult::go_on();
    }
    auto program = co_await linker.spawn("mpg123", mpg123_arguments(location), {}, false);
    if (channel.ended() || channel.hangup_requested()) co_return AppResult::hang_up();
    if (!program) {
        log::warning("MP3Player: mpg123 cannot be started, '{}' is not played: {}{}", location, program.error().text,
                     program.error().not_found ? " (is the package mpg123 installed?)" : "");
        co_return AppResult::go_on();
    }
    if (!channel.leg() || channel.interrupted()) co_return AppResult::go_on();
    Player player(channel, std::move(*program));
    co_return co_await player.run(channel);
}

}  // namespace

void add_mp3_player(Pbx& pbx, Linker& linker) {
    pbx.applications->add(
        {.name = "MP3Player",
         .synopsis = "play what the program mpg123 can play",
         .syntax = "MP3Player(Location)",
         .parameters = {{"Location",
                         "an MP3 file, a list of them (.m3u) or an address; any digit ends it. The channel "
                         "is not answered"}},
         .run = [&linker](Channel& channel, std::string data) { return mp3_player(linker, channel, std::move(data)); },
         .module = "app_mp3"});
}

}  // namespace asterism::agi
