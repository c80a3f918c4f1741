// Texts that belong to no call: what MESSAGE() and MESSAGE_DATA() read and MessageSend sends, and the queue that runs
// the dialplan for those that come in.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/model/channel.hpp"

namespace asterism::features {

/// The message of a channel.
struct TextMessage : ChannelExtra {
    struct Field {
        std::string name, value;
        bool outbound = false;  ///< goes out with MessageSend: the dialplan set it
    };
    std::string to, from, body;
    std::vector<Field> data;  ///< headers, found without regard to case

    [[nodiscard]] Field* find(std::string_view name);
    /// Sets a field that goes out; an empty value removes it.
    void set(std::string_view name, std::string_view value);
};

/// Runs the dialplan for one message after the other, each on a channel Message/ast_msg_queue of its own. Owned by the
/// technology that receives them.
class MessageQueue {
  public:
    explicit MessageQueue(Pbx& pbx) : pbx_(pbx) {}
    MessageQueue(const MessageQueue&) = delete;
    MessageQueue& operator=(const MessageQueue&) = delete;
    ~MessageQueue();

    /// More than this wait: the next is refused.
    static constexpr std::size_t max_waiting = 1000;
    /// False: too many wait.
    bool add(TextMessage message, Location where);

  private:
    class Driver;
    void next();
    Pbx& pbx_;
    std::deque<std::pair<TextMessage, Location>> waiting_;
    bool running_ = false;
    std::shared_ptr<MessageQueue*> self_ = std::make_shared<MessageQueue*>(this);
};

}  // namespace asterism::features
