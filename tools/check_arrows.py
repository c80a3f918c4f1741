#!/usr/bin/env python3
"""Checks that no #include points against the arrows.

The arrows are the asterism_library() lines of CMakeLists.txt: a folder may include its own files and the seams
(include/asterism/), but of the other folders only those that its library links, directly or through others, and of
those nothing at all if the header is private: what another part may include lies in include/asterism/.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def libraries():
    """name -> (folder, names it links), in the order of CMakeLists.txt."""
    found = {}
    for match in re.finditer(r"^asterism_library\(([^)]*)\)", (ROOT / "CMakeLists.txt").read_text(), re.M):
        name, folder, *uses = match.group(1).split()
        found[name] = (folder, uses)
    return found


def reachable(libs, name, seen=None):
    seen = set() if seen is None else seen
    for use in libs[name][1]:
        if use not in seen:
            seen.add(use)
            reachable(libs, use, seen)
    return seen


def owner(libs, path):
    """The library whose folder holds `path` (the deepest one), or None."""
    best = None
    for name, (folder, _) in libs.items():
        if path.startswith(folder + "/") and (best is None or len(folder) > len(libs[best][0])):
            best = name
    return best


def problems(libs):
    for folder in ("core", "media", "interfaces", "src", "include"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix not in (".hpp", ".cpp"):
                continue
            path = file.relative_to(ROOT).as_posix()
            mine = owner(libs, path)
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = match.group(1)
                beside = (file.parent / target).resolve()
                if beside.is_file() and beside.is_relative_to(ROOT):
                    target = beside.relative_to(ROOT).as_posix()
                elif (ROOT / "include" / target).is_file():
                    target = "include/" + target
                where = f"{path}:{number}"
                if folder == "include" and not target.startswith("include/"):
                    yield f"{where}: a seam may include seams only, not {target}"
                    continue
                if target.startswith("include/"):
                    part = target.split("/")[2] if target.count("/") > 2 else None
                    if mine and part in ("ami", "agi", "ari", "http") and folder in ("core", "media"):
                        yield f"{where}: {folder}/ never includes an interface ({target})"
                    if mine == "media" and part in ("sip", "dialplan", "model", "config"):
                        yield f"{where}: media knows no SIP, no dialplan and no model ({target})"
                    if mine == "sip" and part not in ("sip", "runtime"):
                        yield f"{where}: core/sip includes only itself and runtime ({target})"
                    continue
                theirs = owner(libs, target)
                if theirs is None or theirs == mine:
                    continue
                if mine is None:
                    if folder != "src":
                        yield f"{where}: {target} is private to {libs[theirs][0]}"
                elif mine != "daemon" and theirs not in reachable(libs, mine):
                    yield f"{where}: {libs[mine][0]} may not include {libs[theirs][0]} ({target})"
                elif mine != "daemon":
                    yield f"{where}: {target} is private to {libs[theirs][0]}; what others include lies in include/"


def main():
    libs = libraries()
    order = list(libs)
    found = [f"CMakeLists.txt: {n} uses {u}, which stands below it" for i, n in enumerate(order) for u in libs[n][1]
             if u not in order[:i]]
    found += problems(libs)
    for line in found:
        print(line)
    return 1 if found else 0


sys.exit(main())
