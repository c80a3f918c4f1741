// PJSIPHangup, PJSIPNotify.
#include <charconv>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/log.hpp"
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

/// PJSIPNotify(to,&content[&content...]): each content is "header=value".
AppResult notify(Pjsip& t, Channel& channel, std::string_view data) {
    const dialplan::Arguments args(data, ',', 2);
    Fields headers;
    for (const auto& one : dialplan::split_arguments(args[1], '&')) {
        const auto equals = one.find('=');
        if (equals != std::string::npos) headers.emplace_back(one.substr(0, equals), one.substr(equals + 1));
    }
    if (headers.empty()) {
        log::warning("PJSIPNotify requires arguments (to,&header=value[&...])");
        return AppResult::go_on();
    }
    bool sent = false;
    if (!args[0].empty()) {
        sent = args[0].find(':') != std::string::npos ? t.notify_uri(args[0], headers)
                                                      : t.notify_endpoint(args[0], headers);
    } else if (const std::string& name = channel.name(); name.starts_with("PJSIP/")) {
        // To the party of this call: its endpoint.
        sent = t.notify_endpoint(std::string_view(name).substr(6, name.rfind('-') - 6), headers);
    }
    if (!sent) log::warning("PJSIPNotify: nobody could be told at '{}'", args[0]);
    return AppResult::go_on();
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
                      .synopsis = "send a NOTIFY out of any call",
                      .syntax = "PJSIPNotify([to],&header=value[&header=value[&...]])",
                      .parameters = {{"to", "an endpoint or a URI; nothing: the endpoint of this call"},
                                     {"header=value", "Event=check-sync, Content=..."}},
                      .run_now = [&t](Channel& channel, std::string_view data) { return notify(t, channel, data); },
                      .module = "chan_pjsip"});
}

}  // namespace asterism::pjsip
