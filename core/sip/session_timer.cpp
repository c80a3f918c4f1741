// Session timers (RFC 4028).
#include <algorithm>
#include <utility>

#include "core/sip/session_parts.hpp"

namespace asterism::sip {

bool InviteSession::interval_too_small(const Message& request) const {
    if (settings_->timers == SessionSettings::Timers::no) return false;
    const auto value = request.header(HeaderId::session_expires);
    if (!value || !request.lists(HeaderId::supported, "timer")) return false;
    const auto parsed = SessionExpires::parse(*value);
    return parsed && parsed->seconds < min_se_;
}

void InviteSession::take_timer_request(const Message& request) {
    se_seconds_ = 0;
    if (settings_->timers == SessionSettings::Timers::no) return;
    const auto value = request.header(HeaderId::session_expires);
    const auto parsed = value ? SessionExpires::parse(*value) : std::unexpected(ParseError{});
    if (parsed) {
        se_seconds_ = std::max(parsed->seconds, min_se_);
    } else {
        const bool wanted = peer_supports_timer_ || settings_->timers == SessionSettings::Timers::always;
        if (!wanted) return;
        se_seconds_ = settings_->timers_sess_expires;
        if (const auto least = delta_seconds(request.header(HeaderId::min_se).value_or(std::string_view{})))
            se_seconds_ = std::max(se_seconds_, std::min(*least, std::uint32_t{86400}));
    }
    // 9: a peer that does not know timers cannot refresh; else it does, unless it asks us to.
    we_refresh_ = !peer_supports_timer_ || (parsed && parsed->refresher == SessionExpires::Refresher::uas);
}

void InviteSession::take_timer_response(const Message& response) {
    if (settings_->timers == SessionSettings::Timers::no) return;
    const auto value = response.header(HeaderId::session_expires);
    const auto parsed = value ? SessionExpires::parse(*value) : std::unexpected(ParseError{});
    if (parsed) {
        se_seconds_ = std::max(parsed->seconds, std::uint32_t{90});
        we_refresh_ = parsed->refresher != SessionExpires::Refresher::uas;
    } else {
        // 7.2: the peer does not know timers; we alone may keep one going.
        se_seconds_ = settings_->timers == SessionSettings::Timers::always ? settings_->timers_sess_expires : 0;
        we_refresh_ = true;
    }
    restart_timer();
}

void InviteSession::add_timer_request(Headers& headers, bool initial) const {
    using Timers = SessionSettings::Timers;
    if (settings_->rel100 == SessionSettings::Reliable::required && initial) headers.push_back({"Require", "100rel"});
    if (settings_->timers == Timers::no) return;
    if (initial) {
        headers.push_back({"Session-Expires", std::to_string(std::max(settings_->timers_sess_expires, min_se_))});
    } else {
        if (se_seconds_ == 0) return;
        headers.push_back(
            {"Session-Expires", std::to_string(se_seconds_) + (we_refresh_ ? ";refresher=uac" : ";refresher=uas")});
    }
    headers.push_back({"Min-SE", std::to_string(min_se_)});
    if (settings_->timers == Timers::required && initial) headers.push_back({"Require", "timer"});
}

void InviteSession::add_timer_response(Headers& headers) const {
    if (se_seconds_ == 0) return;
    headers.push_back(
        {"Session-Expires", std::to_string(se_seconds_) + (we_refresh_ ? ";refresher=uas" : ";refresher=uac")});
    if (!we_refresh_ || peer_supports_timer_) headers.push_back({"Require", "timer"});
}

void InviteSession::restart_timer() {
    if (leaving_) return;  // the timer is that of end_later()
    timer_.cancel();
    if (se_seconds_ == 0 || state_ == State::ended) return;
    if (we_refresh_) {
        timer_.start(std::chrono::seconds(se_seconds_ / 2), [this] { refresh_session(); });
        return;
    }
    // 10: BYE a little before the end, the smaller of 32 s and a third of the interval.
    timer_.start(std::chrono::seconds(se_seconds_ - std::min(std::uint32_t{32}, se_seconds_ / 3)), [this] {
        const auto keep = shared_from_this();
        SessionEnd end;
        end.by = SessionEnd::By::timeout;
        end.text = "session timer expired";
        bye({{"Reason", "SIP;cause=408;text=\"Session timer expired\""}});
        finish(end);
    });
}

void InviteSession::refresh_session() {
    const auto keep = shared_from_this();
    // The next one is set by the answer; this one only if there is none.
    timer_.start(std::chrono::seconds(se_seconds_ / 2), [this] { refresh_session(); });
    const bool by_update = peer_allows(Method::update);
    if (!may_offer()) return;  // an offer is under way: it refreshes as well
    start_offer(Pending{by_update ? std::string{} : local_sdp_, {}, by_update, true, 0});
}

}  // namespace asterism::sip
