// Requests within a call: INFO, MESSAGE, REFER, OPTIONS; and those that we send.
#include <fmt/format.h>

#include <algorithm>

#include "asterism/config/file.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/mix_monitor.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/runtime/log.hpp"
#include "call.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

constexpr std::string_view digits = "0123456789*#ABCD";

/// "Signal=5\r\nDuration=160" (application/dtmf-relay) or just "5" (application/dtmf).
struct Digit {
    char digit = 0;
    std::chrono::milliseconds duration{100};
};
Digit parse_digit(std::string_view body) {
    Digit found;
    bool named = false;
    while (!body.empty()) {
        const auto end = body.find_first_of("\r\n");
        const auto line = sip::trim(body.substr(0, end));
        body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
        const auto equals = line.find('=');
        std::string_view value = line;
        if (equals != std::string_view::npos) {
            named = true;
            const auto name = sip::trim(line.substr(0, equals));
            value = sip::trim(line.substr(equals + 1));
            if (sip::iequals(name, "Duration")) {
                if (const auto n = sip::number(value, 60000); n && *n > 0)
                    found.duration = std::chrono::milliseconds(*n);
                continue;
            }
            if (!sip::iequals(name, "Signal")) continue;
        } else if (named) {
            continue;
        }
        if (value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5') {
            found.digit = "*#ABCD"[value[1] - '0'];  // numbers of RFC 2833 events
        } else if (value.size() == 1) {
            const char c = static_cast<char>(value[0] >= 'a' && value[0] <= 'd' ? value[0] - 32 : value[0]);
            if (digits.find(c) != std::string_view::npos) found.digit = c;
        }
    }
    return found;
}

}  // namespace

void Call::on_request(sip::InviteSession&, sip::ServerTransactionPtr transaction) {
    if (!channel_) {
        transaction->respond(481);
        return;
    }
    const log::CallScope scope(channel_->call());
    switch (transaction->method()) {
        case sip::Method::info: return on_info(transaction);
        case sip::Method::message: return on_message(transaction);
        case sip::Method::refer: return on_refer(transaction);
        case sip::Method::options: transaction->respond({.code = 200, .headers = Pjsip::abilities()}); return;
        case sip::Method::notify: return on_notify(transaction);
        default: transaction->respond(501);
    }
}

/// INFO with Record: on or off (one_touch_recording). As Asterisk, which plays the feature's digits for it: refused if
/// the feature has none in features.conf.
void Call::on_record(const sip::ServerTransactionPtr& transaction, bool on) {
    Pbx& pbx = technology_.pbx();
    const auto where = pbx.settings ? pbx.settings->read_options() : config::ReadOptions{};
    auto code = std::make_shared<std::string>();
    pbx.loop->blocking(
        [code, where, feature = on ? endpoint_->record_on_feature : endpoint_->record_off_feature] {
            config::DiskSource disk;
            config::Report report;
            const auto file = config::read(disk, "features.conf", where, report);
            if (const auto* value = file ? file->value("featuremap", feature) : nullptr) *code = *value;
        },
        [this, alive = alive_, transaction, code, on] {
            transaction->respond(code->empty() ? 403 : 200);
            if (!code->empty() && *alive && channel_ && !channel_->ended()) record(on);
        });
}

/// Records what this party and the one it talks with say, on the other's channel; nothing where it talks with nobody.
void Call::record(bool on) {
    Pbx& pbx = technology_.pbx();
    if (!on) {
        Channel* recorded = pbx.channels->find(recorded_);
        if (recorded) features::stop_mix_monitor(*recorded, recording_);
        recorded_ = {};
        return;
    }
    const Bridge* bridge = pbx.bridges->find(channel_->bridge());
    Channel* peer = bridge ? bridge->peer_of(*channel_) : nullptr;
    if (!peer || pbx.channels->find(recorded_)) return;
    const auto touch = [this](const char* name) {
        const std::string* value = channel_->variable(name);
        return value ? *value : std::string();
    };
    const std::string format = touch("TOUCH_MIXMONITOR_FORMAT"), beep = touch("TOUCH_MIXMONITOR_BEEP");
    std::string name = touch("TOUCH_MIXMONITOR");
    if (name.empty()) name = channel_->caller().id.number.text + "-" + peer->caller().id.number.text;
    std::ranges::replace(name, '/', '-');
    const auto now = std::chrono::floor<std::chrono::seconds>(pbx.loop->clock().wall());
    const std::string file =
        fmt::format("auto-{}-{}.{}", now.time_since_epoch().count(), name, format.empty() ? "wav" : format);
    const auto started = features::start_mix_monitor(
        *peer, {.file = file, .options = beep.empty() ? std::string("b") : fmt::format("bB({})", beep)});
    if (!started) {
        log::warning("'{}' cannot be recorded: {}", peer->name(), started.error());
        return;
    }
    recorded_ = peer->id();
    recording_ = *started;
    for (Channel* one : {channel_, peer}) one->set_variable("TOUCH_MIXMONITOR_OUTPUT", file);
}

void Call::on_info(const sip::ServerTransactionPtr& transaction) {
    const sip::MessagePtr request = transaction->request();
    if (const auto wanted = request->header("Record")) {
        const bool on = sip::iequals(*wanted, "on");
        if (!endpoint_->one_touch_recording || (!on && !sip::iequals(*wanted, "off"))) {
            transaction->respond(403);
            return;
        }
        on_record(transaction, on);
        return;
    }
    const bool relay = request->body_is("application", "dtmf-relay");
    const bool plain = request->body_is("application", "dtmf");
    if (!relay && !plain && !request->body().empty()) {
        transaction->respond(415);
        return;
    }
    transaction->respond(200);
    const Digit got = parse_digit(request->body());
    if (got.digit != 0 && leg()) technology_.pbx().media->digit_received(leg_, got.digit, got.duration);
}

void Call::on_message(const sip::ServerTransactionPtr& transaction) {
    const sip::MessagePtr request = transaction->request();
    const auto type = request->header(sip::HeaderId::content_type).value_or("");
    if (!type.starts_with("text/")) {
        transaction->respond(415);
        return;
    }
    transaction->respond(202);
    channel_->party_text(request->body());
}

void Call::signal_digit(char digit, std::chrono::milliseconds duration) {
    if (!session_ || ended_) return;
    session_->request("INFO", {}, "application/dtmf-relay",
                      fmt::format("Signal={}\r\nDuration={}\r\n", digit, duration.count()));
}

bool Call::send_text(std::string_view text, std::string_view content_type) {
    if (!session_ || ended_) return false;
    session_->request("MESSAGE", {}, content_type.empty() ? std::string_view("text/plain") : content_type, text);
    return true;
}

bool Call::send_notify(const sip::Headers& headers, std::string_view content_type, std::string_view body) {
    if (!session_ || ended_ || session_->dialog().remote_tag().empty()) return false;
    session_->request("NOTIFY", headers, content_type, body);
    return true;
}

}  // namespace asterism::pjsip
