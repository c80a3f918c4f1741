#include "core/channels/sip/wizard.hpp"

#include <gtest/gtest.h>

#include "asterism/dialplan/dialplan.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

std::string text(const WizardObjects& objects) {
    std::string out;
    for (const auto& section : objects.sections) {
        out += "[" + section.name + "]";
        for (const auto& variable : section.variables) out += " " + variable.name + "=" + variable.value;
        out += "\n";
    }
    return out;
}

WizardObjects expand(const std::string& section, config::Report& report) {
    config::MapSource source;
    source.files["/etc/pjsip_wizard.conf"] = section;
    const auto file = config::read(source, "pjsip_wizard.conf", {.directory = "/etc"}, report);
    return expand_wizards(*file, report);
}

TEST(PjsipWizard, APhone) {
    config::Report report;
    const auto objects = expand(
        "[phone]\ntype=wizard\naccepts_auth=yes\naccepts_registrations=yes\ntransport=ipv4\n"
        "endpoint/from_domain=d\naor/max_contacts=7\ninbound_auth/username=u\ninbound_auth/password=p\n"
        "has_hint=yes\nhint_context=hints\nhint_exten=9090\nhint_application=Dial(${HINT}/0000)\n",
        report);
    EXPECT_EQ(text(objects),
              "[phone] type=endpoint aors=phone transport=ipv4 auth=phone-iauth from_domain=d\n"
              "[phone] type=aor max_contacts=1 max_contacts=7\n"
              "[phone-iauth] type=auth auth_type=userpass username=u password=p\n");
    ASSERT_EQ(objects.hints.size(), 1u);
    EXPECT_EQ(objects.hints[0], (WizardHint{"hints", "9090", "PJSIP/phone", "Dial", "${HINT}/0000"}));
    EXPECT_EQ(report.text(), "");
}

TEST(PjsipWizard, ATrunk) {
    config::Report report;
    const auto objects = expand(
        "[trunk]\ntype=wizard\nsends_auth=yes\nsends_registrations=yes\nsends_line_with_registrations=yes\n"
        "remote_hosts=127.0.0.5:41060,127.0.0.6\noutbound_auth/username=u\noutbound_auth/password=p\n"
        "registration/retry_interval=38\n",
        report);
    EXPECT_EQ(text(objects),
              "[trunk] type=endpoint aors=trunk outbound_auth=trunk-oauth\n"
              "[trunk] type=aor contact=sip:127.0.0.5:41060 contact=sip:127.0.0.6\n"
              "[trunk-oauth] type=auth auth_type=userpass username=u password=p\n"
              "[trunk-identify] type=identify endpoint=trunk match=127.0.0.5:41060 match=127.0.0.6\n"
              "[trunk-reg-0] type=registration server_uri=sip:127.0.0.5:41060 client_uri=sip:u@127.0.0.5:41060 "
              "outbound_auth=trunk-oauth line=yes endpoint=trunk retry_interval=38\n"
              "[trunk-reg-1] type=registration server_uri=sip:127.0.0.6 client_uri=sip:u@127.0.0.6 "
              "outbound_auth=trunk-oauth line=yes endpoint=trunk retry_interval=38\n");
    EXPECT_EQ(report.text(), "");
}

TEST(PjsipWizard, WhatIsWrongIsNamedAndLeftOut) {
    for (const char* wrong : {"sends_registrations=yes", "sends_auth=yes", "accepts_auth=yes", "has_hint=yes"}) {
        config::Report report;
        EXPECT_TRUE(expand(std::string("[x]\ntype=wizard\n") + wrong + "\n", report).sections.empty()) << wrong;
        EXPECT_FALSE(report.ok()) << wrong;
    }
    config::Report report;
    expand("[x]\ntype=wizard\nsend_auth=yes\nendpont/allow=ulaw\n[y]\ntype=endpoint\n", report);
    for (const char* word : {"send_auth", "endpont/allow", "[y]"})
        EXPECT_NE(report.text().find(word), std::string::npos) << report.text();
}

TEST(PjsipWizard, ItsObjectsAreThoseOfPjsipConf) {
    SipWorld w("");
    dialplan::Dialplan plan;
    w.pbx.dialplan = &plan;
    w.source.files["/etc/pjsip.conf"] = "[udp]\ntype=transport\nbind=127.0.0.1\n";
    w.source.files["/etc/pjsip_wizard.conf"] =
        "[phone]\ntype=wizard\naccepts_registrations=yes\nhas_hint=yes\nhint_exten=9090\nendpoint/context=in\n";
    ASSERT_TRUE(w.tech->load(w.source, w.report)) << w.report.text();
    w.loop.run();
    EXPECT_EQ(w.tech->config().endpoint("phone")->context, "in");
    EXPECT_EQ(w.tech->config().aor("phone")->registrar.max_contacts, 1u);
    const auto hint = [&] {
        const auto found = plan.plan()->find_hint({.context = "in", .exten = "9090", .caller = {}, .now = {}});
        return found ? found.extension->hint + " " + found.extension->hint_registrar : std::string();
    };
    EXPECT_EQ(hint(), "PJSIP/phone res_pjsip_config_wizard");
    // It survives what `dialplan reload` does, and goes with the phone.
    config::Report report;
    config::MapSource source;
    source.files["/etc/extensions.conf"] = "[in]\nexten => 1,1,NoOp()\n";
    const auto file = config::read(source, "extensions.conf", {.directory = "/etc"}, report);
    ASSERT_TRUE(dialplan::load(w.pbx, *file, report));
    EXPECT_EQ(hint(), "PJSIP/phone res_pjsip_config_wizard");
    w.source.files.erase("/etc/pjsip_wizard.conf");
    ASSERT_TRUE(w.tech->load(w.source, w.report));
    EXPECT_EQ(hint(), "");
    w.pbx.dialplan = nullptr;
}

}  // namespace
}  // namespace asterism::pjsip
