"""ARI the other way round: the daemon opens the WebSocket; and objects, mailboxes, files that come and go while it runs."""
import asyncio
import importlib.util
import json
import unittest
import urllib.error
import urllib.request

from harness import DEFAULTS, AriTest, Daemon, eventually, free_port, loopback_address


class Configuration(AriTest):
    config = {
        "sorcery.conf": "[res_pjsip]\nendpoint = memory,ps_endpoints\nendpoint = config,pjsip.conf,criteria=type=endpoint\n"
                        "aor = memory,ps_aors\naor = config,pjsip.conf,criteria=type=aor\n",
        "http.conf": DEFAULTS["http.conf"] + "enable_static = yes\n[/ari/sounds]\ntype = restriction\ndeny = 0.0.0.0/0\n",
    }

    def put(self, kind, name, **fields):
        body = {"fields": [{"attribute": key, "value": value} for key, value in fields.items()]}
        return self.daemon.ari("PUT", f"/asterisk/config/dynamic/res_pjsip/{kind}/{name}", body=body)

    def test_an_endpoint_comes_and_goes(self):
        status, shown = self.put("endpoint", "zoe", allow="!all,ulaw", aors="zoe", context="phones")
        self.assertEqual(status, 200)
        self.assertIn({"attribute": "context", "value": "phones"}, shown)
        self.assertEqual(self.daemon.ari("GET", "/endpoints/PJSIP/zoe")[1]["state"], "offline")
        self.assertEqual(self.put("aor", "zoe", contact="sip:zoe@127.0.0.1:5099")[0], 200)
        eventually(lambda: self.daemon.ari("GET", "/endpoints/PJSIP/zoe")[1]["state"] == "online", "zoe is online")
        self.assertEqual(self.put("endpoint", "zoe", allow="BLECH")[0], 400)
        self.assertEqual(self.put("endpoint", "alice", context="x")[0], 403)
        self.assertEqual(self.put("auth", "zoe", username="x")[0], 403)
        self.daemon.cli("module reload res_pjsip.so")
        self.assertEqual(self.daemon.ari("GET", "/endpoints/PJSIP/zoe")[0], 200)
        self.assertEqual(self.daemon.ari("DELETE", "/asterisk/config/dynamic/res_pjsip/endpoint/zoe")[0], 204)
        self.assertEqual(self.daemon.ari("GET", "/endpoints/PJSIP/zoe")[0], 404)

    def test_mailboxes(self):
        self.assertEqual(self.daemon.ari("PUT", "/mailboxes/a@x?oldMessages=3&newMessages=4")[0], 204)
        self.assertEqual(self.daemon.ari("GET", "/mailboxes/a@x")[1],
                         {"name": "a@x", "old_messages": 3, "new_messages": 4})
        self.assertEqual(len(self.daemon.ari("GET", "/mailboxes")[1]), 1)
        self.assertEqual(self.daemon.ari("DELETE", "/mailboxes/a@x")[0], 204)
        self.assertEqual(self.daemon.ari("DELETE", "/mailboxes/a@x")[0], 404)

    def page(self, path, tag=None):
        request = urllib.request.Request(f"http://{self.daemon.address}:{self.daemon.http_port}{path}")
        if tag:
            request.add_header("If-None-Match", tag)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers

    def test_static_files(self):
        folder = self.daemon.tree / "data/static-http"
        folder.mkdir(exist_ok=True)
        (folder / "page.html").write_text("<p>hello</p>")
        status, body, headers = self.page("/static/page.html")
        self.assertEqual((status, body, headers["Content-type"]), (200, b"<p>hello</p>", "text/html"))
        self.assertEqual(self.page("/static/page.html", headers["ETag"])[0], 304)
        self.assertEqual(self.page("/static/nosuch.html")[0], 404)
        for path in ("/static/", "/static/../etc/asterisk.conf", "/static/%2e%2e/etc/asterisk.conf"):
            self.assertEqual(self.page(path)[0], 403, path)

    def test_a_restricted_path(self):
        self.assertEqual(self.page("/ari/sounds")[0], 403)
        self.assertEqual(self.page("/ari/sounds/nosuch")[0], 403)
        self.assertEqual(self.page("/ari/channels")[0], 401)


class Outbound(unittest.TestCase):
    def setUp(self):
        if importlib.util.find_spec("websockets") is None:
            self.skipTest("python3-websockets is not installed")

    def test_persistent_and_per_call(self):
        import websockets
        address = loopback_address()
        port = free_port(address)
        client = "type = websocket_client\nuri = ws://%s:%d/%s\nprotocols = ari\nusername = me\npassword = secret\n" \
                 "reconnect_interval = 100\nreconnect_attempts = 100\nconnection_timeout = 2000\n"
        outbound = "type = outbound_websocket\nlocal_ari_user = ari\n"
        daemon = Daemon({
            "websocket_client.conf": "[kept]\n" + client % (address, port, "kept") + "connection_type = persistent\n"
                                     "[called]\n" + client % (address, port, "called") + "connection_type = per_call_config\n",
            "ari.conf": DEFAULTS["ari.conf"] + "[o1]\nwebsocket_client_id = kept\napps = keeper\n" + outbound +
                        "[o2]\nwebsocket_client_id = called\napps = app\n" + outbound,
        })
        seen = {"kept": [], "called": []}
        headers = []
        events = []

        async def scene():
            done = asyncio.Event()

            async def serve(socket_, path):
                name = path.strip("/")
                seen[name].append("open")
                headers.append(socket_.request_headers.get("Authorization"))
                try:
                    async for text in socket_:
                        event = json.loads(text)
                        events.append(event)
                        seen[name].append(event["type"])
                        if name == "kept" and seen["kept"].count("open") == 1:
                            await socket_.close()
                        if event["type"] == "StasisStart":
                            await socket_.send(json.dumps({"type": "RESTRequest", "request_id": "r", "method": "DELETE",
                                                           "uri": f"channels/{event['channel']['id']}"}))
                except websockets.ConnectionClosed:
                    pass
                seen[name].append("closed")
                if name == "called":
                    done.set()

            loop = asyncio.get_running_loop()
            async with websockets.serve(serve, address, port, subprotocols=["ari"]):
                await loop.run_in_executor(None, daemon.start)
                await loop.run_in_executor(None, lambda: eventually(
                    lambda: seen["kept"].count("ApplicationRegistered") == 2, "it comes back"))
                await loop.run_in_executor(None, lambda: daemon.cli(
                    "channel originate Local/s@default extension 400@phones"))
                await asyncio.wait_for(done.wait(), 15)
                await loop.run_in_executor(None, lambda: daemon.cli("ari shutdown websocket sessions"))
                await loop.run_in_executor(None, lambda: eventually(
                    lambda: "ApplicationUnregistered" in seen["kept"], "the other end is told"))
        try:
            asyncio.run(scene())
            self.assertEqual([one for one in seen["called"] if one != "RESTResponse" and not one.startswith("Channel")],
                             ["open", "ApplicationRegistered", "StasisStart", "StasisEnd", "closed"], daemon.log()[-3000:])
            self.assertEqual(set(headers), {"Basic bWU6c2VjcmV0"})
            for event in events:
                daemon.schema().check_event(event)
            daemon.cli("channel request hangup all")
        finally:
            daemon.stop()
            daemon.remove()


if __name__ == "__main__":
    unittest.main()
