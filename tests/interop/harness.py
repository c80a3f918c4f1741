"""Starts the real daemon on an address of its own under 127/8, with a tree of its own, and helps tests to talk to it.

Only Python's standard library: what the tests are about are the other programs.
"""
import base64
import contextlib
import json
import math
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
import wave

from ari_schema import Schema
from websocket_client import WebSocket

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BINARY = pathlib.Path(os.environ.get("ASTERISM", ROOT / "build/release/asterism"))
NPM = ROOT / "build/npm"
SOUNDS = pathlib.Path("/usr/share/asterisk/sounds/en_US_f_Allison")
MOH = pathlib.Path("/usr/share/asterisk/moh")


def need(program):
    """Skips the test if a program is not installed."""
    found = shutil.which(program)
    if not found:
        raise unittest.SkipTest(f"{program} is not installed")
    return found


def eventually(condition, what, timeout=10.0, step=0.02):
    """Waits until condition() gives something true, and gives it back."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {timeout} s")
        time.sleep(step)


def free_port(address, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def loopback_address():
    """An address that nobody else is likely to use now."""
    return f"127.{random.randint(90, 250)}.{random.randint(1, 250)}.{random.randint(2, 250)}"


DEFAULTS = {
    "logger.conf": """
[general]
dateformat = %F %T.%3q
[logfiles]
full.log => [plain]notice,warning,error,verbose,dtmf
""",
    "modules.conf": "[modules]\nautoload = yes\n",
    "rtp.conf": "[general]\nrtpstart = 20000\nrtpend = 29998\n",
    "musiconhold.conf": "[default]\nmode = files\ndirectory = moh\n",
    "http.conf": "[general]\nenabled = yes\nbindaddr = @ADDRESS@\nbindport = @HTTP@\n",
    "ari.conf": """
[general]
enabled = yes
[ari]
type = user
password = aripw
[reader]
type = user
password = readerpw
read_only = yes
""",
    "manager.conf": """
[general]
enabled = yes
port = @AMI@
bindaddr = @ADDRESS@
[admin]
secret = adminpw
read = all
write = all
""",
    "pjsip.conf": """
[udp]
type = transport
protocol = udp
bind = @ADDRESS@:@SIP@
[tcp]
type = transport
protocol = tcp
bind = @ADDRESS@:@SIP@

[phone](!)
type = endpoint
context = phones
disallow = all
allow = ulaw,alaw
[phone-auth](!)
type = auth
auth_type = userpass
[phone-aor](!)
type = aor
max_contacts = 3
remove_existing = yes

[alice](phone)
auth = alice
aors = alice
callerid = Alice <1001>
[alice](phone-auth)
username = alice
password = alicepw
[alice](phone-aor)

[bob](phone)
auth = bob
aors = bob
callerid = Bob <1002>
[bob](phone-auth)
username = bob
password = bobpw
[bob](phone-aor)

[sipp](phone)
aors = sipp
[sipp]
type = aor
contact = sip:sipp@@ADDRESS@:@SIPP_UAS@
[sipp]
type = identify
endpoint = sipp
match_header = X-Sipp: yes
""",
    "extensions.conf": """
[general]
autofallthrough = yes
[globals]
[phones]
exten => 100,1,Answer()
 same => n,Echo()
 same => n,Hangup()
exten => 101,1,Answer()
 same => n,Playback(beep)
 same => n,Hangup()
exten => 1001,1,Dial(PJSIP/alice,20)
 same => n,Hangup()
exten => 1002,1,Dial(PJSIP/bob,20)
 same => n,Hangup()
exten => 200,1,Dial(PJSIP/sipp,20)
 same => n,Hangup()
exten => 300,1,Read(PIN,,4,,1,5)
 same => n,UserEvent(Digits,Pin: ${PIN})
 same => n,Hangup()
exten => 400,1,Stasis(app,one,two)
 same => n,Hangup()
[default]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => s,1,Answer()
 same => n,Wait(60)
