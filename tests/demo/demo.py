#!/usr/bin/env python3
"""./dev demo: the mission in one minute, with real programs and nobody's hand on it.

Two baresip phones register. Phone A calls 100: a FastAGI script asks for a PIN, checks it in an SQLite database, announces
the balance and sends the call on. An AMI client (panoramisk) sees each step, originates a click-to-call between A and B and
hangs it up. An ARI application receives a call, answers, plays, reads digits, and puts both phones into a bridge.
Every step that must happen is waited for: if one does not, the demo says which, and fails.
"""
import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/interop"))

PLAN = """
[general]
autofallthrough = yes
[globals]
[phones]
exten => 100,1,NoOp(Account line)
 same => n,AGI(agi://@ADDRESS@:${BANK}/balance)
 same => n,Goto(after,${ROUTE},1)
exten => 1001,1,Dial(PJSIP/alice,20)
exten => 1002,1,Dial(PJSIP/bob,20)
exten => 700,1,Stasis(desk,from-dialplan)
 same => n,Hangup()
[after]
exten => goodbye,1,Playback(vm-goodbye)
 same => n,Hangup()
exten => refused,1,Playback(vm-incorrect)
 same => n,Hangup()
"""

BOLD, DIM, GREEN, RED, PLAIN = ("\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m") if sys.stdout.isatty() else ("",) * 5
COLOURS = {"phone": "\033[36m", "AGI": "\033[33m", "AMI": "\033[35m", "ARI": "\033[34m", "demo": "\033[1m"}


class Timeline:
    def __init__(self):
        self.began = time.monotonic()
        self.lock = threading.Lock()
        self.steps = 0

    def say(self, who, text, step=False):
        colour = COLOURS.get(who, "") if sys.stdout.isatty() else ""
        with self.lock:
            self.steps += step
            mark = f"{GREEN}*{PLAIN}" if step else " "
            print(f"{time.monotonic() - self.began:6.2f} s {mark} {colour}{who:>5}{PLAIN}  {text}", flush=True)

    def step(self, who, text):
        self.say(who, text, step=True)


class Failed(Exception):
    """A step that must happen did not."""


