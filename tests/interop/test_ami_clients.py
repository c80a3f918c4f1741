"""AMI clients that others wrote: panoramisk, nc, curl; and what a bad client may not do."""
import asyncio
import importlib.util
import json
import socket
import subprocess
import time
import unittest

from harness import Ami, DaemonTest, eventually, need

WEB = {"manager.conf": """
[general]
enabled = yes
webenabled = yes
port = @AMI@
bindaddr = @ADDRESS@
[admin]
secret = adminpw
read = all
write = all
[listener]
secret = listenerpw
read = call,user
write =
[caller]
secret = callerpw
read = call
write = originate
"""}


class Panoramisk(DaemonTest):
    def test_login_actions_events_and_a_call(self):
        if importlib.util.find_spec("panoramisk") is None:
            self.skipTest("panoramisk is not installed")
        from panoramisk import Manager

        async def scene():
            seen = []
            manager = Manager(host=self.daemon.address, port=self.daemon.ami_port, username="admin", secret="adminpw",
                              ping_delay=0, reconnect_timeout=1)
            manager.register_event("*", lambda _, message: seen.append(message))
            await manager.connect()
            ping = await asyncio.wait_for(manager.send_action({"Action": "Ping"}), 10)
            self.assertEqual(ping.Ping, "Pong")
            originated = await asyncio.wait_for(manager.send_action({
                "Action": "Originate", "Channel": "Local/wait@default", "Application": "Wait", "Data": "20",
                "Async": "true"}), 10)
            # panoramisk gathers the OriginateResponse with the answer.
            messages = originated if isinstance(originated, list) else [originated]
            self.assertIn("queued", messages[0].message)
            self.assertEqual([m.response for m in messages if m.event == "OriginateResponse"], ["Success"])
            self.assertTrue(any(m.event == "Newchannel" for m in seen), seen)
            command = await asyncio.wait_for(manager.send_command("core show channels count"), 10)
            self.assertIn("2 active channels", str(command))
            listed = await asyncio.wait_for(manager.send_action({"Action": "CoreShowChannels"}), 10)
            self.assertIn("CoreShowChannelsComplete", str(listed))
            manager.close()
        asyncio.run(scene())
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()


class PlainPrograms(DaemonTest):
    config = WEB

    def test_nc(self):
        text = ("Action: Login\r\nUsername: admin\r\nSecret: adminpw\r\nEvents: off\r\n\r\n"
                "Action: Ping\r\nActionID: 7\r\n\r\nAction: Logoff\r\n\r\n")
        done = subprocess.run([need("nc"), "-q", "2", self.daemon.address, str(self.daemon.ami_port)], input=text,
                              capture_output=True, text=True, timeout=15)
        self.assertTrue(done.stdout.startswith("Asterisk Call Manager/"), done.stdout)
        self.assertIn("Message: Authentication accepted", done.stdout)
        self.assertIn("ActionID: 7\nPing: Pong\n", done.stdout.replace("\r", ""))
        self.assertIn("Response: Goodbye", done.stdout)

    def test_curl_over_http(self):
        base = f"http://{self.daemon.address}:{self.daemon.http_port}/rawman"
        cookies = str(self.daemon.tree / "cookies")

        def get(query):
            done = subprocess.run([need("curl"), "-sS", "-b", cookies, "-c", cookies, f"{base}?{query}"],
                                  capture_output=True, text=True, timeout=15)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout
        self.assertIn("Response: Success", get("action=login&username=admin&secret=adminpw"))
        self.assertIn("Ping: Pong", get("action=ping"))

    def test_a_user_may_do_no_more_than_its_classes(self):
        ami = Ami(self.daemon, login=False)
        try:
            self.assertEqual(ami.action("Login", Username="listener", Secret="listenerpw")["Response"], "Success")
            answer = ami.action("Originate", Channel="Local/wait@default", Application="Wait", Data="1")
            self.assertEqual((answer["Response"], answer["Message"]), ("Error", "Permission denied"))
        finally:
            ami.close()

    def test_who_may_only_make_calls_cannot_have_programs_run(self):
        with Ami(self.daemon, login=False) as ami:
            self.assertEqual(ami.action("Login", Username="caller", Secret="callerpw")["Response"], "Success")
            for application, data in (("AGI", "/bin/true"), ("EAGI", "/bin/true"), ("DeadAGI", "agi:async"),
                                      ("ExternalIVR", "/bin/true"), ("System", "true"), ("ExecIf", "1?System(true)")):
                answer = ami.action("Originate", Channel="Local/wait@default", Application=application, Data=data)
                self.assertEqual((answer["Response"], answer["Message"]),
                                 ("Error", "Originate Access Forbidden: app or data blacklisted"), application)
            answer = ami.action("Originate", Channel="Local/wait@default", Application="Wait", Data="0.1")
            self.assertEqual(answer["Response"], "Success", answer)
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()

    def test_garbage_and_lines_without_end_hurt_nobody(self):
        good = self.daemon.ami(events=False)
        for data in (b"\x00\xff\xfe" * 1000 + b"\r\n\r\n", b"A" * 1_000_000, b"Action: " + b"x" * 70000 + b"\r\n\r\n",
                     b"\r\n" * 5000, b"Action Login\r\n: :\r\n\r\n"):
            with socket.create_connection((self.daemon.address, self.daemon.ami_port), 5) as bad:
                bad.settimeout(5)
                try:
                    bad.sendall(data)
                except OSError:
                    pass  # it hung up on us: fine
        self.assertEqual(good.action("Ping")["Ping"], "Pong")
        good.close()

    def test_a_client_that_does_not_read_is_dropped_with_a_reason(self):
        deaf = socket.create_connection((self.daemon.address, self.daemon.ami_port), 5)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(b"Action: Login\r\nUsername: admin\r\nSecret: adminpw\r\n\r\n")
        with self.daemon.ami(events=False) as ami:
            filler = "x" * 900
            end = time.monotonic() + 40
            while "admin" not in "".join(line for line in self.daemon.log().splitlines() if "WARNING" in line):
                for _ in range(300):
                    ami.send("UserEvent", UserEvent="Fill", **{f"H{i}": filler for i in range(10)})
                for _ in range(300):
                    ami.message()
                self.assertLess(time.monotonic(), end, "the deaf client was not dropped")
            self.assertEqual(ami.action("Ping")["Ping"], "Pong")
        deaf.close()


if __name__ == "__main__":
    unittest.main()
