// ExternalIVR: a program or a server that has files played to a call and is told of its digits, line by line. The
// protocol is that of the page "External IVR Interface" of Asterisk's documentation.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <utility>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/evaluate_later.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "interfaces/agi/command_line.hpp"
#include "interfaces/agi/external_ivr.hpp"
#include "interfaces/agi/link.hpp"
#include "interfaces/agi/programs.hpp"

namespace asterism::agi {

namespace {

using dialplan::AppResult;
using Kind = ChannelSignal::Kind;

constexpr std::size_t max_files = 1000;  ///< that wait to be played
/// How long a program may be silent on a channel that has hung up: one that hangs must not keep it for ever.
constexpr Duration afterlife_grace = std::chrono::minutes(10);

std::string_view after_comma(std::string_view line) {
    const auto comma = line.find(',');
    return comma == line.npos ? std::string_view{} : line.substr(comma + 1);
}

media::Millis millis(std::string_view text, media::Millis otherwise) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && value > 0 && value <= 60'000 ? media::Millis{value} : otherwise;
}

/// One conversation, in the coroutine that controls the channel.
class Ivr {
  public:
    Ivr(Channel& channel, const IvrCall& call, std::unique_ptr<Link> link)
        : channel_(channel),
          pbx_(channel.pbx()),
          call_(call),
          options_(call.options),
          box_(*pbx_.loop),
          watch_(channel, box_, true),
          link_(std::move(link)) {
        link_->attach([this] { box_.send({.channel = channel_.id(), .kind = Kind::media, .text = {}}); });
    }
    Ivr(const Ivr&) = delete;
    Ivr& operator=(const Ivr&) = delete;
    ~Ivr() {
        if (op_) pbx_.media->stop(op_);
    }

    Task<AppResult> run();

  private:
    struct Playing {
        std::string name;  ///< as the program named it; empty: silence
        bool ended = false;
    };
    struct File {
        std::string name, path;
    };
    [[nodiscard]] bool dead() const { return channel_.hangup_requested() || channel_.in_afterlife(); }
    void tell(char tag, std::string_view data = {});
    void digit(char pressed);
    Task<void> command(std::string line);
    Task<void> add_file(std::string name, bool clear);
    Task<void> set_variables(std::string list);
    Task<void> get_variables(std::string list);
    void send_digits(std::string_view what);
    void interrupt();
    void play_next();
    void start(media::PlaySpec spec, std::string name);
    AppResult leave() const {
        return channel_.hangup_requested() && !channel_.in_afterlife() ? AppResult::hang_up() : AppResult::go_on();
    }

    Channel& channel_;
    Pbx& pbx_;
    const IvrCall& call_;
    const dialplan::OptionLetters options_;
    Mailbox<ChannelSignal> box_;
    Observation watch_;
    std::unique_ptr<Link> link_;
    LineReader reader_;
    std::deque<File> files_;
    std::shared_ptr<Playing> playing_;
    media::OpId op_;
    std::optional<AppResult> result_;
    bool autoclear_ = false, told_hangup_ = false;
};

void Ivr::tell(char tag, std::string_view data) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(pbx_.loop->clock().wall().time_since_epoch()).count();
    std::string line = fmt::format("{},{}", tag, seconds);
    if (!data.empty()) line.append(",").append(data);
    std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    link_->write(line + '\n');
}

// ---- what is played ----

void Ivr::start(media::PlaySpec spec, std::string name) {
    const auto state = std::make_shared<Playing>(Playing{std::move(name)});
    playing_ = state;
    op_ = pbx_.media->play(channel_.leg(), std::move(spec),
                           [&pbx = pbx_, id = channel_.id(), state](const media::OpEnd&) {
                               state->ended = true;
                               if (Channel* still = pbx.channels->find(id))
                                   still->signal({.channel = id, .kind = Kind::media, .text = {}});
                           });
}

/// The next file, or silence; tells of the one that was played to its end.
void Ivr::play_next() {
    if (playing_ && playing_->ended) {
        const auto name = std::exchange(playing_, nullptr)->name;
        if (!name.empty() && !dead()) tell('F', name);
    }
    if (dead() || !channel_.leg()) return;
    if (!files_.empty() && (!playing_ || playing_->name.empty())) {
        auto file = std::move(files_.front());
        files_.pop_front();
        if (!channel_.up()) channel_.driver().indicate(Indication::progress);
        start({.files = {std::move(file.path)}}, std::move(file.name));
    } else if (!playing_ && channel_.up()) {
        start({.silence = media::Millis::max()}, {});
    }
}

