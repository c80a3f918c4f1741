// PJSIPHangup, PJSIPNotify.
#include <charconv>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/task.hpp"
#include "asterism/sip/responses.hpp"
#include "core/channels/sip/functions.hpp"
#include "core/channels/sip/technology.hpp"

namespace asterism::pjsip {
namespace {

using dialplan::AppResult;

/// "486", or the name of a response without regard to blanks and case: "BusyHere", "busy_here".
int response_code(std::string_view text) {
    int code = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (error == std::errc() && end == text.data() + text.size()) return code;
    const auto letters = [](std::string_view name) {
        std::string out;
        for (const char c : name) {
            if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
            if (c >= 'a' && c <= 'z') out += c;
        }
        return out;
    };
    const std::string wanted = letters(text);
    for (int each = 400; each < 700; ++each) {
        if (!wanted.empty() && letters(sip::reason_phrase(each)) == wanted) return each;
    }
    return 0;
}

AppResult hang_up(Pjsip& t, Channel& channel, std::string_view data) {
    const int code = response_code(data);
    if (code < 400 || code > 699) {
        log::warning("PJSIPHangup: '{}' is no final response (400 to 699, or its name)", data);
        return AppResult::go_on();
    }
    if (!t.hang_up(channel.name(), code)) {
        log::warning("PJSIPHangup: {} is no PJSIP channel", channel.name());
        return AppResult::go_on();
    }
    return AppResult::hang_up();
}

/// PJSIPNotify(to,content): `content` is a section of pjsip_notify.conf, or "&header=value[&header=value...]".
Task<AppResult> notify(Pjsip& t, Channel& channel, std::string data) {
    const dialplan::Arguments args(data, ',', 2);
    std::optional<Fields> headers;
    if (args[1].starts_with('&')) {
        headers.emplace();
        for (const auto& one : dialplan::split_arguments(std::string_view(args[1]).substr(1), '&')) {
            const auto equals = one.find('=');
            if (equals != std::string::npos) headers->emplace_back(one.substr(0, equals), one.substr(equals + 1));
        }
    } else if (!args[1].empty()) {
        const ChannelId id = channel.id();
        Pbx& pbx = t.pbx();
        headers = co_await read_notify_option(pbx, args[1]);
        if (pbx.channels->find(id) == nullptr) co_return AppResult::hang_up();
        if (!headers) log::warning("PJSIPNotify: pjsip_notify.conf has no section '{}'", args[1]);
        if (!headers) co_return AppResult::go_on();
    }
    if (!headers || headers->empty()) {
        log::warning("PJSIPNotify requires arguments (to,section or &header=value[&...])");
        co_return AppResult::go_on();
    }
    const bool sent = args[0].empty()                          ? t.notify_channel(channel.name(), *headers)
                      : args[0].find(':') != std::string::npos ? t.notify_uri(args[0], *headers)
                                                               : t.notify_endpoint(args[0], *headers);
    if (!sent) log::warning("PJSIPNotify: nobody could be told at '{}'", args[0].empty() ? channel.name() : args[0]);
    co_return AppResult::go_on();
}

}  // namespace

void add_applications(Pjsip& t, dialplan::Applications& applications) {
    applications.add({.name = "PJSIPHangup",
                      .synopsis = "end the call with a SIP response",
                      .syntax = "PJSIPHangup(cause)",
                      .parameters = {{"cause", "486, or its name: BusyHere"}},
                      .run_now = [&t](Channel& channel, std::string_view data) { return hang_up(t, channel, data); },
                      .module = "chan_pjsip"});
    applications.add({.name = "PJSIPNotify",
                      .synopsis = "send a NOTIFY, within this call or out of any",
                      .syntax = "PJSIPNotify([to],section|&header=value[&header=value[&...]])",
                      .parameters = {{"to", "an endpoint or a URI; nothing: the party of this call, within it"},
                                     {"section", "of pjsip_notify.conf"},
                                     {"header=value", "Event=check-sync, Content=..."}},
                      .run = [&t](Channel& channel, std::string data) { return notify(t, channel, std::move(data)); },
                      .module = "chan_pjsip"});
}

}  // namespace asterism::pjsip
