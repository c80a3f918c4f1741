#include "asterism/sip/stack.hpp"

#include <utility>
#include <vector>

#include "asterism/runtime/log.hpp"
#include "asterism/sip/dialog.hpp"
#include "core/sip/tables.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

Stack::Stack(Loop& loop, Random& random, Router& router, StackSettings settings)
    : loop_(loop),
      random_(random),
      router_(router),
      settings_(std::move(settings)),
      tables_(std::make_unique<Tables>(*this)) {}

Stack::~Stack() {
    // What is still under way ends silently; nothing may run back into a stack that is being taken down.
    const auto sessions = std::exchange(tables_->sessions, {});
    for (const auto& [key, session] : sessions) session->detach();
    const auto clients = std::exchange(tables_->clients, decltype(tables_->clients){});
    const auto servers = std::exchange(tables_->servers, decltype(tables_->servers){});
    for (const auto& [key, client] : clients) client->silence();
    for (const auto& [key, dialog] : tables_->dialogs) dialog->registered_ = false;
    tables_->dialogs.clear();
    tables_->lingering.clear();
}

bool Stack::transmit(const Flow& flow, std::string_view bytes) {
    ++counters_.sent;
    if (tap_ != nullptr) tap_->sent(flow, bytes);
    return flow.transport->send(flow.remote, bytes);
}

std::expected<void, ParseError> Stack::receive(const Flow& flow, std::string_view bytes) {
    if (bytes.find_first_not_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) return {};
    ++counters_.received;
    if (tap_ != nullptr) tap_->received(flow, bytes);
    auto message = Message::parse(bytes);
    if (!message) {
        ++counters_.malformed;
        log::debug(1, "Malformed SIP message from {}: {}", flow.remote.text(), message.error().what);
        return std::unexpected(message.error());
    }
    if ((*message)->is_request())
        receive_request(flow, std::move(*message));
    else
        receive_response(*message);
    return {};
}

void Stack::receive_response(const MessagePtr& response) {
    const Via& via = response->top_via();
    const auto found = tables_->clients.find(client_key(via.branch, response->method_text()));
    if (found == tables_->clients.end()) {
        ++counters_.stray_responses;
        return;
    }
    const auto transaction = found->second;
    transaction->receive(response);
}

void Stack::receive_request(const Flow& flow, MessagePtr request) {
    const Method method = request->method();
    if (method == Method::ack) {
        const auto found = tables_->servers.find(server_key(*request, Method::invite));
        if (found != tables_->servers.end() && found->second->state() != ServerTransaction::State::accepted) {
            const auto transaction = found->second;
            transaction->receive(request);
        } else if (Dialog* dialog = find_dialog(request->call_id(), request->to_tag(), request->from_tag())) {
            dialog->receive(nullptr, request, flow);
        }
        return;
    }
    std::string key = server_key(*request, method);
    if (const auto found = tables_->servers.find(key); found != tables_->servers.end()) {
        const auto transaction = found->second;
        transaction->receive(request);
        return;
    }
    if (tables_->servers.size() >= settings_.max_transactions) {
        respond_stateless(*request, flow, Response{.code = 503});
        return;
    }
    auto transaction = std::make_shared<ServerTransaction>(*this, request, flow, std::move(key));
    tables_->servers.emplace(transaction->key_, transaction);
    if (method != Method::invite) {
        // Whoever does not answer in the time that the peer waits will not answer at all.
        tables_->linger(64 * settings_.t1, [weak = std::weak_ptr(transaction)] {
            if (const auto forgotten = weak.lock(); forgotten && !forgotten->answered())
                forgotten->end(ServerTransaction::State::terminated, Duration::zero());
        });
    }
    if (method == Method::cancel) {
        cancel(transaction);
        return;
    }
    if (!request->to_tag().empty()) {
        if (Dialog* dialog = find_dialog(request->call_id(), request->to_tag(), request->from_tag())) {
            dialog->receive(std::move(transaction), request, flow);
            return;
        }
        // A second BYE for a call that has just ended is as good as the first.
        const bool farewell = method == Method::bye && tables_->farewells.contains(dialog_key(
                                                           request->call_id(), request->to_tag(), request->from_tag()));
        transaction->respond(farewell ? 200 : 481);
        return;
    }
    if (method == Method::bye || method == Method::prack || method == Method::update || handler_ == nullptr) {
        transaction->respond(handler_ == nullptr ? 503 : 481);
        return;
    }
    handler_->on_request(std::move(transaction));
}

void Stack::cancel(const ServerTransactionPtr& transaction) {
    const MessagePtr request = transaction->request();
    const auto found = tables_->servers.find(server_key(*request, Method::invite));
    if (found == tables_->servers.end()) {
        transaction->respond(481);
        return;
    }
    const auto invite = found->second;
    transaction->respond(Response{.code = 200, .to_tag = invite->to_tag_});
    if (invite->answered()) return;  // 9.2: no effect
    if (invite->on_cancel_) {
        auto action = std::exchange(invite->on_cancel_, nullptr);
        action(request);
    } else {
        invite->respond(487);
    }
}

void Stack::respond_stateless(const Message& request, const Flow& flow, const Response& response) {
    std::string out;
    out.reserve(600 + response.body.size());
    const Via& via = request.top_via();
    write_response(out, request, flow, response, response.to_tag.empty() ? via.branch : response.to_tag,
                   settings_.force_rport, settings_);
    transmit(Flow{flow.transport, response_address(request, flow, settings_.force_rport)}, out);
}

void Stack::transport_failed(const Transport& transport) {
    std::vector<std::shared_ptr<ClientTransaction>> clients;
    for (const auto& [key, client] : tables_->clients)
        if (client->flow().transport.get() == &transport) clients.push_back(client);
    std::vector<ServerTransactionPtr> servers;
    for (const auto& [key, server] : tables_->servers)
        if (server->flow().transport.get() == &transport) servers.push_back(server);
    for (const auto& client : clients) client->transport_failed();
    for (const auto& server : servers) server->transport_failed();
}

std::size_t Stack::server_transactions() const { return tables_->servers.size(); }
std::size_t Stack::client_transactions() const { return tables_->clients.size(); }
std::size_t Stack::dialogs() const { return tables_->dialogs.size(); }

std::string Stack::make_branch() { return "z9hG4bKPj" + random_.uuid(); }
std::uint32_t Stack::make_cseq() { return static_cast<std::uint32_t>(random_.below(65535) + 1); }

Dialog* Stack::find_dialog(std::string_view call_id, std::string_view local_tag, std::string_view remote_tag) const {
    const auto found = tables_->dialogs.find(dialog_key(call_id, local_tag, remote_tag));
    return found == tables_->dialogs.end() ? nullptr : found->second;
}

}  // namespace asterism::sip
