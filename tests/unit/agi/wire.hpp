// A link without a wire, and a linker that gives it: the test is the script.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "interfaces/agi/link.hpp"

namespace asterism::agi {

/// What the script and the link share.
struct Wire {
    std::string to_pbx, to_script, audio;
    bool script_gone = false, link_gone = false;
    int status = 0, writes = 0;
    std::move_only_function<void()> wake;
};

class WireLink final : public Link {
  public:
    explicit WireLink(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
    ~WireLink() override {
        wire_->link_gone = true;
        wire_->wake = nullptr;
    }
    void attach(std::move_only_function<void()> wake) override { wire_->wake = std::move(wake); }
    bool take(std::string& into) override {
        if (wire_->to_pbx.empty()) return false;
        into += std::exchange(wire_->to_pbx, {});
        return true;
    }
    [[nodiscard]] bool closed() const override { return wire_->script_gone; }
    void write(std::string_view bytes) override {
        wire_->to_script += bytes;
        ++wire_->writes;
    }
    void write_audio(std::string_view bytes) override { wire_->audio += bytes; }
    bool hung_up() override {
        write("HANGUP\n");
        return true;
    }
    [[nodiscard]] int exit_status() const override { return wire_->status; }

  private:
    std::shared_ptr<Wire> wire_;
};

class TestLinker final : public Linker {
  public:
    std::shared_ptr<Wire> wire = std::make_shared<Wire>();
    Target asked;
    std::string path;
    std::vector<std::string> arguments;
    bool with_audio = false;
    LinkError refuse;

    Task<LinkResult> connect(Target target) override {
        asked = std::move(target);
        co_return make();
    }
    Task<LinkResult> spawn(std::string p, std::vector<std::string> a, ProcessEnvironment, bool audio) override {
        path = std::move(p);
        arguments = std::move(a);
        with_audio = audio;
        co_return make();
    }

  private:
    LinkResult make() {
        if (!refuse.text.empty()) return std::unexpected(refuse);
        return std::make_unique<WireLink>(wire);
    }
};

}  // namespace asterism::agi
