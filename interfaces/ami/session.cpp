#include "session.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/random.hpp"
#include "core.hpp"
#include "events.hpp"

namespace asterism::ami {

namespace {

std::string md5_hex(std::string_view text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Session::Session(Core& core, SessionLink& link, Kind kind, SessionAddresses addresses)
    : core_(core),
      link_(link),
      kind_(kind),
      addresses_(std::move(addresses)),
      id_("0x" + core.pbx().random->hex(12)),
      begun_(core.loop().clock().wall()),
      tasks_(core.loop()) {
    core_.join(*this);
}

Session::~Session() {
    if (user_ && user_->display_connects) {
        log::verbose(2, "{}Manager '{}' logged off from {}", kind_ == Kind::http ? "HTTP " : "", user_->name,
                     addresses_.remote_ip.text());
    }
    core_.leave(*this);
}

void Session::execute(Request request) {
    busy_ = true;
    ++core_.stats().actions;
    current_ = std::make_unique<Exchange>(core_, *this, std::move(request), out_);
    dispatch(*current_);
}

void Session::refuse(std::string_view message) {
    Block(out_).header("Response", "Error").header("Message", message).end();
}

bool Session::may(Classes privilege) const { return privilege == cls::none || (write_ & privilege) != 0; }

void Session::dispatch(Exchange& exchange) {
    auto name = exchange.request().action();
    if (name.empty()) {
        exchange.error("Missing action in request");
        security("RequestBadFormat", true, {{"RequestType", "Action: NONE"}}, user_ ? user_->name : "", false);
        return completed();
    }
    const Action* action = core_.find(name);
    if (core_.debug)
        log::verbose(0, "Manager '{}' from {}: action '{}'", user_ ? user_->name : "", addresses_.remote_ip.text(),
                     name);
    bool before_login = same_name(name, "Login") || same_name(name, "Logoff") || same_name(name, "Challenge");
    if ((!authenticated() && !before_login) || (action && !may(action->privilege))) {
        exchange.error("Permission denied");
        security("RequestNotAllowed", true, {{"RequestType", fmt::format("Action: {}", name)}},
                 user_ ? user_->name : "");
        return completed();
    }
    if (!action) {
        exchange.error(
            fmt::format("Invalid/unknown command: {}. Use Action: ListCommands to show available commands.", name));
        security("RequestBadFormat", true, {{"RequestType", fmt::format("Action: {}", name)}}, user_ ? user_->name : "",
                 false);
        return completed();
    }
    if (action->run) {
        action->run(exchange);
        return completed();
    }
    tasks_.spawn(run(action));
}

Task<void> Session::run(const Action* action) {
    try {
        co_await action->wait(*current_);
    } catch (const std::exception& problem) {
        log::error("AMI action {}: {}", current_->request().action(), problem.what());
        current_->error("Internal error");
    }
    completed();
}

void Session::completed() {
    // The exchange may be what a coroutine of this session still stands on: it goes when the turn has ended.
    core_.loop().reap(std::move(current_));
    woken_ = nullptr;
    busy_ = false;
    if (kind_ == Kind::tcp && !held_.empty()) out_.append(take_held());
    link_.reply_ready();
}

void Session::take_output(std::string& into) {
    into.clear();
    into.swap(out_);
    in_flight_ += into.size();
    if (held_.empty()) queued_events_ = 0;
}

std::string Session::take_held() { return std::exchange(held_, {}); }

void Session::deliver(std::string_view name, std::string_view event) {
    if (!filters_.empty() && !passes(filters_, name, event)) return;
    if (queued_bytes() + event.size() > core_.limits().queue_bytes || queued_events_ >= core_.limits().queue_events) {
        return overflow();
    }
    ++queued_events_;
    ++core_.stats().delivered;
    if (busy_ || kind_ == Kind::http) {
        held_.append(event);
        if (woken_) woken_();
        return;
    }
    bool first = out_.empty();
    out_.append(event);
    if (first) link_.events_ready();
}

void Session::overflow() {
    ++core_.stats().dropped_sessions;
    log::warning("AMI session of '{}' from {} dropped: it does not read its events ({} bytes, {} events waiting)",
                 user_ ? user_->name : "", addresses_.remote_ip.text(), queued_bytes(), queued_events_);
    out_ = {};
    held_ = {};
    finish(true);
}

void Session::set_mask(Classes mask) {
    mask_ = mask;
    core_.masks_changed();
}

void Session::finish(bool drop) {
    if (over_) return;
    over_ = true;
    core_.masks_changed();
    link_.session_over(drop);
}

std::string Session::challenge() {
    challenge_ = std::to_string(core_.pbx().random->below(1'000'000'000));
    return challenge_;
}

void Session::security(std::string_view name, bool error, Headers more, std::string_view account, bool account_first) {
    SecurityEvent event;
    event.name = name;
    event.headers = {{"EventTV", iso_text(core_.loop().clock().wall())},
                     {"Severity", error ? "Error" : "Informational"},
                     {"Service", "AMI"},
                     {"EventVersion", "1"}};
    if (account_first) event.headers.emplace_back("AccountID", account);
    event.headers.emplace_back("SessionID", id_);
    event.headers.emplace_back("LocalAddress", addresses_.local);
    event.headers.emplace_back("RemoteAddress", addresses_.remote);
    for (auto& header : more) event.headers.push_back(std::move(header));
    event.headers.emplace_back("SessionTV", iso_text(begun_));
    if (!account_first && !account.empty()) event.headers.emplace_back("AccountID", account);
    core_.publish_security(std::move(event));
}

std::shared_ptr<const User> Session::check_login(const Request& request) {
    auto name = request.get("Username");
    auto user = core_.config().find(name);
    auto failed = [&](std::string_view event, Headers more = {}) {
        log::notice("AMI login of '{}' from {} failed: {}", name, addresses_.remote_ip.text(), event);
        security(event, true, std::move(more), name);
        return nullptr;
    };
    if (!user) return failed("InvalidAccountID");
    if (!user->acl.allows(addresses_.remote_ip, core_.hooks().acls)) return failed("FailedACL", {{"ACLName", ""}});
    if (same_name(request.get("AuthType"), "MD5")) {
        auto key = request.get("Key");
        if (challenge_.empty() || user->secret.empty() || !same_secret(md5_hex(challenge_ + user->secret), key)) {
            return failed("ChallengeResponseFailed",
                          {{"Challenge", challenge_}, {"Response", std::string(key)}, {"ExpectedResponse", ""}});
        }
        return user;
    }
    if (user->secret.empty() || !same_secret(user->secret, request.get("Secret"))) return failed("InvalidPassword");
    return user;
}

void Session::login(std::shared_ptr<const User> user) {
    user_ = std::move(user);
    read_ = user_->read;
    write_ = user_->write;
    filters_ = user_->filters;
    core_.masks_changed();
    if (user_->display_connects) {
        log::verbose(2, "{}Manager '{}' logged on from {}", kind_ == Kind::http ? "HTTP " : "", user_->name,
                     addresses_.remote_ip.text());
    }
}

}  // namespace asterism::ami
