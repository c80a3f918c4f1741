#include "asterism/channels/local.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::local {

namespace {

/// How many calls go to each "exten@context".
using Uses = std::unordered_map<std::string, std::size_t, dialplan::TextHash, std::equal_to<>>;

/// What both halves know.
struct Pair {
    Pbx& pbx;
    Uses& uses;
    std::string context{}, exten{};
    bool optimizes = true;
    ChannelId one{}, two{};
    media::LegId leg_one{}, leg_two{};
    bool called = false;
    bool optimizing = false;
    bool counted = false;

    void begin() {
        called = counted = true;
        ++uses[exten + "@" + context];
    }
    /// The first half that ends ends the use: the other one is about to go.
    void half_ended() {
        if (!std::exchange(counted, false)) return;
        const auto found = uses.find(exten + "@" + context);
        if (--found->second == 0) uses.erase(found);
    }
};

class Half final : public ChannelDriver {
  public:
    Half(std::shared_ptr<Pair> pair, bool first) : pair_(std::move(pair)), first_(first) {}
    ~Half() override { close(); }

    [[nodiscard]] std::string_view technology() const override { return "Local"; }
    [[nodiscard]] media::LegId leg() const override { return first_ ? pair_->leg_one : pair_->leg_two; }
    [[nodiscard]] Pair& pair() const { return *pair_; }
    [[nodiscard]] bool first() const { return first_; }
    [[nodiscard]] Channel* self() const { return pair_->pbx.channels->find(first_ ? pair_->one : pair_->two); }
    [[nodiscard]] Channel* other() const { return pair_->pbx.channels->find(first_ ? pair_->two : pair_->one); }

    void call() override;
    void answer() override {
        if (Channel* me = self()) me->set_state(ChannelState::up);
        if (Channel* far = other(); far != nullptr && !first_) far->answered();
    }
    bool indicate(Indication indication) override;
    void hangup() override {
        pair_->half_ended();
        close();
        Channel* far = other();
        if (far == nullptr) return;
        const Channel* me = self_ended();
        if (!first_ && me != nullptr) {
            if (const std::string* status = me->variable("DIALSTATUS")) far->set_variable("CHANLOCALSTATUS", *status);
        }
        if (!pair_->called && first_) {
            // ;2 never ran: nobody else ends it.
            far->end(me != nullptr ? me->cause() : Cause::normal_clearing);
        } else {
            far->party_hung_up(me != nullptr ? me->cause() : Cause::normal_clearing);
        }
    }
    bool send_text(std::string_view text, std::string_view) override {
        Channel* far = other();
        if (far == nullptr) return false;
        far->party_text(text);
        return true;
    }
    bool transfer(std::string_view) override { return false; }

  private:
    void close() {
        auto& leg = first_ ? pair_->leg_one : pair_->leg_two;
        if (leg) pair_->pbx.media->close(std::exchange(leg, {}));
    }
    /// This half while it is ending: the registry's find() no longer gives it.
    [[nodiscard]] const Channel* self_ended() const { return ending_; }

  public:
    const Channel* ending_ = nullptr;

