#!/usr/bin/env python3
"""Prints the daemon's tables: what docs/compatibility.md is made from."""
from harness import Daemon

daemon = Daemon()
try:
    print(daemon.start().cli("core show tables"), end="")
finally:
    daemon.stop()
    daemon.remove()
