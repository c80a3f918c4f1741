#!/usr/bin/env python3
"""Everything that users can ask for, at once and at random, of one daemon: AMI actions, ARI operations, applications,
functions, console commands and AGI commands with arguments that are nearly right, and reloads of configuration that is not.
What is asked comes from the daemon's own lists. It must not end, be slow, break ARI's models, or keep a channel or a
descriptor when all is over.

  ASTERISM=build/asan/asterism tests/soak/soak.py [--seconds N] [--seed N] [PART ...]     (run by ./dev soak)
"""
import argparse
import collections
import contextlib
import os
import pathlib
import random
import re
import socket
import socketserver
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/interop"))

from harness import DEFAULTS, Daemon, Sipp  # noqa: E402

PLAN = """
[soak]
exten => wait,1,Answer()
 same => n,Wait(5)
exten => echo,1,Answer()
 same => n,Echo()
exten => play,1,Answer()
 same => n,Playback(demo-congrats&beep)
exten => input,1,Answer()
 same => n,BackGround(beep)
 same => n,WaitExten(3)
exten => music,1,Answer()
 same => n,MusicOnHold(,4)
exten => record,1,Answer()
 same => n,Record(soak%d:wav,1,3)
exten => dial,1,Dial(Local/wait@soak&Local/echo@soak,10,gHhtTkKxX)
exten => limit,1,Dial(Local/wait@soak/n,10,L(3000:1000)m)
exten => phone,1,Dial(PJSIP/sipp,3)
exten => stasis,1,Stasis(soak,a,b)
exten => agi,1,Answer()
 same => n,AGI(agi://@ADDRESS@:@AGI@/soak)
exten => async,1,Answer()
 same => n,AGI(agi:async)
exten => page,1,Page(Local/wait@soak&Local/echo@soak)
exten => room,1,Answer()
 same => n,BridgeWait(room,participant,S(4))
exten => mix,1,Answer()
 same => n,MixMonitor(soak.wav)
 same => n,Wait(2)
exten => spy,1,ChanSpy(,qE)
exten => loop,1,While(1)
 same => n,Wait(0.05)
 same => n,EndWhile()
exten => sub,1,Gosub(sub,1(a,b))
 same => n,Return(x)
exten => h,1,NoOp(over)
"""
EXTENSIONS = re.findall(r"^exten => (\w+),1", PLAN, re.M)
NUMBERS = ("0", "1", "2", "-1", "5", "100", "1000", "0.1", "99999999999999999999", "4294967296", "1e9", "1e308", "nan",
           "inf", "abc", "")
WORDS = (
    "beep", "demo-congrats", "sound:beep", "sound:nosuch", "recording:x", "number:12", "digits:12#", "characters:ab",
    "tone:ring;tonezone=de", "Local/wait@soak", "Local/dial@soak/n", "PJSIP/sipp", "PJSIP/nosuch", "Nope/x", "soak",
    "default", "yes", "no", "on", "off", "ulaw", "alaw", "slin", "wav", "gsm", "both", "in", "out", "spy", "whisper",
    "${CHANNEL}", "${EPOCH}", "$[1+1]", "${CALLERID(num)}", "a,b,c", "a&b", "a|b", "x=1", "__y=2", '"quoted"', "{",
    "${", "$[", "((", "%d%s%n", "\\", "é", "A" * 300, "mixing", "holding", "1234#", "ww12", "busy", "16", "mode=1",
    "CALLERID(num)", "CHANNEL(name)", "DB(a/b)", "JITTERBUFFER(adaptive)", "VOLUME(TX)", "TIMEOUT(absolute)", "room",
    '{"a":1}', "[]", "INUSE", "Custom:lamp", "sip:x@127.0.0.1:9", "res_pjsip", "127.0.0.1/33", "[::1]:5060", "!all,opus",
    "ulaw:0", "rfc4733", "<sip:x>", "../../etc/passwd", "/nosuch/dir")
HEADERS = (
    "Channel Channel1 Channel2 ExtraChannel Exten Context Priority Application Data Variable Value Family Key Val CommandID "
    "Digit Duration Direction State Mailbox Timeout BridgeUniqueid File Format Options Endpoint Device Filter EventMask "
    "Message To From Body Tone Module LoadType Uri Aor Async Account CallerID Codecs UserEvent Cause ChannelId "
    "OtherChannelId EarlyMedia Mixmonitorid Extension ActionID Events AllVariables Variables").split()
