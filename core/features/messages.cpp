#include "asterism/features/messages.hpp"

#include <algorithm>

#include "asterism/config/options.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::features {

TextMessage::Field* TextMessage::find(std::string_view name) {
    const auto found =
        std::ranges::find_if(data, [name](const Field& field) { return config::equal_nocase(field.name, name); });
    return found == data.end() ? nullptr : &*found;
}

void TextMessage::set(std::string_view name, std::string_view value) {
    if (value.empty()) {
        std::erase_if(data, [name](const Field& field) { return config::equal_nocase(field.name, name); });
    } else if (auto* field = find(name)) {
        field->value = value;
        field->outbound = true;
    } else {
        data.push_back({std::string(name), std::string(value), true});
    }
}

/// A channel without a party; its end lets the next message run.
class MessageQueue::Driver final : public ChannelDriver {
  public:
    Driver(Loop& loop, std::shared_ptr<MessageQueue*> queue) : loop_(loop), queue_(std::move(queue)) {}
    [[nodiscard]] std::string_view technology() const override { return "Message"; }
    void call() override {}
    void answer() override {}
    bool indicate(Indication) override { return true; }
    void hangup() override {
        loop_.post([queue = queue_] {
            if (*queue) (*queue)->next();
        });
    }
    [[nodiscard]] media::LegId leg() const override { return {}; }

  private:
    Loop& loop_;
    std::shared_ptr<MessageQueue*> queue_;
};

MessageQueue::~MessageQueue() { *self_ = nullptr; }

bool MessageQueue::add(TextMessage message, Location where) {
    if (waiting_.size() >= max_waiting) return false;
    waiting_.emplace_back(std::move(message), std::move(where));
    if (!running_) next();
    return true;
}

void MessageQueue::next() {
    running_ = !waiting_.empty();
    if (!running_) return;
    auto [message, where] = std::move(waiting_.front());
    waiting_.pop_front();
    ChannelSetup setup;
    setup.name = "Message/ast_msg_queue";
    setup.exact_name = true;
    setup.state = ChannelState::up;
    setup.location = std::move(where);
    setup.internal = pbx_.settings && pbx_.settings->hide_messaging_ami_events;
    Channel& channel = pbx_.channels->create(std::move(setup), std::make_unique<Driver>(*pbx_.loop, self_));
    channel.extra<TextMessage>() = std::move(message);
    pbx_.start_dialplan(channel);
}

}  // namespace asterism::features
