"""Where things are, which ports are free, and how to wait: what the clients, the phones and the daemon's harness share."""
import os
import pathlib
import random
import shutil
import socket
import time
import unittest

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
