#include "interfaces/agi/session.hpp"

#include "asterism/events/events.hpp"
#include "asterism/runtime/log.hpp"
#include "interfaces/agi/commands.hpp"

namespace asterism::agi {
namespace {

/// Operation number of the signal with which the link wakes the session; media operations count from 1.
constexpr std::uint64_t link_signal = 0;

/// How long a script that has closed its output may take to end: its status decides AGISTATUS.
constexpr Duration exit_grace = std::chrono::seconds(1);

/// How long a script may be silent on a channel that has hung up: one that hangs must not keep it for ever.
constexpr Duration afterlife_grace = std::chrono::minutes(10);

}  // namespace

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::success: return "SUCCESS";
        case Outcome::failure: return "FAILURE";
        case Outcome::not_found: return "NOTFOUND";
        case Outcome::hangup: return "HANGUP";
    }
    return "FAILURE";
}

Session::Session(Channel& channel, std::unique_ptr<Link> link, std::shared_ptr<const Debugging> debugging)
    : channel_(channel),
      signals_(*channel.pbx().loop),
      observation_(channel, signals_, false),
      link_(std::move(link)),
      debugging_(std::move(debugging)),
      born_dead_(dead()) {
    link_->attach([this] {
        signals_.send({.channel = channel_.id(), .kind = ChannelSignal::Kind::media, .op = link_signal, .text = {}});
    });
}

Session::~Session() = default;

Task<Outcome> Session::run(std::string environment) {
    link_->start(environment);
    bool hung_up = false;
    while (!finished_) {
        if (!signals_.empty()) signals_.clear();  // a signal only wakes: what it was about is looked at here
        if (!born_dead_ && dead()) {
            hung_up = true;
            if (variable_says("AGIEXITONHANGUP", true)) break;
            notice_hangup();
            if (finished_) break;
        }
        if (channel_.interrupted() || channel_.ended()) break;
        auto line = reader_.next();
        if (!line) {
            arrived_.clear();
            if (link_->take(arrived_)) {
                reader_.feed(arrived_);
                line = reader_.next();
                if (!line) continue;
            }
        }
        if (line) {
            if (run_line(*line)) continue;
            co_await command_->run.later(*this);
            end_line();
            continue;
        }
        if (link_->closed()) break;
        if (!dead()) {
            (void)co_await signals_.next();
        } else if (!co_await signals_.next_within(afterlife_grace)) {
            log::warning("AGI script on {} has been silent since the hangup; closing it", channel_.name());
            break;
        }
    }
    if (hung_up || channel_.hangup_requested()) co_return Outcome::hangup;
    if (finished_ || channel_.interrupted()) co_return Outcome::success;
    while (!link_->finished())
        if (!co_await signals_.next_within(exit_grace)) break;
    co_return link_->exit_status() == 0 ? Outcome::success : Outcome::failure;
}

bool Session::variable_says(std::string_view name, bool yes) const {
    const auto* value = channel_.variable(name);
    if (!value || value->empty()) return false;
    const char c = static_cast<char>(value->front() | 32);
    const bool is_true = c == 'y' || c == 't' || c == '1' || *value == "on";
    return is_true == yes;
}

void Session::notice_hangup() {
    if (told_hangup_) return;
    told_hangup_ = true;
    if (!variable_says("AGISIGHUP", false) && !link_->hung_up()) finished_ = true;
}

bool Session::run_line(LineReader::Line line) {
    reply_.clear();
    command_ = nullptr;
    if (debugging()) log::verbose(0, "<{}>AGI Rx << {}", channel_.name(), line.text);
    if (line.too_long) {
        log::warning("AGI: a command of more than {} bytes on {} is dropped", max_line_bytes, channel_.name());
    } else if (!line_.parse(line.text)) {
        log::warning("AGI: a command of more than {} words on {} is dropped", max_words, channel_.name());
    } else {
        command_ = find_command(line_.words());
    }
    if (!command_) {
        send("510 Invalid or unknown command");
        return true;
    }
    if (dead() && !command_->runs_dead) {
        send("511 Command Not Permitted on a dead channel or intercept routine");
        return true;
    }

    auto& bus = *pbx().bus;
    watched_ = bus.wanted(EventKind::agi_start) || bus.wanted(EventKind::agi_end);
    if (watched_) {
        watched_text_ = line.text;
        AgiExecStart event;
        event.channel = channel_.snapshot();
        event.command = watched_text_;
        event.command_id = std::to_string(++command_count_);
        bus.publish(std::move(event));
    }
    const auto given = line_.words().size() - command_->word_count;
    if (given < command_->least || given > command_->most)
        usage_error();
    else if (!command_->run.now(*this))
        return false;
    end_line();
    return true;
}

void Session::end_line() {
    if (reply_.empty()) usage_error();
    if (watched_) {
        AgiExecEnd event;
        event.channel = channel_.snapshot();
        event.command = std::move(watched_text_);
        event.command_id = std::to_string(command_count_);
        const bool good = reply_.starts_with("200");
        event.result_code = good ? 200 : 520;
        event.result = good ? "Success" : "Command Error";
        pbx().bus->publish(std::move(event));
    }
    // The reply goes after the events that the command caused.
    link_->write(reply_);
}

void Session::reply(std::string_view text) {
    reply_ = text;
    reply_ += '\n';
}

void Session::result(int value) {
    const fmt::format_int digits(value);
    reply_ = "200 result=";
    reply_.append(digits.data(), digits.size()) += '\n';
}

void Session::interim(std::string_view text) { send(text); }

void Session::send(std::string_view text) {
    if (debugging()) log::verbose(0, "<{}>AGI Tx >> {}", channel_.name(), text);
    out_ = text;
    out_ += '\n';
    link_->write(out_);
}

void Session::usage_error() {
    reply_ = "520-Invalid command syntax.  Proper usage follows:\n";
    reply_ += command_->usage();
    reply_ += "520 End of proper usage.\n";
}

}  // namespace asterism::agi
