#!/usr/bin/env python3
"""Prints the daemon's tables: what docs/compatibility.md is made from."""
from harness import Daemon


def tables(daemon):
    """`core show tables`, and the models of /ari/api-docs, a line each."""
    models = set()
    for resource in daemon.ari("GET", "/api-docs/resources.json")[1]["apis"]:
        models.update(daemon.ari("GET", resource["path"].replace("{format}", "json"))[1].get("models", {}))
    return daemon.cli("core show tables") + "".join(f"model {name}\n" for name in sorted(models))


def main():
    daemon = Daemon()
    try:
        print(tables(daemon.start()), end="")
    finally:
        daemon.stop()
        daemon.remove()


if __name__ == "__main__":
    main()
