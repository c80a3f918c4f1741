// The control side of the engine: ids, callbacks, ports, prompts. Everything else is sent to the worker.
#include "asterism/media/engine.hpp"

#include "asterism/media/jitter.hpp"

#include <unistd.h>

#include <unordered_map>
#include <utility>
#include <variant>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/random.hpp"
#include "media/file_writer.hpp"
#include "media/port_allocator.hpp"
#include "media/prompt_store.hpp"
#include "media/rtp_sockets.hpp"
#include "media/worker.hpp"

namespace asterism::media {

namespace {

/// What waits for callbacks. Apart from the engine, so that notices that are under way when it ends find nobody.
struct Callbacks : std::enable_shared_from_this<Callbacks> {
    explicit Callbacks(Loop& l) : loop(l) {}

    /// On the worker's thread: hands notices over; one post for all that come before control gets to them.
    void arrived(std::vector<Notice> notices) {
        const std::scoped_lock lock(mutex);
        const bool post = incoming.empty();
        if (post)
            incoming = std::move(notices);
        else
            for (auto& notice : notices) incoming.push_back(std::move(notice));
        if (post) {
            loop.post([weak = weak_from_this()] {
                if (const auto self = weak.lock()) self->deliver();
            });
        }
    }
    void deliver() {
        std::vector<Notice> notices;
        {
            const std::scoped_lock lock(mutex);
            notices.swap(incoming);
        }
        for (auto& notice : notices) std::visit([this](auto& n) { take(n); }, notice);
    }
    void take(const LegNotice& notice) {
        const auto found = legs.find(notice.leg);
        if (found == legs.end()) return;             // closed meanwhile
        const auto handler = found->second.handler;  // kept alive: it may close or replace itself
        if (*handler) (*handler)(notice.leg, notice.event);
    }
    void take(const EndNotice& notice) {
        OpEnd end = notice.end;
        if (const auto played = files.find(notice.op); played != files.end()) {
            const auto& order = played->second.order;
            if (end.file < order.size()) end.file = order[end.file];
            files.erase(played);
        }
        heards.erase(notice.op);
        const auto found = ops.find(notice.op);
        if (found == ops.end()) return;
        OpDone done = std::move(found->second);
        ops.erase(found);
        if (done) done(end);
    }
    void take(const NeedNotice& notice);
    void take(const StatsNotice& notice) {
        const auto found = questions.find(notice.question);
        if (found == questions.end()) return;
        auto result = std::move(found->second);
        questions.erase(found);
        result(notice.stats);
    }
    void take(const HeardNotice& notice) {
        const auto found = heards.find(notice.op);
        if (found == heards.end()) return;
        const auto handler = found->second;  // kept alive: it may stop the listening
        (*handler)(notice.heard);
    }
    void take(const StreamNotice& notice) {
        const auto found = legs.find(notice.leg);
        if (found == legs.end() || !found->second.stream) return;
        const auto handler = found->second.stream;  // kept alive: it may close the leg
        (*handler)(notice.event);
    }
    void supply(OpId op, std::size_t file);

