#include "asterism/features/mix_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/events/events.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/runtime/timer.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::features {

namespace {

/// -4..4 as a factor, 6 dB a step.
double volume(std::string_view text) {
    const double step = std::clamp(leading_number(text), -4.0, 4.0);
    return std::exp2(step);
}

std::string absolute(const Pbx& pbx, std::string_view file) {
    std::string path(file);
    if (!path.starts_with('/')) path = pbx.settings->monitor_dir() + "/" + path;
    if (path.find('.', path.rfind('/')) == std::string::npos) path += ".raw";
    return path;
}

/// Plays a prompt to the party and to whoever hears it.
void whisper(Channel& channel, const std::string& prompt) {
    Pbx& pbx = channel.pbx();
    if (!pbx.prompts || !channel.leg()) return;
    pbx.prompts->find(
        prompt, channel.language(), media::CodecId::slin, [&pbx, leg = channel.leg()](std::optional<std::string> path) {
            if (!path) return;
            const auto tap = pbx.media->open_tap(leg, {.whisper_in = true, .whisper_out = true},
                                                 [](media::LegId, const media::LegEvent&) {});
            media::PlaySpec play;
            // The rest of what is whispered is still on its way when the last of it has been played.
            play.files = {*path};
            pbx.media->play(tap, std::move(play), [&pbx, tap](const media::OpEnd&) {
                media::PlaySpec rest;
                rest.silence = media::Millis(200);
                pbx.media->play(tap, std::move(rest), [&pbx, tap](const media::OpEnd&) { pbx.media->close(tap); });
            });
        });
}

void publish(Channel& channel, const char* name, Headers headers = {}) {
    if (!channel.pbx().bus->wanted(EventKind::generic)) return;
    GenericEvent event;
    event.name = name;
    event.event_class = "call";
    event.channels.emplace_back("", channel.snapshot());
    event.headers = std::move(headers);
    channel.pbx().bus->publish(std::move(event));
}

/// One recording. Kept by its channel, and by its operations until the files are closed: then the command runs, the
/// channel may be gone.
class MixMonitor : public std::enable_shared_from_this<MixMonitor> {
  public:
    MixMonitor(Channel& channel, std::string id)
        : pbx_(channel.pbx()), channel_(channel.id()), beep_(*pbx_.loop), delay_(*pbx_.loop) {
        info.id = std::move(id);
    }
    MixMonitor(const MixMonitor&) = delete;
    MixMonitor& operator=(const MixMonitor&) = delete;

    MixMonitorInfo info;
    std::string command;
    std::vector<media::RecordSpec> files;
    Duration start_after{0}, beep_every{0};
    bool only_bridged = false, beep_first = false, beep_last = false, delete_after = false;

