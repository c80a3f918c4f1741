// A WebSocket that remembers what it is sent.
#pragma once

#include "asterism/http/websocket.hpp"
#include "harness.hpp"

namespace asterism::ari::testing {

class FakeSocket final : public http::WebSocket {
  public:
    explicit FakeSocket(Loop& loop, http::WebSocketHandler& handler) : loop_(loop), handler_(&handler) {}
    bool send(std::shared_ptr<const std::string> text) override {
        texts.push_back(*text);
        return open_;
    }
    bool send_binary(std::shared_ptr<const std::string>) override { return open_; }
    void ping(std::string_view) override {}
    void close(std::uint16_t, std::string_view) override { lose(http::WebSocketEnd::we_closed); }
    void detach() override { handler_ = nullptr; }
    void lose(http::WebSocketEnd end) {
        if (!std::exchange(open_, false)) return;
        loop_.defer([this, end] {
            if (handler_ != nullptr) handler_->on_end(*this, end, 1000);
        });
    }
    [[nodiscard]] bool open() const override { return open_; }
    [[nodiscard]] const http::Address& remote() const override { return address_; }
    [[nodiscard]] const http::Address& local() const override { return address_; }
    [[nodiscard]] std::string_view protocol() const override { return "ari"; }
    [[nodiscard]] bool secure() const override { return false; }
    [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
    [[nodiscard]] std::size_t queued_count() const override { return 0; }
    [[nodiscard]] std::vector<std::string> types() const {
        std::vector<std::string> all;
        for (const auto& text : texts) all.push_back(Object::parse(text)["type"]);
        return all;
    }
    std::vector<std::string> texts;

  private:
    Loop& loop_;
    http::WebSocketHandler* handler_;
    http::Address address_;
    bool open_ = true;
};

}  // namespace asterism::ari::testing
