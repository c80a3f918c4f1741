"""Lamps of phones: SUBSCRIBE to hints and mailboxes, and NOTIFY unasked. The phone is a UDP socket."""
import hashlib
import re
import socket
import unittest
import xml.etree.ElementTree as ElementTree

from harness import DEFAULTS, DaemonTest

DIALOG = "{urn:ietf:params:xml:ns:dialog-info}"
PIDF = "{urn:ietf:params:xml:ns:pidf}"


class Message:
    def __init__(self, data):
        head, _, self.body = data.decode().partition("\r\n\r\n")
        self.first, *self.lines = head.split("\r\n")

    def header(self, name):
        for line in self.lines:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


class UdpPhone:
    """Speaks as little SIP as a lamp needs."""

    def __init__(self, daemon, user, password):
        self.daemon, self.user, self.password = daemon, user, password
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((daemon.address, 0))
        self.socket.settimeout(10)
        self.port = self.socket.getsockname()[1]
        self.count = 0

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def receive(self, timeout=10):
        self.socket.settimeout(timeout)
        return Message(self.socket.recv(65536))

    def send(self, method, uri, call_id, headers, to_tag="", authorization=None):
        self.count += 1
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/UDP {self.daemon.address}:{self.port};rport;branch=z9hG4bK{self.port}-{self.count}",
                 "Max-Forwards: 70", f"From: <sip:{self.user}@{self.daemon.address}>;tag={call_id}-f",
                 f"To: <{uri}>{to_tag and ';tag=' + to_tag}", f"Call-ID: {call_id}", f"CSeq: {self.count} {method}",
                 f"Contact: <sip:{self.user}@{self.daemon.address}:{self.port}>", *headers]
        if authorization:
            lines.append("Authorization: " + authorization)
        text = "\r\n".join(lines) + "\r\nContent-Length: 0\r\n\r\n"
        self.socket.sendto(text.encode(), (self.daemon.address, self.daemon.sip_port))

    def ask(self, method, uri, call_id, headers, to_tag=""):
        """Sends it, with a password when one is asked for; returns the final response."""
        self.send(method, uri, call_id, headers, to_tag)
        answer = self.receive()
        if not answer.first.startswith("SIP/2.0 401 "):
            return answer
        challenge = dict(re.findall(r'(\w+)="?([^",]+)"?', answer.header("WWW-Authenticate")))

        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()
        secret = md5(f"{self.user}:{challenge['realm']}:{self.password}")
        response = md5(f"{secret}:{challenge['nonce']}:00000001:abc:auth:{md5(f'{method}:{uri}')}")
        self.send(method, uri, call_id, headers, to_tag,
                  f'Digest username="{self.user}",realm="{challenge["realm"]}",nonce="{challenge["nonce"]}",'
                  f'uri="{uri}",response="{response}",algorithm=MD5,qop=auth,nc=00000001,cnonce="abc",'
                  f'opaque="{challenge["opaque"]}"')
        return self.receive()

    def subscribe(self, exten, event, *headers, expires=600, call_id=None, to_tag=""):
        return self.ask("SUBSCRIBE", f"sip:{exten}@{self.daemon.address}:{self.daemon.sip_port}",
                        call_id or f"{event}-{self.port}-{self.count}",
                        [f"Event: {event}", f"Expires: {expires}", *headers], to_tag)

    def notified(self):
        """The next NOTIFY, answered."""
        message = self.receive()
        assert message.first.startswith("NOTIFY "), message.first
        lines = ["SIP/2.0 200 OK"]
        lines += [line for line in message.lines if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        text = "\r\n".join(lines) + "\r\nContent-Length: 0\r\n\r\n"
        self.socket.sendto(text.encode(), (self.daemon.address, self.daemon.sip_port))
        return message

    def silent(self, seconds=0.3):
        try:
            message = self.receive(seconds)
        except (TimeoutError, socket.timeout):
            return True
        raise AssertionError(f"came: {message.first}\n{message.body}")


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