# What would end the run, wait for ever, or reach outside the daemon's own folders.
NOT_ACTIONS = {"Logoff", "Login", "WaitEvent", "UpdateConfig", "CreateConfig", "Command"}
NOT_APPLICATIONS = {"System", "TrySystem", "ExternalIVR"}
NOT_FUNCTIONS = {"SHELL", "FILE", "STAT", "CURL"}
NOT_COMMANDS = re.compile(r"core (stop|restart|abort)|!|logger rotate|exit|quit")
KEPT = 16  # sockets: ports that wait for the next call
FILES = ("manager ari http rtp logger cdr cel musiconhold features indications acl say amd followme extconfig pjsip "
         "websocket_client func_odbc").split()


class Script(socketserver.StreamRequestHandler):
    """A FastAGI script that says anything, and sometimes leaves in the middle."""

    def handle(self):
        dice, soak = random.Random(), self.server.soak
        try:
            while self.rfile.readline().strip():
                pass
            for _ in range(dice.randint(0, 12)):
                command = " ".join([dice.choice(soak.agi_commands), *(soak.word(dice) for _ in range(dice.randint(0, 5)))])
                self.wfile.write(command.encode() + b"\n")
                if dice.random() < 0.05:
                    return
                if self.rfile.readline().startswith(b"520-"):
                    while self.rfile.readline()[:4] not in (b"520 ", b""):
                        pass
        except OSError:
            pass


