#include "asterism/sip/session.hpp"

#include <functional>
#include <utility>

#include "core/sip/session_parts.hpp"
#include "core/sip/tables.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

InviteSession::InviteSession(Stack& stack, SessionSettingsPtr settings, SessionEvents& events)
    : stack_(stack),
      settings_(settings ? std::move(settings) : std::make_shared<const SessionSettings>()),
      events_(&events),
      timer_(stack.loop()),
      glare_(stack.loop()),
      min_se_(settings_->timers_min_se) {}

InviteSession::~InviteSession() = default;

void InviteSession::learn(const Message& message) {
    if (message.has(HeaderId::allow)) {
        peer_allows_ = 0;
        message.each(HeaderId::allow, [&](std::string_view element) {
            peer_allows_ |= 1U << static_cast<unsigned>(method_of(element));
        });
    }
    if (message.has(HeaderId::supported) || message.is_request()) {
        peer_supports_timer_ = message.lists(HeaderId::supported, "timer");
        peer_supports_100rel_ =
            message.lists(HeaderId::supported, "100rel") || message.lists(HeaderId::require, "100rel");
    }
}

std::string InviteSession::supported() const {
    std::string out;
    std::string_view rest = settings_->supported, element;
    while (next_element(rest, element)) {
        if (element == "100rel" && settings_->rel100 == SessionSettings::Reliable::no) continue;
        if (element == "timer" && settings_->timers == SessionSettings::Timers::no) continue;
        if (!out.empty()) out += ", ";
        out += element;
    }
    return out;
}

Headers InviteSession::offer_headers(bool initial) const {
    Headers out;
    out.reserve(8);
    out.push_back({"Allow", settings_->allow});
    out.push_back({"Supported", initial ? supported() + ", histinfo" : supported()});
    add_timer_request(out, initial);
    return out;
}

Headers InviteSession::success_headers(const Headers& extra, bool initial) const {
    Headers out;
    out.reserve(6 + extra.size());
    if (initial) out.push_back({"Contact", contact_});
    out.push_back({"Allow", settings_->allow});
    out.push_back({"Supported", supported()});
    if (!initial) out.push_back({"Contact", contact_});
    add_timer_response(out);
    out.insert(out.end(), extra.begin(), extra.end());
    return out;
}

void InviteSession::on_dialog_request(ServerTransactionPtr transaction, const MessagePtr& request, const Flow& flow) {
    const auto keep = shared_from_this();
    dialog_->heard_from(flow);
    const Method method = request->method();
    if (method == Method::ack) {
        on_ack(request);
        return;
    }
    if (method == Method::bye) {
        on_bye(transaction, request);
        return;
    }
    if (method == Method::prack && reliable_ && reliable_->bye) {
        on_prack(transaction, request);
        return;
    }
    const bool heard = events_ != nullptr || (leaving_ && method == Method::invite);
    if (state_ == State::ended || !heard) {
        transaction->respond(481);
        return;
    }
    switch (method) {
        case Method::invite: on_reinvite(transaction, request); return;
        case Method::update: on_update(transaction, request); return;
        case Method::prack: on_prack(transaction, request); return;
        default: break;
    }
    events_->on_request(*this, std::move(transaction));
}

void InviteSession::tell_remote_answer(std::string_view sdp, const MessagePtr& message) {
    // The answer of an 18x comes again in the 200.
    const std::size_t hash = std::hash<std::string_view>{}(sdp);
    if (std::exchange(remote_sdp_hash_, hash) == hash) return;
    if (auto* events = listener()) events->on_remote_answer(*this, sdp, message);
}

ClientRequestPtr InviteSession::request(std::string_view method, const Headers& headers, std::string_view content_type,
                                        std::string_view body, RequestDone done) {
    Request request = dialog_->make_request(method);
    // Those that make or refresh a dialog usage say where we are.
    const Method known = method_of(method);
    if (known == Method::refer || known == Method::notify || known == Method::subscribe || known == Method::update)
        request.contact = contact_;
    request.headers = headers;
    request.content_type = content_type;
    request.body = body;
    request.credentials = settings_->credentials;
    return dialog_->send(std::move(request), std::move(done));
}