    void start() {
        if (start_after > Duration::zero())
            delay_.start(start_after, [self = weak_from_this()] {
                if (const auto still = self.lock()) still->make_folders();
            });
        else
            make_folders();
    }
    /// `closed`: called when the files are.
    void stop(std::function<void()> closed) {
        if (closed) closed_.push_back(std::move(closed));
        if (std::exchange(stopped_, true)) return;
        halt();
        if (auto* channel = pbx_.channels->find(channel_); channel && beep_last) whisper(*channel, "beep");
        for (const auto op : ops_) pbx_.media->stop(op);
        if (open_ == 0 && !making_) finish();
    }
    /// The channel goes: its leg ends the operations.
    void abandon() {
        halt();
        if (!stopped_ && ops_.empty() && !making_) finish();
        stopped_ = true;
    }
    void mute(media::Side side, bool on) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (i < ops_.size())
                pbx_.media->control(
                    ops_[i],
                    {.kind = on ? media::OpControl::Kind::mute : media::OpControl::Kind::unmute, .side = side});
        }
    }

  private:
    void halt() {
        beep_.cancel();
        delay_.cancel();
        bridges_.end();
    }
    void make_folders() {
        making_ = true;
        std::vector<std::string> folders;
        for (const auto& file : files) folders.push_back(std::filesystem::path(file.path).parent_path().string());
        pbx_.loop->blocking(
            [folders] {
                std::error_code ignored;  // the recording itself says what is wrong
                for (const auto& folder : folders) std::filesystem::create_directories(folder, ignored);
            },
            [self = shared_from_this()] {
                self->making_ = false;
                self->record();
            });
    }
    void record() {
        auto* channel = pbx_.channels->find(channel_);
        if (stopped_ || !channel || channel->ended() || !channel->leg()) return finish();
        for (const auto& file : files) {
            ++open_;
            ops_.push_back(pbx_.media->record(
                channel->leg(), file, [self = shared_from_this()](const media::OpEnd& end) { self->ended(end); }));
        }
        if (beep_first) whisper(*channel, "beep");
        if (beep_every > Duration::zero()) {
            if (pbx_.bus->wanted(EventKind::test)) {
                TestEvent event;
                event.state = "PERIODIC_HOOK_ENABLED";
                event.headers = {{"Channel", channel->name()}};
                pbx_.bus->publish(std::move(event));
            }
            beep_again();
        }
        if (only_bridged) follow_bridges(*channel);
    }
    void beep_again() {
        beep_.start(beep_every, [this] {
            if (auto* channel = pbx_.channels->find(channel_)) whisper(*channel, "beep");
            beep_again();
        });
    }
    void follow_bridges(Channel& channel) {
        if (!channel.bridge()) pause(true);
        bridges_ = pbx_.bus->subscribe([this](const Event& event) {
            const bool enters = event.kind == EventKind::bridge_enter;
            const auto& who = enters ? as<BridgeEnter>(event).channel : as<BridgeLeave>(event).channel;
            const auto* mine = pbx_.channels->find(channel_);
            if (mine && who->uniqueid == mine->uniqueid()) pause(!enters);
        });
        bridges_.want_all(false);
        bridges_.want(EventKind::bridge_enter, true);
        bridges_.want(EventKind::bridge_leave, true);
    }
    void pause(bool on) {
        for (const auto op : ops_)
            pbx_.media->control(op, {.kind = on ? media::OpControl::Kind::pause : media::OpControl::Kind::resume});
    }
    void ended(const media::OpEnd& end) {
        if (end.why == media::OpEnd::Why::failed) log::warning("MixMonitor of {}: {}", info.file, end.error);
        if (--open_ == 0) finish();
    }
    void finish() {
        stopped_ = true;
        for (auto& told : std::exchange(closed_, {})) told();
        if (command.empty()) return clean_up();
        pbx_.loop->command({.command = command}, [self = shared_from_this()](const CommandEnd& end) {
            if (end.status != 0)
                log::warning("The command '{}' after MixMonitor ended with status {}", self->command, end.status);
            self->clean_up();
        });
    }
    void clean_up() {
        if (!delete_after) return tell_test();
        std::vector<std::string> doomed;
        for (const auto& file : files) doomed.push_back(file.path);
        pbx_.loop->blocking(
            [doomed] {
                std::error_code ignored;
                for (const auto& file : doomed) std::filesystem::remove(file, ignored);
            },
            [self = shared_from_this()] { self->tell_test(); });
    }
    void tell_test() {
        if (!pbx_.bus->wanted(EventKind::test)) return;
        TestEvent event;
        event.state = "MIXMONITOR_END";
        event.headers = {{"File", info.file}};
        pbx_.bus->publish(std::move(event));
    }

    Pbx& pbx_;
    ChannelId channel_;
    std::vector<media::OpId> ops_;
    std::vector<std::function<void()>> closed_;
    Timer beep_, delay_;
    Bus::Subscription bridges_;
    int open_ = 0;  // files
    bool stopped_ = false, making_ = false;
};

struct MixMonitors : ChannelExtra {
    std::vector<std::shared_ptr<MixMonitor>> all;
    ~MixMonitors() override {
        for (const auto& one : all) one->abandon();
    }
};

void add_files(MixMonitor& monitor, const Pbx& pbx, const std::string& file, const dialplan::OptionLetters& letters) {
    const auto add = [&](std::string_view name, media::Side side, std::string& into) {
        if (name.empty()) return;
        media::RecordSpec spec;
        spec.path = into = absolute(pbx, name);
        spec.side = side;
        spec.stereo = side == media::Side::both && letters.has('D');
        spec.keep_time = !letters.has('n');
        if (letters.has('a')) spec.existing = media::RecordSpec::Existing::append;
        if (letters.has('v') || letters.has('W'))
            spec.volume_out = volume(letters.argument(letters.has('v') ? 'v' : 'W'));
        if (letters.has('V') || letters.has('W'))
            spec.volume_in = volume(letters.argument(letters.has('V') ? 'V' : 'W'));
        monitor.files.push_back(std::move(spec));
    };
    add(file, media::Side::both, monitor.info.file);
    add(letters.argument('r'), media::Side::in, monitor.info.receive_file);
    add(letters.argument('t'), media::Side::out, monitor.info.transmit_file);
}

