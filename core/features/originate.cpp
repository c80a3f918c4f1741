// Originate: a channel is called without anybody waiting for it; when it answers, something runs on it.
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::features {

namespace {

struct Attempt {
    OriginateRequest request;
    std::string dial_string;
    std::function<void(const OriginateResult&)> done;
    std::optional<TimePoint> deadline{};
    int forwards = 0;

    void tell(const OriginateResult& result) {
        if (done) std::exchange(done, nullptr)(result);
    }
};

/// What the extension `failed` runs on: a channel without a party.
class NobodysDriver final : public ChannelDriver {
  public:
    [[nodiscard]] std::string_view technology() const override { return "OutgoingSpoolFailed"; }
    void call() override {}
    void answer() override {}
    bool indicate(Indication) override { return true; }
    void hangup() override {}
    [[nodiscard]] media::LegId leg() const override { return {}; }
};

void run_failed_extension(Pbx& pbx, const OriginateRequest& request, int reason) {
    if (!request.failed_extension || !request.location) return;
    const Location where{request.location->context, "failed", 1};
    const dialplan::Plan::Query query{
        .context = where.context, .exten = where.exten, .caller = {}, .now = pbx.loop->clock().wall()};
    if (!pbx.dialplan->plan()->exists(query)) return;
    ChannelSetup setup;
    setup.name = "OutgoingSpoolFailed";
    setup.exact_name = true;
    setup.location = where;
    setup.account_code = request.account_code;
    if (request.caller_id) setup.caller.id = *request.caller_id;
    Channel& channel = pbx.channels->create(std::move(setup), std::make_unique<NobodysDriver>());
    for (const auto& [name, value] : request.variables) channel.set_variable(name, value);
    channel.set_variable("REASON", std::to_string(reason));
    dialplan::start(channel);
}

OriginateResult result_of(const Channel& channel, const Attempt& attempt, DialStatus status) {
    OriginateResult result;
    result.answered = status == DialStatus::answer;
    result.reason = originate_reason(status);
    result.channel = result.answered ? channel.name() : attempt.request.destination;
    result.uniqueid = result.answered ? channel.uniqueid() : std::string();
    result.caller_number = channel.caller().id.number.text;
    result.caller_name = channel.caller().id.name.text;
    result.cause = channel.cause();
    return result;
}

/// What was asked for, on the channel that has answered. Returns when it has run (or has been started).
Task<void> run_on(Channel& channel, Attempt& attempt) {
    if (attempt.request.run) {
        co_await attempt.request.run(channel);
    } else if (!attempt.request.application.empty()) {
        if (channel.pbx().bus->wanted(EventKind::channel_application)) {
            ChannelApplication event;
            auto shot = std::make_shared<ChannelSnapshot>(*channel.snapshot());
            shot->application = attempt.request.application;
            shot->application_data = attempt.request.data;
            event.channel = std::move(shot);
            channel.pbx().bus->publish(std::move(event));
        }
        co_await dialplan::execute(channel, attempt.request.application, attempt.request.data);
    } else if (attempt.request.location) {
        channel.set_location(*attempt.request.location);
        dialplan::start(channel);
        co_return;  // the dialplan's Hold is there before ours goes
    }
    if (!channel.ended() && !channel.has_dialplan() && !channel.interrupted()) channel.end(Cause::normal_clearing);
}

Task<void> attend(Channel& channel, std::unique_ptr<Attempt> attempt);

/// Makes the channel of an attempt, with all that it begins with.
std::expected<Channel*, Cause> make_channel(Pbx& pbx, const Attempt& attempt, const Destination& destination,
                                            ChannelRequest wanted) {
    const OriginateRequest& request = attempt.request;
    Technology* technology = pbx.technologies->find(destination.technology);
    if (technology == nullptr) return std::unexpected(Cause::chan_not_implemented);
    wanted.data = destination.data;
    wanted.requestor = request.originator;
    wanted.formats = request.formats;
    const auto made = technology->request(wanted);
    if (!made) return std::unexpected(made.error());
    Channel& channel = **made;
    channel.set_application("AppDial2", "(Outgoing Line)");
    for (auto variable = request.variables.rbegin(); variable != request.variables.rend(); ++variable) {
        channel.set_variable(variable->first, variable->second);
    }
    if (!request.account_code.empty()) {
        channel.set_account_code(request.account_code);
        channel.set_peer_account(request.account_code);
    }
    if (request.caller_id) {
        CallerParty caller = channel.caller();
        caller.id = *request.caller_id;
        caller.ani = *request.caller_id;
        channel.set_caller(std::move(caller));
        ConnectedParty connected = channel.connected();
        connected.id = *request.caller_id;
        channel.set_connected(std::move(connected));
    }
    return &channel;
}

/// The party wants to be called somewhere else (SIP 302): another channel goes on with the attempt.
void forward(Channel& channel, std::unique_ptr<Attempt> attempt, const std::string& to) {
    Pbx& pbx = channel.pbx();
    constexpr int max_forwards = 10;
    auto where = parse_destination(to);
    if (!where) where = Destination{"Local", to + "@" + channel.location().context};
    const std::string forwarder = channel.name();
    publish_dial_end(nullptr, channel, "CANCEL", where->technology + "/" + where->data);
    const OriginateResult failed = result_of(channel, *attempt, DialStatus::no_answer);
    ChannelRequest wanted;
    wanted.linkedid = channel.linkedid();
    RedirectingParty redirecting = channel.redirecting();
    channel.end(Cause::redirected_to_new_destination);
    const auto made = ++attempt->forwards > max_forwards ? std::unexpected(Cause::redirected_to_new_destination)
                                                         : make_channel(pbx, *attempt, *where, std::move(wanted));
    if (!made) {
        run_failed_extension(pbx, attempt->request, failed.reason);
        attempt->tell(failed);
        return;
    }
    Channel& next = **made;
    next.set_variable("FORWARDERNAME", forwarder);
    next.set_redirecting(std::move(redirecting));
    attempt->dial_string = where->data;
    next.tasks().spawn(attend(next, std::move(attempt)));
}

Task<void> attend(Channel& channel, std::unique_ptr<Attempt> attempt) {
    Pbx& pbx = channel.pbx();
    const Channel::Hold hold(channel);
    DialStatus status = DialStatus::none;
    if (!attempt->request.before_call.empty())
        (void)co_await dialplan::run_gosub(channel, attempt->request.before_call);
    {
        Mailbox<ChannelSignal> box(*pbx.loop);
        const Observation observation(channel, box, false);
        if (!attempt->deadline) attempt->deadline = pbx.loop->now() + attempt->request.timeout;
        const TimePoint deadline = *attempt->deadline;
        channel.driver().call();
        publish_dial_begin(nullptr, channel, attempt->dial_string);
        while (status == DialStatus::none) {
            if (channel.up()) {
                status = DialStatus::answer;
                break;
            }
            if (channel.hangup_requested()) {
                status = status_of(channel.cause());
                break;
            }
            if (channel.interrupted()) {
                attempt->tell(result_of(channel, *attempt, DialStatus::answer));
                co_return;
            }
            const auto signal = co_await box.next_before(deadline);
            if (!signal) {
                publish_dial_end(nullptr, channel, to_string(DialStatus::no_answer));
                OriginateResult result = result_of(channel, *attempt, DialStatus::no_answer);
                result.reason = 3;
                run_failed_extension(pbx, attempt->request, result.reason);
                channel.end(Cause::no_answer);
                attempt->tell(result);
                co_return;
            }
            switch (signal->kind) {
                case ChannelSignal::Kind::ringing: publish_dial_state(nullptr, channel, "RINGING"); break;
                case ChannelSignal::Kind::progress:
                    publish_dial_state(nullptr, channel, "PROGRESS");
                    if (attempt->request.early_media) status = DialStatus::answer;
                    break;
                case ChannelSignal::Kind::proceeding: publish_dial_state(nullptr, channel, "PROCEEDING"); break;
                case ChannelSignal::Kind::busy: status = DialStatus::busy; break;
                case ChannelSignal::Kind::congestion: status = DialStatus::congestion; break;
                case ChannelSignal::Kind::forwarded: {
                    const std::string to = signal->text;
                    forward(channel, std::move(attempt), to);
                    co_return;
                }
                case ChannelSignal::Kind::ended:
                    attempt->tell(result_of(channel, *attempt, status_of(channel.cause())));
                    co_return;
                default: break;
            }
        }
    }
    publish_dial_end(nullptr, channel, to_string(status));
    const OriginateResult result = result_of(channel, *attempt, status);
    if (status != DialStatus::answer) run_failed_extension(pbx, attempt->request, result.reason);
    attempt->tell(result);
    if (status == DialStatus::answer) {
        co_await run_on(channel, *attempt);
    } else {
        channel.end();
    }
}

}  // namespace

std::expected<Channel*, Cause> originate(Pbx& pbx, OriginateRequest request,
                                         std::function<void(const OriginateResult&)> done) {
    if (pbx.process && pbx.process->stopping()) {
        log::warning("A call to '{}' was refused: the PBX is stopping", request.destination);
        return std::unexpected(Cause::normal_temporary_failure);
    }
    const auto destination = parse_destination(request.destination);
    Technology* technology = destination ? pbx.technologies->find(destination->technology) : nullptr;
    if (technology == nullptr) {
        log::warning("No channel type registered for '{}'",
                     destination ? destination->technology : request.destination);
        return std::unexpected(Cause::chan_not_implemented);
    }
    ChannelRequest wanted;
    wanted.uniqueid = request.uniqueid;
    wanted.other_uniqueid = request.other_uniqueid;
    auto attempt = std::make_unique<Attempt>(Attempt{std::move(request), destination->data, std::move(done)});
    const auto made = make_channel(pbx, *attempt, *destination, std::move(wanted));
    if (!made) {
        run_failed_extension(pbx, attempt->request, 0);
        return std::unexpected(made.error());
    }
    Channel& channel = **made;
    channel.tasks().spawn(attend(channel, std::move(attempt)));
    return &channel;
}

}  // namespace asterism::features