class Soak:
    def __init__(self, seconds, seed):
        self.seconds, self.dice = seconds, random.Random(seed)
        self.daemon = Daemon()
        self.scripts = socketserver.ThreadingTCPServer((self.daemon.address, 0), Script)
        self.scripts.daemon_threads, self.scripts.soak = True, self
        self.plan = DEFAULTS["extensions.conf"] + PLAN.replace("@AGI@", str(self.scripts.server_address[1]))
        self.log = open(pathlib.Path(tempfile.gettempdir()) / f"asterism-soak-{seed}.log", "w")
        self.done, self.problems, self.counts = threading.Event(), [], {}
        self.channels, self.ids, self.bridges = [], [], []

    # ---- words ----

    def word(self, dice=None):
        dice = dice or self.dice
        kind = dice.random()
        for share, words in ((0.2, NUMBERS), (0.35, self.channels), (0.45, self.ids), (0.5, self.bridges), (0.6, EXTENSIONS)):
            if kind < share and words:
                return dice.choice(words)
        return dice.choice(WORDS)

    def words(self, most):
        return [self.word() for _ in range(self.dice.randint(0, most))]

    def note(self, kind, *what):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        print(f"{time.time():.3f}", kind, *what, file=self.log, flush=True)

    # ---- parts: each is called again and again by a thread of its own ----

    def calls(self):
        with self.daemon.ami(events=False) as ami:
            while not self.done.wait(0.15):
                channel = f"Local/{self.dice.choice(EXTENSIONS)}@soak" + self.dice.choice(("", "/n"))
                ami.action("Originate", Channel=channel, Context="soak", Exten=self.dice.choice(EXTENSIONS), Priority="1",
                           Async="true", Timeout="3000")

    def look(self):
        found = self.daemon.ari_unchecked("GET", "/channels")[1]
        self.channels, self.ids = [c["name"] for c in found], [c["id"] for c in found]
        self.bridges = [b["id"] for b in self.daemon.ari_unchecked("GET", "/bridges")[1]]
        for uniqueid in self.ids[60:]:
            self.daemon.ari_unchecked("DELETE", "/channels/" + urllib.parse.quote(uniqueid, safe=""))
        self.done.wait(0.2)

    def witness(self):
        events = self.daemon.ari_events("soak", "&subscribeAll=true")
        try:
            while not self.done.is_set():
                try:
                    events.text(1)
                except (TimeoutError, socket.timeout):
                    pass
                except AssertionError as error:
                    self.problems.append(f"against the models: {error}")
        finally:
            events.socket.close()

    def ami(self):
        with self.daemon.ami(events=self.dice.random() < 0.3) as ami:
            actions = [a for a in ami.action("ListCommands") if a not in NOT_ACTIONS | {"Response", "ActionID"}]
            while not self.done.is_set():
                name = self.dice.choice(actions)
                headers = {h: self.word() for h in self.dice.sample(HEADERS, self.dice.randint(0, 12)) if h != "ActionID"}
                if name == "Originate":
                    headers["Timeout"] = "1500"  # it answers only then
                if headers.get("Application") not in NOT_APPLICATIONS:
                    self.say(ami, name, **headers)

    def say(self, ami, name, **headers):
        self.note("ami", name, headers)
        ami.send(name, **headers)
        while "Response" not in ami.message(20):
            pass

    def ari(self):
        listing = self.daemon.ari_unchecked("GET", "/api-docs/resources.json")[1]
        operations = [(operation["httpMethod"], api["path"], operation.get("parameters", []))
                      for entry in listing["apis"]
                      for api in self.daemon.ari_unchecked("GET", entry["path"].replace("{format}", "json"))[1]["apis"]
                      for operation in api["operations"] if api["path"] != "/events"]
        while not self.done.is_set():
            method, path, parameters = self.dice.choice(operations)
            query = {}
            for p in parameters:
                value, allowed = self.word(), p.get("allowableValues", {}).get("values")
                if allowed and self.dice.random() < 0.8:
                    value = self.dice.choice(allowed)
                if p["name"] == "channelId" and self.ids and self.dice.random() < 0.8:
                    value = self.dice.choice(self.ids)
                if p["name"] in ("app", "applicationName") and self.dice.random() < 0.8:
                    value = "soak"
                if p["paramType"] == "path":
                    path = path.replace("{" + p["name"] + "}", urllib.parse.quote(value or "x", safe=""))
                elif p["paramType"] == "query" and self.dice.random() < (0.9 if p.get("required") else 0.4):
                    query[p["name"]] = value
            url = path + ("?" + urllib.parse.urlencode(query) if query else "")
            body = self.dice.choice(({}, [], "x", {"variables": {"a": "1"}}, {"variables": 3}, None, None, None, None))
            self.note("ari", method, url, body)
            self.daemon.ari_unchecked(method, url, body=body)

    def applications(self):
        listed = re.findall(r"^\s+(\w+):", self.daemon.cli("core show applications"), re.M)
        with self.daemon.ami(events=False) as ami:
            while not self.done.wait(0.05):
                name, data = self.dice.choice(listed), self.dice.choice(",,,&|").join(self.words(5))
                if name not in NOT_APPLICATIONS:
                    self.note("application", name, data)
                    ami.action("Originate", Channel=f"Local/{self.dice.choice(EXTENSIONS)}@soak", Application=name,
                               Data=data, Async="true", Timeout="3000")

    def functions(self):
        listed = re.findall(r"^([A-Z_0-9]+)\s", self.daemon.cli("core show functions"), re.M)
        with self.daemon.ami(events=False) as ami:
            while not self.done.is_set():
                name = self.dice.choice(listed)
                of = {"Channel": self.dice.choice(self.channels)} if self.channels and self.dice.random() < 0.7 else {}
                if name in NOT_FUNCTIONS:
                    continue
                call = f"{name}({','.join(self.words(4))})"
                if self.dice.random() < 0.6:
                    self.say(ami, "Getvar", Variable=call, **of)
                else:
                    self.say(ami, "Setvar", Variable=call, Value=self.word(), **of)

    def console(self):
        listed = [line.split("  ")[0] for line in self.daemon.cli("help").splitlines() if not NOT_COMMANDS.match(line)]
        with self.daemon.ami(events=False) as ami:
            while not self.done.is_set():
                command = re.sub(r"[\[\]{}<>].*", "", self.dice.choice(listed))
                self.say(ami, "Command", Command=" ".join([command, *self.words(3)]))

    def reloads(self):
        """The sample configuration with values that are none of theirs, put behind the one that works."""
        for name in self.dice.sample(FILES, self.dice.randint(1, 3)):
            def line(text):
                found = re.match(r"[; ]*([a-z0-9_]+) *=>? *", text)
                if not found or self.dice.random() < 0.5:
                    return text
                if name in ("manager", "http", "pjsip") and re.match("enabled|bind|port|prefix|secret|type", found[1]):
                    return ";"  # nobody is to be locked out
                return f"{found[1]} = {self.word()}"
            sample = [line(text) for text in (ROOT / f"config/{name}.conf").read_text().splitlines()]
            text = DEFAULTS.get(f"{name}.conf", "") + "\n".join(sample) + "\n"
            self.note("reload", name, "\n" + text)
            self.daemon.write(f"{name}.conf", text)
        with self.daemon.ami(events=False) as ami:
            self.say(ami, "Command", Command="core reload")
        self.done.wait(0.3)

    # ---- the whole ----

    def begin(self, part):
        def run():
            while not self.done.is_set():
                try:
                    part()
                except (EOFError, OSError) as error:  # a session that a reload or an action has ended
                    self.note("lost", part.__name__, error)
                    if self.daemon.process.poll() is not None:
                        self.problems.append(f"the daemon ended with {self.daemon.process.returncode}")
                        self.done.set()
                    self.done.wait(0.1)
                except Exception:
                    self.problems.append(f"{part.__name__}: {traceback.format_exc()}")
                    self.done.set()
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def descriptors(self):
        folder, kinds = pathlib.Path(f"/proc/{self.daemon.process.pid}/fd"), collections.Counter()
        for entry in folder.iterdir():
            with contextlib.suppress(OSError):
                if not (target := os.readlink(entry)).startswith(f"{self.daemon.tree}/log/"):  # `logger add channel`
                    kinds[re.sub(r"\d+", "N", target)] += 1
        return kinds

    def run(self, parts):
        self.daemon.write("extensions.conf", self.plan)
        self.begin(self.scripts.serve_forever)
        self.daemon.start()
        before = self.descriptors()
        self.agi_commands = [re.sub(r"^\s*(Yes|No)\s+", "", line).split("  ")[0].strip()
                             for line in self.daemon.cli("agi show commands").splitlines()[1:] if line.strip()]
        callee = Sipp(self.daemon, "uas.xml", port=self.daemon.sipp_port, target=self.daemon.address, calls=10**6)
        threads = [self.begin(part) for part in (self.look, self.witness, self.calls, *parts)]
        self.done.wait(self.seconds)
        self.done.set()
        for thread in threads:
            thread.join(25)
        self.scripts.shutdown()
        callee.kill()
        if self.daemon.process.poll() is None:
            self.end(before)
        slow = [int(ms) for ms in re.findall(r"control loop was busy for (\d+) ms", self.daemon.log())]
        print("asked:", ", ".join(f"{kind} {count}" for kind, count in sorted(self.counts.items())))
        print(f"turns over the limit: {len(slow)}, the longest {max(slow, default=0)} ms")
        for problem in self.problems:
            print("PROBLEM", problem)
        if self.problems:
            print(f"asked in {self.log.name}, the daemon's words in {self.daemon.tree}")
            return 1
        self.daemon.remove()
        return 0

    def end(self, before):
        """All hang up; nothing may be left."""
        try:
            for _ in range(20):
                self.daemon.cli("channel request hangup all")
                if not self.daemon.channels():
                    break
            self.daemon.wait_idle()
            deadline = time.monotonic() + 10
            while (left := self.descriptors() - before).total() > KEPT and time.monotonic() < deadline:
                time.sleep(0.2)
            if left.total() > KEPT:
                self.problems.append(f"descriptors left: {dict(left)}")
            if status := self.daemon.stop():
                self.problems.append(f"the daemon ended with {status}:\n{self.daemon.output()[-5000:]}")
        except AssertionError as error:
            self.problems.append(str(error))


def main():
    parts = ("ami", "ari", "applications", "functions", "console", "reloads")
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("part", nargs="*", choices=[*parts, []], help="of: " + " ".join(parts))
    given = options.parse_args()
    print(f"soak: {given.seconds:g} s, --seed {given.seed}")
    soak = Soak(given.seconds, given.seed)
    return soak.run([getattr(soak, part) for part in given.part or parts])


if __name__ == "__main__":
    sys.exit(main())