long seconds_of(std::string_view text, long otherwise) {
    const long value = std::strtol(std::string(text).c_str(), nullptr, 10);
    return value > 0 ? value : otherwise;
}

}  // namespace

std::expected<std::string, std::string> start_mix_monitor(Channel& channel, const MixMonitorRequest& request) {
    Pbx& pbx = channel.pbx();
    const dialplan::OptionLetters letters(request.options);
    auto monitor = std::make_shared<MixMonitor>(channel, fmt::format("0x{}", pbx.random->hex(6)));
    add_files(*monitor, pbx, request.file, letters);
    if (monitor->files.empty())
        return std::unexpected("MixMonitor requires an argument (filename or t(filename) and/or r(filename))");
    for (const auto& file : monitor->files) {
        const auto* format = media::file_format(file.path.substr(file.path.rfind('.') + 1));
        if (!format || !format->writes)
            return std::unexpected(fmt::format("recordings like '{}' cannot be written", file.path));
    }
    if (!channel.leg() || channel.ended()) return std::unexpected("the channel has no audio");
    if (letters.has('m')) log::warning("MixMonitor: recordings are not copied to mailboxes (option m)");
    std::string command = request.command;
    for (std::size_t at = 0; (at = command.find("^{", at)) != std::string::npos;) command[at] = '$';
    if (!command.empty()) monitor->command = dialplan::substitute(pbx, &channel, command);
    monitor->only_bridged = letters.has('b');
    monitor->beep_first = letters.has('p');
    monitor->beep_last = letters.has('P');
    monitor->delete_after = letters.has('d');
    if (letters.has('s')) monitor->start_after = std::chrono::seconds(seconds_of(letters.argument('s'), 0));
    if (letters.has('B'))
        monitor->beep_every = std::chrono::seconds(std::max(seconds_of(letters.argument('B'), 15), 5L));
    channel.extra<MixMonitors>().all.push_back(monitor);
    channel.set_variable("MIXMONITOR_FILENAME", monitor->info.file);
    if (!letters.argument('i').empty()) channel.set_variable(letters.argument('i'), monitor->info.id);
    monitor->start();
    publish(channel, "MixMonitorStart");
    return monitor->info.id;
}

bool stop_mix_monitor(Channel& channel, std::string_view id, std::function<void()> closed) {
    auto* monitors = channel.find_extra<MixMonitors>();
    if (!monitors) return false;
    std::vector<std::shared_ptr<MixMonitor>> chosen;
    std::erase_if(monitors->all, [&](const auto& one) {
        if (!id.empty() && one->info.id != id) return false;
        chosen.push_back(one);
        return true;
    });
    if (chosen.empty()) return false;
    auto left = std::make_shared<std::size_t>(chosen.size());
    for (const auto& one : chosen)
        one->stop([left, closed] {
            if (--*left == 0 && closed) closed();
        });
    publish(channel, "MixMonitorStop");
    return true;
}

bool mute_mix_monitor(Channel& channel, std::string_view id, media::Side side, bool on) {
    const auto* monitors = channel.find_extra<MixMonitors>();
    std::size_t count = 0;
    if (monitors)
        for (const auto& one : monitors->all) {
            if (!id.empty() && one->info.id != id) continue;
            one->mute(side, on);
            ++count;
        }
    if (count == 0) return false;
    if (Bus& bus = *channel.pbx().bus; id.empty() && bus.wanted(EventKind::test)) {
        TestEvent event;
        event.state = "AUDIOHOOK_GROUP_MUTE_TOGGLE";
        event.headers = {{"Source", "MixMonitor"}, {"Count", std::to_string(count)}};
        bus.publish(std::move(event));
    }
    const char* direction = side == media::Side::in ? "read" : side == media::Side::out ? "write" : "both";
    publish(channel, "MixMonitorMute", {{"Direction", direction}, {"State", on ? "1" : "0"}});
    return true;
}

std::vector<MixMonitorInfo> mix_monitors(Channel& channel) {
    std::vector<MixMonitorInfo> list;
    if (const auto* monitors = channel.find_extra<MixMonitors>())
        for (const auto& one : monitors->all) list.push_back(one->info);
    return list;
}

}  // namespace asterism::features
