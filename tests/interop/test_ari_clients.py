"""ARI: ari-client of npm, curl, a WebSocket client; users, read-only users, and a client that does not read."""
import json
import os
import subprocess
import threading
import unittest

from harness import HERE, NPM, AriTest, eventually, need


class Ari(AriTest):
    def test_ari_client_of_npm(self):
        node = need("node")
        if not (NPM / "node_modules/ari-client").exists():
            self.skipTest("ari-client is not installed (npm could not be reached)")
        done = subprocess.run([node, HERE / "ari_app.js", f"http://{self.daemon.address}:{self.daemon.http_port}", "ari",
                               "aripw"], capture_output=True, text=True, timeout=40,
                              env={**os.environ, "NODE_PATH": str(NPM / "node_modules")})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + self.daemon.log()[-3000:])
        lines = [line for line in done.stdout.split("\n") if line[:5].strip() in ("start", "varia", "playe", "end")]
        self.assertEqual(lines, ["start one,two Up", "variable by node", "played", "end"])
        self.daemon.wait_idle()

    def curl(self, *arguments):
        done = subprocess.run([need("curl"), "-sS", "-w", "\n%{http_code}", *arguments], capture_output=True, text=True,
                              timeout=15)
        self.assertEqual(done.returncode, 0, done.stderr)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def test_curl(self):
        base = f"http://{self.daemon.address}:{self.daemon.http_port}/ari"
        status, body = self.curl("-u", "ari:aripw", f"{base}/asterisk/ping")
        self.assertEqual((status, json.loads(body)["ping"]), (200, "pong"))
        status, body = self.curl(f"{base}/asterisk/info?api_key=ari:aripw")
        self.assertEqual(status, 200)
        self.assertTrue(json.loads(body)["system"]["version"].startswith("22."))
        self.assertEqual(self.curl("-u", "ari:wrong", f"{base}/asterisk/ping")[0], 401)
        self.assertEqual(self.curl("-u", "reader:readerpw", f"{base}/channels")[0], 200)
        self.assertEqual(self.curl("-u", "reader:readerpw", "-X", "POST", f"{base}/bridges")[0], 403)
        self.assertEqual(self.curl("-u", "ari:aripw", f"{base}/channels/nosuch")[0], 404)
        self.assertEqual(self.curl("-u", "ari:aripw", "-X", "POST", "-d", "{", "-H", "Content-Type: application/json",
                                   f"{base}/bridges")[0], 400)

    def test_two_channels_in_a_bridge_with_events(self):
        events = self.daemon.ari_events("app")
        status, bridge = self.daemon.ari("POST", "/bridges?type=mixing&name=room")
        self.assertEqual(status, 200)
        for _ in range(2):
            self.assertEqual(self.daemon.ari("POST", "/channels?endpoint=Local/s@default&app=app")[0], 200)
            started = events.wait("StasisStart")
            status, _ = self.daemon.ari("POST", f"/bridges/{bridge['id']}/addChannel?channel={started['channel']['id']}")
            self.assertEqual(status, 204)
            events.wait("ChannelEnteredBridge")
        status, shown = self.daemon.ari("GET", f"/bridges/{bridge['id']}")
        self.assertEqual(len(shown["channels"]), 2)
        self.assertEqual(self.daemon.ari("DELETE", f"/bridges/{bridge['id']}")[0], 204)
        events.wait("ChannelLeftBridge")
        for channel in shown["channels"]:
            self.daemon.ari("DELETE", f"/channels/{channel}")
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()
        events.close()


class Media(AriTest):
    config = {"extensions.conf": "[default]\nexten => tone,1,Answer()\n same => n,Wait(1)\n same => n,PlayTones(440/9000)\n"
                                 " same => n,Wait(9)\nexten => digits,1,Answer()\n same => n,Wait(1)\n"
                                 " same => n,SendDTMF(5#)\n same => n,Wait(9)\n"}

    def enter(self, exten):
        events = self.daemon.ari_events("app")
        self.addCleanup(events.close)
        self.addCleanup(self.daemon.cli, "channel request hangup all")
        channel = self.daemon.ari("POST", f"/channels?endpoint=Local/{exten}@default/n&app=app")[1]["id"]
        events.wait("StasisStart")
        return events, channel

    def test_a_tone_is_detected(self):
        events, channel = self.enter("tone")
        self.assertEqual(self.daemon.ari("POST", f"/channels/{channel}/variable?variable=TONE_DETECT(440,300)")[0], 204)
        self.assertEqual(events.wait("ChannelToneDetected")["channel"]["id"], channel)

    def test_a_bridge_is_recorded_with_a_beep_until_a_digit(self):
        events, channel = self.enter("digits")
        self.daemon.ari("POST", "/bridges/room")
        self.daemon.ari("POST", f"/bridges/room/addChannel?channel={channel}")
        self.assertEqual(self.daemon.ari("POST", "/bridges/room/record?name=room&format=wav&beep=true&terminateOn=%23"
                                                 "&maxSilenceSeconds=30&ifExists=overwrite")[0], 201)
        finished = events.wait("RecordingFinished", 15)["recording"]
        self.assertEqual(finished["talking_duration"] + finished["silence_duration"], finished["duration"])
        self.assertEqual([e["digit"] for e in events.events if e["type"] == "ChannelDtmfReceived"], ["5", "#"])
        self.daemon.ari("DELETE", "/bridges/room")


