#include "asterism/sip/registration.hpp"

#include <algorithm>
#include <utility>

#include "asterism/runtime/log.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

RegistrationClient::RegistrationClient(Stack& stack, RegistrationSettings settings, Changed changed)
    : stack_(stack),
      settings_(std::move(settings)),
      changed_(std::move(changed)),
      timer_(stack.loop()),
      call_id_(stack.random().uuid()),
      cseq_(stack.make_cseq()) {
    if (!settings_.security_mechanisms.empty())
        agreement_ = std::make_shared<SecurityAgreement>(SecurityAgreement{.client = settings_.security_mechanisms});
    if (settings_.line) line_ = stack.random().hex(7);
}

RegistrationClient::~RegistrationClient() {
    if (request_) request_->forget();
}

void RegistrationClient::start(bool delayed) {
    restart_ = false;
    retries_ = 0;
    if (state_ == State::stopped) state_ = State::unregistered;
    if (delayed && settings_.max_random_initial_delay > 0) {
        schedule(
            std::chrono::milliseconds(stack_.random().below(std::uint64_t{1000} * settings_.max_random_initial_delay)));
    } else {
        send(settings_.expiration);
    }
}

void RegistrationClient::stop(bool then_start) {
    timer_.cancel();
    next_.reset();
    restart_ = then_start;
    send(0);
}

void RegistrationClient::schedule(Duration delay) {
    next_ = stack_.loop().now() + delay;
    timer_.start(delay, [this] { send(settings_.expiration); });
}

void RegistrationClient::change(State state, int code) {
    state_ = state;
    if (changed_) changed_(state, code);
}

void RegistrationClient::send(std::uint32_t expires) {
    next_.reset();
    timer_.cancel();
    if (request_) request_->forget();
    Request request;
    request.method = "REGISTER";
    request.uri = settings_.server_uri;
    request.from = make_address({}, settings_.client_uri);
    request.to = request.from;
    request.call_id = call_id_;
    request.cseq = ++cseq_;
    request.with_contact = true;
    request.contact_behind = true;
    request.contact_user = settings_.contact_user;
    if (!line_.empty()) request.contact_uri_params = ";line=" + line_;
    if (!settings_.contact_params.empty())
        request.contact_params = (settings_.contact_params.front() == ';' ? "" : ";") + settings_.contact_params;
    request.routes = settings_.routes;
    request.headers.push_back({"Expires", std::to_string(expires == 0 ? 0 : std::max(expires, min_expires_))});
    if (settings_.support_path) request.headers.push_back({"Supported", "path"});
    request.hint.transport = settings_.transport;
    request.hint.flow = flow_;
    request.credentials = settings_.credentials;
    request.agreement = agreement_;
    if (expires != 0 && state_ != State::registered) state_ = State::registering;
    request_ =
        stack_.send(std::move(request), [this, expires](const RequestResult& result) { on_done(result, expires); });
}

void RegistrationClient::on_done(const RequestResult& result, std::uint32_t expires) {
    request_.reset();
    const int code = result.code;
    // A server that is dead, or as good as dead, is not the first to be asked again.
    flow_ = result.message && code != 503 ? result.flow : Flow{};
    // A challenge took a number of its own.
    if (result.message) cseq_ = std::max(cseq_, result.message->cseq());
    if (expires == 0) {
        expires_at_ = stack_.loop().now();
        if (restart_) {
            change(State::unregistered, code);
            start();
        } else {
            change(State::stopped, code);
        }
        return;
    }
    if (code >= 200 && code < 300) {
        retries_ = 0;
        // What the registrar granted: its Contact of ours, else Expires, else what we asked for.
        std::uint32_t granted = expires;
        if (const auto value = result.message->header(HeaderId::expires))
            granted = delta_seconds(*value).value_or(granted);
        const std::string ours = contact_for(result.flow, settings_.contact_user);
        const auto own = Address::parse(ours);
        result.message->each(HeaderId::contact, [&](std::string_view element) {
            const auto address = Address::parse(element);
            if (!address || address->star || !own || !equivalent(address->uri, own->uri)) return;
            if (const auto value = address->params.get("expires")) granted = delta_seconds(*value).value_or(granted);
        });
        if (granted == 0) {
            // It took the binding away, though it was asked for one: that is no registration.
            log::warning("Registration of '{}' at '{}' was granted for no time", settings_.client_uri,
                         settings_.server_uri);
            expires_at_ = stack_.loop().now();
            if (settings_.retry_interval > 0) schedule(std::chrono::seconds(settings_.retry_interval));
            change(State::unregistered, code);
            return;
        }
        expires_at_ = stack_.loop().now() + std::chrono::seconds(granted);
        // Refreshed a little early: 10 s, or half of a short time.
        schedule(std::chrono::seconds(granted > 20 ? granted - 10 : std::max(granted / 2, std::uint32_t{1})));
        change(State::registered, code);
        return;
    }
    if (code == 423 && result.message) {
        const auto least = delta_seconds(result.message->header(HeaderId::min_expires).value_or(std::string_view{}));
        if (least && *least > std::max(min_expires_, settings_.expiration)) {
            min_expires_ = *least;
            send(std::max(settings_.expiration, *least));
            return;
        }
    }
    const bool challenge = code == 401 || code == 407;
    const bool temporary = code == 408 || code == 480 || code == 502 || code == 503 || code == 504 || code == 500;
    std::uint32_t wait = 0;
    if (challenge)
        wait = settings_.auth_rejection_permanent ? 0 : settings_.retry_interval;
    else if (code == 403)
        wait = settings_.forbidden_retry_interval;
    else if (temporary)
        wait = settings_.retry_interval;
    else
        wait = settings_.fatal_retry_interval;
    if (result.message)
        if (const auto after = result.message->header(HeaderId::retry_after); after && wait > 0)
            wait = std::max(wait, std::min(delta_seconds(*after).value_or(0), std::uint32_t{86400}));
    if (wait == 0 || retries_ >= settings_.max_retries) {
        log::warning("Registration of '{}' at '{}' was refused with {}, giving up", settings_.client_uri,
                     settings_.server_uri, code);
        change(State::rejected, code);
        return;
    }
    ++retries_;
    log::warning("Registration of '{}' at '{}' failed with {}, trying again in {} s", settings_.client_uri,
                 settings_.server_uri, code, wait);
    schedule(std::chrono::seconds(wait));
    change(temporary ? State::unregistered : State::rejected, code);
}

}  // namespace asterism::sip
