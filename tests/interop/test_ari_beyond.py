"""ARI beyond Asterisk: scopes, clients that come back or share an application, channels that wait, OpenAPI; and a crowd of
clients that don't read."""
import os
import re
import time
import unittest

from harness import DEFAULTS, DaemonTest, Events, Sipp, eventually

EXTENSIONS = DEFAULTS["extensions.conf"].replace("[default]", """
exten => 401,1,Answer()
 same => n,Stasis(app,one)
 same => n,Hangup()
[default]
exten => app,1,Answer()
 same => n,Stasis(app,one,two)
 same => n,UserEvent(Left,Status: ${STASISSTATUS})
 same => n,Wait(60)
exten => other,1,Answer()
 same => n,Stasis(other)
 same => n,Wait(60)
""")


class Calls(DaemonTest):
    def tearDown(self):
        self.daemon.cli("channel request hangup all")
        self.daemon.wait_idle()

    def call(self, exten):
        self.daemon.cli(f"channel originate Local/{exten}@default application Wait 60")


class Scopes(Calls):
    config = {
        "extensions.conf": EXTENSIONS,
        "ari.conf": DEFAULTS["ari.conf"] + """
[narrow]
type = user
password = narrowpw
scope_applications = app
scope_contexts = phones
scope_resources = channels,events,applications,bridges
scope_verbs = GET,POST
""",
    }
    user = "narrow:narrowpw"

    def refused(self, method, path, user=None):
        status, body = self.daemon.ari(method, path, user or self.user)
        self.assertEqual(status, 403, path)
        return body["message"].replace("Outside the user's scope: ", "")

    def test_what_is_outside_is_refused(self):
        with Events(self.daemon, "app=app", self.user) as mine, Events(self.daemon, "app=other") as others:
            self.assertEqual((mine.status, others.status), (101, 101))
            self.call("app")
            self.call("other")
            own = mine.wait("StasisStart")["channel"]["id"]
            other = others.wait("StasisStart")["channel"]["id"]
            self.assertEqual([c["id"] for c in self.daemon.ari("GET", "/channels", self.user)[1]], [own])
            self.assertEqual(self.daemon.ari("POST", f"/channels/{own}/ring", self.user)[0], 204)
            self.assertEqual(self.refused("GET", f"/channels/{other}"), f"channel '{other}'")
            self.assertEqual(self.refused("GET", "/asterisk/info"), "resource 'asterisk'")
            self.assertEqual(self.refused("DELETE", f"/channels/{own}"), "verb 'DELETE'")
            self.assertEqual(self.refused("POST", f"/channels/{own}/continue?context=default&extension=s"),
                             "context 'default'")
            self.assertEqual(self.refused("POST", "/channels?endpoint=Local/s@default&app=app"), "context 'default'")
            # The same over the WebSocket.
            mine.say({"type": "RESTRequest", "request_id": "1", "method": "GET", "uri": f"channels/{other}"})
            self.assertEqual(mine.wait("RESTResponse")["status_code"], 403)
        for query in ("app=other", "app=app,other", "app=app&subscribeAll=true"):
            with Events(self.daemon, query, self.user) as refused:
                self.assertEqual(refused.status, 403, query)


