"""The dialplan through the real daemon: call files, changes from the console, hints."""
import contextlib
import os
import re
import socket
import struct
import time

from harness import DEFAULTS, DaemonTest, eventually
from udp_phone import UdpPhone

EXTENSIONS = """
[general]
static = yes
writeprotect = no
[globals]
ALERT = Alert-Info: \\;answer-after=0
[calls]
exten => up,1,Answer()
 same => n,Wait(1)
exten => never,1,Busy()
exten => run,1,Set(DB(ran/${WHO})=yes)
exten => failed,1,Set(DB(failed/${WHO})=${REASON})
exten => reload,1,Answer()
 same => n,Wait(3)
 same => n,Set(DB(ran/reload)=old)
exten => 100,hint,Custom:lamp,CustomPresence:desk
switch => Loopback/${EXTEN:1}@calls/_9.
"""


class Dialplan(DaemonTest):
    config = {"extensions.conf": EXTENSIONS}

    def call_file(self, name, text, later=0):
        """Moves a file into the spool, as scripts do."""
        made = self.daemon.tree / "spool" / name
        made.write_text(text)
        when = time.time() + later
        os.utime(made, (when, when))
        made.rename(self.daemon.tree / "spool/outgoing" / name)
        return self.daemon.tree / "spool/outgoing" / name

    def in_database(self, path):
        return self.daemon.cli("database get " + path).strip().removeprefix("Value: ")

    def test_a_call_file_is_called_for_and_taken_away(self):
        path = self.call_file("a.call", "Channel: Local/up@calls\nContext: calls\nExtension: run\nSetvar: WHO=a\n")
        eventually(lambda: self.in_database("ran a") == "yes", "the call")
        eventually(lambda: not path.exists(), "the file's end")

    def test_a_call_file_of_the_future_waits_and_a_failed_one_is_archived(self):
        path = self.call_file("b.call", "Channel: Local/up@calls\nContext: calls\nExtension: run\nSet: WHO=b\n", later=3)
        failed = self.call_file("c.call", "Channel: Local/never@calls\nContext: calls\nExtension: run\nSet: WHO=c\n"
                                          "MaxRetries: 1\nRetryTime: 1\nArchive: yes\n")
        done = self.daemon.tree / "spool/outgoing_done/c.call"
        eventually(done.exists, "the archived file")
        self.assertFalse(failed.exists())
        self.assertEqual(done.read_text().count("StartRetry: "), 2)
        self.assertIn("Status: Expired", done.read_text())
        self.assertEqual(self.in_database("failed c"), "5")
        eventually(lambda: self.in_database("ran b") == "yes", "the call at its time")
        eventually(lambda: not path.exists(), "the file's end")

    def test_a_call_file_that_makes_no_sense_is_named_in_the_log(self):
        path = self.call_file("d.call", "Channel: Local/up@calls\nMaxRetries: often\n")
        eventually(lambda: not path.exists(), "the file's end")
        eventually(lambda: "d.call is not usable: line 2: MaxRetries: 'often'" in self.daemon.log(), "the warning")

    def test_extensions_come_and_go_and_are_saved(self):
        cli = self.daemon.cli
        self.assertEqual(cli("dialplan add extension 9,1,NoOp,x into calls"),
                         "Extension '9,1,NoOp(x)' added into 'calls' context\n")
        self.assertIn("already exists", cli("dialplan add extension 9,1,NoOp,y into calls"))
        self.assertIn("'9,1,NoOp(y)' added", cli("dialplan add extension 9,1,NoOp,y into calls replace"))
        self.assertIn("will be created", cli('dialplan add extension "5,1,Verbose(a b,c)" into fresh'))
        self.assertIn("1. Verbose(a b,c)", cli("dialplan show 5@fresh"))
        self.assertEqual(cli("dialplan add include fresh into calls"), "Context 'fresh' included in 'calls' context\n")
        self.assertIn("Include =>", cli("dialplan show calls"))
        self.assertEqual(cli("dialplan remove include fresh from calls"), "We are not including 'fresh' into 'calls' now\n")
        self.assertIn("added into", cli("dialplan add ignorepat 9 into calls"))
        self.assertIn("removed from", cli("dialplan remove ignorepat 9 from calls"))
        self.assertEqual(cli("dialplan remove extension 9@calls"), "Whole extension 9@calls removed\n")
        self.assertIn("Failed to remove", cli("dialplan remove extension 9@calls"))
        self.assertEqual(cli("dialplan save"), f"Dialplan successfully saved into '{self.daemon.etc}/extensions.conf'\n")
        self.assertEqual(cli("dialplan reload"), "Dialplan reloaded.\n")
        self.assertIn("1. Verbose(a b,c)", cli("dialplan show 5@fresh"))
        self.assertIn("ALERT=Alert-Info: ;answer-after=0", cli("dialplan show globals"))
        self.assertIn("Alt. Switch =>    'Loopback/${EXTEN:1}@calls/_9.'", cli("dialplan show calls"))
        self.assertEqual(cli("dialplan remove context fresh"), "Removed context 'fresh'\n")
        cli("dialplan reload")

    def test_a_switch_leads_elsewhere(self):
        self.daemon.cli("channel originate Local/9run@calls application Wait 1")
        eventually(lambda: "Executing [run@calls:1]" in self.daemon.log(), "the extension behind the switch")

    def test_a_reload_does_not_touch_a_call(self):
        self.daemon.cli("channel originate Local/reload@calls application Wait 10")
        good = (self.daemon.etc / "extensions.conf").read_text()
        eventually(lambda: "Executing [reload@calls:2]" in self.daemon.log(), "the call")
        (self.daemon.etc / "extensions.conf").write_text(good.replace("(ran/reload)=old", "(ran/reload)=new"))
        self.daemon.cli("dialplan reload")
        eventually(lambda: self.in_database("ran reload") == "old", "the call's next step")
        (self.daemon.etc / "extensions.conf").write_text(good)
        self.daemon.cli("dialplan reload")
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()

    def test_hints_and_states(self):
        cli = self.daemon.cli
        self.assertEqual(cli("devstate change Custom:lamp INUSE"), "Changing lamp to INUSE\n")
        self.assertEqual(cli("presencestate change CustomPresence:desk away,lunch,back"), "Changing desk to away,lunch,back\n")
        eventually(lambda: "State:InUse" in cli("core show hint 100"), "the hint's state")
        self.assertRegex(cli("core show hints"), r"100@calls +: Custom:lamp,CustomPresence:desk +State:InUse +Presence:away ")
        self.assertIn("--- Name: 'Custom:lamp'  State: 'INUSE'\n", cli("devstate list"))
        self.assertIn("--- Name: 'CustomPresence:desk'\n    --- State: 'away'\n    --- Subtype: 'lunch'\n", cli("presencestate list"))
        self.assertIn("can only be used to set 'Custom'", cli("devstate change PJSIP/x INUSE"))
        self.assertIn("is not a device state", cli("devstate change Custom:lamp BROKEN"))

    def test_how_things_are_said(self):
        self.assertEqual(self.daemon.cli("say load"), "say mode is [old]\n")


