// Orders to PJSIP: NOTIFY and maintenance.
#include "asterism/channels/pjsip.hpp"
#include "harness.hpp"

namespace asterism {
namespace {

using pjsip::Fields;

/// Knows the endpoint alice and the channel PJSIP/alice-1, and notes what it is told to do.
struct OneEndpoint final : pjsip::Directory {
    std::vector<std::string> told, maintained;

    std::string note(std::string_view what, std::string_view whom, const Fields& fields) {
        std::string text = std::string(what) + " " + std::string(whom);
        for (const auto& [name, value] : fields) text += " " + name + "=" + value;
        return text;
    }
    bool notify_endpoint(std::string_view name, const Fields& fields) override {
        told.push_back(note("endpoint", name, fields));
        return name == "alice";
    }
    bool notify_uri(std::string_view uri, const Fields& fields) override {
        told.push_back(note("uri", uri, fields));
        return uri.starts_with("sip:");
    }
    bool notify_channel(std::string_view channel, const Fields& fields) override {
        told.push_back(note("channel", channel, fields));
        return channel == "PJSIP/alice-1";
    }
    bool set_maintenance(std::string_view name, bool on) override {
        if (name != "alice") return false;
        maintained = on ? std::vector<std::string>{"alice"} : std::vector<std::string>{};
        return true;
    }
    std::vector<std::string> in_maintenance() const override { return maintained; }
    std::optional<pjsip::EndpointInfo> endpoint(std::string_view name) const override {
        if (name != "alice") return std::nullopt;
        return pjsip::EndpointInfo{};
    }