class Comings(Calls):
    config = {"extensions.conf": EXTENSIONS,
              "ari.conf": DEFAULTS["ari.conf"].replace("[ari]", "stasis_grace = 20000\n[ari]", 1)}

    def test_a_channel_waits_and_the_client_comes_back(self):
        with self.daemon.ami() as ami:
            self.call("app")
            ami.wait_event("Newexten", Application="Stasis")
            with Events(self.daemon, "app=app&since=now") as first:
                self.assertTrue(first.wait("ApplicationResumed")["complete"])
                start = first.wait("StasisStart")
                self.assertEqual(start["args"], ["one", "two"])
                channel = start["channel"]["id"]
            eventually(lambda: self.daemon.ari("POST", "/events/user/x?application=app")[0] == 404, "it has gone")
            self.assertEqual(self.daemon.ari("POST", f"/channels/{channel}/variable?variable=X&value=7")[0], 204)
            with Events(self.daemon, f"app=app&since={start['sequence']}") as again:
                self.assertTrue(again.next()["complete"])
                missed = again.next()
                self.assertEqual((missed["type"], missed["value"], missed["sequence"]),
                                 ("ChannelVarset", "7", start["sequence"] + 1))
                resumed = again.wait("StasisStart")
                self.assertEqual((resumed["channel"]["id"], resumed["resumed"]), (channel, True))
                self.assertEqual(self.daemon.ari("POST", f"/channels/{channel}/continue")[0], 204)
                again.wait("StasisEnd")
            self.assertEqual(ami.wait_event("UserEvent", UserEvent="Left")["Status"], "SUCCESS")
        with Events(self.daemon, "app=app&since=yesterday") as bad:
            self.assertEqual(bad.status, 400)

    def test_three_clients_share_the_calls(self):
        clients = [Events(self.daemon, f"app=app&mode=shared&socket=w{i}") for i in range(3)]
        try:
            with Events(self.daemon, "app=app&mode=claim") as other:
                self.assertEqual(other.status, 409)
            starts = []
            for client in clients:
                self.call("app")
                starts.append(client.wait("StasisStart")["channel"]["id"])
            self.assertEqual(len(set(starts)), 3)
            self.assertFalse([e for c in clients for e in c.events if e["type"] == "StasisStart"])
            clients[0].close()

            def arrived():
                for client in clients[1:]:
                    try:
                        return client.wait("StasisStart", timeout=0.2)
                    except AssertionError:
                        pass
            handed = eventually(arrived, "another client is given it")
            self.assertEqual((handed["channel"]["id"], handed["resumed"]), (starts[0], True))
        finally:
            for client in clients:
                client.close()
        eventually(lambda: self.daemon.ari("POST", "/events/user/x?application=app")[0] == 404, "all have gone")

    def test_a_channel_is_claimed(self):
        with Events(self.daemon, "app=app&mode=claim&socket=w1") as one, \
                Events(self.daemon, "app=app&mode=claim&socket=w2") as two:
            self.call("app")
            channel = one.wait("StasisStart")["channel"]["id"]
            self.assertEqual(two.wait("StasisStart")["channel"]["id"], channel)
            uri = f"events/claim?application=app&channelId={channel}"
            two.say({"type": "RESTRequest", "request_id": "1", "method": "POST", "uri": uri})
            self.assertEqual(two.wait("RESTResponse")["status_code"], 204)
            one.wait("CallClaimed", winner_app="app")
            self.assertEqual(self.daemon.ari("POST", f"/{uri}&socket=w1")[0], 409)
            self.assertEqual(self.daemon.ari("DELETE", f"/channels/{channel}")[0], 204)
            two.wait("StasisEnd")
            self.daemon.ari("POST", "/events/user/last?application=app")
            one.wait("ChannelUserevent")
            self.assertFalse([e for e in one.events if e["type"] == "StasisEnd"])


class Description(DaemonTest):
    """The OpenAPI document describes what the daemon answers: validated here by the few keywords that it uses."""

    def fits(self, schema, value, where="$"):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self.fits(self.schemas[name], value, f"{where}({name})")
        for part in schema.get("allOf", ()):
            self.fits(part, value, where)
        kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
        kind = schema.get("type")
        if kind:
            self.assertIsInstance(value, kinds[kind], where)
        if "pattern" in schema:
            self.assertRegex(value, schema["pattern"], where)
        for name in schema.get("required", ()):
            self.assertIn(name, value, where)
        if isinstance(value, dict):
            for name, inner in schema.get("properties", {}).items():
                if name in value:
                    self.fits(inner, value[name], f"{where}.{name}")
        if isinstance(value, list):
            for item in value:
                self.fits(schema.get("items", {}), item, where + "[]")
        return True

    def test_answers_and_events_are_as_described(self):
        status, doc = self.daemon.ari("GET", "/openapi.json")
        self.assertEqual(status, 200)
        self.assertEqual(doc["openapi"], "3.1.0")
        self.assertEqual(doc["servers"][0]["url"], f"http://{self.daemon.address}:{self.daemon.http_port}/ari")
        self.schemas = doc["components"]["schemas"]
        with Events(self.daemon, "app=app&subscribeAll=true&since=now") as events:
            _, channel = self.daemon.ari("POST", "/channels?endpoint=Local/wait@default&app=app&appArgs=x")
            self.fits(self.schemas["Channel"], channel)
            events.wait("StasisStart")
            self.daemon.ari("POST", "/bridges?bridgeId=b1&name=n")
            self.daemon.ari("POST", f"/bridges/b1/addChannel?channel={channel['id']}")
            self.daemon.ari("POST", f"/channels/{channel['id']}/variable?variable=X&value=1")
            for path, item in doc["paths"].items():
                if "get" not in item or path == "/events":
                    continue
                address = path.replace("{channelId}", channel["id"]).replace("{bridgeId}", "b1")
                if "{" in address:
                    continue
                status, answer = self.daemon.ari("GET", address)
                described = item["get"]["responses"]
                content = described["2XX" if status < 300 else str(status)]["content"]["application/json"]
                self.fits(content["schema"], answer, address)
            self.daemon.ari("DELETE", f"/channels/{channel['id']}")
            events.wait("ChannelDestroyed")
            kinds = set()
            for event in events.events:
                kinds.add(event["type"])
                self.fits({"$ref": self.schemas["AnyEvent"]["discriminator"]["mapping"][event["type"]]}, event)
            self.assertGreater(len(kinds), 8, kinds)
            self.daemon.ari("DELETE", "/bridges/b1")