/// Nothing is played any more; the program is told what it will not hear of again.
void Ivr::interrupt() {
    const bool heard = playing_ && !playing_->name.empty();
    if (heard || !files_.empty()) tell('T');
    if (heard) {
        tell('D', playing_->name);
        pbx_.media->stop(op_);
        playing_ = nullptr;
    }
    for (const auto& file : std::exchange(files_, {})) tell('D', file.name);
}

Task<void> Ivr::add_file(std::string name, bool clear) {
    std::optional<std::string> path;
    if (!name.empty() && !dead() && (clear || files_.size() < max_files)) {
        const auto codec = media::codec_by_name(channel_.driver().native_format()).value_or(media::CodecId::slin);
        const auto found = std::make_shared<Mailbox<std::optional<std::string>>>(*pbx_.loop);
        pbx_.prompts->find(name, channel_.language(), codec,
                           [weak = std::weak_ptr(found)](std::optional<std::string> file) {
                               if (const auto waits = weak.lock()) waits->send(std::move(file));
                           });
        path = co_await found->next();
    }
    if (!path) {
        log::warning("ExternalIVR on {}: file '{}' cannot be played", channel_.name(), name);
        tell('Z', name);
        co_return;
    }
    if (clear) interrupt();
    files_.push_back({std::move(name), *std::move(path)});
}

void Ivr::digit(char pressed) {
    tell(pressed);
    if (autoclear_) interrupt();
}

// ---- what the program asks for ----

Task<void> Ivr::set_variables(std::string list) {
    for (const auto one : functions::split(list, ',')) {
        const auto equals = one.find('=');
        if (equals == one.npos || equals == 0)
            tell('Z', one);
        else
            co_await dialplan::set_variable_later(pbx_, &channel_, std::string(one.substr(0, equals)),
                                                  std::string(one.substr(equals + 1)));
        if (channel_.ended()) co_return;
    }
}

Task<void> Ivr::get_variables(std::string list) {
    std::string answer;
    for (const auto name : functions::split(list, ',')) {
        const auto value = co_await dialplan::get_variable_later(pbx_, &channel_, std::string(name));
        if (channel_.ended()) co_return;
        answer += fmt::format("{}{}={}", answer.empty() ? "" : ",", name, value.value_or(""));
    }
    tell('G', answer);
}

void Ivr::send_digits(std::string_view what) {
    const auto parts = functions::split(what, ',');
    const std::string_view digits = parts.empty() ? std::string_view{} : parts[0];
    if (dead() || digits.empty() || digits.find_first_not_of("0123456789*#ABCDwW") != digits.npos)
        return tell('Z', digits);
    constexpr media::Millis usual{250};
    pbx_.media->send_dtmf(channel_.leg(), digits, parts.size() > 2 ? millis(parts[2], usual) : usual,
                          parts.size() > 1 ? millis(parts[1], usual) : usual, [](const media::OpEnd&) {});
}

Task<void> Ivr::command(std::string line) {
    const auto data = std::string(after_comma(line));
    switch (line.size() == 1 || (line.size() > 1 && line[1] == ',') ? line[0] : 0) {
        case 'S': co_await add_file(data, true); break;
        case 'A': co_await add_file(data, false); break;
        case 'I': interrupt(); break;
        case 'H':
            log::notice("ExternalIVR on {} hangs up: {}", channel_.name(), data);
            tell('H');
            result_ = AppResult::hang_up();
            break;
        case 'E':
            log::notice("ExternalIVR on {} ends: {}", channel_.name(), data);
            tell('E');
            result_ = leave();
            break;
        case 'O':
            if (data == "autoclear" || data == "noautoclear")
                autoclear_ = data == "autoclear";
            else
                tell('Z', data);
            break;
        case 'V': co_await set_variables(data); break;
        case 'G': co_await get_variables(data); break;
        case 'L': log::notice("ExternalIVR on {}: {}", channel_.name(), data); break;
        case 'P': tell('P', call_.words); break;
        case 'T':
            if (dead())
                tell('Z', "ANSWER_FAILED");
            else
                answer(channel_);
            break;
        case 'D': send_digits(data); break;
        default: log::warning("ExternalIVR on {}: unknown command '{}'", channel_.name(), line); tell('Z');
    }
}