    // Nobody asks for these here.
    std::vector<std::string> endpoint_names() const override { return {"alice"}; }
    std::vector<pjsip::EndpointInfo> endpoints() const override { return {}; }
    std::vector<pjsip::AorInfo> aors() const override { return {}; }
    std::optional<pjsip::AorInfo> aor(std::string_view) const override { return {}; }
    std::vector<pjsip::AuthInfo> auths() const override { return {}; }
    std::optional<pjsip::AuthInfo> auth(std::string_view) const override { return {}; }
    std::vector<pjsip::ContactInfo> contacts(std::string_view) const override { return {}; }
    std::optional<pjsip::ContactInfo> contact(std::string_view) const override { return {}; }
    std::vector<pjsip::IdentifyInfo> identifies() const override { return {}; }
    std::vector<pjsip::TransportInfo> transports() const override { return {}; }
    std::vector<pjsip::RegistrationInfo> registrations() const override { return {}; }
    std::vector<pjsip::SubscriptionInfo> subscriptions() const override { return {}; }
    Fields global_settings() const override { return {}; }
    Fields system_settings() const override { return {}; }
    std::expected<Fields, Refused> object(std::string_view, std::string_view) const override { return Fields{}; }
    std::expected<Fields, Refused> set_object(std::string_view, std::string_view, const Fields&) override {
        return Fields{};
    }
    std::expected<void, Refused> delete_object(std::string_view, std::string_view) override { return {}; }
    bool qualify(std::string_view) override { return false; }
    bool send_register(std::string_view) override { return false; }
    bool send_unregister(std::string_view) override { return false; }
    bool hang_up(std::string_view, int) override { return false; }
};

class PjsipActions : public ManagerTest {
  public:
    explicit PjsipActions(std::unique_ptr<OneEndpoint> made = std::make_unique<OneEndpoint>())
        : ManagerTest(fast(), made.get()), directory(std::move(made)), admin(client()) {
        admin.login("admin");
    }
    std::string ask(std::string_view headers) { return admin.ask("Action: " + std::string(headers) + "\r\n\r\n"); }
    std::unique_ptr<OneEndpoint> directory;
    Client admin;
};

std::string error(std::string_view message) {
    return "Response: Error\r\nMessage: " + std::string(message) + "\r\n\r\n";
}
constexpr std::string_view sent = "Response: Success\r\nMessage: NOTIFY sent\r\n\r\n";

TEST_F(PjsipActions, NotifyGoesToOneOfThree) {
    EXPECT_EQ(ask("PJSIPNotify\r\nChannel: PJSIP/alice-1\r\nVariable: Event=talk"), sent);
    EXPECT_EQ(ask("PJSIPNotify\r\nEndpoint: alice\r\nVariable: Event=talk"), sent);
    EXPECT_EQ(ask("PJSIPNotify\r\nURI: sip:a@b\r\nVariable: Event=talk"), sent);
    EXPECT_EQ(directory->told, (std::vector<std::string>{"channel PJSIP/alice-1 Event=talk",
                                                         "endpoint alice Event=talk", "uri sip:a@b Event=talk"}));
    EXPECT_NE(ask("PJSIPNotify\r\nChannel: PJSIP/bob-1\r\nVariable: Event=talk"), sent);
    EXPECT_EQ(ask("PJSIPNotify\r\nEndpoint: bob\r\nVariable: Event=talk"), error("Unable to retrieve endpoint bob"));
    const auto which = error("PJSIPNotify requires either an endpoint name, a SIP URI, or a channel.");
    EXPECT_EQ(ask("PJSIPNotify\r\nVariable: Event=talk"), which);
    EXPECT_EQ(ask("PJSIPNotify\r\nEndpoint: alice\r\nChannel: PJSIP/alice-1\r\nVariable: Event=talk"), which);
}

TEST_F(PjsipActions, NotifyTakesVariablesOrAnOption) {
    const auto what = error("PJSIPNotify requires either an Option or Variable(s).You must use only one of them.");
    EXPECT_EQ(ask("PJSIPNotify\r\nEndpoint: alice"), what);
    EXPECT_EQ(ask("PJSIPNotify\r\nEndpoint: alice\r\nOption: talk\r\nVariable: Event=talk"), what);
    EXPECT_EQ(ask("PJSIPNotify\r\nEndpoint: alice\r\nOption: nosuch"), error("Unable to find notify type 'nosuch'"));
    EXPECT_TRUE(directory->told.empty());
}

TEST_F(PjsipActions, Maintenance) {
    EXPECT_EQ(ask("PJSIPSetMaintenance\r\nState: on"), error("Endpoint parameter missing"));
    EXPECT_EQ(ask("PJSIPSetMaintenance\r\nEndpoint: alice"), error("State parameter missing"));
    EXPECT_EQ(ask("PJSIPSetMaintenance\r\nEndpoint: bob\r\nState: on"), error("Unable to retrieve endpoint bob"));
    EXPECT_TRUE(ask("PJSIPSetMaintenance\r\nEndpoint: alice\r\nState: on").starts_with("Response: Success\r\n"));
    constexpr std::string_view list =
        "Response: Success\r\nEventList: start\r\nMessage: Maintenance status events follow\r\n\r\n";
    constexpr std::string_view end = "Event: PJSIPMaintenanceStatusComplete\r\nEventList: Complete\r\nListItems: ";
    EXPECT_EQ(ask("PJSIPShowMaintenance"), list);
    EXPECT_EQ(admin.block(), "Event: PJSIPMaintenanceStatus\r\nEndpoint: alice\r\nStatus: enabled\r\n\r\n");
    EXPECT_EQ(admin.block(), std::string(end) + "1\r\n\r\n");
    ask("PJSIPSetMaintenance\r\nEndpoint: alice\r\nState: off");
    EXPECT_EQ(ask("PJSIPShowMaintenance"), list);
    EXPECT_EQ(admin.block(), std::string(end) + "0\r\n\r\n");
    EXPECT_EQ(ask("PJSIPShowMaintenance\r\nEndpoint: alice"), list);
    EXPECT_EQ(admin.block(), "Event: PJSIPMaintenanceStatus\r\nEndpoint: alice\r\nStatus: disabled\r\n\r\n");
    EXPECT_EQ(admin.block(), std::string(end) + "1\r\n\r\n");
}

}  // namespace
}  // namespace asterism
