"""Channels to media programs: external media over RTP, AudioSocket and WebSockets, with a program that echoes at the
other end of each. The caller is RTP of ours (UnicastRTP), so that what it hears and when is known to the packet."""
import asyncio
import importlib.util
import json
import socket
import statistics
import struct
import threading
import time
import unittest
import uuid

from harness import DEFAULTS, DaemonTest, eventually, free_port, loopback_address

ADDRESS = loopback_address()
QUIET, LOUD = b"\xff" * 160, b"\x00" * 160  # mu-law


def is_loud(payload):
    return sum(byte & 0x7f < 0x20 for byte in payload) > len(payload) // 2


class Caller:
    """Speaks and hears RTP: 20 ms of mu-law each way."""

    def __init__(self, daemon, extension):
        self.daemon = daemon
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, 0))
        self.port = self.socket.getsockname()[1]
        daemon.cli(f"channel originate UnicastRTP/{ADDRESS}:{self.port}/c(ulaw) extension {extension}")
        self.channel = eventually(self.find, "the caller's channel")
        _, answer = daemon.ari("GET", f"/channels/{self.channel}/variable?variable=UNICASTRTP_LOCAL_PORT")
        _, where = daemon.ari("GET", f"/channels/{self.channel}/variable?variable=UNICASTRTP_LOCAL_ADDRESS")
        self.target = (where["value"], int(answer["value"]))
        self.heard = []  # (when, loud)
        self.sent = []   # when something loud was said
        self.loud_next = 0
        self.running = True
        self.threads = [threading.Thread(target=run, daemon=True) for run in (self.speak, self.listen)]
        for thread in self.threads:
            thread.start()

    def find(self):
        for one in self.daemon.ari("GET", "/channels")[1]:
            if one["name"].startswith(f"UnicastRTP/{ADDRESS}:{self.port}-"):
                return one["id"]
        return None

    def speak(self):
        at, sequence = time.monotonic(), 0
        while self.running:
            loud = self.loud_next > 0
            self.loud_next -= loud
            if loud:
                self.sent.append(time.monotonic())
            packet = struct.pack(">BBHII", 0x80, 0, sequence & 0xffff, sequence * 160, 7) + (LOUD if loud else QUIET)
            self.socket.sendto(packet, self.target)
            sequence += 1
            at += 0.02
            time.sleep(max(0, at - time.monotonic()))

    def listen(self):
        self.socket.settimeout(0.2)
        while self.running:
            try:
                packet = self.socket.recv(2048)
            except OSError:
                continue
            self.heard.append((time.monotonic(), is_loud(packet[12:])))

    def loud_since(self, when):
        return [at for at, loud in self.heard if loud and at >= when]

    def round_trip(self):
        """Seconds until one loud packet came back."""
        begin = time.monotonic()
        self.loud_next = 1
        eventually(lambda: self.loud_since(begin), "what was said comes back", 5, 0.005)
        said = [at for at in self.sent if at >= begin][0]
        back = self.loud_since(begin)[0] - said
        time.sleep(0.15)
        return back

    def gone(self):
        return self.find() is None

    def close(self):
        if not self.gone():
            self.daemon.ari("DELETE", f"/channels/{self.channel}")
        self.running = False
        for thread in self.threads:
            thread.join()
        self.socket.close()


