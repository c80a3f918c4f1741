#include "interfaces/agi/environment.hpp"

#include <fmt/format.h>

namespace asterism::agi {
namespace {

class Block {
  public:
    void add(std::string_view name, std::string_view value) {
        text_ += "agi_";
        text_ += name;
        text_ += ": ";
        for (char c : value) text_ += c == '\n' || c == '\r' ? ' ' : c;
        text_ += '\n';
    }
    void add(std::string_view name, int value) { add(name, std::to_string(value)); }
    void add_or_unknown(std::string_view name, std::string_view value, bool valid = true) {
        add(name, valid && !value.empty() ? value : "unknown");
    }
    std::string finish() && { return std::move(text_) + "\n"; }

  private:
    std::string text_;
};

}  // namespace

std::string environment(const Channel& channel, const Target& target, std::span<const std::string> arguments,
                        std::string_view version, bool enhanced) {
    Block block;
    if (target.kind == Target::Kind::fast) {
        block.add("network", "yes");
        block.add("network_script", target.script);
    }
    block.add("request", target.request);
    block.add("channel", channel.name());
    block.add("language", channel.language());
    block.add("type", channel.technology());
    block.add("uniqueid", channel.uniqueid());
    block.add("version", version);

    const auto& caller = channel.caller();
    block.add_or_unknown("callerid", caller.id.number.text, caller.id.number.valid);
    block.add_or_unknown("calleridname", caller.id.name.text, caller.id.name.valid);
    block.add("callingpres", caller.id.number.presentation.value);
    block.add("callingani2", caller.ani2);
    block.add("callington", caller.id.number.plan);
    block.add("callingtns", channel.dialed().transit_network_select);
    block.add_or_unknown("dnid", channel.dialed().number);
    const auto& from = channel.redirecting().from.number;
    block.add_or_unknown("rdnis", from.text, from.valid);

    block.add("context", channel.location().context);
    block.add("extension", channel.location().exten);
    block.add("priority", channel.location().priority);
    block.add("enhanced", enhanced ? "1.0" : "0.0");
    block.add("accountcode", channel.account_code());
    // One loop runs all channels; scripts only ever print this. The channel's number is as good a name.
    block.add("threadid", std::to_string(channel.id().value));
    for (std::size_t i = 0; i < arguments.size(); ++i) block.add(fmt::format("arg_{}", i + 1), arguments[i]);
    return std::move(block).finish();
}

}  // namespace asterism::agi
