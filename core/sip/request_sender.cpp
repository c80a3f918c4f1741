#include "core/sip/request_sender.hpp"

#include <algorithm>
#include <utility>

#include "core/sip/dialog_help.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

std::string_view next_hop(const Request& request) {
    if (request.routes.empty()) return request.uri;
    std::string_view route = request.routes.front();
    const std::size_t open = route.find('<');
    if (open != std::string_view::npos) {
        route.remove_prefix(open + 1);
        route = route.substr(0, route.find('>'));
    }
    return route;
}

bool was_tried(const RouteHint& hint, const Flow& flow) {
    return std::ranges::find(hint.tried, RouteHint::Tried{flow.protocol(), flow.remote}) != hint.tried.end();
}

Headers SecurityAgreement::headers() const {
    Headers out;
    for (const auto& mechanism : server.empty() ? client : server)
        out.push_back({server.empty() ? "Security-Client" : "Security-Verify", mechanism});
    out.push_back({"Require", "mediasec"});
    out.push_back({"Proxy-Require", "mediasec"});
    return out;
}

void SecurityAgreement::take(const Message& response) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < response.lines() && found.size() < limits::routes; ++i)
        if (iequals(response.line(i).name, "Security-Server")) found.emplace_back(response.line(i).value);
    if (!found.empty()) server = std::move(found);
}

void RequestSender::start() {
    plain_headers_ = request_.headers.size();
    if (request_.agreement && !agreed_) agree();
    const std::string hop(next_hop(request_));
    stack_.router().route(hop, request_.hint, [self = shared_from_this()](std::expected<Flow, std::string> flow) {
        if (flow) {
            self->send(std::move(*flow));
        } else {
            log_unroutable(self->request_.method, self->request_.uri, flow.error());
            self->stack_.loop().defer([self] { self->finish({503, nullptr, {}, "no route"}); });
        }
    });
}

/// Puts what is said of security now behind the caller's headers.
void RequestSender::agree() {
    if (!agreed_) agreed_ = request_.headers.size();
    request_.headers.resize(*agreed_);
    for (auto& header : request_.agreement->headers()) request_.headers.push_back(std::move(header));
    plain_headers_ = request_.headers.size();
}

void RequestSender::send(Flow flow) {
    const std::string branch = stack_.make_branch();
    std::string bytes;
    bytes.reserve(600 + request_.body.size());
    write_request(bytes, request_, flow, branch, stack_.settings());
    auto transaction = std::make_shared<ClientTransaction>(
        stack_, request_.method, branch, std::move(flow), std::move(bytes),
        [self = shared_from_this()](const RequestResult& result) { self->on_result(result); });
    transaction->start(request_.timeout);
}

void RequestSender::on_result(const RequestResult& result) {
    if (result.code < 200) return;
    if (request_.agreement && result.message && done_ && asks_for_agreement(result) && try_agreed(result)) return;
    if ((result.code == 401 || result.code == 407) && result.message && request_.credentials && !forgotten_ &&
        ++tries_ <= 3) {
        Headers headers(request_.headers.begin(),
                        request_.headers.begin() + static_cast<std::ptrdiff_t>(plain_headers_));
        if (authorize(*result.message, *request_.credentials, request_.method, request_.uri, stack_.random(), headers,
                      answered_nonce_)) {
            answered_nonce_ = "answered";
            request_.headers = std::move(headers);
            // In a dialog the next number is the dialog's to give.
            Dialog* dialog = nullptr;
            if (const auto to = Address::parse(request_.to); to && !to->tag().empty())
                dialog = stack_.find_dialog(request_.call_id, request_.from_tag, to->tag());
            request_.cseq = dialog != nullptr ? dialog->next_cseq() : request_.cseq + 1;
            const std::size_t plain = plain_headers_;
            if (!request_.hint.flow) request_.hint.flow = result.flow;  // of several servers, that one again
            start();
            plain_headers_ = plain;
            return;
        }
    }
    if ((!result.message || result.code == 503) && fail_over(result)) return;
    finish(result);
}

bool RequestSender::asks_for_agreement(const RequestResult& result) const {
    return result.code == 494 || ((result.code == 401 || result.code == 407) && request_.agreement->server.empty());
}

/// RFC 3329 2.2: what the server can is said back to it; its challenge, if it has one, is answered with the same
/// request. False: it says nothing new.
bool RequestSender::try_agreed(const RequestResult& result) {
    const auto before = request_.agreement->server;
    request_.agreement->take(*result.message);
    if (request_.agreement->server == before || ++tries_ > 3) return false;
    agree();
    const std::size_t plain = plain_headers_;
    Headers headers = request_.headers;
    if (request_.credentials && authorize(*result.message, *request_.credentials, request_.method, request_.uri,
                                          stack_.random(), headers, answered_nonce_)) {
        answered_nonce_ = "answered";
        request_.headers = std::move(headers);
    } else if (result.code != 494) {
        return false;
    }
    ++request_.cseq;
    if (!request_.hint.flow) request_.hint.flow = result.flow;
    start();
    plain_headers_ = plain;
    return true;
}

/// RFC 3263 4.3: a server that does not answer, or says 503, has perhaps another beside it.
bool RequestSender::fail_over(const RequestResult& result) {
    const auto to = Address::parse(request_.to);
    if (!done_ || !result.flow || !to || !to->tag().empty()) return false;
    auto& hint = request_.hint;
    if (hint.tried.size() >= limits::servers) return false;
    hint.tried.push_back({result.flow.protocol(), result.flow.remote});
    hint.flow = {};
    const std::string hop(next_hop(request_));
    stack_.router().route(hop, hint, [self = shared_from_this(), result](std::expected<Flow, std::string> flow) {
        if (flow && !was_tried(self->request_.hint, *flow))
            self->send(std::move(*flow));
        else
            self->finish(result);
    });
    return true;
}

void RequestSender::finish(RequestResult result) {
    if (!done_) return;
    auto done = std::exchange(done_, nullptr);
    done(result);
}

ClientRequestPtr Stack::send(Request request, RequestDone done) {
    if (request.call_id.empty()) request.call_id = random_.uuid();
    if (request.from_tag.empty()) request.from_tag = make_tag();
    if (request.cseq == 0) request.cseq = make_cseq();
    request.from = from_to_address(request.from);
    if (const auto to = Address::parse(request.to); to && to->tag().empty()) request.to = from_to_address(request.to);
    auto sender = std::make_shared<RequestSender>(*this, std::move(request), std::move(done));
    sender->start();
    return sender;
}

}  // namespace asterism::sip
