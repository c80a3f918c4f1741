"""A phone behind a NAT: it gives an address of its own that nobody can reach. The phone is a UDP socket."""
import unittest

from harness import DEFAULTS, DaemonTest
from udp_phone import UdpPhone

OFFER = "\r\n".join(("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio 4000 RTP/AVP 0", ""))


class Nat(DaemonTest):
    config = {
        "extensions.conf": DEFAULTS["extensions.conf"] + """
[nat]
exten => 1,1,Answer
 same => n,Wait(30)
""",
        "pjsip.conf": DEFAULTS["pjsip.conf"] + """
[nat](phone)
context = nat
rewrite_contact = yes
""",
    }

    def test_it_is_hung_up_where_it_is(self):
        with UdpPhone(self.daemon, "nat", "") as phone:
            phone.contact = "sip:nat@192.0.2.77:5999"  # TEST-NET-1
            phone.send("INVITE", f"sip:1@{self.daemon.address}:{self.daemon.sip_port}", "nat-1", body=OFFER)
            answer = phone.receive()
            while answer.first.startswith("SIP/2.0 1"):
                answer = phone.receive()
            self.assertIn(" 200 ", answer.first)
            tag = answer.header("To").partition(";tag=")[2]
            phone.send("ACK", f"sip:{self.daemon.address}:{self.daemon.sip_port}", "nat-1", to_tag=tag, cseq=1)
            self.daemon.cli("channel request hangup all")
            bye = phone.receive()
            self.assertEqual(bye.first, f"BYE sip:nat@{self.daemon.address}:{phone.port} SIP/2.0")
            phone.answer(bye)
            self.daemon.wait_idle()


if __name__ == "__main__":
    unittest.main()
