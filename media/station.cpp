#include "media/station.hpp"

#include <algorithm>
#include <utility>

#include "media/worker.hpp"

namespace asterism::media {

void Station::play(std::unique_ptr<Player> player) {
    end_player(OpEnd::Why::stopped);
    player_ = std::move(player);
    pass_on_need();
    operations_changed();
}

void Station::give_way() {
    if (player_ && player_->yields()) end_player(OpEnd::Why::stopped);
}

void Station::pass_on_need() {
    if (!player_) return;
    if (const auto need = player_->take_need()) worker_.notify(NeedNotice{player_->op(), *need});
}

void Station::end_player(OpEnd::Why why) {
    if (!player_) return;
    const auto ended = std::move(player_);
    OpEnd end;
    end.why = why;
    ended->report(end);
    if (why != OpEnd::Why::failed) end.error.clear();
    worker_.operation_ended(ended->op(), std::move(end));
    operations_changed();
}

bool Station::next_played(Frame& frame) {
    if (!player_) return false;
    const auto step = player_->next(frame);
    pass_on_need();
    switch (step) {
        case Player::Step::audio: return true;
        case Player::Step::waiting: return false;
        case Player::Step::finished: end_player(OpEnd::Why::finished); return false;
        case Player::Step::failed: end_player(OpEnd::Why::failed); return false;
    }
    return false;
}

void Station::supply(OpId op, std::size_t file, PromptPtr prompt, std::string error) {
    if (!player_ || player_->op() != op) return;
    player_->supply(file, std::move(prompt), std::move(error));
    pass_on_need();
}

void Station::record(std::unique_ptr<Recorder> recorder) {
    recorders_.push_back(std::move(recorder));
    operations_changed();
}

void Station::end_recorder(std::size_t at, OpEnd::Why why, std::string error) {
    const auto recorder = std::move(recorders_[at]);
    recorders_.erase(recorders_.begin() + static_cast<std::ptrdiff_t>(at));
    const OpId op = recorder->op();
    // Not over before the file is closed: who hears of the end will open it.
    auto end = std::make_shared<OpEnd>();
    auto closed = [&w = worker_, op, end](std::string failure) {
        w.send([op, end, failure = std::move(failure)](Worker& worker) mutable {
            if (!failure.empty()) {
                end->why = OpEnd::Why::failed;
                end->error = std::move(failure);
            }
            worker.operation_ended(op, std::move(*end));
        });
    };
    // `end` is filled before the worker can read it: send() is not run before this turn of the worker is over.
    OpEnd told = recorder->finish(why, std::move(closed));
    if (!error.empty()) told.error = std::move(error);
    *end = std::move(told);
    operations_changed();
}

void Station::reap_recorders() {
    for (std::size_t i = recorders_.size(); i-- > 0;)
        if (const auto why = recorders_[i]->ended()) end_recorder(i, *why);
}

bool Station::recorders_want_ticks() const {
    return std::any_of(recorders_.begin(), recorders_.end(), [](const auto& r) { return r->wants_ticks(); });
}

void Station::feed_recorders(Side side, Frame& frame) {
    const auto samples = frame.samples();
    if (samples.empty()) return;
    for (const auto& recorder : recorders_) recorder->feed(side, samples, frame.rate());
    reap_recorders();
}

void Station::tick_recorders() {
    for (const auto& recorder : recorders_) recorder->tick();
    reap_recorders();
}

void Station::recording_failed(OpId op, std::string error) {
    for (std::size_t i = 0; i < recorders_.size(); ++i)
        if (recorders_[i]->op() == op) return end_recorder(i, OpEnd::Why::failed, std::move(error));
}

void Station::control_op(OpId op, const OpControl& control) {
    const bool stop = control.kind == OpControl::Kind::stop;
    if (player_ && player_->op() == op) {
        if (stop)
            end_player(OpEnd::Why::stopped);
        else
            player_->control(control);
        return;
    }
    for (std::size_t i = 0; i < recorders_.size(); ++i) {
        if (recorders_[i]->op() != op) continue;
        if (stop)
            end_recorder(i, OpEnd::Why::stopped);
        else
            recorders_[i]->control(control);
        return;
    }
}

void Station::end_operations(OpEnd::Why why) {
    end_player(why);
    while (!recorders_.empty()) end_recorder(recorders_.size() - 1, why);
}

}  // namespace asterism::media
