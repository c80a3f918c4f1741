#!/usr/bin/env python3
"""The work that a release is laid out for: plain calls, of one leg and of two, what their watchers ask, and scripts.

  ASTERISM=build/release/asterism.counting tools/profile/train.py     (run by ./dev profile)
"""
import pathlib
import socketserver
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/interop"))

from harness import DEFAULTS, Daemon, Sipp  # noqa: E402

CALLS = 400
SCRIPTS = 20
ROUNDS = 200
# What scripts mostly say.
COMMANDS = ("SET VARIABLE i {}", "GET VARIABLE i", "GET FULL VARIABLE ${{CALLERID(num)}}", "CHANNEL STATUS", "EXEC NoOp {}",
            "VERBOSE {} 3")


class Script(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        for number in range(ROUNDS):
            for command in COMMANDS:
                self.wfile.write(command.format(number).encode() + b"\n")
                self.rfile.readline()


def main():
    daemon = Daemon()
    scripts = socketserver.ThreadingTCPServer((daemon.address, 0), Script)
    scripts.daemon_threads = True
    threading.Thread(target=scripts.serve_forever, daemon=True).start()
    daemon.write("extensions.conf", DEFAULTS["extensions.conf"] + f"""
[phones]
exten => 700,1,Answer()
 same => n,AGI(agi://{daemon.address}:{scripts.server_address[1]})
 same => n,Echo()
""")
    daemon.start()
    callee = Sipp(daemon, "uas.xml", port=daemon.sipp_port, target=daemon.address, calls=CALLS)
    try:
        with daemon.ami(events=False) as ami:
            for extension in ("100", "200"):
                Sipp(daemon, "register_call.xml", calls=CALLS, options=["-s", extension, "-r", "40"]).wait()
            Sipp(daemon, "register_call.xml", calls=SCRIPTS, options=["-s", "700", "-r", "10"]).wait()
            for _ in range(CALLS):
                ami.action("Ping")
                daemon.ari("GET", "/asterisk/ping")
        daemon.wait_idle()
    finally:
        callee.kill()
        daemon.stop()
        daemon.remove()
        scripts.shutdown()


if __name__ == "__main__":
    main()
