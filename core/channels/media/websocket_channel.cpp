// The channel technology WebSocket: a program that we call, or that calls us at /media/ID.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "asterism/channels/media_channels.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/media/codec.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/random.hpp"
#include "core/channels/media/dial_string.hpp"
#include "core/channels/media/slow_reader.hpp"
#include "core/channels/media/websocket_protocol.hpp"

namespace asterism::media_channels {

namespace {

using media::StreamCommand;
using media::StreamEvent;
using Plain = MediaField::Plain;

constexpr unsigned ptime_ms = 20;

/// What a dial string says.
struct Wanted {
    std::string connection;  ///< section of websocket_client.conf, or the id that was made up for INCOMING
    bool incoming = false;
    media::CodecId codec = media::CodecId::ulaw;
    bool auto_answer = true, json = false, passthrough = false;
    MediaDirection direction;
    std::string query;
};

class Expected;

class WebSocketDriver final : public ChannelDriver, public MessageUser {
  public:
    WebSocketDriver(Pbx& pbx, MessageSockets& sockets, Expected& expected, Wanted wanted)
        : pbx_(pbx), sockets_(sockets), expected_(expected), wanted_(std::move(wanted)) {}
    ~WebSocketDriver() { close(); }

    /// Once, when channel and leg exist.
    void attach(Channel& channel, media::LegId leg);

    // ---- ChannelDriver ----
    [[nodiscard]] std::string_view technology() const override { return "WebSocket"; }
    void call() override;
    void answer() override {
        if (!channel_->up()) channel_->answered();
    }
    bool indicate(Indication) override { return true; }
    void hangup() override { close(); }
    void signal_digit(char digit, std::chrono::milliseconds) override {
        tell("DTMF_END", {id_field(), {"digit", std::string(1, digit)}});
    }
    [[nodiscard]] media::LegId leg() const override { return leg_; }
    [[nodiscard]] std::string native_format() const override {
        return std::string(media::codec_info(wanted_.codec).name);
    }

    // ---- MessageUser ----
    void on_open() override;
    void on_text(std::string_view text) override;
    void on_binary(std::string_view bytes) override {
        order({.kind = StreamCommand::Kind::media, .data = std::string(bytes)});
    }
    void on_end(std::string_view why) override;

    void stream_event(const StreamEvent& event);
    /// The program that was waited for has come.
    void take(std::shared_ptr<MessageSocket> socket) { socket_ = std::move(socket); }
    [[nodiscard]] bool has_socket() const { return socket_ != nullptr; }

  private:
    void close();
    void run(const MediaCommand& command);
    void order(StreamCommand command) { pbx_.media->stream(leg_, std::move(command)); }
    void tell(std::string_view event, const std::vector<MediaField>& fields) {
        if (socket_ && open_) socket_->send_text(render_event(event, fields, wanted_.json));
    }
    void refuse(std::string_view why);
    [[nodiscard]] MediaField id_field(Plain plain = Plain::named) const {
        return {"channel_id", channel_->uniqueid(), plain};
    }

    Pbx& pbx_;
    MessageSockets& sockets_;
    Expected& expected_;
    Wanted wanted_;
    Channel* channel_ = nullptr;  // it owns us
    media::LegId leg_{};
    std::shared_ptr<MessageSocket> socket_;
    SlowReader slow_;
    bool open_ = false, buffering_ = false, called_ = false;
};

/// Those that wait for a program to come, by id.
class Expected {
  public:
    void add(const std::string& id, WebSocketDriver& driver) { waiting_[id] = &driver; }
    void remove(const std::string& id) { waiting_.erase(id); }
    [[nodiscard]] WebSocketDriver* find(std::string_view id) const {
        const auto found = waiting_.find(id);
        return found == waiting_.end() ? nullptr : found->second;
    }