    Loop& loop;
    std::mutex mutex;
    std::vector<Notice> incoming;  // guarded
    struct LegEntry {
        std::shared_ptr<LegHandler> handler;
        std::shared_ptr<StreamHandler> stream;  // of a stream leg
        std::shared_ptr<RtpSockets> sockets;    // of an RTP leg
        std::uint32_t ssrc = 0;
        bool operated = false;  // something was played, recorded or sent on it
    };
    std::unordered_map<LegId, LegEntry> legs;
    std::unordered_map<OpId, OpDone> ops;
    std::unordered_map<OpId, std::shared_ptr<HeardHandler>> heards;
    struct Files {
        std::vector<std::string> paths;
        std::vector<std::size_t> order;  // shuffled: the index that each had
    };
    std::unordered_map<OpId, Files> files;  // of plays
    std::unordered_map<std::uint64_t, std::move_only_function<void(const RtpStats&)>> questions;
    PromptStore* prompts = nullptr;
    Worker* worker = nullptr;
};

void Callbacks::take(const NeedNotice& notice) { supply(notice.op, notice.file); }

/// Gives a player one of its files.
void Callbacks::supply(OpId op, std::size_t file) {
    const auto found = files.find(op);
    if (found == files.end() || file >= found->second.paths.size()) return;
    prompts->load(found->second.paths[file], [this, op, file](PromptPtr prompt, std::string error) {
        worker->send([op, file, prompt = std::move(prompt), error = std::move(error)](Worker& w) mutable {
            w.supply(op, file, std::move(prompt), std::move(error));
        });
    });
}

class RealEngine final : public Engine, public JitterBuffers {
  public:
    RealEngine(Loop& control, EngineOptions options)
        : options_(std::move(options)),
          prompts_(control, options_.prompt_cache_bytes),
          callbacks_(std::make_shared<Callbacks>(control)),
          writer_(std::make_unique<FileWriter>()),
          worker_(std::make_unique<Worker>(
              control.clock(), *writer_,
              [callbacks = callbacks_](std::vector<Notice> notices) { callbacks->arrived(std::move(notices)); })),
          ports_(options_.ports, random_, *worker_) {
        if (options_.cname.empty()) options_.cname = random_.hex(16);
        callbacks_->prompts = &prompts_;
        callbacks_->worker = worker_.get();
        if (options_.workers > 1) log::notice("One media worker is used; {} were asked for", options_.workers);
        worker_->start();
    }
    ~RealEngine() override {
        worker_->shut_down();
        writer_.reset();  // the ends of recordings still go to the worker
        worker_.reset();
    }

    std::expected<RtpPort, std::string> open_rtp(const RtpOptions& options, LegHandler handler) override {
        auto pair = ports_.open(options);
        if (!pair) return std::unexpected(std::move(pair.error()));
        const LegId id = new_leg(std::move(handler));
        const std::uint64_t seed = random_.next();
        auto& leg = callbacks_->legs[id];
        leg.sockets = pair->sockets;
        leg.ssrc = static_cast<std::uint32_t>(seed);
        send_later([id, sockets = pair->sockets, seed, &cname = options_.cname](Worker& w) mutable {
            w.open_rtp(id, std::move(sockets), seed, cname);
        });
        const auto rtcp_port = static_cast<std::uint16_t>(pair->rtcp ? pair->port + 1 : 0);
        return RtpPort{id, {options.bind_ip, pair->port}, {options.bind_ip, rtcp_port}};
    }
    void configure_rtp(LegId leg, const RtpConfig& config) override {
        send_later([leg, config](Worker& w) { w.configure_rtp(leg, config); });
    }
    std::pair<LegId, LegId> open_pair(LegHandler first, LegHandler second) override {
        const LegId a = new_leg(std::move(first)), b = new_leg(std::move(second));
        send_later([a, b](Worker& w) { w.open_pair(a, b); });
        return {a, b};
    }
    LegId open_null(LegHandler handler) override {
        const LegId id = new_leg(std::move(handler));
        send_later([id](Worker& w) { w.open_null(id); });
        return id;
    }
    LegId open_stream(const StreamOptions& options, LegHandler handler, StreamHandler stream) override {
        const LegId id = new_leg(std::move(handler));
        callbacks_->legs[id].stream = std::make_shared<StreamHandler>(std::move(stream));
        send_later([id, options](Worker& w) { w.open_stream(id, options); });
        return id;
    }
    void stream(LegId leg, StreamCommand command) override {
        auto order = [leg, command = std::move(command)](Worker& w) { w.stream(leg, command); };
        send(std::move(order));
    }
    LegId open_tap(LegId of, const TapOptions& options, LegHandler handler) override {
        const LegId id = new_leg(std::move(handler));
        send([id, of, options](Worker& w) { w.open_tap(id, of, options); });
        return id;
    }
    void set_tap(LegId tap, const TapOptions& options) override {
        send([tap, options](Worker& w) { w.set_tap(tap, options); });
    }
    void set_handler(LegId leg, LegHandler handler) override {
        const auto found = callbacks_->legs.find(leg);
        if (found != callbacks_->legs.end()) found->second.handler = std::make_shared<LegHandler>(std::move(handler));
    }
    void close(LegId leg) override {
        const auto found = callbacks_->legs.find(leg);
        if (found == callbacks_->legs.end()) return;
        const bool operated = found->second.operated;
        callbacks_->legs.erase(found);
        auto command = [leg](Worker& w) { w.close_leg(leg); };
        // Whoever waits for an operation's end waits for this.
        if (operated)
            send(command);
        else
            send_later(command);
    }