void InviteSession::end(int code, const Headers& headers) {
    if (state_ == State::ended) return;
    const auto keep = shared_from_this();
    SessionEnd end;
    if (reliable_ && reliable_->answered()) {
        reliable_->bye = headers;
        finish_later(end);
    } else if (uas_ && (state_ == State::incoming || state_ == State::early)) {
        if (code < 300) code = 603;
        end.code = code;
        Response response{.code = code, .to_tag = dialog_->local_tag(), .server_first = incoming_->tried};
        if (incoming_->rang) response.headers.push_back({"Allow", settings_->allow});
        response.headers.insert(response.headers.end(), headers.begin(), headers.end());
        incoming_->transaction->respond(response);
        incoming_.reset();
        reliable_.reset();
        finish_later(end);
        wire_done();
    } else if (!uas_ && (state_ == State::calling || state_ == State::early)) {
        const OutgoingPtr out = outgoing_;
        finish_later(end);
        if (!out || !out->transaction) {  // not sent yet
            outgoing_.reset();
            wire_done();
            return;
        }
        out->cancelled = true;
        out->cancel_headers = headers;
        // 9.1: not before a provisional response; on_invite_provisional sends it then.
        if (out->provisional) {
            out->cancel_sent = true;
            out->transaction->cancel(headers);
        }
    } else if (uas_ && state_ == State::answered) {
        // RFC 3261 15: the callee says no BYE before the ACK, or before it has waited for it long enough.
        if (incoming_) incoming_->bye = headers;
        finish_later(end);
        if (!incoming_) bye(headers);
    } else {
        if (!uas_ && state_ == State::answered && open_offer_ && open_offer_->out) {
            const OutgoingPtr out = open_offer_->out;
            send_ack(out, {});
        }
        if (incoming_ && !incoming_->answered) incoming_->transaction->respond(487);
        incoming_.reset();
        finish_later(end);
        if (!outgoing_ || !outgoing_->transaction) {
            bye(headers);
            return;
        }
        // One thing at a time, as pjproject does: the peer answers our re-INVITE first, if it does so soon.
        outgoing_->bye = headers;
        timer_.start(stack_.settings().t2, [this] {
            const auto self = shared_from_this();
            if (outgoing_ && outgoing_->bye) bye(*std::exchange(outgoing_->bye, std::nullopt));
        });
    }
}

void InviteSession::end_later(Duration patience, int code, Headers headers) {
    if (state_ != State::confirmed) {
        end(code, headers);
        return;
    }
    detach();
    leaving_ = std::make_unique<Leaving>(Leaving{code, std::move(headers)});
    timer_.start(patience, [this] { leave(); });
}

void InviteSession::leave() {
    const auto how = std::exchange(leaving_, nullptr);
    end(how->code, how->headers);
}

void InviteSession::bye(const Headers& headers) {
    timer_.cancel();
    Request request = dialog_->make_request("BYE");
    request.headers = headers;
    request.credentials = settings_->credentials;
    dialog_->send(std::move(request), [self = shared_from_this()](const RequestResult&) { self->wire_done(); });
}

void InviteSession::finish(SessionEnd end) {
    timer_.cancel();
    glare_.cancel();
    pending_.reset();
    open_offer_.reset();
    state_ = State::ended;
    if (std::exchange(ended_told_, true)) return;
    if (auto* events = std::exchange(events_, nullptr)) events->on_ended(*this, end);
}

void InviteSession::finish_later(SessionEnd end) {
    timer_.cancel();
    glare_.cancel();
    pending_.reset();
    state_ = State::ended;
    if (std::exchange(ended_told_, true)) return;
    stack_.loop().defer([self = shared_from_this(), end] {
        self->open_offer_.reset();
        if (auto* events = std::exchange(self->events_, nullptr)) events->on_ended(*self, end);
    });
}

void InviteSession::keep_until_done() { stack_.tables_->sessions.emplace(this, shared_from_this()); }

void InviteSession::wire_done() {
    dialog_->leave();
    timer_.cancel();
    glare_.cancel();
    // An INVITE of ours that is still under way is lost with the dialog.
    if (outgoing_ && outgoing_->transaction) outgoing_->transaction->abandon();
    outgoing_.reset();
    incoming_.reset();
    reliable_.reset();
    // Whoever calls this keeps the session for the rest of the call; at the latest the turn's end lets it go.
    auto& sessions = stack_.tables_->sessions;
    if (const auto found = sessions.find(this); found != sessions.end()) {
        stack_.loop().reap(std::move(found->second));
        sessions.erase(found);
    }
}

}  // namespace asterism::sip