  private:
    std::map<std::string, WebSocketDriver*, std::less<>> waiting_;
};

void WebSocketDriver::attach(Channel& channel, media::LegId leg) {
    channel_ = &channel;
    leg_ = leg;
    channel.set_variable("MEDIA_WEBSOCKET_CONNECTION_ID", wanted_.connection);
    channel.set_variable("MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE",
                         std::to_string(media::stream_frame_bytes(wanted_.codec)));
    if (wanted_.incoming) expected_.add(wanted_.connection, *this);
    if (!wanted_.direction.takes || !wanted_.direction.gives) {
        order({.kind = StreamCommand::Kind::direction,
               .takes = wanted_.direction.takes,
               .gives = wanted_.direction.gives});
    }
}

void WebSocketDriver::call() {
    if (wanted_.incoming || std::exchange(called_, true)) return;
    socket_ = sockets_.connect(wanted_.connection, wanted_.query, *this);
    if (!socket_) on_end("websocket_client.conf has no such connection any more");
}

void WebSocketDriver::close() {
    if (wanted_.incoming && channel_ != nullptr) expected_.remove(wanted_.connection);
    if (socket_) std::exchange(socket_, nullptr)->close();
    if (leg_) pbx_.media->close(std::exchange(leg_, {}));
}

void WebSocketDriver::on_open() {
    open_ = true;
    MediaField::Pairs variables;
    for (const auto& variable : channel_->variables().all()) variables.emplace_back(variable.name, variable.value);
    tell("MEDIA_START", {{"connection_id", wanted_.connection},
                         {"channel", channel_->name()},
                         id_field(),
                         {"format", native_format()},
                         {"optimal_frame_size", static_cast<std::int64_t>(media::stream_frame_bytes(wanted_.codec))},
                         {"ptime", std::int64_t{ptime_ms}},
                         {"channel_variables", std::move(variables), Plain::absent}});
    // Only now: nothing comes before MEDIA_START.
    order({.kind = StreamCommand::Kind::start});
    if (wanted_.auto_answer && !channel_->up()) channel_->answered();
}

void WebSocketDriver::on_end(std::string_view why) {
    socket_ = nullptr;
    if (open_)
        log::verbose(3, "{}: the media WebSocket has ended: {}", channel_->name(), why);
    else
        log::error("{}: no media WebSocket to '{}': {}", channel_->name(), wanted_.connection, why);
    channel_->party_hung_up(open_ ? Cause::normal_clearing : Cause::no_route_destination);
}

void WebSocketDriver::refuse(std::string_view why) {
    log::notice("{}: media WebSocket: {}", channel_->name(), why);
    tell("ERROR", {id_field(), {"error_text", std::string(why)}});
}

void WebSocketDriver::on_text(std::string_view text) {
    const auto command = parse_command(text);
    if (!command) return refuse(command.error());
    run(*command);
}

void WebSocketDriver::run(const MediaCommand& command) {
    using Kind = MediaCommand::Kind;
    using Order = StreamCommand::Kind;
    if (command.needs_queue() && wanted_.passthrough)
        return refuse(command.name + " is not possible in passthrough mode");
    const bool may_always = command.kind == Kind::flush || command.kind == Kind::report_drained;
    if (command.needs_queue() && !may_always && !wanted_.direction.takes)
        return refuse(command.name + " is not possible while the media direction is 'in'");
    switch (command.kind) {
        case Kind::answer:
            if (!channel_->up()) channel_->answered();
            break;
        case Kind::hangup: channel_->party_hung_up(Cause::normal_clearing); break;
        case Kind::start_buffering:
            buffering_ = true;
            order({.kind = Order::begin_bulk});
            break;
        case Kind::stop_buffering:
            if (!std::exchange(buffering_, false)) return refuse(command.name + " without START_MEDIA_BUFFERING");
            order({.kind = Order::end_bulk, .data = command.id});
            break;
        case Kind::flush:
            buffering_ = false;
            order({.kind = Order::flush});
            break;
        case Kind::pause: order({.kind = Order::pause}); break;
        case Kind::go_on: order({.kind = Order::go_on}); break;
        case Kind::mark: order({.kind = Order::mark, .data = command.id}); break;
        case Kind::status: order({.kind = Order::status}); break;
        case Kind::report_drained: order({.kind = Order::report_drained}); break;
        case Kind::direction:
            wanted_.direction = {.takes = command.takes, .gives = command.gives};
            if (!command.takes) buffering_ = false;
            order({.kind = Order::direction, .takes = command.takes, .gives = command.gives});
            break;
    }
}

void WebSocketDriver::stream_event(const StreamEvent& event) {
    using Kind = StreamEvent::Kind;
    if (!socket_ || !open_) return;
    std::vector<MediaField> fields;
    switch (event.kind) {
        case Kind::media: {
            const TimePoint now = pbx_.loop->now();
            if (slow_.may_send(socket_->queued_bytes(), event.bytes->size(), now)) {
                socket_->send_binary(event.bytes);
            } else if (slow_.given_up(now)) {
                log::warning("{}: the media WebSocket's program does not read: hanging up", channel_->name());
                std::exchange(socket_, nullptr)->close();
                channel_->party_hung_up(Cause::normal_clearing);
            }
            break;
        }
        case Kind::xoff: return tell("MEDIA_XOFF", {id_field(Plain::absent)});
        case Kind::xon: return tell("MEDIA_XON", {id_field(Plain::absent)});
        case Kind::bulk_done:
        case Kind::mark_reached:
            fields.push_back(id_field(Plain::absent));
            if (!event.id.empty()) fields.push_back({"correlation_id", event.id, Plain::bare});
            return tell(event.kind == Kind::mark_reached ? "MEDIA_MARK_PROCESSED" : "MEDIA_BUFFERING_COMPLETED",
                        fields);
        case Kind::drained: return tell("QUEUE_DRAINED", {id_field(Plain::absent)});
        case Kind::status: {
            const media::StreamOptions levels;
            return tell("STATUS", {id_field(),
                                   {"queue_length", static_cast<std::int64_t>(event.queued)},
                                   {"xon_level", static_cast<std::int64_t>(levels.xon)},
                                   {"xoff_level", static_cast<std::int64_t>(levels.xoff)},
                                   {"queue_full", event.full},
                                   {"bulk_media", event.bulk},
                                   {"media_paused", event.paused}});
        }
    }
}

class WebSockets final : public WebSocketTechnology {
  public:
    WebSockets(Pbx& pbx, MessageSockets& sockets) : pbx_(pbx), sockets_(sockets) {}
    [[nodiscard]] std::string_view name() const override { return "WebSocket"; }
    [[nodiscard]] std::string_view description() const override { return "Media over WebSocket Channel Driver"; }
    void set_json(bool on) override { json_ = on; }

