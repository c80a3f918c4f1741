#include "core/sip/tables.hpp"

#include <algorithm>
#include <cstring>

namespace asterism::sip {

std::size_t KeyHash::operator()(std::string_view text) const noexcept {
    // Multiply and fold, eight bytes at a time.
    const auto fold = [](std::uint64_t a, std::uint64_t b) {
        const auto product = static_cast<unsigned __int128>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    std::uint64_t hash = seed ^ (text.size() * 0x9e3779b97f4a7c15U);
    while (text.size() >= 8) {
        std::uint64_t block;
        std::memcpy(&block, text.data(), 8);
        hash = fold(hash ^ block, 0xa0761d6478bd642fU ^ seed);
        text.remove_prefix(8);
    }
    std::uint64_t last = 0;
    std::memcpy(&last, text.data(), text.size());
    return static_cast<std::size_t>(fold(hash ^ last, 0xe7037ed1a0b428dbU));
}

void Stack::Tables::linger(Duration time, Action at_end) {
    LingerQueue* queue = nullptr;
    for (const auto& q : lingering)
        if (q->time == time) queue = q.get();
    if (queue == nullptr) {
        // A reload may have changed T1: queues of the old length go once they are empty.
        std::erase_if(lingering, [](const auto& q) { return q->waiting.empty(); });
        queue = lingering.emplace_back(std::make_unique<LingerQueue>(owner.loop_, time)).get();
    }
    queue->waiting.push_back({owner.loop_.now() + time, std::move(at_end)});
    if (!queue->timer.pending()) queue->wait(owner.loop_);
}

void Stack::Tables::LingerQueue::wait(Loop& loop) {
    timer.start_at(waiting.front().due + std::min<Duration>(time / 16, 500ms), [this, &loop] { run(loop); });
}

void Stack::Tables::LingerQueue::run(Loop& loop) {
    const TimePoint now = loop.now();
    std::deque<Lingering> due;
    while (!waiting.empty() && waiting.front().due <= now) {
        due.push_back(std::move(waiting.front()));
        waiting.pop_front();
    }
    if (!waiting.empty()) wait(loop);
    // Last: an action may end in linger(), which may drop this queue.
    for (Lingering& l : due) l.at_end();
}

std::string server_key(const Message& request, Method method) {
    const Via& via = request.top_via();
    std::string key;
    if (via.has_cookie()) {
        key.reserve(via.branch.size() + via.host.size() + 16);
        key += via.branch;
        key += '|';
        for (char c : via.host) key += lower(c);
        key += ':';
        key += static_cast<char>('0' + via.port % 64);
        key += static_cast<char>('0' + via.port / 64 % 64);
        key += static_cast<char>('0' + via.port / 4096);
    } else {
        // RFC 2543 peers: everything but the tag that the response adds.
        key += "2543|";
        key += request.call_id();
        key += '|';
        key += request.from_tag();
        key += '|';
        key += std::to_string(request.cseq());
        key += '|';
        key += via.host;
        key += via.branch;
    }
    key += '|';
    if (method == Method::unknown)
        key += request.method_text();
    else
        key += static_cast<char>('A' + static_cast<int>(method));
    return key;
}

std::string client_key(std::string_view branch, std::string_view method) {
    std::string key;
    key.reserve(branch.size() + method.size() + 1);
    key += branch;
    key += '|';
    key += method;
    return key;
}

std::string dialog_key(std::string_view call_id, std::string_view local_tag, std::string_view remote_tag) {
    std::string key;
    key.reserve(call_id.size() + local_tag.size() + remote_tag.size() + 2);
    key += call_id;
    key += '\n';
    key += local_tag;
    key += '\n';
    key += remote_tag;
    return key;
}

}  // namespace asterism::sip
