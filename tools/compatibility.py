#!/usr/bin/env python3
"""Writes docs/compatibility.md: what Asterism has of what Asterisk has, from the daemon's own tables.

  compatibility.py TABLES          TABLES: output of the console command `core show tables`
  compatibility.py TABLES --check  only says whether the page is up to date (status 1 if not)
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/compatibility.md"
KINDS = [("application", "Dialplan applications"), ("function", "Dialplan functions"), ("action", "AMI actions"),
         ("agi", "AGI commands"), ("ari", "ARI operations"), ("cli", "Console commands")]


def key(kind, name):
    name = name.lower()
    if kind == "ari":
        return re.sub(r"\{\w+\}", "{}", name)
    return re.sub(r"\s*[\[{].*", "", name) if kind == "cli" else name


def read(lines):
    found = {kind: {} for kind, _ in KINDS}
    for line in lines:
        kind, _, name = line.strip().partition(" ")
        if kind in found:
            found[kind].setdefault(key(kind, name), name)
    return found


def page(ours, theirs):
    out = ["# Compatibility", "",
           "What Asterism has of what Asterisk 22 has. Made from the daemon's tables by `./dev docs`; a test fails when this",
           "page is not what the tables say.", "", "| | Asterisk | Asterism | of them | own |", "|---|---|---|---|---|"]
    for kind, title in KINDS:
        common = len(ours[kind].keys() & theirs[kind].keys())
        out.append(f"| {title} | {len(theirs[kind])} | {len(ours[kind])} | {common} | {len(ours[kind]) - common} |")
    for kind, title in KINDS:
        have = sorted((ours[kind][k] for k in ours[kind]), key=str.lower)
        lack = sorted((theirs[kind][k] for k in theirs[kind] if k not in ours[kind]), key=str.lower)
        out += ["", f"## {title}", "", "There: " + (", ".join(f"`{n}`" for n in have) or "none") + ".", "",
                "Not yet: " + (", ".join(f"`{n}`" for n in lack) or "none") + "."]
    return "\n".join(out) + "\n"


def main():
    ours = read(pathlib.Path(sys.argv[1]).read_text().splitlines())
    theirs = read((ROOT / "docs/asterisk-interfaces.txt").read_text().splitlines())
    text = page(ours, theirs)
    if "--check" in sys.argv:
        return 0 if PAGE.exists() and PAGE.read_text() == text else 1
    PAGE.write_text(text)
    return 0


sys.exit(main())
