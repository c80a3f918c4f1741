#include "core/records/cel.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "asterism/config/options.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::records {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view type_names[]{
    "CHAN_START",   "CHAN_END",     "HANGUP",     "ANSWER",   "APP_START",      "APP_END",
    "BRIDGE_ENTER", "BRIDGE_EXIT",  "PARK_START", "PARK_END", "BLINDTRANSFER",  "ATTENDEDTRANSFER",
    "USER_DEFINED", "LINKEDID_END", "PICKUP",     "FORWARD",  "LOCAL_OPTIMIZE", "LOCAL_OPTIMIZE_BEGIN",
    "STREAM_BEGIN", "STREAM_END",   "DTMF"};

/// Texts come from outside: what is no UTF-8 is replaced, not thrown over.
std::string text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string lowered(std::string_view word) {
    std::string made(word);
    std::ranges::transform(made, made.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return made;
}

Json local_two(const ChannelShot& two) { return {{"local_two", two->name}, {"local_two_uniqueid", two->uniqueid}}; }

}  // namespace

std::string_view to_string(CelType type) { return type_names[static_cast<std::size_t>(type)]; }

std::optional<CelType> parse_cel_type(std::string_view name) {
    for (std::size_t i = 0; i < std::size(type_names); ++i) {
        if (config::equal_nocase(type_names[i], name)) return static_cast<CelType>(i);
    }
    return std::nullopt;
}

std::string_view CelRecord::name() const { return type == CelType::user_defined ? user_name : to_string(type); }

CelEngine::CelEngine(Pbx& pbx) : pbx_(pbx) {}
CelEngine::~CelEngine() = default;

void CelEngine::apply(CelSettings settings) {
    settings_ = std::move(settings);
    subscription_.end();
    if (!settings_.enabled) {
        known_.clear();
        linked_.clear();
        return;
    }
    subscription_ = pbx_.bus->subscribe([this](const Event& event) { on(event); });
    subscription_.want_all(false);
    const auto want = [this](EventKind kind, bool on) { subscription_.want(kind, on); };
    for (const EventKind kind :
         {EventKind::channel_created, EventKind::channel_hangup, EventKind::bridge_enter, EventKind::dial_end}) {
        want(kind, true);
    }
    const auto& s = settings_;
    want(EventKind::channel_answered, s.tracks(CelType::answer));
    want(EventKind::bridge_leave, s.tracks(CelType::bridge_exit));
    want(EventKind::transfer_blind, s.tracks(CelType::blind_transfer));
    want(EventKind::transfer_attended, s.tracks(CelType::attended_transfer));
    want(EventKind::local_optimization_begin, s.tracks(CelType::local_optimize_begin));
    want(EventKind::local_optimization_end, s.tracks(CelType::local_optimize));
    want(EventKind::channel_dtmf_end, s.tracks(CelType::dtmf));
    want(EventKind::channel_dialplan, !s.apps.empty() && (s.tracks(CelType::app_start) || s.tracks(CelType::app_end)));
    for (const EventKind kind : {EventKind::channel_stream_begin, EventKind::channel_music_start}) {
        want(kind, s.tracks(CelType::stream_begin));
    }
    for (const EventKind kind : {EventKind::channel_stream_end, EventKind::channel_music_stop}) {
        want(kind, s.tracks(CelType::stream_end));
    }
    want(EventKind::generic, s.tracks(CelType::park_start) || s.tracks(CelType::park_end) || s.tracks(CelType::pickup));
}

void CelEngine::set_backend(std::string_view name, std::unique_ptr<CelBackend> backend) {
    std::erase_if(backends_, [name](const auto& other) { return other->name() == name; });
    if (backend) backends_.push_back(std::move(backend));
}

std::vector<std::string_view> CelEngine::backends() const {
    std::vector<std::string_view> names;
    for (const auto& backend : backends_) names.push_back(backend->name());
    return names;
}

void CelEngine::report(CelType type, const ChannelShot& channel, std::string extra, std::string peer,
                       std::string user_name) {
    if (!settings_.tracks(type) || !channel || channel->spy || backends_.empty()) return;
    const CelRecord record{.type = type,
                           .time = time_,
                           .channel = channel,
                           .user_name = std::move(user_name),
                           .peer = std::move(peer),
                           .extra = std::move(extra)};
    for (const auto& backend : backends_) backend->write(record);
}

void CelEngine::user_event(Channel& channel, std::string_view name, std::string_view extra) {
    time_ = pbx_.loop->clock().wall();
    report(CelType::user_defined, channel.snapshot(), text({{"extra", extra}}), {}, std::string(name));
}

