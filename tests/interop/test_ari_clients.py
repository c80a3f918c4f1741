"""ARI: ari-client of npm, curl, a WebSocket client; users, read-only users, and a client that does not read."""
import json
import os
import subprocess
import unittest

from harness import HERE, NPM, AriTest, need


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
            started = events.until("StasisStart")
            status, _ = self.daemon.ari("POST", f"/bridges/{bridge['id']}/addChannel?channel={started['channel']['id']}")
            self.assertEqual(status, 204)
            events.until("ChannelEnteredBridge")
        status, shown = self.daemon.ari("GET", f"/bridges/{bridge['id']}")
        self.assertEqual(len(shown["channels"]), 2)
        self.assertEqual(self.daemon.ari("DELETE", f"/bridges/{bridge['id']}")[0], 204)
        events.until("ChannelLeftBridge")
        for channel in shown["channels"]:
            self.daemon.ari("DELETE", f"/channels/{channel}")
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()
        events.close()


if __name__ == "__main__":
    unittest.main()
