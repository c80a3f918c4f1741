// Sockets of the PJSIP technology without any: datagrams that a test puts in and takes out, in virtual time.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asterism/sip/message.hpp"
#include "core/channels/sip/net.hpp"

namespace asterism::pjsip {

class FakeNet final : public Net {
  public:
    struct Sent {
        std::string transport;
        sip::SocketAddress to;
        std::string bytes;
    };
    class FakeTransport final : public sip::Transport {
      public:
        FakeTransport(FakeNet& net, TransportConfigPtr config, sip::Protocol protocol, const sip::SocketAddress& local)
            : net_(net), config_(config), protocol_(protocol), local_(local), advertised_(config, local) {}
        sip::Protocol protocol() const override { return protocol_; }
        const sip::SocketAddress& local() const override { return local_; }
        std::string_view advertised(const sip::SocketAddress& remote) override { return advertised_.towards(remote); }
        std::string_view name() const override { return config_->name; }
        bool send(const sip::SocketAddress& remote, std::string_view bytes) override {
            if (closed) return false;
            net_.sent.push_back({config_->name, remote, std::string(bytes)});
            return true;
        }
        bool closed = false;

      private:
        FakeNet& net_;
        TransportConfigPtr config_;
        sip::Protocol protocol_;
        sip::SocketAddress local_;
        Advertised advertised_;
    };

    void set_user(NetUser* user) override { user_ = user; }
    std::expected<TransportPtr, std::string> open_udp(TransportConfigPtr config) override {
        if (config->bind.port == 1) return std::unexpected("Permission denied");
        auto made = std::make_shared<FakeTransport>(*this, config, sip::Protocol::udp, to_socket(config->bind));
        udp[config->name] = made;
        opened.push_back(config->name);
        return made;
    }
    std::expected<std::unique_ptr<Listener>, std::string> listen(TransportConfigPtr config) override {
        tcp[config->name] = config;
        opened.push_back(config->name);
        return std::make_unique<Listener>();
    }
    sip::Flow connect(TransportConfigPtr config, const sip::SocketAddress& remote) override {
        auto made = std::make_shared<FakeTransport>(*this, config, sip::Protocol::tcp, to_socket(config->bind));
        connections.push_back({made, remote});
        return {made, remote};
    }
    void close(const TransportPtr& transport) override {
        static_cast<FakeTransport*>(transport.get())->closed = true;
        closed.emplace_back(transport->name());
    }
    void set_name_servers(NameServers servers) override { name_servers = std::move(servers); }
    void locate(Question question, Located done) override {
        resolved.push_back(question.host);
        const Dns dns{.records = [this](const std::string& name, DnsType type) { return records[{type, name}]; },
                      .addresses = [this](const std::string& name) { return hosts[name]; }};
        done(pjsip::locate(dns, question));
    }
    void resolve(std::string host, std::uint16_t port, Resolved done) override {
        resolved.push_back(host);
        auto found = hosts[host];
        for (auto& address : found) address.port = port;
        done(std::move(found));
    }

    // ---- what a test does ----
    /// A datagram from `from` ("127.0.0.1:5070") arrives on the first UDP transport.
    void receive(const sip::SocketAddress& from, std::string_view bytes, const std::string& transport = {}) {
        auto& to = transport.empty() ? udp.begin()->second : udp.at(transport);
        if (user_) user_->on_bytes({to, from}, bytes);
    }
    /// A connection comes in on the first TCP listener.
    sip::Flow accept(const sip::SocketAddress& from) {
        const auto& config = tcp.begin()->second;
        auto made = std::make_shared<FakeTransport>(*this, config, sip::Protocol::tcp, to_socket(config->bind));
        if (user_) user_->on_accepted({made, from});
        return {made, from};
    }
    void receive(const sip::Flow& flow, std::string_view bytes) {
        if (user_) user_->on_bytes(flow, bytes);
    }
    void drop(const sip::Flow& flow) {
        static_cast<FakeTransport*>(flow.transport.get())->closed = true;
        if (user_) user_->on_closed(flow, "closed by the peer");
    }

    std::deque<Sent> sent;
    std::map<std::string, std::shared_ptr<FakeTransport>> udp;
    std::map<std::string, TransportConfigPtr> tcp;
    std::vector<sip::Flow> connections;
    std::vector<std::string> opened, closed, resolved;
    std::map<std::string, std::vector<sip::SocketAddress>> hosts;
    std::map<std::pair<DnsType, std::string>, DnsRecords> records;
    NameServers name_servers;

  private:
    NetUser* user_ = nullptr;
};

}  // namespace asterism::pjsip
