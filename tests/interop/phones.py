"""Phones that others wrote, run beside a daemon: sipp with the scenarios in sipp/, and the softphone baresip."""
import contextlib
import json
import math
import os
import pathlib
import socket
import subprocess
import tempfile
import wave

from support import HERE, eventually, free_port, need


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
