// `pjsip set logger on`: SIP messages on the console and in the log, all or of one peer.
#pragma once

#include <string>
#include <vector>

#include "asterism/sip/stack.hpp"
#include "objects.hpp"

namespace asterism::pjsip {

/// Owned by the technology; is the stack's tap only while it is on, so that it costs nothing otherwise.
class MessageLog final : public sip::Tap {
  public:
    explicit MessageLog(sip::Stack& stack) : stack_(stack) {}
    void all(bool on);
    /// Only what goes to or comes from this network; adds to the others if `add`.
    void host(const Network& network, bool add);
    [[nodiscard]] bool on() const { return all_ || !hosts_.empty(); }

    void received(const sip::Flow& flow, std::string_view bytes) override;
    void sent(const sip::Flow& flow, std::string_view bytes) override;

  private:
    [[nodiscard]] bool wants(const sip::Flow& flow) const;
    sip::Stack& stack_;
    bool all_ = false;
    std::vector<Network> hosts_;
};

}  // namespace asterism::pjsip