Task<AppResult> Ivr::run() {
    for (const char early : channel_.take_early_digits()) digit(early);
    std::string arrived;
    for (;;) {
        if (channel_.ended()) co_return AppResult::hang_up();
        if (channel_.interrupted()) co_return AppResult::go_on();
        if (channel_.hangup_requested() && !options_.has('d') && !std::exchange(told_hangup_, true)) {
            if (!options_.has('i')) {
                tell('H');
                co_return AppResult::hang_up();
            }
            tell('I', "HANGUP");
        }
        play_next();
        if (const auto line = reader_.next()) {
            if (!line->too_long) co_await command(std::string(line->text));
            if (result_) co_return *result_;
            continue;
        }
        arrived.clear();
        if (link_->take(arrived)) {
            reader_.feed(arrived);
            continue;
        }
        if (link_->closed()) {
            log::warning("ExternalIVR on {}: {} has gone", channel_.name(), call_.command);
            co_return AppResult::hang_up();
        }
        const auto signal =
            dead() ? co_await box_.next_within(afterlife_grace) : std::optional<ChannelSignal>(co_await box_.next());
        if (!signal) {
            log::warning("ExternalIVR on {}: {} has been silent since the hangup", channel_.name(), call_.command);
            co_return AppResult::hang_up();
        }
        if (signal->kind == Kind::digit) digit(signal->digit);
        if (signal->kind == Kind::ended) co_return AppResult::hang_up();
    }
}

Task<AppResult> external_ivr(Linker& linker, Channel& channel, std::string data) {
    const auto call = parse_ivr(data);
    if (!call) {
        log::error("ExternalIVR({}): {}", data, call.error());
        co_return AppResult::hang_up();
    }
    const dialplan::OptionLetters options(call->options);
    for (const char letter : options.letters())
        if (letter != 'n' && letter != 'i' && letter != 'd')
            log::warning("ExternalIVR: there is no option '{}'", letter);
    const bool hung_up = channel.hangup_requested() || channel.in_afterlife();
    if (hung_up && !options.has('d')) {
        log::error("ExternalIVR: {} has hung up, and option d is not given", channel.name());
        co_return AppResult::hang_up();
    }
    if (!hung_up && !options.has('n')) answer(channel);
    auto link = call->server ? co_await linker.connect(*call->server)
                             : co_await linker.spawn(call->command, call->arguments, {}, false);
    if (!link) {
        log::error("ExternalIVR '{}' on {} failed: {}", call->command, channel.name(), link.error().text);
        co_return AppResult::hang_up();
    }
    Ivr ivr(channel, *call, std::move(*link));
    co_return co_await ivr.run();
}

}  // namespace

std::expected<IvrCall, std::string> parse_ivr(std::string_view data) {
    IvrCall call;
    const auto cut = data.find_first_of("(,");
    call.command = functions::trim(data.substr(0, cut));
    call.words = call.command;
    std::string_view rest = cut == data.npos ? std::string_view{} : data.substr(cut);
    if (rest.starts_with('(')) {
        std::size_t end = 0;
        for (int depth = 0; end < rest.size(); ++end) {
            depth += rest[end] == '(' ? 1 : rest[end] == ')' ? -1 : 0;
            if (depth == 0) break;
        }
        if (end == rest.size()) return std::unexpected("the arguments' parenthesis is not closed");
        if (const auto inner = rest.substr(1, end - 1); !inner.empty()) {
            for (const auto one : functions::split(inner, ',')) call.arguments.emplace_back(one);
            call.words.append(",").append(inner);
        }
        rest.remove_prefix(end + 1);
    }
    if (!rest.empty() && rest.front() != ',') return std::unexpected("there is text behind the arguments");
    if (!rest.empty()) call.options = functions::trim(rest.substr(1));
    constexpr std::string_view scheme = "ivr://";
    if (call.command.starts_with(scheme)) {
        auto server = parse_server(std::string_view(call.command).substr(scheme.size()), default_ivr_port);
        if (!server) return std::unexpected(server.error());
        call.server = *std::move(server);
    } else if (!call.command.starts_with('/')) {
        return std::unexpected("neither the full path of a program nor ivr://host");
    }
    return call;
}

void add_external_ivr(Pbx& pbx, Linker& linker) {
    pbx.applications->add(
        {.name = "ExternalIVR",
         .synopsis = "a program has files played to the call and is told of its digits",
         .syntax = "ExternalIVR(command|ivr://host[:port][(arg1[,...])][,options])",
         .parameters = {{"command|ivr://host", "a program with its full path, or a server; arguments in parentheses"},
                        {"options",
                         "n: the channel is not answered; i: a hangup is told as I, and the program ends the "
                         "call; d: runs on a channel that has hung up"}},
         .run = [&linker](Channel& channel,
                          std::string data) { return external_ivr(linker, channel, std::move(data)); },
         .module = "app_externalivr",
         .dangerous = true});
}

}  // namespace asterism::agi
