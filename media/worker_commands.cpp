// What control asks of a worker. An id that is not known any more is ignored: whoever closed it was faster.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "media/file_writer.hpp"
#include "media/mixer.hpp"
#include "media/rtp_leg.hpp"
#include "media/rtp_sockets.hpp"
#include "media/stream_leg.hpp"
#include "media/worker.hpp"

namespace asterism::media {

void Worker::adopt(std::unique_ptr<Leg> made) {
    const LegId id = made->id();
    legs_[id] = std::move(made);
}

void Worker::open_null(LegId id) { adopt(std::make_unique<NullLeg>(*this, id)); }

void Worker::open_stream(LegId id, const StreamOptions& options) {
    adopt(std::make_unique<StreamLeg>(*this, id, options));
}

void Worker::stream(LegId id, const StreamCommand& command) {
    if (auto* stream = dynamic_cast<StreamLeg*>(leg(id))) stream->command(command);
}

void Worker::open_mixer(MixerId id, const MixerOptions& options) {
    mixers_[id] = std::make_unique<Mixer>(*this, id, options);
}

void Worker::mute(LegId id, Side side, bool on) {
    if (Leg* l = leg(id)) l->mute(side, on);
}

void Worker::gain(LegId id, Side side, double factor) {
    if (Leg* l = leg(id)) l->gain(side, factor);
}

void Worker::detect(LegId id, const DetectOptions& options) {
    if (Leg* l = leg(id)) l->detect(options);
}

void Worker::pass_digits(LegId id, bool on) {
    if (Leg* l = leg(id)) l->pass_digits(on);
}

void Worker::digit_received(LegId id, char digit, Millis duration) {
    if (Leg* l = leg(id)) l->digit_received(digit, duration);
}

void Worker::open_rtp(LegId id, std::shared_ptr<RtpSockets> sockets, std::uint64_t random, std::string_view cname) {
    const RtpLeg::Identity identity{.ssrc = static_cast<std::uint32_t>(random),
                                    .sequence = static_cast<std::uint16_t>(random >> 32 & 0x7FFF),
                                    .timestamp = static_cast<std::uint32_t>(random >> 24)};
    auto made = std::make_unique<RtpLeg>(*this, id, std::move(sockets), identity, cname);
    made->place = rtp_legs_.size();
    rtp_legs_.push_back(made.get());
    adopt(std::move(made));
}

void Worker::open_pair(LegId a, LegId b) {
    auto first = std::make_unique<PairLeg>(*this, a), second = std::make_unique<PairLeg>(*this, b);
    first->set_other(second.get());
    second->set_other(first.get());
    adopt(std::move(first));
    adopt(std::move(second));
}

void Worker::open_tap(LegId id, LegId of, const TapOptions& options) {
    auto made = std::make_unique<TapLeg>(*this, id, options);
    if (Leg* target = leg(of)) made->attach(target);
    adopt(std::move(made));
}

void Worker::set_tap(LegId id, const TapOptions& options) {
    if (auto* tap = dynamic_cast<TapLeg*>(leg(id))) tap->set(options);
}

void Worker::configure_rtp(LegId id, const RtpConfig& config) {
    if (auto* rtp = dynamic_cast<RtpLeg*>(leg(id))) rtp->configure(config);
}

void Worker::close_leg(LegId id) {
    const auto found = legs_.find(id);
    if (found == legs_.end()) return;
    auto gone = std::move(found->second);
    legs_.erase(found);
    gone->close();
    std::erase(ticking_, gone.get());
    if (const auto* rtp = dynamic_cast<RtpLeg*>(gone.get())) {
        // The last takes its place: their order means nothing.
        rtp_legs_.back()->place = rtp->place;
        rtp_legs_[rtp->place] = rtp_legs_.back();
        rtp_legs_.pop_back();
    }
    closed_legs_.push_back(std::move(gone));
}

void Worker::close_mixer(MixerId id) {
    const auto found = mixers_.find(id);
    if (found == mixers_.end()) return;
    found->second->close();
    mixers_.erase(found);
}

void Worker::connect(LegId a, LegId b) {
    Leg *x = leg(a), *y = leg(b);
    if (!x || !y || x == y || x->peer() == y) return;
    x->leave();
    y->leave();
    x->set_peer(y);
    y->set_peer(x);
}

void Worker::disconnect(LegId id) {
    if (Leg* l = leg(id)) l->leave();
}

void Worker::mixer_add(MixerId into, LegId id, MixRole role) {
    Mixer* m = mixer(into);
    Leg* l = leg(id);
    if (!m || !l) return;
    if (l->mixer() != m) l->leave();
    m->add(*l, role);
    l->set_mixer(m);
}

void Worker::mixer_remove(MixerId from, LegId id) {
    Leg* l = leg(id);
    if (l && l->mixer() && l->mixer() == mixer(from)) l->leave();
}

void Worker::echo(LegId id, bool on) {
    Leg* l = leg(id);
    if (!l) return;
    if (on) l->leave();
    l->set_echo(on);
}

void Worker::play(Target target, std::unique_ptr<Player> player) {
    const OpId op = player->op();
    begin_operation(op, target);
    Station* const s = station(target);
    if (s != nullptr && !(player->yields() && s->player() != nullptr)) return s->play(std::move(player));
    const auto why = s != nullptr ? OpEnd::Why::stopped : OpEnd::Why::closed;
    operation_ended(op, {.why = why, .samples = 0, .position = {}, .file = 0, .error = {}});
}

void Worker::record(Target target, OpId op, RecordSpec spec) {
    begin_operation(op, target);
    const auto end = [&](OpEnd::Why why, std::string error) {
        operation_ended(op, {.why = why, .samples = 0, .position = {}, .file = 0, .error = std::move(error)});
    };
    Station* s = station(target);
    if (!s) return end(OpEnd::Why::closed, {});
    if (std::holds_alternative<MixerId>(target)) spec.side = Side::in;  // a mixer has one: the mix
    auto layout = Recorder::layout_of(spec);
    if (!layout) return end(OpEnd::Why::failed, std::move(layout.error()));
    auto failed = [this, op](std::string error) {
        send([op, error = std::move(error)](Worker& worker) mutable { worker.recording_failed(op, std::move(error)); });
    };
    s->record(std::make_unique<Recorder>(op, std::move(spec), *layout, writer_, std::move(failed)));
}

void Worker::send_dtmf(LegId id, const std::string& digits, Millis duration, Millis gap, OpId op) {
    begin_operation(op, id);
    if (Leg* l = leg(id))
        l->send_dtmf(digits, duration, gap, op);
    else
        operation_ended(op, {.why = OpEnd::Why::closed, .samples = 0, .position = {}, .file = 0, .error = {}});
}

void Worker::listen(LegId id, OpId op, const ListenSpec& spec) {
    begin_operation(op, id);
    Leg* l = leg(id);
    if (!l)
        return operation_ended(op, {.why = OpEnd::Why::closed, .samples = 0, .position = {}, .file = 0, .error = {}});
    l->listen_for(
        std::make_unique<Listener>(op, spec, [this, op](Heard heard) { notify(HeardNotice{op, std::move(heard)}); }));
}

void Worker::effect(LegId id, Side side, const EffectSpec& effect) {
    if (Leg* l = leg(id)) l->effect(side, effect);
}

void Worker::jitter_buffer(LegId id, const JitterSpec& spec) {
    if (auto* rtp = dynamic_cast<RtpLeg*>(leg(id))) rtp->jitter_buffer(spec);
}

void Worker::control(OpId op, const OpControl& control) {
    const auto found = operations_.find(op);
    if (found == operations_.end()) return;
    const Target target = found->second;
    if (const auto* id = std::get_if<LegId>(&target); id && control.kind == OpControl::Kind::stop) {
        Leg* l = leg(*id);
        if (l && (l->stop_dtmf(op) || l->stop_listening(op))) return;
    }
    if (Station* s = station(target)) s->control_op(op, control);
}

void Worker::supply(OpId op, std::size_t file, PromptPtr prompt, std::string error) {
    if (Station* s = station_of(op)) s->supply(op, file, std::move(prompt), std::move(error));
}

void Worker::recording_failed(OpId op, std::string error) {
    if (Station* s = station_of(op)) s->recording_failed(op, std::move(error));
}

void Worker::stats(LegId id, std::uint64_t question) {
    RtpStats answer;
    if (const auto* rtp = dynamic_cast<RtpLeg*>(leg(id))) answer = rtp->stats();
    notify(StatsNotice{question, std::move(answer)});
}

}  // namespace asterism::media