    void connect(LegId a, LegId b) override {
        send_later([a, b](Worker& w) { w.connect(a, b); });
    }
    void disconnect(LegId leg) override {
        send_later([leg](Worker& w) { w.disconnect(leg); });
    }
    MixerId open_mixer(const MixerOptions& options) override {
        const MixerId id{++last_id_};
        send([id, options](Worker& w) { w.open_mixer(id, options); });
        return id;
    }
    void close_mixer(MixerId mixer) override {
        send([mixer](Worker& w) { w.close_mixer(mixer); });
    }
    void mixer_add(MixerId mixer, LegId leg, MixRole role) override {
        send([mixer, leg, role](Worker& w) { w.mixer_add(mixer, leg, role); });
    }
    void mixer_remove(MixerId mixer, LegId leg) override {
        send([mixer, leg](Worker& w) { w.mixer_remove(mixer, leg); });
    }
    void echo(LegId leg, bool on) override {
        send([leg, on](Worker& w) { w.echo(leg, on); });
    }
    void mute(LegId leg, Side side, bool on) override {
        send([leg, side, on](Worker& w) { w.mute(leg, side, on); });
    }
    void gain(LegId leg, Side side, double factor) override {
        send([leg, side, factor](Worker& w) { w.gain(leg, side, factor); });
    }
    void detect(LegId leg, const DetectOptions& options) override {
        send([leg, options](Worker& w) { w.detect(leg, options); });
    }
    void effect(LegId leg, Side side, const EffectSpec& effect) override {
        send([leg, side, effect](Worker& w) { w.effect(leg, side, effect); });
    }
    void jitter_buffer(LegId leg, const JitterSpec& spec) override {
        send([leg, spec](Worker& w) { w.jitter_buffer(leg, spec); });
    }
    void pass_digits(LegId leg, bool on) override {
        send_later([leg, on](Worker& w) { w.pass_digits(leg, on); });
    }

    OpId play(Target target, PlaySpec spec, OpDone done) override {
        const OpId op = new_op(target, std::move(done));
        if (spec.files.empty() && spec.silence.count() > 0) {
            send([target, op, length = spec.silence, yields = spec.yields](Worker& w) {
                w.play(target, std::make_unique<SilencePlayer>(op, length, w.new_stream(), yields));
            });
            return op;
        }
        play_files(target, op, {.repeat = spec.repeat, .first = 0, .offset = spec.offset, .tolerant = false},
                   {std::move(spec.files), {}});
        return op;
    }
    OpId tone(Target target, ToneSpec spec, OpDone done) override {
        const OpId op = new_op(target, std::move(done));
        send([target, op, spec = std::move(spec)](Worker& w) mutable {
            w.play(target, std::make_unique<TonePlayer>(op, std::move(spec), w.new_stream()));
        });
        return op;
    }
    OpId music(Target target, MusicSpec spec, OpDone done) override {
        const OpId op = new_op(target, std::move(done));
        Callbacks::Files files{std::move(spec.files), {}};
        if (spec.shuffle && spec.file < files.paths.size()) {
            // What was playing stays first: a caller who is held again hears it go on.
            auto& order = files.order;
            order.resize(files.paths.size());
            for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
            std::swap(order[0], order[spec.file]);
            for (std::size_t i = order.size() - 1; i > 1; --i) std::swap(order[i], order[1 + random_.below(i)]);
            std::vector<std::string> shuffled;
            for (const std::size_t i : order) shuffled.push_back(std::move(files.paths[i]));
            files.paths = std::move(shuffled);
            spec.file = 0;
        }
        play_files(target, op, {.repeat = 0, .first = spec.file, .offset = spec.position, .tolerant = true},
                   std::move(files));
        return op;
    }
    OpId record(Target target, RecordSpec spec, OpDone done) override {
        const OpId op = new_op(target, std::move(done));
        send([target, op, spec = std::move(spec)](Worker& w) mutable { w.record(target, op, std::move(spec)); });
        return op;
    }
    OpId send_dtmf(LegId leg, std::string_view digits, Millis duration, Millis gap, OpDone done) override {
        const OpId op = new_op(leg, std::move(done));
        send([leg, op, digits = std::string(digits), duration, gap](Worker& w) {
            w.send_dtmf(leg, digits, duration, gap, op);
        });
        return op;
    }
    OpId listen(LegId leg, ListenSpec spec, HeardHandler heard, OpDone done) override {
        const OpId op = new_op(leg, std::move(done));
        callbacks_->heards[op] = std::make_shared<HeardHandler>(std::move(heard));
        send([leg, op, spec](Worker& w) { w.listen(leg, op, spec); });
        return op;
    }
    void control(OpId op, OpControl what) override {
        send([op, what](Worker& w) { w.control(op, what); });
    }
    void digit_received(LegId leg, char digit, Millis duration) override {
        send([leg, digit, duration](Worker& w) { w.digit_received(leg, digit, duration); });
    }

