#include "asterism/sip/dialog.hpp"

#include <algorithm>
#include <utility>

#include "asterism/runtime/log.hpp"
#include "core/sip/dialog_help.hpp"
#include "core/sip/request_sender.hpp"
#include "core/sip/tables.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

void log_unroutable(std::string_view method, std::string_view uri, std::string_view why) {
    log::warning("{} to {} cannot be sent: {}", method, uri, why);
}

/// URI of the first Contact, empty if there is none that can be used.
static std::string contact_target(const Message& message) {
    std::string out;
    message.each(HeaderId::contact, [&](std::string_view element) {
        if (!out.empty()) return;
        const auto address = Address::parse(element);
        if (address && !address->star) address->uri.print(out, UriContext::request);
    });
    return out;
}

Dialog::Dialog(Stack& stack, DialogUser& user, const Message& request, const Flow& flow, std::string local_tag)
    : stack_(stack),
      user_(user),
      call_id_(request.call_id()),
      local_tag_(local_tag.empty() ? stack.make_tag() : std::move(local_tag)),
      remote_tag_(request.from_tag()),
      target_(contact_target(request)),
      flow_(flow),
      local_cseq_(stack.make_cseq()),
      remote_cseq_(request.cseq()),
      remote_cseq_known_(true) {
    request.to().print(local_, UriContext::from_to);
    request.from().print(remote_, UriContext::from_to);
    if (target_.empty()) request.from().uri.print(target_, UriContext::request);  // a peer that broke 8.1.1.8
    request.each(HeaderId::record_route, [&](std::string_view element) {
        if (routes_.size() < limits::routes) routes_.emplace_back(element);
    });
    enter();
}

Dialog::Dialog(Stack& stack, DialogUser& user, std::string local, std::string remote, std::string target,
               std::vector<std::string> routes)
    : stack_(stack),
      user_(user),
      call_id_(stack.random().uuid()),
      local_tag_(stack.make_tag()),
      local_(from_to_address(local)),
      remote_(from_to_address(remote)),
      target_(std::move(target)),
      routes_(std::move(routes)),
      local_cseq_(stack.make_cseq()) {}

Dialog::~Dialog() { leave(); }

void Dialog::enter() {
    if (registered_) return;
    registered_ = true;
    stack_.tables_->dialogs.insert_or_assign(dialog_key(call_id_, local_tag_, remote_tag_), this);
}

void Dialog::leave() {
    if (!registered_) return;
    registered_ = false;
    const auto found = stack_.tables_->dialogs.find(dialog_key(call_id_, local_tag_, remote_tag_));
    if (found != stack_.tables_->dialogs.end() && found->second == this) stack_.tables_->dialogs.erase(found);
}

void Dialog::establish(const Message& response, const Flow& flow) {
    leave();
    remote_tag_ = response.to_tag();
    flow_ = flow;
    std::vector<std::string> recorded;
    response.each(HeaderId::record_route, [&](std::string_view element) {
        if (recorded.size() < limits::routes) recorded.emplace_back(element);
    });
    std::reverse(recorded.begin(), recorded.end());
    // An outbound proxy that does not record itself is not part of the dialog (12.1.2).
    routes_ = std::move(recorded);
    refresh(response, flow);
    enter();
}

void Dialog::reset() {
    leave();
    remote_tag_.clear();
}

void Dialog::refresh(const Message& message, const Flow& flow) {
    if (auto target = contact_target(message); !target.empty()) target_ = std::move(target);
    if (rewrite_contact_) take_source(flow);
}

void Dialog::rewrite_contact() {
    rewrite_contact_ = true;
    if (!remote_tag_.empty()) take_source(flow_);
}

void Dialog::heard_from(const Flow& flow) {
    if (rewrite_contact_)
        take_source(flow);
    else if (flow.reliable())
        flow_ = flow;
}

void Dialog::take_source(const Flow& flow) {
    if (!flow) return;
    flow_ = flow;
    if (routes_.empty()) {
        if (const auto uri = Uri::parse(target_); uri && uri->is_sip())
            target_ = uri_at_source(*uri, flow, UriContext::request);
    } else if (const auto first = Address::parse(routes_.front()); first && first->uri.is_sip()) {
        routes_.front() = make_address({}, uri_at_source(first->uri, flow, UriContext::request));
    }
}

Request Dialog::make_request(std::string_view method, std::uint32_t cseq) {
    Request out;
    out.method = method;
    out.uri = target_;
    out.from = local_;
    out.from_tag = local_tag_;
    out.to = remote_;
    if (!remote_tag_.empty()) {
        out.to += ";tag=";
        out.to += remote_tag_;
    }
    out.call_id = call_id_;
    out.cseq = cseq != 0 ? cseq : next_cseq();
    out.routes = routes_;
    if (!routes_.empty()) {
        // A first route without lr is a strict router: it gets the request URI, the target goes last (12.2.1.1).
        if (const auto first = Address::parse(routes_.front()); first && !first->uri.params.has("lr")) {
            out.uri.clear();
            first->uri.print(out.uri, UriContext::request);
            out.routes.erase(out.routes.begin());
            out.routes.push_back(make_address({}, target_));
        }
    }
    out.hint.transport = transport_;
    out.hint.flow = flow_;
    return out;
}

ClientRequestPtr Dialog::send(Request request, RequestDone done) {
    auto sender = std::make_shared<RequestSender>(stack_, std::move(request), std::move(done));
    sender->start();
    return sender;
}

void Dialog::receive(ServerTransactionPtr transaction, const MessagePtr& request, const Flow& flow) {
    if (request->method() != Method::ack) {
        // 12.2.2: a number lower than the last is out of order.
        if (remote_cseq_known_ && request->cseq() < remote_cseq_) {
            transaction->respond(500);
            return;
        }
        remote_cseq_ = request->cseq();
        remote_cseq_known_ = true;
    }
    user_.on_dialog_request(std::move(transaction), request, flow);
}

}  // namespace asterism::sip
