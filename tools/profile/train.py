#!/usr/bin/env python3
"""The work that a release is laid out for: plain calls, of one leg and of two, and what their watchers ask.

  ASTERISM=build/release/asterism.counting tools/profile/train.py     (run by ./dev profile)
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/interop"))

from harness import Daemon, Sipp  # noqa: E402

CALLS = 400


def main():
    daemon = Daemon()
    daemon.start()
    callee = Sipp(daemon, "uas.xml", port=daemon.sipp_port, target=daemon.address, calls=CALLS)
    try:
        with daemon.ami(events=False) as ami:
            for extension in ("100", "200"):
                Sipp(daemon, "register_call.xml", calls=CALLS, options=["-s", extension, "-r", "40"]).wait()
            for _ in range(CALLS):
                ami.action("Ping")
                daemon.ari("GET", "/asterisk/ping")
        daemon.wait_idle()
    finally:
        callee.kill()
        daemon.stop()
        daemon.remove()


if __name__ == "__main__":
    main()