class RtpBot:
    """Sends every packet back."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                packet, source = self.socket.recvfrom(2048)
                self.socket.sendto(packet, source)
            except OSError:
                return


class AudioSocketBot:
    """A server of AudioSocket programs. `echo`: sends audio back; `deaf`: never reads."""

    def __init__(self, echo=True, deaf=False):
        self.server = socket.create_server((ADDRESS, 0))
        self.port = self.server.getsockname()[1]
        self.echo, self.deaf = echo, deaf
        self.messages = []  # (kind, length)
        self.uuids = []
        self.ended = 0
        self.connection = None
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.connection = connection
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    @staticmethod
    def exactly(connection, count):
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def serve(self, connection):
        if self.deaf:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            return
        try:
            while True:
                kind, length = struct.unpack(">BH", self.exactly(connection, 3))
                payload = self.exactly(connection, length)
                self.messages.append((kind, length))
                if kind == 1:
                    self.uuids.append(str(uuid.UUID(bytes=payload)))
                if kind == 0:
                    break
                if self.echo and kind == 0x10:
                    connection.sendall(struct.pack(">BH", kind, length) + payload)
        except (OSError, EOFError):
            pass
        self.ended += 1
        connection.close()

    def hang_up(self):
        self.connection.sendall(b"\0\0\0")


class WebSocketBot:
    """A WebSocket server whose connections echo audio, unless `echo` is taken away; in a thread of its own."""

    def __init__(self):
        import websockets
        self.websockets = websockets
        self.port = free_port(ADDRESS)
        self.echo = True
        self.texts, self.paths, self.headers = [], [], []
        self.first = []  # what each connection got first
        self.ended = 0
        self.socket = None
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        def run():
            asyncio.set_event_loop(self.loop)
            self.loop.run_until_complete(websockets.serve(self.serve, ADDRESS, self.port, subprotocols=["media"]))
            ready.set()
            self.loop.run_forever()
        threading.Thread(target=run, daemon=True).start()
        ready.wait(10)

    async def serve(self, connection, path):
        self.paths.append(path)
        self.headers.append(connection.request_headers.get("Authorization"))
        self.socket = connection
        first = True
        try:
            async for message in connection:
                if first:
                    self.first.append(message)
                    first = False
                if isinstance(message, str):
                    self.texts.append(message)
                elif self.echo:
                    await connection.send(message)
        except self.websockets.ConnectionClosed:
            pass
        self.ended += 1

    def send(self, *messages):
        async def all_of_them():
            for message in messages:
                await self.socket.send(message)
        asyncio.run_coroutine_threadsafe(all_of_them(), self.loop).result(10)

    def close(self):
        asyncio.run_coroutine_threadsafe(self.socket.close(), self.loop).result(10)

    def stop_reading(self):
        self.loop.call_soon_threadsafe(self.socket.transport.pause_reading)


RTP, AUDIO, DEAF_AUDIO = RtpBot(), AudioSocketBot(), AudioSocketBot(deaf=True)
WEBSOCKET = WebSocketBot() if importlib.util.find_spec("websockets") else None
UUID = "40325ec2-5efd-4bd3-805f-53576e581d13"


class MediaPrograms(DaemonTest):
    config = {
        "websocket_client.conf": f"[bot]\ntype = websocket_client\nuri = ws://{ADDRESS}:"
                                 f"{WEBSOCKET.port if WEBSOCKET else 1}/bot\nprotocols = media\nusername = me\n"
                                 "password = secret\nconnection_type = per_call_config\nconnection_timeout = 2000\n"
                                 f"[nobody]\ntype = websocket_client\nuri = ws://{ADDRESS}:1/\nreconnect_attempts = 0\n",
        "extensions.conf": DEFAULTS["extensions.conf"].replace("[default]", f"""
exten => rtp,1,Dial(UnicastRTP/{ADDRESS}:{RTP.port}/c(ulaw))
exten => audiosocket,1,Dial(AudioSocket/{ADDRESS}:{AUDIO.port}/{UUID}/c(slin))
exten => application,1,Answer()
 same => n,AudioSocket({UUID},{ADDRESS}:{AUDIO.port})
 same => n,UserEvent(Over)
 same => n,Hangup()
exten => deaf,1,Dial(AudioSocket/{ADDRESS}:{DEAF_AUDIO.port}/{UUID}/c(slin192))
exten => websocket,1,Dial(WebSocket/bot/c(ulaw)v(call=${{UNIQUEID}},x=1))
exten => json,1,Dial(WebSocket/bot/c(slin16)nf(json))
exten => refused,1,Dial(WebSocket/nobody/c(ulaw))
 same => n,UserEvent(Refused,Status: ${{DIALSTATUS}})
