#include "interfaces/agi/async_link.hpp"

#include <deque>

#include "asterism/events/events.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/agi/agi.hpp"

namespace asterism::agi {
namespace {

struct Waiting {
    std::string command, id;
};

/// What the link and the action AGI share; on the channel while it is in AsyncAGI.
struct AsyncQueue : ChannelExtra {
    struct State {
        std::deque<Waiting> commands;
        std::move_only_function<void()> wake;
    };
    std::shared_ptr<State> state;
};

class AsyncLink final : public Link {
  public:
    explicit AsyncLink(Channel& channel)
        : pbx_(channel.pbx()), channel_(channel.id()), state_(std::make_shared<AsyncQueue::State>()) {
        channel.extra<AsyncQueue>().state = state_;
    }
    ~AsyncLink() override {
        if (auto* channel = pbx_.channels->find(channel_)) channel->drop_extra<AsyncQueue>();
        if (started_) publish("AsyncAGIEnd", {});
    }

    void attach(std::move_only_function<void()> wake) override { state_->wake = std::move(wake); }
    /// One command at a time: the reply that follows is its.
    bool take(std::string& into) override {
        if (state_->commands.empty()) return false;
        into += state_->commands.front().command;
        into += '\n';
        id_ = std::move(state_->commands.front().id);
        state_->commands.pop_front();
        return true;
    }
    [[nodiscard]] bool closed() const override { return false; }

    void start(std::string_view block) override {
        started_ = true;
        publish("AsyncAGIStart", {{"Env", functions::uri_encode(block)}});
    }
    void write(std::string_view bytes) override {
        reply_ += bytes;
        if (bytes.starts_with("100 ")) return;  // the final reply follows, in the same event
        Headers headers{{"Result", functions::uri_encode(std::exchange(reply_, {}))}};
        if (!id_.empty()) headers.emplace_back("CommandId", id_);
        publish("AsyncAGIExec", std::move(headers));
    }
    bool hung_up() override { return false; }
    [[nodiscard]] bool ends_on_break() const override { return true; }

  private:
    void publish(const char* name, Headers headers) {
        auto* channel = pbx_.channels->find(channel_);
        if (!channel || !pbx_.bus->wanted(EventKind::generic)) return;
        GenericEvent event;
        event.name = name;
        event.event_class = "agi";
        event.channels.emplace_back("", channel->snapshot());
        event.headers = std::move(headers);
        pbx_.bus->publish(std::move(event));
    }

    Pbx& pbx_;
    ChannelId channel_;
    std::shared_ptr<AsyncQueue::State> state_;
    std::string id_, reply_;
    bool started_ = false;
};

}  // namespace

std::unique_ptr<Link> make_async_link(Channel& channel) { return std::make_unique<AsyncLink>(channel); }

bool queue_async_command(Channel& channel, std::string command, std::string command_id) {
    auto* queue = channel.find_extra<AsyncQueue>();
    if (!queue || !queue->state || queue->state->commands.size() >= max_async_commands) return false;
    // Whatever a client writes is one command: line ends would make it several.
    for (char& c : command)
        if (c == '\n' || c == '\r') c = ' ';
    queue->state->commands.push_back({std::move(command), std::move(command_id)});
    if (queue->state->wake) queue->state->wake();
    return true;
}

}  // namespace asterism::agi