class Limits(DaemonTest):
    """asterisk.conf's options on calls."""
    options = "maxcalls = 2\nautosystemname = yes\ntransmit_silence = yes"
    config = {"extensions.conf": DEFAULTS["extensions.conf"] + """
[phones]
exten => 900,1,Answer()
 same => n,Wait(20)
exten => 901,1,Answer()
 same => n,Echo()
"""}

    def test_one_call_too_many(self):
        for _ in range(3):
            self.daemon.cli("channel originate Local/wait@default application Wait 20")
        eventually(lambda: "does not enter the dialplan: maxcalls is 2" in self.daemon.log(), "the refusal")
        eventually(lambda: "2 active calls" in self.daemon.cli("core show channels count"), "two calls")
        self.assertRegex(self.daemon.cli("core show settings"), r"Maximum calls: +2 \(Current 2\)")
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()

    def test_the_hosts_name_in_ids(self):
        with self.daemon.ami() as ami:
            self.daemon.cli("channel originate Local/wait@default application Wait 1")
            created = ami.wait_event("Newchannel")
            self.assertTrue(created["Uniqueid"].startswith(socket.gethostname() + "-"), created)
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()

    @contextlib.contextmanager
    def call(self, exten):
        """A call of a phone; gives the socket of its audio and where that is to be sent."""
        address = self.daemon.address
        with UdpPhone(self.daemon, "sipp", "") as phone, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp:
            rtp.bind((address, 0))
            rtp.settimeout(10)
            offer = "\r\n".join(("v=0", f"o=- 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0",
                                 f"m=audio {rtp.getsockname()[1]} RTP/AVP 0", ""))
            phone.send("INVITE", f"sip:{exten}@{address}:{self.daemon.sip_port}", f"call-{exten}", ["X-Sipp: yes"],
                       body=offer)
            answer = phone.receive()
            while answer.first.startswith("SIP/2.0 1"):
                answer = phone.receive()
            self.assertIn(" 200 ", answer.first)
            tag = answer.header("To").partition(";tag=")[2]
            phone.send("ACK", f"sip:{address}:{self.daemon.sip_port}", f"call-{exten}", to_tag=tag, cseq=1)
            yield rtp, (address, int(re.search(r"m=audio (\d+)", answer.body)[1]))
            self.daemon.cli("channel request hangup all")
            phone.answer(phone.receive())
            self.daemon.wait_idle()

    def test_a_waiting_party_is_sent_silence(self):
        with self.call("900") as (rtp, _):
            for _ in range(3):
                self.assertEqual(rtp.recv(2000)[12:], b"\xff" * 160)

    def test_silence_is_not_in_the_way_of_anything_else(self):
        with self.call("901") as (rtp, to):
            heard = b""
            for number in range(100):
                rtp.sendto(struct.pack("!BBHII", 0x80, 0, number, number * 160, 1) + b"\x55" * 160, to)
                heard = rtp.recv(2000)[12:]
                if heard == b"\x55" * 160:
                    break
            self.assertEqual(heard, b"\x55" * 160)
