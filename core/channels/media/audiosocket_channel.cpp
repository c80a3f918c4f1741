// The channel technology AudioSocket: a call to a program.
#include <utility>

#include "asterism/channels/media_channels.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/media/codec.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/tcp.hpp"
#include "core/channels/media/audiosocket_link.hpp"
#include "core/channels/media/dial_string.hpp"

namespace asterism::media_channels {

namespace {

class AudioSocketDriver final : public ChannelDriver {
  public:
    AudioSocketDriver(Pbx& pbx, TcpDialer& dialer, TcpTarget target, const Uuid& uuid, media::CodecId codec)
        : pbx_(pbx), dialer_(dialer), target_(std::move(target)), uuid_(uuid), codec_(codec), tasks_(*pbx.loop) {}
    ~AudioSocketDriver() override { close(); }

    /// Once, when channel and leg exist.
    void attach(Channel& channel, media::LegId leg) {
        channel_ = &channel;
        leg_ = leg;
    }
    [[nodiscard]] std::string_view technology() const override { return "AudioSocket"; }
    void call() override { tasks_.spawn(connect()); }
    void answer() override {
        if (!channel_->up()) channel_->answered();
    }
    bool indicate(Indication) override { return true; }
    void hangup() override { close(); }
    void signal_digit(char digit, std::chrono::milliseconds) override {
        if (link_) link_->send_digit(digit);
    }
    [[nodiscard]] media::LegId leg() const override { return leg_; }
    [[nodiscard]] std::string native_format() const override { return std::string(media::codec_info(codec_).name); }
    void stream_event(const media::StreamEvent& event) {
        if (link_) link_->stream_event(event);
    }

  private:
    Task<void> connect() {
        auto stream = co_await dialer_.connect(target_);
        if (channel_->ended()) co_return;
        if (!stream) {
            log::error("AudioSocket: no connection to {}:{}: {}", target_.host, target_.port, stream.error());
            channel_->party_hung_up(Cause::no_route_destination);
            co_return;
        }
        link_ = std::make_unique<AudioSocketLink>(pbx_, std::move(*stream), leg_, codec_, uuid_, [this] {
            link_.reset();
            channel_->party_hung_up(Cause::normal_clearing);
        });
        channel_->answered();
    }
    void close() {
        link_.reset();
        if (leg_) pbx_.media->close(std::exchange(leg_, {}));
    }

    Pbx& pbx_;
    TcpDialer& dialer_;
    TcpTarget target_;
    Uuid uuid_;
    media::CodecId codec_;
    Channel* channel_ = nullptr;  // it owns us
    media::LegId leg_{};
    std::unique_ptr<AudioSocketLink> link_;
    TaskScope tasks_;
};

class AudioSocketTechnology final : public Technology {
  public:
    AudioSocketTechnology(Pbx& pbx, TcpDialer& dialer) : pbx_(pbx), dialer_(dialer) {}
    [[nodiscard]] std::string_view name() const override { return "AudioSocket"; }
    [[nodiscard]] std::string_view description() const override { return "AudioSocket Channel Driver"; }

    std::expected<Channel*, Cause> request(const ChannelRequest& request) override {
        const auto [destination, rest] = cut(request.data, '/');
        const auto [uuid_text, option_text] = cut(rest, '/');
        auto target = parse_tcp_target(destination);
        const auto uuid = parse_uuid(uuid_text);
        const dialplan::OptionLetters options(option_text);
        if (!target || !uuid) {
            log::error("AudioSocket: '{}' is not host:port/uuid[/c(codec)]", request.data);
            return std::unexpected(Cause::invalid_number_format);
        }
        const auto codec = wanted_codec(options, request);
        if (!codec) {
            log::error("AudioSocket carries signed linear audio only: '{}'", request.data);
            return std::unexpected(Cause::bearercapability_notavail);
        }
        ChannelSetup setup = setup_for(pbx_, request);
        setup.name = "AudioSocket/" + std::string(destination) + "-" + std::string(uuid_text);
        setup.exact_name = pbx_.channels->find(setup.name) == nullptr;
        const auto id = std::make_shared<ChannelId>();
        const auto leg = pbx_.media->open_stream(
            audiosocket_stream(*codec), events_to(pbx_, id), [&pbx = pbx_, id](const media::StreamEvent& event) {
                if (Channel* channel = pbx.channels->find(*id))
                    static_cast<AudioSocketDriver&>(channel->driver()).stream_event(event);
            });
        auto driver = std::make_unique<AudioSocketDriver>(pbx_, dialer_, std::move(*target), *uuid, *codec);
        AudioSocketDriver& raw = *driver;
        Channel& channel = pbx_.channels->create(std::move(setup), std::move(driver));
        *id = channel.id();
        raw.attach(channel, leg);
        return &channel;
    }

  private:
    /// c(codec), or the first of the caller's formats that will do, or 8 kHz.
    static std::optional<media::CodecId> wanted_codec(const dialplan::OptionLetters& options,
                                                      const ChannelRequest& request) {
        if (options.has('c')) {
            const auto codec = media::codec_by_name(options.argument('c'));
            return codec && audiosocket_kind(*codec) ? codec : std::nullopt;
        }
        for (const auto& format : request.formats) {
            const auto codec = media::codec_by_name(format);
            if (codec && audiosocket_kind(*codec)) return codec;
        }
        return media::CodecId::slin;
    }

    Pbx& pbx_;
    TcpDialer& dialer_;
};

}  // namespace

std::unique_ptr<Technology> make_audiosocket(Pbx& pbx, TcpDialer& dialer) {
    return std::make_unique<AudioSocketTechnology>(pbx, dialer);
}

}  // namespace asterism::media_channels