class Bank:
    """The FastAGI script: a PIN, a database, a balance."""

    def __init__(self, timeline, address, folder):
        self.timeline = timeline
        self.database = folder / "bank.sqlite3"
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            db.execute("create table accounts (pin text primary key, owner text, balance integer)")
            db.executemany("insert into accounts values (?, ?, ?)", [("4711", "Alice", 1234), ("0815", "Bob", 7)])
            db.commit()
        self.done = asyncio.Event()
        self.address = address

    async def start(self):
        self.server = await asyncio.start_server(self.serve, self.address, 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        async def say(command):
            writer.write(command.encode() + b"\n")
            await writer.drain()
            answer = (await reader.readline()).decode().strip()
            if not answer.startswith("200 "):
                raise Failed(f"AGI {command!r} was answered {answer!r}")
            return answer[4:]

        environment = {}
        while (line := (await reader.readline()).decode().strip()):
            name, _, value = line.partition(": ")
            environment[name] = value
        self.timeline.step("AGI", f"script starts: {environment['agi_channel']} dialled {environment['agi_extension']}")
        await say("ANSWER")
        entered = await say("GET DATA vm-password 8000 4")
        pin = entered.split("=", 1)[1].split(" ")[0]
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            row = db.execute("select owner, balance from accounts where pin = ?", (pin,)).fetchone()
        if row is None:
            self.timeline.say("AGI", f"no account has PIN {pin!r}")
            await say("SET VARIABLE ROUTE refused")
        else:
            self.timeline.step("AGI", f"PIN {pin}: {row[0]}'s balance is {row[1]}")
            await say(f'SAY NUMBER {row[1]} ""')
            self.timeline.step("AGI", "balance announced, the call goes on in the dialplan")
            await say("SET VARIABLE ROUTE goodbye")
            self.done.set()
        writer.close()


class Desk:
    """The ARI application, on plain WebSocket and REST."""

    def __init__(self, timeline, daemon):
        self.timeline = timeline
        self.daemon = daemon
        self.events = asyncio.Queue()
        self.recorded = []

    async def connect(self):
        import websockets
        url = f"ws://{self.daemon.address}:{self.daemon.http_port}/ari/events?app=desk&api_key=ari:aripw"
        self.socket = await websockets.connect(url, subprotocols=["ari"])
        self.task = asyncio.create_task(self.pump())

    async def pump(self):
        async for text in self.socket:
            event = json.loads(text)
            self.recorded.append(event["type"])
            self.events.put_nowait(event)

    async def rest(self, method, path, expect=(200, 201, 204)):
        status, body = await asyncio.to_thread(self.daemon.ari, method, path)
        if status not in expect:
            raise Failed(f"ARI {method} {path} answered {status} {body}")
        return body

    async def until(self, kind, **wanted):
        def fits(event):
            return event["type"] == kind and all(fits_one(event, k, v) for k, v in wanted.items())

        def fits_one(event, key, value):
            for part in key.split("__"):
                event = event.get(part, {})
            return event == value
        try:
            async with asyncio.timeout(15):
                while True:
                    event = await self.events.get()
                    if fits(event):
                        return event
        except TimeoutError:
            raise Failed(f"ARI: no {kind} {wanted or ''} within 15 s") from None

    async def close(self):
        self.task.cancel()
        await self.socket.close()


async def within(what, awaitable, seconds=20):
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        raise Failed(f"{what}: not within {seconds} s") from None


class Watcher:
    """The AMI client: panoramisk, which keeps what it sees."""

    def __init__(self, timeline, daemon):
        from panoramisk import Manager
        self.timeline = timeline
        self.seen = []
        self.changed = asyncio.Event()
        self.manager = Manager(host=daemon.address, port=daemon.ami_port, username="admin", secret="adminpw", ping_delay=0)
        self.manager.register_event("*", self.on_event)

    def on_event(self, _, message):
        self.seen.append(message)
        self.changed.set()
        shown = {"Newchannel": lambda m: f"{m.channel} appears, {m.channelstatedesc}",
                 "Newexten": lambda m: f"{m.channel} runs {m.application}({m.appdata})",
                 "DialBegin": lambda m: f"{m.destchannel} is called",
                 "DialEnd": lambda m: f"{m.destchannel}: {m.dialstatus}",
                 "BridgeEnter": lambda m: f"{m.channel} enters a bridge of {m.bridgenumchannels}",
                 "DTMFEnd": lambda m: f"{m.channel} sent digit {m.digit}" if m.direction == "Received" else None,
                 "Hangup": lambda m: f"{m.channel} is gone: {m['Cause-txt']}"}.get(message.event)
        if shown and (text := shown(message)):
            self.timeline.say("AMI", DIM + text + PLAIN)

    async def connect(self):
        await within("AMI login", self.manager.connect())

    async def until(self, event, seconds=20, since=0, **wanted):
        def find():
            for message in self.seen[since:]:
                if message.event == event and all(str(getattr(message, k)) .startswith(v) for k, v in wanted.items()):
                    return message
            return None

        async def wait():
            while not (found := find()):
                self.changed.clear()
                await self.changed.wait()
            return found
        return await within(f"AMI event {event} {wanted or ''}", wait(), seconds)


async def show(timeline, daemon, alice, bob):
    bank = Bank(timeline, daemon.address, daemon.tree)
    await bank.start()
    daemon.cli(f"dialplan set global BANK {bank.port}")
    ami = Watcher(timeline, daemon)
    await ami.connect()
    timeline.step("AMI", "panoramisk has logged in")
    desk = Desk(timeline, daemon)
    await desk.connect()
    timeline.step("ARI", "the application is connected")

    timeline.say("demo", f"{BOLD}1. Phone A asks for its balance{PLAIN}")
    alice.dial("100")
    call = await ami.until("Newchannel", channel="PJSIP/alice-")
    await ami.until("Newstate", channel=call.channel, channelstatedesc="Up")
    await asyncio.sleep(0.5)
    alice.digits("4711")
    await within("the balance", bank.done.wait(), 30)
    await ami.until("Newexten", channel=call.channel, context="after", exten="goodbye")
    timeline.step("AMI", "saw the script send the call to after,goodbye")
    await ami.until("Hangup", channel=call.channel)
    timeline.step("phone", "A was told, and hung up on")

    timeline.say("demo", f"{BOLD}2. A CRM connects A with B: click to call{PLAIN}")
    since = len(ami.seen)
    answers = await within("Originate", ami.manager.send_action({
        "Action": "Originate", "Channel": "PJSIP/alice", "Context": "phones", "Exten": "1002", "Priority": "1",
        "CallerID": "Click <1002>", "Timeout": "20000", "Async": "true"}))
    # panoramisk gathers the OriginateResponse with the answer.
    answers = answers if isinstance(answers, list) else [answers]
    if [m.response for m in answers if m.event == "OriginateResponse"] != ["Success"]:
        raise Failed(f"click to call: {answers}")
    timeline.step("phone", "A rang and answered, B is being called")
    await ami.until("BridgeEnter", since=since, channel="PJSIP/alice-")
    talking = await ami.until("BridgeEnter", since=since, channel="PJSIP/bob-")
    timeline.step("AMI", "A and B are talking")
    await asyncio.sleep(1.5)
    await within("Hangup", ami.manager.send_action({"Action": "Hangup", "Channel": talking.channel}))
    await ami.until("Hangup", since=since, channel="PJSIP/bob-")
    await ami.until("Hangup", since=since, channel="PJSIP/alice-")
    timeline.step("AMI", "hung it up: both are gone")

    timeline.say("demo", f"{BOLD}3. An application takes a call into its hands{PLAIN}")
    alice.dial("700")
    start = await desk.until("StasisStart", args=["from-dialplan"])
    first = start["channel"]["id"]
    timeline.step("ARI", f"{start['channel']['name']} came in")
    await desk.rest("POST", f"/channels/{first}/answer")
    playback = await desk.rest("POST", f"/channels/{first}/play?media=sound:hello-world")
    await desk.until("PlaybackFinished", playback__id=playback["id"])
    timeline.step("ARI", "answered it and played a greeting")
    alice.digits("5")
    digit = await desk.until("ChannelDtmfReceived")
    timeline.step("ARI", f"the caller typed {digit['digit']}: bring in B")
    bridge = await desk.rest("POST", "/bridges?type=mixing&name=demo")
    await desk.rest("POST", f"/bridges/{bridge['id']}/addChannel?channel={first}")
    await desk.rest("POST", "/channels?endpoint=PJSIP/bob&app=desk&appArgs=second&callerId=Desk")
    second = (await desk.until("StasisStart", args=["second"]))["channel"]["id"]
    await desk.rest("POST", f"/bridges/{bridge['id']}/addChannel?channel={second}")
    await desk.until("ChannelEnteredBridge", channel__id=second)
    timeline.step("ARI", "both phones are in one bridge")
    await asyncio.sleep(1.5)
    await desk.rest("DELETE", f"/bridges/{bridge['id']}")
    for channel in (first, second):
        await desk.rest("DELETE", f"/channels/{channel}")
    await desk.until("StasisEnd")
    timeline.step("ARI", f"let them go; it saw {len(desk.recorded)} events: " +
                  ", ".join(sorted(set(desk.recorded))))
    await desk.close()
    ami.manager.close()
    bank.server.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=str(ROOT / "build/release/asterism"))
    parser.add_argument("--keep", action="store_true", help="keep the daemon's tree and logs")
    options = parser.parse_args()
    os.environ["ASTERISM"] = os.path.abspath(options.binary)
    import harness
    timeline = Timeline()
    daemon = harness.Daemon({"extensions.conf": PLAN})
    phones = []
    status = 1
    try:
        began = time.monotonic()
        daemon.start()
        timeline.step("demo", f"the daemon is ready on {daemon.address} ({(time.monotonic() - began) * 1000:.0f} ms)")
        phones = [harness.Baresip(daemon, "alice", "alicepw", answer=True), harness.Baresip(daemon, "bob", "bobpw", answer=True)]
        for phone in phones:
            phone.registered()
        contacts = lambda: daemon.cli("pjsip show contacts")
        harness.eventually(lambda: "alice/sip:" in contacts() and "bob/sip:" in contacts(), "both registrations")
        timeline.step("phone", "A (alice) and B (bob) have registered: two baresips")
        asyncio.run(show(timeline, daemon, *phones))
        harness.eventually(lambda: not daemon.channels(), "no channel is left")
        timeline.step("demo", "no channel is left behind")
        status = 0
    except (Failed, AssertionError, harness.unittest.SkipTest) as failure:
        print(f"{RED}FAILED{PLAIN}: {failure}", file=sys.stderr)
        print("---- the daemon's last words ----\n" + "\n".join(daemon.log().splitlines()[-40:]), file=sys.stderr)
    finally:
        for phone in phones:
            phone.close()
        with contextlib.suppress(AssertionError):
            daemon.stop()
        if options.keep or status:
            print(f"kept: {daemon.tree}", file=sys.stderr)
        else:
            daemon.remove()
    if status == 0:
        print(f"{GREEN}{BOLD}All {timeline.steps} steps happened{PLAIN} in {time.monotonic() - timeline.began:.0f} s")
    return status


sys.exit(main())