""",
}


class Daemon:
    """One daemon. `config` adds or replaces files; @ADDRESS@, @SIP@, @AMI@, @HTTP@, @ETC@... are filled in."""

    def __init__(self, config=None, options="", env=None):
        self.address = loopback_address()
        self.tree = pathlib.Path(tempfile.mkdtemp(prefix="asterism-"))
        self.ami_port = free_port(self.address)
        self.http_port = free_port(self.address)
        self.sip_port = free_port(self.address, socket.SOCK_DGRAM)
        self.sipp_port = free_port(self.address, socket.SOCK_DGRAM)
        self.process = None
        self.env = env or {}
        self.models = None
        self.etc = self.tree / "etc"
        for folder in ("etc", "run", "log", "spool", "lib", "data/sounds", "agi-bin"):
            (self.tree / folder).mkdir(parents=True)
        if SOUNDS.exists():
            (self.tree / "data/sounds/en").symlink_to(SOUNDS)
        if MOH.exists():
            (self.tree / "data/moh").symlink_to(MOH)
        self.conf = self.etc / "asterisk.conf"
        self.write("asterisk.conf", f"""
[directories]
astetcdir => {self.etc}
astrundir => {self.tree}/run
astlogdir => {self.tree}/log
astspooldir => {self.tree}/spool
astvarlibdir => {self.tree}/lib
astdbdir => {self.tree}/lib
astkeydir => {self.tree}/lib
astdatadir => {self.tree}/data
astagidir => {self.tree}/agi-bin
[options]
verbose = 3
{options}
""")
        for name, text in {**DEFAULTS, **(config or {})}.items():
            self.write(name, text)

    def write(self, name, text):
        for key, value in {"@ADDRESS@": self.address, "@SIP@": self.sip_port, "@AMI@": self.ami_port,
                           "@HTTP@": self.http_port, "@SIPP_UAS@": self.sipp_port, "@ETC@": self.etc,
                           "@TREE@": self.tree}.items():
            text = text.replace(key, str(value))
        (self.etc / name).write_text(text)

    # ---- life ----

    def start(self, wait=True):
        if not BINARY.exists():
            raise unittest.SkipTest(f"{BINARY} is not built")
        self.out = open(self.tree / "out.log", "wb")
        self.process = subprocess.Popen([BINARY, "-f", "-g", "-n", "-C", self.conf], stdout=self.out, stderr=self.out,
                                        stdin=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, **self.env})
        if wait:
            self.wait_booted()
        return self

    def wait_booted(self, timeout=20):
        def booted():
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended with {self.process.returncode}:\n{self.output()}")
            done = self.remote("core waitfullybooted")
            return done.returncode == 0 and "fully booted" in done.stdout
        eventually(booted, "boot", timeout)

    def stop(self):
        """Ends it as an administrator would; returns its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                self.out.close()
                raise AssertionError(f"the daemon did not stop within 10 s:\n{self.log()}") from None
        self.out.close()
        return self.process.returncode

    def remove(self):
        shutil.rmtree(self.tree, ignore_errors=True)

    def output(self):
        return (self.tree / "out.log").read_text(errors="replace")

    def log(self):
        path = self.tree / "log/full.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # ---- talking to it ----

    def remote(self, command):
        return subprocess.run([BINARY, "-C", self.conf, "-rx", command], capture_output=True, text=True, timeout=30)

    def remote_process(self, command):
        """A console command that may take its time."""
        return subprocess.Popen([BINARY, "-C", self.conf, "-rx", command], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def cli(self, command):
        done = self.remote(command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def ami(self, login=True, events=True):
        return Ami(self, login, events)

    def schema(self):
        """What ARI says of itself."""
        if self.models is None:
            self.models = Schema(lambda path: self.ari_unchecked("GET", path)[1])
        return self.models

    def ari(self, method, path, user="ari:aripw", body=None):
        """Returns (status, decoded JSON or None). What is answered is checked against the models."""
        status, answer = self.ari_unchecked(method, path, user, body)
        if not path.startswith(("/api-docs/", "/openapi", "/events?")):
            self.schema().check_answer(method, path, status, answer)
        return status, answer

    def ari_unchecked(self, method, path, user="ari:aripw", body=None):
        request = urllib.request.Request(f"http://{self.address}:{self.http_port}/ari{path}", method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, data, timeout=10) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else None

    def ari_events(self, app, more="", user="ari:aripw"):
        """A WebSocket of an application."""
        return Events(self, f"app={app}{more}", user)

    def channels(self):
        return [line for line in self.cli("core show channels concise").splitlines() if line]

    def wait_idle(self, timeout=10):
        eventually(lambda: not self.channels(), "all channels gone", timeout)


class Ami:
    """A plain AMI client; `events` are all messages so far that answer no request of ours."""

    def __init__(self, daemon, login=True, events=True):
        self.socket = socket.create_connection((daemon.address, daemon.ami_port), 10)
        self.buffer = b""
        self.greeting = self.line()
        self.events = []
        self.count = 0
        if login:
            answer = self.action("Login", Username="admin", Secret="adminpw", Events="on" if events else "off")
            assert answer["Response"] == "Success", answer

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def line(self):
        while b"\r\n" not in self.buffer:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("AMI closed")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode(errors="replace")

    def message(self, timeout=10):
        self.socket.settimeout(timeout)
        headers = {}
        while True:
            line = self.line()
            if not line:
                if headers:
                    return headers
                continue
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            headers[name] = headers[name] + "\n" + value if name in headers else value

    def send(self, name, **headers):
        self.count += 1
        action_id = f"t{self.count}"
        lines = [f"Action: {name}", f"ActionID: {action_id}"]
        for key, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"{key}: {one}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return action_id

    def action(self, name, **headers):
        action_id = self.send(name, **headers)
        while True:
            message = self.message()
            if "Response" in message and message.get("ActionID") == action_id:
                return message
            self.events.append(message)

    def wait_event(self, name, timeout=10, **wanted):
        """The next event of this name whose headers are as wanted; looks at those that have come already first."""
        end = time.monotonic() + timeout

        def fits(event):
            return event.get("Event") == name and all(event.get(k) == v for k, v in wanted.items())
        for index, event in enumerate(self.events):
            if fits(event):
                del self.events[index]
                return event
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no event {name} {wanted} within {timeout} s")
            try:
                message = self.message(left)
            except (TimeoutError, socket.timeout):
                raise AssertionError(f"no event {name} {wanted} within {timeout} s; seen: "
                                     f"{[e.get('Event') for e in self.events][-40:]}") from None
            if fits(message):
                return message
            self.events.append(message)


class Events(WebSocket):
    """A client on /ari/events; `events` are all that have come and that nobody asked for yet. Each is checked against the
    models."""

    def __init__(self, daemon, query, user="ari:aripw", receive_buffer=None, target=None):
        self.daemon = daemon
        self.events = []
        super().__init__(daemon.address, daemon.http_port, target or f"/ari/events?{query}&api_key={user}",
                         receive_buffer=receive_buffer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def text(self, timeout=10.0):
        """The next event as it came; None when there was none."""
        text = self.receive(timeout)
        if text is not None:
            self.daemon.schema().check_event(json.loads(text))
        return text

    def next(self, timeout=10.0):
        """The next event as JSON."""
        text = self.text(timeout)
        if text is None:
            raise TimeoutError(f"nothing came within {timeout} s")
        return json.loads(text)

    def wait(self, kind, timeout=10, **wanted):
        """The next event of this type whose members are as wanted."""
        end = time.monotonic() + timeout

        def fits(event):
            return event["type"] == kind and all(event.get(key) == value for key, value in wanted.items())
        for index, event in enumerate(self.events):
            if fits(event):
                del self.events[index]
                return event
        while True:
            try:
                event = self.next(max(0.01, end - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"no {kind} {wanted} within {timeout} s; seen: "
                                     f"{[e['type'] for e in self.events][-40:]}") from None
            if fits(event):
                return event
            self.events.append(event)

    def say(self, message):
        self.send(json.dumps(message))


class DaemonTest(unittest.TestCase):
    """Tests that share one daemon. `config`, `options` and `env` are class attributes."""
    config = None
    options = ""
    env = None

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(cls.config, cls.options, cls.env).start()

    @classmethod
    def tearDownClass(cls):
        try:
            status = cls.daemon.stop()
            assert status == 0, f"the daemon ended with {status}:\n{cls.daemon.output()}\n{cls.daemon.log()[-4000:]}"
        finally:
            cls.daemon.remove()


class AriTest(DaemonTest):
    """Beside whatever the tests do somebody listens to everything, and checks it against the models."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.schema()
        cls.witness = cls.daemon.ari_events("witness", "&subscribeAll=true")
        cls.witness_found = []
        cls.witness_thread = threading.Thread(target=cls.listen, daemon=True)
        cls.witness_thread.start()

    @classmethod
    def listen(cls):
        while True:
            try:
                cls.witness.text(60)
            except AssertionError as error:
                cls.witness_found.append(error)
            except (EOFError, OSError):
                return

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.witness_thread.join(5)
        cls.witness.socket.close()
        if cls.witness_found:
            raise cls.witness_found[0]


class Sipp:
    """sipp running one of the scenarios in sipp/, in the background."""

    def __init__(self, daemon, scenario, *, port=None, calls=1, target=None, options=()):
        self.daemon = daemon
        self.scenario = scenario
        port = port or free_port(daemon.address, socket.SOCK_DGRAM)
        self.port = port
        command = [need("sipp"), target or f"{daemon.address}:{daemon.sip_port}", "-sf", HERE / "sipp" / scenario,
                   "-i", daemon.address, "-p", str(port), "-mi", daemon.address, "-m", str(calls), "-nostdin",
                   "-timeout", "30s", "-timeout_error", "-trace_err", "-error_file",
                   str(daemon.tree / f"sipp-{port}.err"), *options]
        self.out = open(daemon.tree / f"sipp-{port}.log", "wb")
        self.process = subprocess.Popen([str(c) for c in command], stdout=self.out, stderr=self.out,
                                        stdin=subprocess.DEVNULL, cwd=daemon.tree, env={**os.environ, "TERM": "dumb"})

    def wait(self, timeout=40):
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.out.close()
        if status != 0:
            errors = self.daemon.tree / f"sipp-{self.port}.err"
            raise AssertionError(f"sipp {self.scenario} ended with {status}:\n"
                                 f"{errors.read_text(errors='replace')[-3000:] if errors.exists() else ''}\n"
                                 f"{self.daemon.log()[-3000:]}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()


class Baresip:
    """A baresip softphone that registers with the daemon; answers by itself if asked to. Driven over its ctrl_tcp."""

    def __init__(self, daemon, user, password, *, answer=False, extra=""):
        need("baresip")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"baresip-{user}-", dir=daemon.tree))
        self.control_port = free_port(daemon.address)
        self.sip_port = free_port(daemon.address, socket.SOCK_DGRAM)
        modules = "/usr/lib/baresip/modules"
        with wave.open(str(self.folder / "voice.wav"), "wb") as voice:  # a minute of a tone: what it says
            voice.setparams((1, 2, 8000, 0, "NONE", ""))
            period = b"".join(int(6000 * math.sin(2 * math.pi * n / 20)).to_bytes(2, "little", signed=True) for n in range(20))
            voice.writeframes(period * 24000)
        (self.folder / "config").write_text(f"""
poll_method epoll
sip_listen {daemon.address}:{self.sip_port}
audio_source aufile,{self.folder}/voice.wav
audio_player aubridge,nobody
audio_alert aubridge,nobody
ausrc_srate 8000
auplay_srate 8000
rtp_ports 31000-39000
net_interface 127.0.0.1
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {daemon.address}:{self.control_port}
{extra}
""")
        (self.folder / "accounts").write_text(
            f"<sip:{user}@{daemon.address}:{daemon.sip_port};transport=udp>;auth_user={user};auth_pass={password}"
            f";answermode={'auto' if answer else 'manual'};regint=120;audio_codecs=PCMU/8000/1\n")
        (self.folder / "contacts").write_text("")
        self.daemon = daemon
        self.out = open(self.folder / "out.log", "wb")
        self.process = subprocess.Popen(["baresip", "-f", str(self.folder)], stdin=subprocess.PIPE, stdout=self.out,
                                        stderr=self.out, env={**os.environ, "TERM": "dumb"})
        self.control = None
        self.buffer = b""
        self.seen = []

    def connect(self):
        def attempt():
            if self.process.poll() is not None:
                raise AssertionError(f"baresip ended:\n{self.log()}")
            with contextlib.suppress(OSError):
                self.control = socket.create_connection((self.daemon.address, self.control_port), 1)
            return self.control
        eventually(attempt, "baresip's control port")
        return self

    def registered(self):
        self.connect()
        eventually(lambda: "200 OK" in self.log() or "registered" in self.log().lower(), f"registration:\n{self.log()}")
        return self

    def command(self, command, params=""):
        text = json.dumps({"command": command, "params": params, "token": "t"}).encode()
        self.control.sendall(str(len(text)).encode() + b":" + text + b",")

    def dial(self, number):
        self.command("dial", f"sip:{number}@{self.daemon.address}:{self.daemon.sip_port}")

    def digits(self, digits):
        self.command("sndcode", digits)

    def hang_up(self):
        self.command("hangup")

    def log(self):
        return (self.folder / "out.log").read_text(errors="replace")

    def close(self):
        if self.control:
            self.control.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.out.close()