void CelEngine::on(const Event& event) {
    time_ = event.time;
    switch (event.kind) {
        case EventKind::channel_created: {
            const auto& shot = as<ChannelCreated>(event).channel;
            if (shot->spy) break;
            Known& known = known_[shot->id];
            known.shot = shot;
            known.linkedid = shot->linkedid;
            ++linked_[known.linkedid];
            report(CelType::chan_start, shot);
            break;
        }
        case EventKind::channel_answered: report(CelType::answer, as<ChannelAnswered>(event).channel); break;
        case EventKind::channel_dialplan: {
            const auto& shot = as<ChannelDialplan>(event).channel;
            if (const auto found = known_.find(shot->id); found != known_.end()) {
                track_application(found->second, shot);
            }
            break;
        }
        case EventKind::channel_hangup: on_hangup(as<ChannelHangup>(event)); break;
        case EventKind::dial_end: {
            const auto& e = as<DialEnd>(event);
            if (!e.caller) break;
            if (const auto found = known_.find(e.caller->id); found != known_.end()) {
                found->second.dial_status = e.status;
            }
            if (!e.forward.empty()) report(CelType::forward, e.caller, text({{"forward", e.forward}}));
            break;
        }
        case EventKind::bridge_enter: {
            const auto& e = as<BridgeEnter>(event);
            on_bridge(e.bridge, e.channel, CelType::bridge_enter);
            break;
        }
        case EventKind::bridge_leave: {
            const auto& e = as<BridgeLeave>(event);
            on_bridge(e.bridge, e.channel, CelType::bridge_exit);
            break;
        }
        case EventKind::transfer_blind: {
            const auto& e = as<BlindTransfer>(event);
            if (e.result != "Success") break;
            Json extra{{"extension", e.exten}, {"context", e.context}};
            if (e.bridge) extra["bridge_id"] = e.bridge->uniqueid;
            extra["transferee_channel_name"] = e.transferee ? e.transferee->name : "N/A";
            extra["transferee_channel_uniqueid"] = e.transferee ? e.transferee->uniqueid : "N/A";
            report(CelType::blind_transfer, e.transferer, text(extra));
            break;
        }
        case EventKind::transfer_attended: {
            const auto& e = as<AttendedTransfer>(event);
            if (e.result != "Success") break;
            const auto& bridge = e.first_bridge ? e.first_bridge : e.second_bridge;
            Json extra;
            extra["bridge1_id"] = bridge ? bridge->uniqueid : "N/A";
            extra["channel2_name"] = e.second ? e.second->name : "N/A";
            extra["channel2_uniqueid"] = e.second ? e.second->uniqueid : "N/A";
            if (e.destination_type == "App" || !e.application.empty())
                extra["app"] = e.application;
            else
                extra["bridge2_id"] = e.second_bridge ? e.second_bridge->uniqueid : "N/A";
            extra["transferee_channel_name"] = e.transferee ? e.transferee->name : "N/A";
            extra["transferee_channel_uniqueid"] = e.transferee ? e.transferee->uniqueid : "N/A";
            extra["transfer_target_channel_name"] = e.target ? e.target->name : "N/A";
            extra["transfer_target_channel_uniqueid"] = e.target ? e.target->uniqueid : "N/A";
            report(CelType::attended_transfer, e.first, text(extra));
            break;
        }
        case EventKind::local_optimization_begin: {
            const auto& e = as<LocalOptimizationBegin>(event);
            report(CelType::local_optimize_begin, e.one, text(local_two(e.two)));
            break;
        }
        case EventKind::local_optimization_end: {
            const auto& e = as<LocalOptimizationEnd>(event);
            if (e.success) report(CelType::local_optimize, e.one, text(local_two(e.two)));
            break;
        }
        case EventKind::channel_stream_begin: {
            const auto& e = as<ChannelStreamBegin>(event);
            report(CelType::stream_begin, e.channel,
                   text({{"sound", e.sound}, {"format", e.format}, {"language", e.language}}), {}, "FILE_STREAM_BEGIN");
            break;
        }
        case EventKind::channel_stream_end:
            report(CelType::stream_end, as<ChannelStreamEnd>(event).channel, {}, {}, "FILE_STREAM_END");
            break;
        case EventKind::channel_music_start: {
            const auto& e = as<ChannelMusicStart>(event);
            report(CelType::stream_begin, e.channel, text({{"class", e.music_class}}), {}, "MOH_STREAM_BEGIN");
            break;
        }
        case EventKind::channel_music_stop:
            report(CelType::stream_end, as<ChannelMusicStop>(event).channel, {}, {}, "MOH_STREAM_END");
            break;
        case EventKind::channel_dtmf_end: {
            const auto& e = as<ChannelDtmfEnd>(event);
            report(CelType::dtmf, e.channel,
                   text({{"digit", std::string(1, e.digit)}, {"duration_ms", e.milliseconds}}));
            break;
        }
        case EventKind::generic: on_generic(as<GenericEvent>(event)); break;
        default: break;
    }
}