  private:
    std::shared_ptr<Pair> pair_;
    bool first_;
};

Half* half_of(Channel& channel) { return dynamic_cast<Half*>(&channel.driver()); }

void Half::call() {
    Channel* one = self();
    Channel* two = other();
    if (!first_ || one == nullptr || two == nullptr || pair_->called) return;
    Pbx& pbx = pair_->pbx;
    // Who calls on ;2 is whom ;1 is connected with, and the other way round.
    CallerParty caller = two->caller();
    caller.id = one->connected().id;
    caller.ani = one->connected().ani;
    DialedParty dialed = one->dialed();
    RedirectingParty redirecting = one->redirecting();
    ConnectedParty connected = two->connected();
    connected.id = one->caller().id;
    connected.ani = one->caller().ani;
    const auto& variables = one->variables().all();
    for (auto entry = variables.rbegin(); entry != variables.rend(); ++entry) {
        two->set_variable(std::string(static_cast<std::size_t>(entry->inheritance), '_') + entry->name, entry->value);
    }
    two->set_dialed(std::move(dialed));
    two->set_redirecting(std::move(redirecting));
    two->set_caller(std::move(caller));
    // The accounts cross the pair, as they do between two channels in a bridge.
    two->set_account_code(one->peer_account());
    two->set_peer_account(one->account_code());
    two->set_connected(std::move(connected));
    two->set_language(one->language());
    two->set_music_class(one->music_class());

    const Location start{pair_->context, pair_->exten, 1};
    two->set_location(start);
    if (!dialplan::exists(*two, start)) {
        log::notice("No such extension/context {}@{} while calling Local channel", pair_->exten, pair_->context);
        one->party_hung_up(Cause::no_route_destination);
        return;
    }
    pair_->begin();
    if (pbx.bus->wanted(EventKind::local_bridge)) {
        LocalBridge event;
        event.one = one->snapshot();
        event.two = two->snapshot();
        event.context = pair_->context;
        event.exten = pair_->exten;
        event.optimizes = pair_->optimizes;
        pbx.bus->publish(std::move(event));
    }
    // Later in this turn: the caller's DialBegin comes before what the dialplan does.
    pbx.loop->defer([&pbx, id = pair_->two] {
        if (Channel* channel = pbx.channels->find(id)) pbx.start_dialplan(*channel);
    });
}

bool Half::indicate(Indication indication) {
    Channel* me = self();
    Channel* far = other();
    if (far == nullptr || me == nullptr) return true;
    using Kind = ChannelSignal::Kind;
    switch (indication) {
        case Indication::proceeding: far->indicated(Kind::proceeding); return true;
        case Indication::ringing: far->indicated(Kind::ringing); return true;
        case Indication::progress: far->indicated(Kind::progress); return true;
        case Indication::busy: far->indicated(Kind::busy); return true;
        case Indication::congestion: far->indicated(Kind::congestion); return true;
        // Not passed on (moh_passthrough is off): this half is played music itself, by whoever holds it.
        case Indication::hold:
        case Indication::unhold: return false;
        case Indication::connected_line: {
            // Whom this half is connected with is who the other half's far end is.
            CallerParty caller = far->caller();
            caller.id = me->connected().id;
            far->set_caller(std::move(caller));
            far->indicated(Kind::connected_line);
            return true;
        }
        case Indication::redirecting:
            far->set_redirecting(me->redirecting());
            far->indicated(Kind::redirecting);
            return true;
        case Indication::stop_tone: return true;
    }
    return false;
}

class LocalTechnology final : public Technology {
  public:
    explicit LocalTechnology(Pbx& pbx) : pbx_(pbx) {
        entered_ = pbx.bus->subscribe([this](const Event& event) {
            const auto& channel = *as<BridgeEnter>(event).channel;
            if (channel.technology == "Local") consider(channel.id);
            // The half may have been there first, alone until now.
            Bridge* bridge = pbx_.bridges->find(as<BridgeEnter>(event).bridge->id);
            Channel* self = pbx_.channels->find(channel.id);
            Channel* peer = bridge != nullptr && self != nullptr ? bridge->peer_of(*self) : nullptr;
            if (peer != nullptr && peer->technology() == "Local") consider(peer->id());
        });
        entered_.want_all(false);
        entered_.want(EventKind::bridge_enter, true);
    }
    [[nodiscard]] std::string_view name() const override { return "Local"; }
    [[nodiscard]] std::string_view description() const override { return "Local Proxy Channel Driver"; }
    [[nodiscard]] bool has_device_state() const override { return true; }

    std::expected<Channel*, Cause> request(const ChannelRequest& request) override {
        std::string_view data = request.data;
        bool optimizes = true;
        bool link = false;
        if (const auto slash = data.rfind('/'); slash != std::string_view::npos) {
            optimizes = data.substr(slash + 1).find('n') == std::string_view::npos;
            // Ours (attended_transfer): it calls no extension, both halves are up and go into bridges.
            link = data.substr(slash + 1).find('u') != std::string_view::npos;
            data = data.substr(0, slash);
        }
        auto pair = std::make_shared<Pair>(Pair{pbx_, uses_});
        const auto at = data.find('@');
        pair->exten = data.substr(0, at);
        pair->context = at == std::string_view::npos ? "default" : std::string(data.substr(at + 1));
        pair->optimizes = optimizes;

        Channel* requestor = pbx_.channels->find(request.requestor);
        ChannelSetup setup;
        const std::string base = fmt::format("Local/{}@{}-{:08x};", pair->exten, pair->context, sequence_++);
        setup.name = base + "1";
        setup.exact_name = true;
        setup.uniqueid = request.uniqueid;
        setup.linkedid = !request.linkedid.empty() ? request.linkedid
                         : requestor != nullptr    ? requestor->linkedid()
                                                   : std::string();
        if (requestor != nullptr) setup.call = requestor->call();
        setup.language = !request.language.empty() ? request.language
                         : requestor != nullptr    ? requestor->language()
                                                   : setup.language;
        setup.account_code = request.account_code;
        setup.location = {pair->context, pair->exten, 1};
        ChannelSetup second = setup;

        auto legs = pbx_.media->open_pair(handler(pair, true), handler(pair, false));
        pair->leg_one = legs.first;
        pair->leg_two = legs.second;
        Channel& one = pbx_.channels->create(std::move(setup), std::make_unique<Half>(pair, true));
        pair->one = one.id();
        second.name = base + "2";
        second.state = ChannelState::ring;
        second.uniqueid = request.other_uniqueid;
        second.linkedid = one.linkedid();
        second.call = one.call();
        Channel& two = pbx_.channels->create(std::move(second), std::make_unique<Half>(pair, false));
        pair->two = two.id();
        static_cast<Half&>(one.driver()).ending_ = &one;
        static_cast<Half&>(two.driver()).ending_ = &two;
        if (link) {
            pair->called = true;
            one.set_state(ChannelState::up);
            two.set_state(ChannelState::up);
        }
        return &one;
    }

