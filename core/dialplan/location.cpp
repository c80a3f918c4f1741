// Places in the dialplan as users write them.
#include <charconv>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/realtime_extensions.hpp"
#include "asterism/dialplan/test_time.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "core/dialplan/running.hpp"

namespace asterism::dialplan {

Plan::Query query_for(Channel& channel, std::string_view context, std::string_view exten) {
    const auto& number = channel.caller().id.number;
    return {.context = context,
            .exten = exten,
            .caller = number.valid ? std::string_view(number.text) : std::string_view(),
            .now = channel.pbx().loop->clock().wall(),
            .channel = &channel};
}

bool exists(Channel& channel, const Location& where) {
    const auto plan = channel.pbx().dialplan->plan();
    return plan->exists(query_for(channel, where.context, where.exten), where.priority);
}

Task<bool> exists_later(Channel& channel, Location where) {
    Pbx& pbx = channel.pbx();
    for (int asked = 0; asked < 100; ++asked) {
        const auto plan = pbx.dialplan->plan();
        Plan::Query query = query_for(channel, where.context, where.exten);
        std::optional<RealtimeQuestion> need;
        query.need = &need;
        const bool there = plan->exists(query, where.priority);
        if (!need || plan->outside() == nullptr) co_return there;
        co_await plan->outside()->fetch(std::move(*need));
    }
    co_return false;
}

std::expected<Location, std::string> parse_location(Channel& channel, std::string_view text) {
    std::string_view context, exten, priority = text;
    if (const std::size_t first = text.find(','); first != std::string_view::npos) {
        exten = text.substr(0, first);
        priority = text.substr(first + 1);
        if (const std::size_t second = priority.find(','); second != std::string_view::npos) {
            context = exten;
            exten = priority.substr(0, second);
            priority = priority.substr(second + 1);
        }
    }
    priority = config::trim(priority);
    context = config::trim(context);
    exten = config::trim(exten);
    const Location& here = channel.location();
    Location where{.context = context.empty() ? here.context : std::string(context),
                   .exten = exten.empty() ? here.exten : std::string(exten)};
    const bool forth = priority.starts_with('+'), back = priority.starts_with('-');
    int number = 0;
    const std::string_view digits = forth || back ? priority.substr(1) : priority;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc()) {
        where.priority = forth ? here.priority + number : back ? here.priority - number : number;
    } else {
        // The label is mostly in the extension that runs.
        auto* running = channel.find_extra<Running>();
        const Priority* found = nullptr;
        if (running && running->extension && where.context == running->context && where.exten == running->exten) {
            found = running->extension->find_label(priority);
        }
        if (!found)
            found = channel.pbx()
                        .dialplan->plan()
                        ->find_label(query_for(channel, where.context, where.exten), priority)
                        .priority;
        if (!found)
            return std::unexpected("Priority '" + std::string(priority) + "' must be a number > 0, or valid label");
        where.priority = found->number;
    }
    if (where.priority < 1)
        return std::unexpected("Priority '" + std::string(priority) + "' must be a number > 0, or valid label");
    return where;
}

void go_to(Channel& channel, Location where) {
    auto* running = channel.find_extra<Running>();
    if (running && running->depth > 0)
        running->jump = std::move(where);
    else
        channel.set_location(std::move(where));
}

bool go_to(Channel& channel, std::string_view text) {
    auto where = parse_location(channel, text);
    if (!where) {
        log::warning("{}: {}", channel.name(), where.error());
        return false;
    }
    go_to(channel, std::move(*where));
    return true;
}

bool raise_exception(Channel& channel, std::string_view reason) {
    const Location here = channel.location();
    if (!exists(channel, {here.context, "e", 1})) return false;
    auto& exception = channel.extra<Exception>();
    exception.reason = reason;
    exception.context = here.context;
    exception.exten = here.exten;
    exception.priority = here.priority;
    go_to(channel, Location{here.context, "e", 1});
    return true;
}

WallTime time_for(const Pbx& pbx, const Channel* channel) {
    const std::string* test = channel ? channel->variable("TESTTIME") : nullptr;
    std::int64_t seconds = 0;
    if (!test || test->empty() || std::from_chars(test->data(), test->data() + test->size(), seconds).ec != std::errc{})
        return pbx.loop->clock().wall();
    return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(seconds)));
}

}  // namespace asterism::dialplan