void CelEngine::track_application(Known& known, const ChannelShot& shot) {
    if (known.application == shot->application) return;
    if (settings_.apps.contains(lowered(known.application))) report(CelType::app_end, known.shot);
    known.application = shot->application;
    known.shot = shot;
    if (settings_.apps.contains(lowered(known.application))) report(CelType::app_start, shot);
}

void CelEngine::change_linkedid(Known& known, const ChannelShot& shot, std::string linkedid) {
    const std::string before = std::exchange(known.linkedid, std::move(linkedid));
    if (!known.linkedid.empty()) ++linked_[known.linkedid];
    const auto found = linked_.find(before);
    if (found == linked_.end() || --found->second > 0) return;
    linked_.erase(found);
    if (before == shot->linkedid) return report(CelType::linkedid_end, shot);
    auto last = std::make_shared<ChannelSnapshot>(*shot);
    last->linkedid = before;
    report(CelType::linkedid_end, std::move(last));
}

void CelEngine::on_hangup(const ChannelHangup& event) {
    const auto found = known_.find(event.channel->id);
    if (found == known_.end()) return;
    Known known = std::move(found->second);
    known_.erase(found);
    if (settings_.apps.contains(lowered(known.application))) report(CelType::app_end, known.shot);
    report(CelType::hangup, event.channel,
           text({{"hangupcause", static_cast<int>(event.cause)},
                 {"hangupsource", event.channel->hangup_source},
                 {"dialstatus", known.dial_status}}));
    report(CelType::chan_end, event.channel);
    change_linkedid(known, event.channel, {});
}

void CelEngine::on_bridge(const BridgeShot& bridge, const ChannelShot& channel, CelType type) {
    const auto check_linkedid = [this](const ChannelShot& shot) {
        const auto found = known_.find(shot->id);
        if (found != known_.end() && found->second.linkedid != shot->linkedid)
            change_linkedid(found->second, shot, shot->linkedid);
    };
    check_linkedid(channel);
    std::string peers;
    for (const auto& uniqueid : bridge->channels) {
        Channel* other = uniqueid == channel->uniqueid ? nullptr : pbx_.channels->find_uniqueid(uniqueid);
        if (other == nullptr) continue;
        if (type == CelType::bridge_enter) check_linkedid(other->snapshot());  // who comes may change everybody's
        if (!peers.empty()) peers += ',';
        peers += other->name();
    }
    if (!settings_.tracks(type)) return;
    report(type, channel, text({{"bridge_id", bridge->uniqueid}, {"bridge_technology", bridge->technology}}),
           std::move(peers));
}

void CelEngine::on_generic(const GenericEvent& event) {
    const auto header = [&event](std::string_view name) -> std::string {
        for (const auto& [key, value] : event.headers) {
            if (key == name) return value;
        }
        return {};
    };
    const auto channel = [&event](std::string_view prefix) -> ChannelShot {
        for (const auto& [key, shot] : event.channels) {
            if (key == prefix) return shot;
        }
        return nullptr;
    };
    if (event.name == "ParkedCall") {
        report(CelType::park_start, channel("Parkee"),
               text({{"parker_dial_string", header("ParkerDialString")}, {"parking_lot", header("Parkinglot")}}));
    } else if (event.name == "UnParkedCall" || event.name.starts_with("ParkedCall")) {
        Json extra{{"reason", event.name}};
        if (const auto retriever = channel("Retriever")) extra["retriever"] = retriever->name;
        report(CelType::park_end, channel("Parkee"), text(extra));
    } else if (event.name == "Pickup") {
        const auto by = channel("");
        const auto target = channel("Target");
        if (by && target) {
            report(CelType::pickup, target,
                   text({{"pickup_channel", by->name}, {"pickup_channel_uniqueid", by->uniqueid}}));
        }
    }
}

}  // namespace asterism::records