class Crowd(DaemonTest):
    """100 applications with 10 clients each that never read, subscribed to everything, harm nobody."""
    config = {
        "extensions.conf": EXTENSIONS,
        "http.conf": DEFAULTS["http.conf"] + "sessionlimit = 2000\n",
        "ari.conf": DEFAULTS["ari.conf"].replace("[ari]", f"queue_total_bytes = {16 << 20}\n[ari]", 1),
    }
    limit = 16 << 20
    # AddressSanitizer keeps what was freed, 256 MiB of it unless told otherwise: here it would hide what is measured.
    env = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"}

    def memory(self):
        text = open(f"/proc/{self.daemon.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) << 10

    def dropped(self):
        return self.daemon.log().count(" dropped: ")

    def round_trips(self, count=30):
        """How long the daemon takes to answer a ping, sorted."""
        took = []
        for _ in range(count):
            began = time.monotonic()
            self.assertEqual(self.daemon.ari("GET", "/asterisk/ping")[0], 200)
            took.append(time.monotonic() - began)
        return sorted(took)

    def calls(self, count):
        """Calls into an application that reads; returns how long each took from INVITE to StasisStart to its end."""
        took = []
        with Events(self.daemon, "app=app") as client:
            for _ in range(count):
                began = time.monotonic()
                sipp = Sipp(self.daemon, "register_call.xml", options=["-s", "401"])
                channel = client.wait("StasisStart")["channel"]["id"]
                took.append(time.monotonic() - began)
                sipp.wait()
                client.wait("StasisEnd")
                kinds = [e["type"] for e in client.events if e.get("channel", {}).get("id") == channel]
                self.assertEqual(kinds.count("ChannelHangupRequest"), 1, kinds)
                client.events.clear()
        return took

    def test_they_cost_their_bound_and_nothing_else(self):
        quiet = self.round_trips()
        alone = self.calls(3)
        deaf = [Events(self.daemon, f"app=deaf{i % 100}&mode=broadcast&subscribeAll=true", receive_buffer=4096)
                for i in range(1000)]
        for client in deaf:
            self.addCleanup(client.close)
            self.assertEqual(client.status, 101)
        self.assertEqual(len(self.daemon.ari("GET", "/applications")[1]), 100)
        before = self.memory()
        # Something to tell a thousand clients.
        most = 0
        for number in range(2000):
            self.assertEqual(self.daemon.ari("POST", "/bridges", body={"bridgeId": "b", "name": "x" * 8000})[0], 200)
            self.assertEqual(self.daemon.ari("DELETE", "/bridges/b")[0], 204)
            if number % 10 == 0:
                most = max(most, self.memory() - before)
                if self.dropped() >= 500:
                    break
        self.assertGreaterEqual(self.dropped(), 500, "those that don't read are dropped")
        self.assertLess(most, 3 * self.limit + (64 << 20), f"{most >> 20} MiB for what nobody reads")
        crowded = self.round_trips()
        together = self.calls(3)
        # Hundreds of them are still there. The median says what the daemon does, not what else the machine runs.
        self.assertLess(crowded[len(crowded) // 2], quiet[len(quiet) // 2] + 0.1)
        self.assertLess(sorted(together)[1], sorted(alone)[1] + 1.0)
        for client in deaf:
            client.close()
        eventually(lambda: len(self.daemon.ari("GET", "/applications")[1]) == 0, "all applications gone")


if __name__ == "__main__":
    unittest.main()
