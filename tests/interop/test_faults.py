"""What goes wrong on the other side of a socket, or on the disk: each time a message says what, another call goes on
unharmed, and nothing is leaked. (FastAGI servers that hang or close: test_agi_programs.py; AMI clients:
test_ami_clients.py; a reload with an error: test_console.py.)"""
import base64
import json
import os
import socket
import unittest

from harness import DEFAULTS, DaemonTest, Sipp, eventually


class Faults(DaemonTest):
    config = {
        "pjsip.conf": DEFAULTS["pjsip.conf"].replace("[sipp](phone)", "[sipp](phone)\nrtp_timeout = 1"),
        "extensions.conf": DEFAULTS["extensions.conf"].replace("[default]", """
exten => 500,1,Answer()
 same => n,Record(@TREE@/spool/full.wav,,5,k)
 same => n,UserEvent(Recorded,Status: ${RECORD_STATUS})
 same => n,Hangup()
[default]"""),
    }

    def setUp(self):
        self.daemon.wait_idle()
        self.files = self.open_files()
        # The other call: it must live through all that follows.
        self.daemon.cli("channel originate Local/wait@default application Wait 60")
        self.others = eventually(lambda: self.up(2), "the other call")

    def tearDown(self):
        self.assertEqual(self.up(2), self.others, "the other call was harmed")
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()
        eventually(lambda: self.open_files() <= self.files, f"files and sockets closed (there were {self.files})")
        eventually(lambda: len(self.rtp_sockets()) <= 8, "RTP sockets closed, but for those that wait for a call")

    def up(self, count):
        names = sorted(line.split("!")[0] for line in self.daemon.channels() if "!Up!" in line)
        return names if len(names) == count else None

    def descriptors(self):
        folder = f"/proc/{self.daemon.process.pid}/fd"
        for name in os.listdir(folder):
            try:
                yield os.readlink(f"{folder}/{name}")
            except FileNotFoundError:
                pass  # closed while we looked

    def rtp_sockets(self):
        """Those in the range of rtp.conf."""
        with open("/proc/net/udp", encoding="ascii") as table:
            rows = [line.split() for line in table][1:]
        inodes = {f"socket:[{row[9]}]" for row in rows if 20000 <= int(row[1].split(":")[1], 16) <= 29998}
        return [at for at in self.descriptors() if at in inodes]

    def open_files(self):
        """How many, without the RTP sockets: of those some wait for the calls to come."""
        return len(list(self.descriptors())) - len(self.rtp_sockets())

    def warned(self, text):
        eventually(lambda: any(text in line for line in self.daemon.log().splitlines()
                               if "WARNING" in line or "ERROR" in line or "NOTICE" in line),
                   f"a message with '{text}' in the log; it ends with\n" + self.daemon.log()[-2000:])

    def http(self):
        return socket.create_connection((self.daemon.address, self.daemon.http_port), 5)

    def test_a_websocket_that_does_not_read_is_dropped_with_a_reason(self):
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(5)
        deaf.connect((self.daemon.address, self.daemon.http_port))
        key = base64.b64encode(os.urandom(16)).decode()
        deaf.sendall((f"GET /ari/events?app=deaf&api_key=ari:aripw HTTP/1.1\r\nHost: {self.daemon.address}\r\n"
                      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      f"Sec-WebSocket-Key: {key}\r\n\r\n").encode())
        self.assertTrue(deaf.recv(4096).startswith(b"HTTP/1.1 101"))
        filler = {"variables": {f"v{i}": "x" * 900 for i in range(60)}}
        for _ in range(5000):
            status, _ = self.daemon.ari("POST", "/events/user/fill?application=deaf", body=filler)
            if status == 404 or "does not read" in self.daemon.log():
                break
            self.assertEqual(status, 204)
        self.warned("does not read")
        self.assertEqual(self.daemon.ari("GET", "/asterisk/ping")[0], 200)
        deaf.close()

    def test_garbage_over_http(self):
        for data in (b"\x00\xff\xfe\r\n\r\n" * 100, b"GET /" + b"a" * 300_000, b"GET / HTTP/1.1\r\nX: " + b"b" * 300_000,
                     b"POST /ari/bridges HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                     b"GET /ari/events?app=x&api_key=ari:aripw HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                     b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                     b"\r\n" + b"\xff" * 5000):
            with self.http() as bad:
                bad.settimeout(5)
                try:
                    bad.sendall(data)
                    bad.shutdown(socket.SHUT_WR)
                    while bad.recv(65536):
                        pass
                except OSError:
                    pass  # it hung up on us: fine
        self.assertEqual(self.daemon.ari("GET", "/asterisk/ping")[0], 200)

    def test_a_body_in_the_smallest_pieces(self):
        with self.http() as slow:
            slow.settimeout(5)
            slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b"POST /ari/x?api_key=ari:aripw HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n":
                slow.sendall(bytes([byte]))
            self.assertTrue(slow.recv(4096).startswith(b"HTTP/1.1 404"))

    def test_garbage_over_sip(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bad:
            for data in (b"\x00" * 1400, b"INVITE", b"INVITE sip:1@x SIP/2.0\r\n\r\n", b"SIP/2.0 999\r\n\r\n",
                         b"OPTIONS sip:1@x SIP/2.0\r\nVia: SIP/2.0/UDP [::\r\nContent-Length: -5\r\n\r\n"):
                bad.sendto(data, (self.daemon.address, self.daemon.sip_port))
        with socket.create_connection((self.daemon.address, self.daemon.sip_port), 5) as bad:
            bad.settimeout(10)
            try:
                for _ in range(100):  # one line without end
                    bad.sendall(b"A" * 65536)
                while bad.recv(65536):
                    pass
            except OSError:
                pass
        Sipp(self.daemon, "register_call.xml", options=["-s", "100"]).wait()

    def test_a_phone_that_vanishes_in_a_call(self):
        with self.daemon.ami() as ami:
            Sipp(self.daemon, "vanish.xml", options=["-s", "100"]).wait()
            hangup = ami.wait_event("Hangup")
            self.assertTrue(hangup["Channel"].startswith("PJSIP/sipp-"), hangup)
        self.warned("RTP")

    def test_a_full_disk_under_a_recording(self):
        if not os.access("/dev/full", os.W_OK):
            self.skipTest("no /dev/full here")
        os.symlink("/dev/full", self.daemon.tree / "spool/full.wav")
        with self.daemon.ami() as ami:
            call = Sipp(self.daemon, "register_call.xml", options=["-s", "500"])
            self.assertEqual(ami.wait_event("UserEvent", UserEvent="Recorded")["Status"], "ERROR")
            call.kill()
        self.warned("full.wav")


if __name__ == "__main__":
    unittest.main()
