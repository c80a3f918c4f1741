"""Starts the real daemon on an address of its own under 127/8, with a tree of its own, and helps tests to talk to it.

Only Python's standard library: what the tests are about are the other programs. Here are the daemon and the tests that
share one; a test gets the rest from here too, which lies in clients.py (Ami, Events), phones.py (Sipp, Baresip) and
support.py (eventually, need, free ports, paths).
"""
import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

from ari_schema import Schema
from clients import Ami, Events
from phones import Baresip, Sipp
from support import BINARY, HERE, MOH, NPM, ROOT, SOUNDS, eventually, free_port, loopback_address, need

__all__ = ["AriTest", "Daemon", "DaemonTest", "DEFAULTS", "Ami", "Events", "Baresip", "Sipp", "BINARY", "HERE", "MOH", "NPM",
           "ROOT", "SOUNDS", "eventually", "free_port", "loopback_address", "need"]

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
