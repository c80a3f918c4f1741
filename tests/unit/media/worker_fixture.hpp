// A worker without a thread, its legs the test's: the test is its clock.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asterism/runtime/time.hpp"
#include "media/file_writer.hpp"
#include "media/leg.hpp"
#include "media/telephone_event.hpp"
#include "media/worker.hpp"
#include "support/test_loop.hpp"

namespace asterism::media {

/// A party that the test speaks for and listens to.
class TestLeg final : public Leg {
  public:
    TestLeg(Worker& worker, LegId id) : Leg(worker, id), stream_(worker.new_stream()) {}
    void deliver(Frame& frame) override {
        if (frame.event) {
            const auto e = parse_telephone_event(frame.payload);
            events += std::string(1, *digit_of_event(e->event)) + (e->end ? "." : "");
            return;
        }
        ++frames;
        if (!frame.payload.empty()) last_payload.assign(frame.payload.begin(), frame.payload.end());
        const auto samples = frame.samples();
        heard_all.insert(heard_all.end(), samples.begin(), samples.end());
        last = samples.empty() ? 0 : samples[samples.size() / 2];
    }
    [[nodiscard]] DigitWay digit_way() const override { return way; }
    [[nodiscard]] CodecId preferred() const override { return wants; }
    void say(std::int16_t value, std::size_t samples = 160) {
        Frame frame;
        std::fill_n(frame.sample_room().begin(), samples, value);
        frame.set_samples(samples, 8000);
        frame.stream = stream_;
        frame.timed = timed;
        frame.header.timestamp = timestamp;
        heard(frame);
    }
    void say(std::span<const std::int16_t> audio) {
        Frame frame;
        std::copy(audio.begin(), audio.end(), frame.sample_room().begin());
        frame.set_samples(audio.size(), 8000);
        frame.stream = stream_;
        heard(frame);
    }
    bool timed = false;
    std::uint32_t timestamp = 0;
    int frames = 0;
    int last = 0;
    std::string events;
    std::vector<std::int16_t> heard_all;
    std::vector<std::uint8_t> last_payload;
    DigitWay way = DigitWay::events;
    CodecId wants = CodecId::none;

  private:
    std::uint64_t stream_;
};

class WorkerTest : public testing::Test {
  protected:
    WorkerTest() : worker(clock, *writer, [this](std::vector<Notice> n) { take(std::move(n)); }) {
        char name[] = "/tmp/asterism-worker-XXXXXX";
        dir = mkdtemp(name);
    }
    ~WorkerTest() override {
        worker.shut_down();
        writer.reset();
        std::filesystem::remove_all(dir);
    }
    void take(std::vector<Notice> notices) {
        for (auto& n : notices) {
            if (auto* e = std::get_if<EndNotice>(&n)) ends[e->op.value].push_back(e->end);
            if (auto* l = std::get_if<LegNotice>(&n)) events.push_back(*l);
            if (auto* f = std::get_if<NeedNotice>(&n)) needs.push_back(f->file);
            if (auto* h = std::get_if<HeardNotice>(&n)) heards.push_back(*h);
            if (auto* s = std::get_if<StreamNotice>(&n)) told(*s);
        }
    }
    /// For tests of legs to programs.
    virtual void told(const StreamNotice&) {}
    TestLeg& leg() {
        auto made = std::make_unique<TestLeg>(worker, LegId{++last_id});
        TestLeg& l = *made;
        worker.adopt(std::move(made));
        return l;
    }
    void ticks(int n) {
        for (int i = 0; i < n; ++i) {
            clock.set(clock.now() + 20ms);
            worker.turn(0);
            worker.tick();
        }
        worker.turn(0);
    }
    std::string said(LegEvent::Kind begin, LegEvent::Kind end) {
        std::string s;
        for (auto& e : events) {
            if (e.event.kind == begin) s += e.event.digit ? std::string("+") + e.event.digit : "+";
            if (e.event.kind == end) s += e.event.digit ? std::string("-") + e.event.digit : "-";
        }
        return s;
    }
    std::string digits() { return said(LegEvent::Kind::dtmf_begin, LegEvent::Kind::dtmf_end); }
    static PromptPtr prompt(std::size_t samples, std::int16_t value) {
        auto p = std::make_shared<Prompt>();
        p->pcm.assign(samples, value);
        return p;
    }
    FilePlayer& play(Target target, OpId op, const FilePlayer::Plan& plan) {
        auto player = std::make_unique<FilePlayer>(op, plan, worker.new_stream());
        FilePlayer& p = *player;
        worker.play(target, std::move(player));
        worker.turn(0);
        return p;
    }
    /// Lets the writer's thread finish, then takes what it sent.
    bool wait_end(OpId op) {
        for (int i = 0; i < 500 && ends[op.value].empty(); ++i) worker.turn(10);
        return !ends[op.value].empty();
    }

    TestClock clock;
    std::unique_ptr<FileWriter> writer = std::make_unique<FileWriter>();
    std::map<std::uint64_t, std::vector<OpEnd>> ends;
    std::vector<LegNotice> events;
    std::vector<std::size_t> needs;
    std::vector<HeardNotice> heards;
    Worker worker;
    std::string dir;
    std::uint64_t last_id = 0;
};

}  // namespace asterism::media