class Examples(AriTest):
    """The examples of ari-client, in our words: each runs while somebody calls it."""
    config = {
        "extensions.conf": "[examples]\n" + "".join(
            f"exten => {name},1,Stasis({name.replace('_', '-')}-example)\n"
            for name in ("example", "bridge", "device_state", "mwi", "originate", "playback")) +
        "exten => callee,1,Answer()\n same => n,Wait(2)\n same => n,Hangup()\n"
        "exten => wait,1,Wait(1)\n same => n,Hangup()\n",
    }

    def setUp(self):
        self.node = need("node")
        if not (NPM / "node_modules/ari-client").exists():
            self.skipTest("ari-client is not installed (npm could not be reached)")

    def start(self, name):
        self.seen = []
        process = subprocess.Popen([self.node, HERE / "ari_examples.js", name,
                                    f"http://{self.daemon.address}:{self.daemon.http_port}", "ari", "aripw"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "NODE_PATH": str(NPM / "node_modules")})
        self.addCleanup(self.end, process)
        self.process = process
        threading.Thread(target=lambda: self.seen.extend(iter(process.stdout.readline, "")), daemon=True).start()
        self.until("ready")

    def end(self, process):
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()

    def until(self, line, times=1):
        def there():
            if self.process.poll() is not None:
                raise AssertionError(f"it ended: {self.process.stderr.read()}\nit said: {self.seen}")
            return [one.strip() for one in self.seen].count(line) >= times
        try:
            eventually(there, line, 25)
        except AssertionError as error:
            raise AssertionError(f"{error}\nit said: {self.seen}\n{self.daemon.log()[-3000:]}") from None

    def call(self, name, application):
        self.daemon.cli(f"channel originate Local/{name}@examples application {application}")

    def test_example(self):
        self.start("example")
        self.call("example", "SendDTMF wwwwww7ww*wwww#wwwwww")  # it waits to be hung up
        for line in ("hello", "said 7", "said *", "goodbye", "end"):
            self.until(line)

    def test_bridge(self):
        self.start("bridge")
        self.call("bridge", "Wait 3")
        self.until("waiting")
        self.call("bridge", "Wait 4")
        self.until("waiting", 2)
        self.assertEqual(len(self.daemon.ari("GET", "/bridges")[1][0]["channels"]), 2)
        for line in ("left 1", "left 0", "destroyed"):
            self.until(line)
        self.assertEqual(self.daemon.ari("GET", "/bridges")[1], [])

    def test_device_state(self):
        self.start("device_state")
        self.until("NOT_INUSE")
        self.call("device_state", "Wait 2")
        self.until("BUSY")
        self.assertEqual(self.daemon.ari("GET", "/deviceStates/Stasis:device-state-example")[1]["state"], "BUSY")
        self.until("NOT_INUSE", 2)

    def test_mwi(self):
        self.start("mwi")
        self.call("mwi", "SendDTMF ww5WWWWWWWWWWWWWWW")
        self.until("messages 1")
        self.assertEqual(self.daemon.ari("GET", "/mailboxes/mwi-example")[1]["new_messages"], 1)
        self.until("end")
        self.call("mwi", "SendDTMF ww6WWWWWWWWWWWWWWW")
        self.until("messages 0")
        self.assertEqual(self.daemon.ari("GET", "/mailboxes/mwi-example")[1]["new_messages"], 0)
        self.assertEqual(self.daemon.ari("GET", "/recordings/stored")[1], [])

    def test_originate(self):
        self.start("originate")
        self.call("originate", "Wait 30")
        for line in ("together", "over"):
            self.until(line)
        self.until("end", 2)

    def test_playback(self):
        self.start("playback")
        self.call("playback", "SendDTMF ww5w8w4w6w2w#")
        for line in ("pause", "unpause", "reverse", "forward", "restart", "stop", "finished", "end"):
            self.until(line)


if __name__ == "__main__":
    unittest.main()
