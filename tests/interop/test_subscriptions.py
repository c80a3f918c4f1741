"""Lamps of phones: SUBSCRIBE to hints and mailboxes, and NOTIFY unasked. The phone is a UDP socket."""
import unittest
import xml.etree.ElementTree as ElementTree

from harness import DEFAULTS, DaemonTest
from udp_phone import UdpPhone

DIALOG = "{urn:ietf:params:xml:ns:dialog-info}"
PIDF = "{urn:ietf:params:xml:ns:pidf}"


class Lamps(DaemonTest):
    config = {
        "extensions.conf": DEFAULTS["extensions.conf"] + """
[lamps]
exten => 70,hint,Custom:seventy
exten => _8X,hint,Custom:door${EXTEN}
exten => 1002,hint,PJSIP/bob
""",
        "pjsip.conf": DEFAULTS["pjsip.conf"] + """
[lamp](phone)
auth = lamp
aors = lamp
subscribe_context = lamps
[lamp](phone-auth)
username = lamp
password = lamppw
[lamp](phone-aor)
mailboxes = 70@default
voicemail_extension = 500
[told](phone)
auth = told
aors = told
mailboxes = 71@default
[told](phone-auth)
username = told
password = toldpw
[told](phone-aor)
""",
    }

    def device(self, ami, name, state):
        answer = ami.action("Setvar", Variable=f"DEVICE_STATE(Custom:{name})", Value=state)
        self.assertEqual(answer["Response"], "Success")

    def test_busy_lamp_of_a_custom_device(self):
        with UdpPhone(self.daemon, "lamp", "lamppw") as phone, self.daemon.ami(events=False) as ami:
            self.device(ami, "seventy", "NOT_INUSE")
            answer = phone.subscribe("70", "dialog", "Accept: application/dialog-info+xml")
            self.assertIn(" 200 ", answer.first)
            tag = answer.header("To").partition(";tag=")[2]
            first = phone.notified()
            self.assertEqual(first.header("Event"), "dialog")
            self.assertTrue(first.header("Subscription-State").startswith("active;expires="))
            states = []
            for expected, state in enumerate(("RINGING", "INUSE", "ONHOLD", "NOT_INUSE"), 1):
                self.device(ami, "seventy", state)
                tree = ElementTree.fromstring(phone.notified().body)
                self.assertEqual(tree.get("version"), str(expected))
                states.append(tree.find(f"{DIALOG}dialog/{DIALOG}state").text)
            self.assertEqual(states, ["early", "confirmed", "confirmed", "terminated"])
            self.assertIn("Resource: 70/dialog", self.daemon.cli("pjsip show subscriptions inbound"))
            answer = phone.subscribe("70", "dialog", expires=0, call_id=answer.header("Call-ID"), to_tag=tag)
            self.assertIn(" 200 ", answer.first)
            self.assertTrue(phone.notified().header("Subscription-State").startswith("terminated"))
            self.assertIn("0 active subscriptions", self.daemon.cli("pjsip show subscriptions inbound"))
            self.device(ami, "seventy", "INUSE")
            phone.silent()

    def test_presence_from_the_console_and_by_pattern(self):
        with UdpPhone(self.daemon, "lamp", "lamppw") as phone:
            self.assertIn(" 200 ", phone.subscribe("81", "presence", "Accept: application/pidf+xml").first)
            phone.notified()
            self.daemon.cli("devstate change Custom:door81 INUSE")
            tree = ElementTree.fromstring(phone.notified().body)
            self.assertEqual(tree.find(f"{PIDF}note").text, "On the phone")
            self.assertEqual(tree.find(f"{PIDF}tuple/{PIDF}status/{PIDF}basic").text, "open")
            self.daemon.cli("devstate change Custom:door82 INUSE")
            phone.silent()

    def test_a_reload_takes_the_hint_away(self):
        with UdpPhone(self.daemon, "lamp", "lamppw") as phone:
            self.assertIn(" 200 ", phone.subscribe("1002", "dialog").first)
            phone.notified()
            before = (self.daemon.etc / "extensions.conf").read_text()
            self.daemon.write("extensions.conf", before.replace("exten => 1002,hint,PJSIP/bob\n", ""))
            try:
                self.daemon.cli("dialplan reload")
                self.assertEqual(phone.notified().header("Subscription-State"), "terminated;reason=noresource")
            finally:
                self.daemon.write("extensions.conf", before)
                self.daemon.cli("dialplan reload")

    def test_what_is_refused(self):
        with UdpPhone(self.daemon, "lamp", "lamppw") as phone:
            self.assertIn(" 404 ", phone.subscribe("71", "dialog").first)
            answer = phone.subscribe("70", "weather")
            self.assertIn(" 489 ", answer.first)
            self.assertIn("dialog", answer.header("Allow-Events"))
            self.assertIn(" 489 ", phone.subscribe("70", "dialog", "Accept: text/plain").first)
            phone.password = "wrong"
            self.assertIn(" 401 ", phone.subscribe("70", "dialog").first)

    def test_message_waiting(self):
        with UdpPhone(self.daemon, "lamp", "lamppw") as phone, self.daemon.ami() as ami:
            answer = phone.subscribe("lamp", "message-summary", "Accept: application/simple-message-summary")
            self.assertIn(" 200 ", answer.first)
            account = f"Message-Account: sip:500@{self.daemon.address}:{self.daemon.sip_port}\r\n"
            self.assertEqual(phone.notified().body, f"Messages-Waiting: no\r\n{account}Voice-Message: 0/0 (0/0)\r\n")
            ami.action("MWIUpdate", Mailbox="70@default", NewMessages="2", OldMessages="1")
            self.assertEqual(phone.notified().body, f"Messages-Waiting: yes\r\n{account}Voice-Message: 2/1 (0/0)\r\n")
            ami.action("PJSIPShowSubscriptionsInbound")
            detail = ami.wait_event("InboundSubscriptionDetail", Endpoint="lamp", SubscriptionType="mwi")
            self.assertEqual(detail["Mailboxes"], "70@default")
            ami.action("MWIGet", Mailbox="/^70@/")
            self.assertEqual(ami.wait_event("MWIGet")["NewMessages"], "2")
            ami.action("MWIDelete", Mailbox="70@default")
            self.assertIn("Voice-Message: 0/0", phone.notified().body)

    def test_told_unasked(self):
        with UdpPhone(self.daemon, "told", "toldpw") as phone, self.daemon.ami(events=False) as ami:
            uri = f"sip:told@{self.daemon.address}:{self.daemon.sip_port}"
            self.assertIn(" 200 ", phone.ask("REGISTER", uri, f"reg-{phone.port}", ["Expires: 60"]).first)
            self.assertIn("Voice-Message: 0/0", phone.notified().body)
            status, _ = self.daemon.ari("PUT", "/mailboxes/71@default?oldMessages=0&newMessages=3")
            self.assertEqual(status, 204)
            message = phone.notified()
            self.assertEqual(message.header("Subscription-State"), "terminated")
            self.assertEqual(message.body, "Messages-Waiting: yes\r\nVoice-Message: 3/0 (0/0)\r\n")
            ami.action("MWIUpdate", Mailbox="71@default", NewMessages="3", OldMessages="0")
            phone.silent()


if __name__ == "__main__":
    unittest.main()