[default]""", 1),
    }

    def setUp(self):
        if WEBSOCKET is None:
            self.skipTest("python3-websockets is not installed")
        WEBSOCKET.echo = True
        WEBSOCKET.texts.clear()
        self.callers = []

    def tearDown(self):
        for caller in self.callers:
            caller.close()
        self.daemon.wait_idle()

    def call(self, extension):
        caller = Caller(self.daemon, f"{extension}@phones")
        self.callers.append(caller)
        return caller

    def text(self, start):
        """The next text of the daemon that begins so."""
        found = eventually(lambda: [one for one in WEBSOCKET.texts if one.startswith(start)], start)[0]
        WEBSOCKET.texts.remove(found)
        return found

    def test_round_trips(self):
        figures = {}
        for extension in ("rtp", "audiosocket", "application", "websocket"):
            caller = self.call(extension)
            time.sleep(0.5)
            times = [caller.round_trip() for _ in range(8)]
            figures[extension] = statistics.median(times)
            caller.close()
            self.daemon.wait_idle()
            self.assertLess(figures[extension], 0.5, f"{extension}: {times}")
        print("\nround trip, ms: " + ", ".join(f"{name} {value * 1000:.0f}" for name, value in figures.items()))
        self.assertIn(UUID, AUDIO.uuids)
        self.assertTrue(any(message == (0x10, 320) for message in AUDIO.messages))

    def test_what_a_program_is_told(self):
        caller = self.call("websocket")
        caller.round_trip()
        self.assertTrue(all(isinstance(first, str) and "MEDIA_START" in first for first in WEBSOCKET.first))
        start = dict(part.split(":", 1) for part in self.text("MEDIA_START").split(" ")[1:])
        self.assertEqual((start["connection_id"], start["format"], start["optimal_frame_size"], start["ptime"]),
                         ("bot", "ulaw", "160", "20"))
        self.assertEqual(WEBSOCKET.paths[-1], f"/bot?call={caller.channel}&x=1")
        self.assertEqual(WEBSOCKET.headers[-1], "Basic bWU6c2VjcmV0")
        self.assertEqual(self.daemon.ari("GET", f"/channels/{start['channel_id']}")[1]["name"], start["channel"])

    def test_json_and_the_programs_own_answer(self):
        caller = self.call("json")
        start = json.loads(self.text('{"event":"MEDIA_START"'))
        self.assertEqual((start["format"], start["optimal_frame_size"]), ("slin16", 640))
        self.assertEqual(start["channel_variables"]["MEDIA_WEBSOCKET_CONNECTION_ID"], "bot")
        self.assertEqual(self.daemon.ari("GET", f"/channels/{start['channel_id']}")[1]["state"], "Down")
        WEBSOCKET.send('{"command": "ANSWER"}')
        eventually(lambda: self.daemon.ari("GET", f"/channels/{start['channel_id']}")[1]["state"] == "Up", "it is up")
        self.assertLess(caller.round_trip(), 0.5)
        WEBSOCKET.echo = False
        WEBSOCKET.send(b"\x00\x40" * 3200, '{"command": "MARK_MEDIA", "correlation_id": "said"}')
        self.assertEqual(json.loads(self.text('{"event":"MEDIA_MARK_PROCESSED"'))["correlation_id"], "said")
        WEBSOCKET.send('{"command": "GET_STATUS"}')
        self.assertEqual(json.loads(self.text('{"event":"STATUS"'))["queue_length"], 0)
        WEBSOCKET.send('{"command": "DANCE"}')
        self.assertIn("DANCE", json.loads(self.text('{"event":"ERROR"'))["error_text"])

    def test_a_burst_is_flushed_at_once(self):
        caller = self.call("websocket")
        caller.round_trip()
        WEBSOCKET.echo = False
        time.sleep(0.3)
        begin = time.monotonic()
        WEBSOCKET.send("START_MEDIA_BUFFERING", LOUD * 250)  # five seconds
        eventually(lambda: len(caller.loud_since(begin)) > 10, "the burst is heard")
        WEBSOCKET.send("REPORT_QUEUE_DRAINED", "FLUSH_MEDIA")
        flushed = time.monotonic()
        self.text("QUEUE_DRAINED")
        time.sleep(0.5)
        # The packet under way, and what the machine took to get round to it.
        self.assertLess(len(caller.loud_since(flushed)), 8)
        print(f"\nheard after a flush: {len(caller.loud_since(flushed))} packets")
        WEBSOCKET.echo = True
        self.assertLess(caller.round_trip(), 0.5, "nothing of the burst is in the way")

    def test_flow_control(self):
        caller = self.call("websocket")
        caller.round_trip()
        WEBSOCKET.echo = False
        begin = time.monotonic()
        WEBSOCKET.send("START_MEDIA_BUFFERING", *[LOUD * 100] * 9, "STOP_MEDIA_BUFFERING never")
        self.text("MEDIA_XOFF")
        WEBSOCKET.send("GET_STATUS")
        self.assertIn("queue_full:true", self.text("STATUS"))
        self.text("MEDIA_XON")
        self.assertLess(time.monotonic() - begin, 6)
        self.assertGreater(time.monotonic() - begin, 1)
        WEBSOCKET.send("FLUSH_MEDIA", "START_MEDIA_BUFFERING", LOUD + LOUD[:1], "STOP_MEDIA_BUFFERING id-1")
        self.assertEqual(self.text("MEDIA_BUFFERING_COMPLETED"), "MEDIA_BUFFERING_COMPLETED id-1")

    def test_either_end_hangs_up(self):
        for extension, bot in (("audiosocket", AUDIO), ("websocket", WEBSOCKET)):
            ended = bot.ended
            caller = self.call(extension)
            caller.round_trip()
            caller.close()
            eventually(lambda: bot.ended == ended + 1, f"{extension}: the program is told of the end")
            self.daemon.wait_idle()
            caller = self.call(extension)
            caller.round_trip()
            if bot is AUDIO:
                bot.hang_up()
            else:
                bot.close()
            eventually(caller.gone, f"{extension}: the program's end ends the call")
        caller = self.call("websocket")
        caller.round_trip()
        WEBSOCKET.send("HANGUP")
        eventually(caller.gone, "HANGUP ends the call")

    def test_the_application_ends_and_the_dialplan_goes_on(self):
        with self.daemon.ami() as ami:
            caller = self.call("application")
            caller.round_trip()
            AUDIO.hang_up()
            ami.wait_event("UserEvent", UserEvent="Over")
            eventually(caller.gone, "the dialplan has hung up")

    def test_nobody_there(self):
        with self.daemon.ami() as ami:
            self.call("refused")
            self.assertEqual(ami.wait_event("UserEvent", UserEvent="Refused")["Status"], "CHANUNAVAIL")

    def test_programs_that_stop_reading_harm_no_call(self):
        deaf = [self.call("deaf") for _ in range(2)]
        stuck = self.call("websocket")
        stuck.round_trip()
        WEBSOCKET.stop_reading()
        well = self.call("rtp")
        times = [well.round_trip() for _ in range(8)]
        self.assertLess(statistics.median(times), 0.5)
        with self.daemon.ami() as ami:
            self.assertEqual(ami.action("Ping")["Response"], "Success")
        # slin192 fills all buffers soon; then they are hung up on.
        eventually(lambda: all(one.gone() for one in deaf), "programs that have died are hung up on", 40)
        self.assertFalse(well.gone())
        self.assertLess(well.round_trip(), 0.5)

    def test_external_media_over_ari(self):
        self.assertEqual([self.daemon.ari("POST", "/channels/externalMedia?" + query)[0] for query in (
            "app=a&format=ulaw&external_host=127.0.0.1:1&transport=xxx",
            "app=a&format=ulaw&external_host=127.0.0.1:1&encapsulation=xxx",
            "app=a&format=ulaw",
            "app=a&external_host=127.0.0.1:1",
            "app=a&format=xxx&external_host=127.0.0.1:1",
            "app=a&format=ulaw&external_host=127.0.0.1",
            "app=a&format=slin&external_host=127.0.0.1:1&encapsulation=audiosocket&transport=tcp",
            "app=a&format=ulaw&external_host=127.0.0.1:1&connection_type=server",
            "app=a&format=ulaw&external_host=nosuch&encapsulation=none&transport=websocket",
        )], [501, 501, 400, 400, 400, 400, 400, 400, 500])

        import websockets
        results = {}

        async def scene():
            base = f"ws://{self.daemon.address}:{self.daemon.http_port}"
            loop = asyncio.get_running_loop()

            async def post(query):
                return await loop.run_in_executor(
                    None, lambda: self.daemon.ari("POST", "/channels/externalMedia?app=bots&" + query,
                                                  body={"variables": {"CALLERID(name)": "foo"}}))
            async with websockets.connect(f"{base}/ari/events?app=bots&api_key=ari:aripw") as events:
                made = {
                    "server": await post("format=ulaw&encapsulation=none&transport=websocket&connection_type=server"),
                    "client": await post("format=slin16&encapsulation=none&transport=websocket&external_host=bot"
                                         "&direction=in&transport_data=f(json)"),
                    "audio": await post(f"format=slin&encapsulation=audiosocket&transport=tcp&data={UUID}"
                                        f"&external_host={ADDRESS}:{AUDIO.port}"),
                    "rtp": await post(f"format=ulaw&external_host=localhost:{RTP.port}"),
                }
                for name, (status, channel) in made.items():
                    self.assertEqual((name, status), (name, 200))
                    self.assertEqual(channel["caller"]["name"], "foo")
                connection = made["server"][1]["channelvars"]["MEDIA_WEBSOCKET_CONNECTION_ID"]
                self.assertEqual(made["server"][1]["channelvars"]["MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE"], "160")
                self.assertTrue(made["rtp"][1]["channelvars"]["UNICASTRTP_LOCAL_PORT"])
                with self.assertRaises(websockets.InvalidStatusCode):
                    await websockets.connect(f"{base}/media/nobody", subprotocols=["media"])
                async with websockets.connect(f"{base}/media/{connection}", subprotocols=["media"]) as media:
                    results["first"] = await media.recv()
                    with self.assertRaises(websockets.InvalidStatusCode):
                        await websockets.connect(f"{base}/media/{connection}", subprotocols=["media"])
                    started = set()
                    while len(started) < 4:
                        event = json.loads(await asyncio.wait_for(events.recv(), 10))
                        if event["type"] == "StasisStart":
                            started.add(event["channel"]["id"])
                    self.assertEqual(started, {channel["id"] for _, channel in made.values()})
                    await media.send("HANGUP")
                    with self.assertRaises(websockets.ConnectionClosed):
                        while True:
                            await asyncio.wait_for(media.recv(), 10)
                for _, channel in made.values():
                    await loop.run_in_executor(None, lambda: self.daemon.ari("DELETE", f"/channels/{channel['id']}"))
        asyncio.run(scene())
        self.assertTrue(results["first"].startswith("MEDIA_START connection_id:"))


if __name__ == "__main__":
    unittest.main()
