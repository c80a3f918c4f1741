#!/usr/bin/env python3
"""Writes docs/compatibility.md: what Asterism has of what Asterisk has, from the daemon's own tables.

  compatibility.py TABLES          TABLES: what tests/interop/tables.py prints
  compatibility.py TABLES --check  only says whether the page is up to date (status 1 if not)
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/compatibility.md"
REASONS = ROOT / "docs/not-yet.txt"
REASONED = ("application", "function")  # kinds of which each name that is missing has a reason
KINDS = [("application", "Dialplan applications"), ("function", "Dialplan functions"), ("action", "AMI actions"),
         ("agi", "AGI commands"), ("ari", "ARI operations"), ("model", "ARI models"),
         ("cli", "Console commands")]


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


def read_reasons(text):
    """[(reason, {kind: [name]})] in the order of the file."""
    groups, seen = [], set()
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            groups.append((line.strip("[]"), {kind: [] for kind in REASONED}))
            continue
        kind, *names = line.split()
        if kind not in REASONED or not groups:
            raise SystemExit(f"{REASONS.name}:{number}: '{kind}' is no kind of name")
        for name in names:
            if (kind, name.lower()) in seen:
                raise SystemExit(f"{REASONS.name}:{number}: {name} stands here twice")
            seen.add((kind, name.lower()))
            groups[-1][1][kind].append(name)
    return groups


def unexplained(ours, theirs, groups):
    """What is wrong with the reasons, a line each."""
    wrong = []
    for kind in REASONED:
        given = {key(kind, name): name for _, names in groups for name in names[kind]}
        for k, name in theirs[kind].items():
            if k not in ours[kind] and k not in given:
                wrong.append(f"{kind} {name} is missing, and {REASONS.name} says no reason")
        for k, name in given.items():
            if k in ours[kind]:
                wrong.append(f"{REASONS.name} says why {kind} {name} is missing, but it is there")
            elif k not in theirs[kind]:
                wrong.append(f"{REASONS.name} names {kind} {name}, which Asterisk does not have")
    return wrong


def short_list(groups):
    """The applications and functions that are not there, by reason."""
    out = ["", "## Applications and functions that are not there, and why", "",
           "| why | applications | functions |", "|---|---|---|"]
    for reason, names in groups:
        cells = [", ".join(f"`{name}`" for name in sorted(names[kind], key=str.lower)) for kind in REASONED]
        if any(cells):
            out.append(f"| {reason} | {cells[0]} | {cells[1]} |")
    return out


def page(ours, theirs, groups):
    out = ["# Compatibility", "",
           "What Asterism has of what Asterisk 22 has. Made from the daemon's tables by `./dev docs`; a test fails when this",
           "page is not what the tables say.", "", "| | Asterisk | Asterism | of them | own |", "|---|---|---|---|---|"]
    for kind, title in KINDS:
        common = len(ours[kind].keys() & theirs[kind].keys())
        out.append(f"| {title} | {len(theirs[kind])} | {len(ours[kind])} | {common} | {len(ours[kind]) - common} |")
    out += short_list(groups)
    for kind, title in KINDS:
        have = sorted((ours[kind][k] for k in ours[kind]), key=str.lower)
        lack = sorted((theirs[kind][k] for k in theirs[kind] if k not in ours[kind]), key=str.lower)
        out += ["", f"## {title}", "", "There: " + (", ".join(f"`{n}`" for n in have) or "none") + "."]
        if kind not in REASONED:
            out += ["", "Not yet: " + (", ".join(f"`{n}`" for n in lack) or "none") + "."]
    return "\n".join(out) + "\n"


def main():
    ours = read(pathlib.Path(sys.argv[1]).read_text().splitlines())
    theirs = read((ROOT / "docs/asterisk-interfaces.txt").read_text().splitlines())
    groups = read_reasons(REASONS.read_text())
    wrong = unexplained(ours, theirs, groups)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    text = page(ours, theirs, groups)
    if "--check" in sys.argv:
        return 0 if PAGE.exists() and PAGE.read_text() == text else 1
    PAGE.write_text(text)
    return 0


sys.exit(main())
