#include "contact_store.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace asterism::pjsip {

std::string write_contact(const ContactInfo& c) {
    const auto yes = [](bool on) { return on ? "yes" : "no"; };
    // Every value is a string, as Asterisk's generic objects have it.
    const nlohmann::json object{{"uri", c.uri},
                                {"expiration_time", std::to_string(c.expiration)},
                                {"qualify_frequency", std::to_string(c.qualify_frequency)},
                                {"qualify_timeout", fmt::format("{:f}", c.qualify_timeout)},
                                {"qualify_2xx_only", yes(c.qualify_2xx_only)},
                                {"authenticate_qualify", yes(c.authenticate_qualify)},
                                {"outbound_proxy", c.outbound_proxy},
                                {"path", c.path},
                                {"user_agent", c.user_agent},
                                {"endpoint", c.endpoint},
                                {"reg_server", c.reg_server},
                                {"via_addr", c.via_address},
                                {"via_port", std::to_string(c.via_port)},
                                {"call_id", c.call_id},
                                {"prune_on_boot", yes(c.prune_on_boot)}};
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<sip::Binding> read_contact(std::string_view text) {
    const auto object = nlohmann::json::parse(text, nullptr, false);
    if (!object.is_object()) return std::nullopt;
    const auto value = [&object](const char* name) {
        const auto found = object.find(name);
        return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto number = [&value](const char* name) -> std::int64_t {
        const std::string digits = value(name);
        std::int64_t n = 0;
        for (const char c : digits) {
            if (c < '0' || c > '9' || n > 100'000'000'000) return 0;
            n = n * 10 + (c - '0');
        }
        return n;
    };
    sip::Binding binding;
    binding.uri = value("uri");
    if (binding.uri.empty()) return std::nullopt;
    binding.call_id = value("call_id");
    binding.user_agent = value("user_agent");
    binding.path = value("path");
    binding.via_address = value("via_addr");
    binding.via_port = static_cast<std::uint16_t>(number("via_port"));
    binding.endpoint = value("endpoint");
    binding.prune_on_boot = value("prune_on_boot") == "yes";
    binding.expires = WallTime(std::chrono::seconds(number("expiration_time")));
    return binding;
}

}  // namespace asterism::pjsip