    MessageUser* awaited(std::string_view id) override {
        WebSocketDriver* driver = expected_.find(id);
        return driver != nullptr && !driver->has_socket() ? driver : nullptr;
    }
    void arrived(std::string_view id, std::shared_ptr<MessageSocket> socket) override {
        if (WebSocketDriver* driver = expected_.find(id))
            driver->take(std::move(socket));
        else
            socket->close();
    }

    std::expected<Channel*, Cause> request(const ChannelRequest& request) override {
        auto wanted = read(request);
        if (!wanted) return std::unexpected(wanted.error());
        ChannelSetup setup = setup_for(pbx_, request);
        setup.name = fmt::format("WebSocket/{}-0x{:012x}", wanted->incoming ? "INCOMING" : wanted->connection,
                                 0x7f0000000000 | (pbx_.random->next() & 0xffffffffff));
        setup.exact_name = true;
        const auto id = std::make_shared<ChannelId>();
        const auto leg =
            pbx_.media->open_stream({.codec = wanted->codec, .passthrough = wanted->passthrough}, events_to(pbx_, id),
                                    [&pbx = pbx_, id](const StreamEvent& event) {
                                        if (Channel* channel = pbx.channels->find(*id))
                                            static_cast<WebSocketDriver&>(channel->driver()).stream_event(event);
                                    });
        auto driver = std::make_unique<WebSocketDriver>(pbx_, sockets_, expected_, std::move(*wanted));
        WebSocketDriver& raw = *driver;
        Channel& channel = pbx_.channels->create(std::move(setup), std::move(driver));
        *id = channel.id();
        raw.attach(channel, leg);
        return &channel;
    }

  private:
    std::expected<Wanted, Cause> read(const ChannelRequest& request) {
        const auto [connection, option_text] = cut(request.data, '/');
        const dialplan::OptionLetters options(option_text);
        Wanted wanted;
        wanted.connection = connection;
        wanted.incoming = connection == "INCOMING";
        if (wanted.incoming) {
            wanted.connection = pbx_.random->uuid();
        } else if (!sockets_.knows(connection)) {
            log::error("WebSocket: websocket_client.conf has no connection '{}'", connection);
            return std::unexpected(Cause::no_route_destination);
        }
        for (const char letter : options.letters()) {
            if (!std::string_view("cdfnpv").contains(letter))
                log::warning("WebSocket: '{}': there is no option '{}'", request.data, letter);
        }
        const std::string codec(options.has('c')           ? options.argument('c')
                                : !request.formats.empty() ? std::string_view(request.formats.front())
                                                           : std::string_view("ulaw"));
        const auto found = media::codec_by_name(codec);
        if (!found || media::codec_info(*found).kind != media::MediaKind::audio) {
            log::error("WebSocket: '{}': there is no audio codec '{}'", request.data, codec);
            return std::unexpected(Cause::bearercapability_notavail);
        }
        wanted.codec = *found;
        wanted.passthrough = options.has('p') || media::stream_frame_bytes(*found) == 0;
        wanted.auto_answer = !options.has('n');
        wanted.json = json_;
        if (options.has('f')) {
            const auto format = options.argument('f');
            if (format != "json" && format != "plain-text") {
                log::error("WebSocket: '{}': f(...) is json or plain-text", request.data);
                return std::unexpected(Cause::invalid_number_format);
            }
            wanted.json = format == "json";
        }
        if (options.has('d')) {
            const auto direction = parse_direction(options.argument('d'));
            if (!direction) {
                log::error("WebSocket: '{}': {}", request.data, direction.error());
                return std::unexpected(Cause::invalid_number_format);
            }
            wanted.direction = *direction;
        }
        wanted.query = options.argument('v');
        for (char& c : wanted.query)
            if (c == ',') c = '&';
        return wanted;
    }

    Pbx& pbx_;
    MessageSockets& sockets_;
    Expected expected_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<WebSocketTechnology> make_websocket(Pbx& pbx, MessageSockets& sockets) {
    return std::make_unique<WebSockets>(pbx, sockets);
}

}  // namespace asterism::media_channels