    void stats(LegId leg, std::move_only_function<void(const RtpStats&)> result) override {
        const auto found = callbacks_->legs.find(leg);
        if (found != callbacks_->legs.end() && found->second.sockets && !found->second.sockets->traffic()) {
            // No need to ask: nothing has come or gone.
            RtpStats nothing;
            nothing.local_ssrc = found->second.ssrc;
            callbacks_->loop.defer([result = std::move(result), nothing]() mutable { result(nothing); });
            return;
        }
        const std::uint64_t question = ++last_id_;
        callbacks_->questions[question] = std::move(result);
        send([leg, question](Worker& w) { w.stats(leg, question); });
    }
    void set_ports(PortRange range) override { ports_.set_range(range); }
    EngineCounts counts() const override { return worker_->counts(); }

  private:
    template <class F>
    void send(F command) {
        worker_->send(std::move(command));
    }
    /// For what can have no effect before the next packet or tick.
    template <class F>
    void send_later(F command) {
        worker_->send_later(std::move(command));
    }
    LegId new_leg(LegHandler handler) {
        const LegId id{++last_id_};
        callbacks_->legs[id].handler = std::make_shared<LegHandler>(std::move(handler));
        return id;
    }
    OpId new_op(const Target& target, OpDone done) {
        const OpId id{++last_id_};
        if (const auto* leg = std::get_if<LegId>(&target)) {
            if (const auto found = callbacks_->legs.find(*leg); found != callbacks_->legs.end())
                found->second.operated = true;
        }
        callbacks_->ops[id] = std::move(done);
        return id;
    }
    void play_files(Target target, OpId op, FilePlayer::Plan plan, Callbacks::Files files) {
        plan.count = files.paths.size();
        callbacks_->files[op] = std::move(files);
        plan.first_asked = true;
        send([target, op, plan](Worker& w) { w.play(target, std::make_unique<FilePlayer>(op, plan, w.new_stream())); });
        // Not waiting to be asked for the first: it saves a round trip, and the player takes it only once.
        if (plan.count > 0) callbacks_->supply(op, plan.first % plan.count);
    }

    EngineOptions options_;
    SystemRandom random_;
    PromptStore prompts_;
    std::shared_ptr<Callbacks> callbacks_;
    std::unique_ptr<FileWriter> writer_;
    std::unique_ptr<Worker> worker_;
    PortAllocator ports_;
    std::uint64_t last_id_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_engine(Loop& control, EngineOptions options) {
    return std::make_unique<RealEngine>(control, std::move(options));
}

}  // namespace asterism::media
