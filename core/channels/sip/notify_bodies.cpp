#include "notify_bodies.hpp"

#include <fmt/format.h>

#include "asterism/runtime/xml_text.hpp"

namespace asterism::pjsip {
namespace {

/// The same state in the words of each format.
struct Words {
    std::string_view note, basic, status, substatus, dialog;
    bool ringing = false, held = false;
    [[nodiscard]] bool engaged() const { return status == "inuse"; }
};

Words words_of(ExtensionState state, bool early_in_use_ringing) {
    using S = ExtensionState;
    constexpr Words ringing{"Ringing", "open", "inuse", "onthephone", "early", true, false};
    switch (state) {
        case S::ringing: return ringing;
        // A second call rings: busy by default, as a lamp that blinks would say that it may be picked up.
        case S::ring_in_use:
            if (early_in_use_ringing) return ringing;
            return {"Ringing", "open", "inuse", "onthephone", "confirmed", true, false};
        case S::in_use:
        case S::busy: return {"On the phone", "open", "inuse", "onthephone", "confirmed", false, false};
        case S::on_hold:
        case S::in_use_on_hold: return {"On hold", "open", "inuse", "onthephone", "confirmed", false, true};
        case S::unavailable:
        case S::removed:
        case S::none: return {"Unavailable", "closed", "closed", "offline", "terminated", false, false};
        case S::not_in_use: break;
    }
    return {"Ready", "open", "open", "online", "terminated", false, false};
}

std::string pidf(const ExtensionParties& parties, const ExtensionLook& look, const Words& words) {
    std::string out = fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?>
<presence entity="{}" xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid">
 <note>{}</note>
 <tuple id="{}">
  <status>
   <basic>{}</basic>
  </status>
  <contact priority="1">{}</contact>
 </tuple>
)",
        xml_text(parties.local), words.note, xml_text(parties.exten), words.basic, xml_text(parties.remote));
    if (look.shows_presence && !look.presence.empty()) {
        out += fmt::format(
            R"( <tuple id="digium-presence">
  <status>
   <digium_presence type="{}" subtype="{}">{}</digium_presence>
  </status>
 </tuple>
)",
            xml_text(look.presence), xml_text(look.presence_subtype), xml_text(look.presence_message));
    }
    out += words.engaged() ? R"( <dm:person>
  <rpid:activities>
   <rpid:on-the-phone />
  </rpid:activities>
 </dm:person>
)"
                           : " <dm:person />\n";
    return out + "</presence>\n";
}

std::string xpidf(const ExtensionParties& parties, const Words& words) {
    const std::string exten = xml_text(parties.exten);
    return fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE presence PUBLIC "-//IETF//DTD RFCxxxx XPIDF 1.0//EN" "xpidf.dtd">
<presence>
 <presentity uri="{};method=SUBSCRIBE" />
 <atom atomid="{}" id="{}">
  <address uri="{};user=ip" priority="0.80000">
   <status status="{}" />
   <msnsubstatus substatus="{}" />
  </address>
 </atom>
</presence>
)",
        xml_text(parties.local), exten, exten, xml_text(parties.remote), words.status, words.substatus);
}

std::string dialog_info(const ExtensionParties& parties, const Words& words, unsigned version) {
    const std::string local = xml_text(parties.local), exten = xml_text(parties.exten);
    std::string out = fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="{}" state="full" entity="{}">
)",
        version, local);
    if (words.ringing) {
        out += fmt::format(
            R"( <dialog id="{0}" direction="recipient">
  <local>
   <identity>{1}</identity>
   <target uri="{1}" />
  </local>
)",
            exten, local);
    } else {
        out += fmt::format(" <dialog id=\"{}\">\n", exten);
    }
    out += fmt::format("  <state>{}</state>\n", words.dialog);
    if (words.held) {
        out += fmt::format(
            R"(  <local>
   <target uri="{}">
    <param pname="+sip.rendering" pvalue="no" />
   </target>
  </local>
)",
            local);
    }
    return out + " </dialog>\n</dialog-info>\n";
}

}  // namespace

std::string extension_body(std::string_view type, const ExtensionParties& parties, const ExtensionLook& look,
                           unsigned version) {
    const Words words = words_of(look.state, parties.early_in_use_ringing);
    if (type == pidf_type || type == cpim_pidf_type) return pidf(parties, look, words);
    if (type == xpidf_type) return xpidf(parties, words);
    if (type == dialog_info_type) return dialog_info(parties, words, version);
    return {};
}

std::string mwi_body(std::int64_t new_messages, std::int64_t old_messages, std::string_view account) {
    return fmt::format("Messages-Waiting: {}\r\n{}Voice-Message: {}/{} (0/0)\r\n", new_messages > 0 ? "yes" : "no",
                       account.empty() ? std::string() : fmt::format("Message-Account: {}\r\n", account), new_messages,
                       old_messages);
}

}  // namespace asterism::pjsip