    [[nodiscard]] std::string device_state(std::string_view data) const override {
        if (const auto slash = data.rfind('/'); slash != std::string_view::npos) data = data.substr(0, slash);
        if (uses_.contains(data)) return "INUSE";
        const auto at = data.find('@');
        if (at == std::string_view::npos || pbx_.dialplan == nullptr) return "INVALID";
        const dialplan::Plan::Query query{.context = data.substr(at + 1),
                                          .exten = data.substr(0, at),
                                          .caller = {},
                                          .now = pbx_.loop->clock().wall()};
        return pbx_.dialplan->plan()->exists(query) ? "NOT_INUSE" : "INVALID";
    }

  private:
    media::LegHandler handler(const std::shared_ptr<Pair>& pair, bool first) {
        return [weak = std::weak_ptr(pair), first](media::LegId, const media::LegEvent& event) {
            const auto alive = weak.lock();
            if (!alive) return;
            if (Channel* channel = alive->pbx.channels->find(first ? alive->one : alive->two))
                channel->media_event(event);
        };
    }
    /// Looks at a half at the end of the turn: not while a bridge is being put together.
    void consider(ChannelId id) {
        pbx_.loop->defer([&pbx = pbx_, id] {
            if (Channel* half = pbx.channels->find(id)) try_optimize(*half);
        });
    }
    Pbx& pbx_;
    Bus::Subscription entered_;
    Uses uses_;
    std::uint32_t sequence_ = 0;
};

}  // namespace

std::unique_ptr<Technology> make_technology(Pbx& pbx) { return std::make_unique<LocalTechnology>(pbx); }

Channel* other_half(Channel& channel) {
    const Half* half = half_of(channel);
    return half != nullptr ? half->other() : nullptr;
}

bool optimize_away(Channel& channel) {
    Half* half = half_of(channel);
    if (half == nullptr) return false;
    half->pair().optimizes = true;
    try_optimize(channel);
    return true;
}

void try_optimize(Channel& channel) {
    Half* half = half_of(channel);
    if (half == nullptr || !half->pair().optimizes || half->pair().optimizing) return;
    Pair& pair = half->pair();
    Pbx& pbx = pair.pbx;
    Channel* one = pbx.channels->find(pair.one);
    Channel* two = pbx.channels->find(pair.two);
    if (one == nullptr || two == nullptr || !one->up() || !two->up()) return;
    Bridge* bridge_one = pbx.bridges->find(one->bridge());
    Bridge* bridge_two = pbx.bridges->find(two->bridge());
    if (bridge_one == nullptr || bridge_two == nullptr || bridge_one == bridge_two) return;
    // The party behind ;2 takes ;1's place in ;1's bridge: what watches that bridge goes on, as Asterisk has it.
    Channel* party = bridge_two->peer_of(*two);
    if (party == nullptr || bridge_two->members().size() != 2) return;
    pair.optimizing = true;
    static std::uint32_t optimization = 0;
    LocalOptimizationBegin begin;
    begin.one = one->snapshot();
    begin.two = two->snapshot();
    begin.source = party->snapshot();
    begin.dest_uniqueid = bridge_one->uniqueid();
    begin.id = optimization;
    pbx.bus->publish(std::move(begin));
    bridge_one->add(*party, BridgeRole::participant, one);
    // It was the callee of ;2's Dial, which lets go of it now: from here on it is a party of this bridge alone.
    party->tasks().spawn(features::stay_in_bridge(*party, bridge_one->id()));
    LocalOptimizationEnd end;
    end.one = one->snapshot();
    end.two = two->snapshot();
    end.id = optimization++;
    pbx.bus->publish(std::move(end));
}

}  // namespace asterism::local
