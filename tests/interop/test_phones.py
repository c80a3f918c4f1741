"""sipp and baresip as phones."""
import unittest

from harness import Baresip, DaemonTest, Sipp, eventually


class SippPhone(DaemonTest):
    def test_registers_calls_and_hangs_up(self):
        with self.daemon.ami() as ami:
            Sipp(self.daemon, "register_call.xml", options=["-s", "100"]).wait()
            hangup = ami.wait_event("Hangup")
            self.assertTrue(hangup["Channel"].startswith("PJSIP/alice-"))
            self.assertEqual(hangup["Cause"], "16")
            self.assertIn("ContactStatus", [e["Event"] for e in ami.events])
        self.assertIn("alice/sip:alice@", self.daemon.cli("pjsip show contacts"))
        self.daemon.wait_idle()

    def test_registers_and_calls_over_tcp(self):
        Sipp(self.daemon, "register_call.xml", options=["-s", "100", "-t", "t1"]).wait()
        self.daemon.wait_idle()

    def test_two_legs(self):
        callee = Sipp(self.daemon, "uas.xml", port=self.daemon.sipp_port, target=self.daemon.address)
        try:
            with self.daemon.ami() as ami:
                Sipp(self.daemon, "register_call.xml", options=["-s", "200"]).wait()
                self.assertEqual(ami.wait_event("DialEnd")["DialStatus"], "ANSWER")
                ami.wait_event("BridgeEnter")
                ami.wait_event("BridgeLeave")
            callee.wait()
        finally:
            callee.kill()
        self.daemon.wait_idle()

    def test_many_calls_at_once(self):
        Sipp(self.daemon, "register_call.xml", calls=20, options=["-s", "100", "-r", "20"]).wait()
        self.daemon.wait_idle()


class BaresipPhones(DaemonTest):
    def test_one_calls_the_other(self):
        alice = Baresip(self.daemon, "alice", "alicepw")
        bob = Baresip(self.daemon, "bob", "bobpw", answer=True)
        try:
            alice.registered()
            bob.registered()
            eventually(lambda: "bob/sip:bob" in self.daemon.cli("pjsip show contacts"), "bob's contact")
            with self.daemon.ami() as ami:
                alice.dial("1002")
                self.assertEqual(ami.wait_event("DialEnd")["DialStatus"], "ANSWER")
                ami.wait_event("BridgeEnter")
                enter = ami.wait_event("BridgeEnter")
                self.assertEqual(enter["BridgeNumChannels"], "2")
                answer = ami.action("Hangup", Channel=enter["Channel"])
                self.assertEqual(answer["Response"], "Success")
                ami.wait_event("BridgeDestroy")
            self.daemon.wait_idle()
        finally:
            alice.close()
            bob.close()

    def test_digits_reach_the_dialplan(self):
        alice = Baresip(self.daemon, "alice", "alicepw")
        try:
            alice.registered()
            with self.daemon.ami() as ami:
                alice.dial("300")
                ami.wait_event("Newstate", ChannelStateDesc="Up")
                alice.digits("4711")
                self.assertEqual(ami.wait_event("UserEvent", UserEvent="Digits", timeout=15)["Pin"], "4711")
            self.daemon.wait_idle()
        finally:
            alice.close()


if __name__ == "__main__":
    unittest.main()
