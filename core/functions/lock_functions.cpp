// LOCK, TRYLOCK, UNLOCK: named locks that channels hold until they give them back or end.
#include <deque>
#include <map>

#include "asterism/functions/functions.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::functions {
namespace {

/// A channel that holds a lock already waits only so long for another: two that wait for each other go on.
constexpr auto longest_wait = std::chrono::seconds(3);

struct Waiter {
    ChannelId channel;
    Mailbox<ChannelSignal>& box;
    bool granted = false;
};

struct Lock {
    ChannelId owner;
    int count = 0;
    std::deque<Waiter*> waiting{};
};

class Locks {
  public:
    /// Takes the lock if nobody else has it.
    bool try_take(const std::string& name, ChannelId channel) {
        auto& lock = locks_[name];
        if (lock.count > 0 && lock.owner != channel) return false;
        lock.owner = channel;
        ++lock.count;
        return true;
    }
    bool has(const std::string& name, ChannelId channel) const {
        const auto found = locks_.find(name);
        return found != locks_.end() && found->second.count > 0 && found->second.owner == channel;
    }
    [[nodiscard]] std::size_t held_by(ChannelId channel) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            locks_, [channel](const auto& entry) { return entry.second.count > 0 && entry.second.owner == channel; }));
    }
    /// Gives it back once. False: the channel does not have it.
    bool give(const std::string& name, ChannelId channel) {
        if (!has(name, channel)) return false;
        if (--locks_[name].count == 0) pass_on(name);
        return true;
    }
    void give_all(ChannelId channel) {
        std::vector<std::string> names;
        for (const auto& [name, lock] : locks_)
            if (lock.count > 0 && lock.owner == channel) names.push_back(name);
        for (const auto& name : names) {
            locks_[name].count = 0;
            pass_on(name);
        }
    }
    void wait(const std::string& name, Waiter& waiter) { locks_[name].waiting.push_back(&waiter); }
    void stop_waiting(const std::string& name, Waiter& waiter) {
        std::erase(locks_[name].waiting, &waiter);
        tidy(name);
    }

  private:
    /// To the one that waits longest.
    void pass_on(const std::string& name) {
        auto& lock = locks_[name];
        if (lock.waiting.empty()) return tidy(name);
        Waiter& next = *lock.waiting.front();
        lock.waiting.pop_front();
        lock.owner = next.channel;
        lock.count = 1;
        next.granted = true;
        next.box.send({.channel = next.channel, .kind = ChannelSignal::Kind::media});
    }
    void tidy(const std::string& name) {
        const auto found = locks_.find(name);
        if (found != locks_.end() && found->second.count == 0 && found->second.waiting.empty()) locks_.erase(found);
    }

    std::map<std::string, Lock> locks_;
};

/// Gives the channel's locks back when it is freed.
struct Holder : ChannelExtra {
    std::shared_ptr<Locks> locks;
    ChannelId channel;
    ~Holder() override {
        if (locks) locks->give_all(channel);
    }
};

/// Notes that the channel may hold locks.
void remember(const std::shared_ptr<Locks>& locks, Channel& channel) {
    auto& holder = channel.extra<Holder>();
    holder.locks = locks;
    holder.channel = channel.id();
}

Task<Text> take(std::shared_ptr<Locks> locks, FunctionCall call) {
    auto* channel = channel_of(call);
    if (!channel) co_return std::nullopt;
    if (call.args.empty()) co_return failed(call, "needs the name of a lock");
    const std::string name(call.args);
    remember(locks, *channel);
    if (locks->try_take(name, channel->id())) co_return "1";
    Mailbox<ChannelSignal> box(*call.pbx.loop);
    const Observation observation(*channel, box, false);
    Waiter waiter{.channel = channel->id(), .box = box};
    struct Leave {
        Locks& locks;
        const std::string& name;
        Waiter& waiter;
        ~Leave() { locks.stop_waiting(name, waiter); }
    } const leave{*locks, name, waiter};
    locks->wait(name, waiter);
    const auto deadline = call.pbx.loop->now() + longest_wait;
    const bool bounded = locks->held_by(waiter.channel) > 0;
    while (!waiter.granted) {
        std::optional<ChannelSignal> signal;
        if (bounded)
            signal = co_await box.next_before(deadline);
        else
            signal = co_await box.next();
        if (waiter.granted) break;
        using enum ChannelSignal::Kind;
        if (!signal || signal->kind == hangup || signal->kind == interrupted || signal->kind == ended) co_return "0";
    }
    co_return "1";
}

Text try_take(const std::shared_ptr<Locks>& locks, FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    if (call.args.empty()) return failed(call, "needs the name of a lock");
    remember(locks, *channel);
    return truth(locks->try_take(std::string(call.args), channel->id()));
}

Text give(const std::shared_ptr<Locks>& locks, FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    if (call.args.empty()) return failed(call, "needs the name of a lock");
    return truth(locks->give(std::string(call.args), channel->id()));
}

}  // namespace

void add_lock_functions(dialplan::Functions& all) {
    const auto locks = std::make_shared<Locks>();
    const dialplan::Parameter name{"lockname", "any name"};
    all.add({.name = "LOCK",
             .synopsis = "waits for a named lock and takes it; 1: it has it",
             .syntax = "LOCK(lockname)",
             .parameters = {name},
             .read = [locks](FunctionCall& call) { return try_take(locks, call); },
             .read_later = [locks](FunctionCall call) { return take(locks, call); },
             .module = "func_lock"});
    all.add({.name = "TRYLOCK",
             .synopsis = "takes a named lock if it is free; 1: it has it",
             .syntax = "TRYLOCK(lockname)",
             .parameters = {name},
             .read = [locks](FunctionCall& call) { return try_take(locks, call); },
             .module = "func_lock"});
    all.add({.name = "UNLOCK",
             .synopsis = "gives a named lock back; 0: the channel had it not",
             .syntax = "UNLOCK(lockname)",
             .parameters = {name},
             .read = [locks](FunctionCall& call) { return give(locks, call); },
             .module = "func_lock"});
}

}  // namespace asterism::functions
